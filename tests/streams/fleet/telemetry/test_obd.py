"""Real drives at 1 Hz, sent as telemetry and judged by the judge, beside figures found elsewhere."""

import csv
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain, islice
from pathlib import Path

import pytest
from msgspec.json import encode

from streams.events.judgements import AlertKind, AlertPhase
from streams.events.telematics import Telemetry
from streams.topics import TELEMETRY
from tests.factories import at
from tests.streams.fleet.timeline import VEHICLE, Timeline

RPM, SPEED_KMH, FUEL_PERCENT, COLUMNS = 1, 2, 9, 27
BATCH = 60

# Distance in km and time idled in s, of the whole drive.
REFERENCE = {
    "drive1": (13.428, 435),
    "drive2": (13.075, 434),
    "drive3": (25.757, 156),
    "idle1": (0.0, None),
    "idle2": (0.0, None),
}
ROUNDING_KM = 0.0006
"""The reference is rounded to metres, and adds rectangles where the judge has trapezia: half of the
first and the last second's speed, at most 3 km/h here."""
FENCE_S = 1
"""The reference counts samples, the judge the seconds between them: one less for a stretch at an end."""


def rows(path: Path) -> Iterator[list[float]]:
    """Whole rows; the last may be cut, and each ends with a comma."""
    with path.open(newline="") as file:
        for cells in islice(csv.reader(file), 1, None):
            if len(cells) > COLUMNS:
                yield [float(cell) for cell in cells[:COLUMNS]]


def played(path: Path) -> Timeline:
    """A drive as a device would send it: a minute's seconds in a message."""
    line = Timeline()
    line.vehicle()
    batch: list[Telemetry] = []
    for second, row in enumerate(rows(path)):
        now_at = at("09:00") + timedelta(seconds=second)
        event = Telemetry(
            event_id=line.next_id(),
            source="obd",
            received_at=now_at,
            vehicle_id=VEHICLE,
            measured_at=now_at,
            engine_rpm=row[RPM],
            speed_mps=row[SPEED_KMH] / 3.6,
            fuel_level_share=row[FUEL_PERCENT] / 100,
        )
        batch.append(event)
        if len(batch) == BATCH:
            line.send(TELEMETRY, VEHICLE, encode(batch), now_at)
            batch = []
    if batch:
        line.send(TELEMETRY, VEHICLE, encode(batch), batch[-1].received_at)
    return line


@pytest.mark.parametrize("drive", REFERENCE)
def test_distance_and_idling_are_those_of_the_reference(shared_data: Path, drive: str) -> None:
    distance_km, idle_s = REFERENCE[drive]

    line = played(shared_data / "obd" / f"{drive}.csv")

    machine = line.state.records[line.state.numbers[VEHICLE.encode()]]
    assert float(machine["wheel_m"]) / 1000 == pytest.approx(distance_km, abs=ROUNDING_KM)
    if idle_s is not None:
        assert float(machine["idled_s"]) == pytest.approx(idle_s, abs=FENCE_S)
    assert (line.verdicts, line.dead_letters) == ([], [])


@pytest.mark.parametrize("drive", ["idle1", "idle2"])
def test_twenty_minutes_at_a_standstill_are_told_as_idling(shared_data: Path, drive: str) -> None:
    line = played(shared_data / "obd" / f"{drive}.csv")

    phases = [alert.phase for alert in line.alerts_of(AlertKind.IDLING)]
    assert phases[:3] == [AlertPhase.RAISED, AlertPhase.UPDATED, AlertPhase.UPDATED]
    assert len(line.alerts) == len(phases)


def test_of_three_drives_through_a_town_three_manoeuvres_are_harsh_and_nothing_was_drained(
    shared_data: Path,
) -> None:
    """The tank's level sways by up to half of the tank within a drive."""
    drives = [played(shared_data / "obd" / f"{drive}.csv") for drive in ("drive1", "drive2", "drive3")]

    told = [(alert.kind, alert.evidence) for alert in chain.from_iterable(line.alerts for line in drives)]
    assert told == [
        (AlertKind.HARSH_BRAKING, "4.17 m/s², harsh from 3.53 m/s²"),
        (
            AlertKind.HARSH_BRAKING,
            "1 more since the last that was told, up to 4.17 m/s²; harsh from 3.53 m/s²",
        ),
        (AlertKind.HARSH_ACCELERATION, "3.89 m/s², harsh from 3.43 m/s²"),
    ]
