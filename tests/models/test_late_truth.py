"""Late events leave the warehouse as if they had come in time: dates that they touch are built again alone.

    2 March                      3 March                     4 March
    ... 22:00 ─── a 23:20 ─── midnight ─── b 00:20 ─ 02:00     09:00 ─── c

A vehicle drives through midnight, ETAs are told before it of stops that are reached after it, and orders
are tried on one day and delivered on another. Whatever comes late, the marts are those of one build of all.
"""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from msgspec.structs import replace

from streams.events.base import Event
from streams.events.delivery import ScanKind
from streams.events.judgements import VerdictKind, VisitPhase
from streams.events.telematics import GpsFix
from tests.models.events import (
    at,
    depot,
    eta,
    fix,
    order,
    rate,
    scan,
    shift,
    telemetry,
    tick,
    vehicle,
    verdict,
    visit,
)
from tests.models.given import PROJECT, Lake, Warehouse

SECOND, THIRD, FOURTH = "2026-03-02", "2026-03-03", "2026-03-04"
ALL_OVER = at("12:00", day="2026-03-05")
STEP = timedelta(minutes=20)


def marts(warehouse: Warehouse) -> dict[str, list[tuple[object, ...]]]:
    """The rows of every mart, numbers to six places."""
    return {
        model.name: sorted(
            (
                tuple(round(value, 6) if isinstance(value, float) else value for value in row)
                for row in warehouse.rows(f"select * from {model.table}")
            ),
            key=repr,
        )
        for model in PROJECT.models
        if model.layer == "marts"
    }


def drive(day: str, first: str, steps: int) -> list[GpsFix]:
    """A fix every 20 minutes and one 5 minutes after it, so that there are legs and gaps."""
    begun = at(first, day)
    moments = [begun + STEP * step + extra for step in range(steps) for extra in (timedelta(), STEP / 4)]
    return [
        replace(fix("00:00", 52.5 + number / 100), fix_at=moment, received_at=moment, speed_mps=10.0)
        for number, moment in enumerate(moments)
    ]


def three_days() -> list[Event]:
    reached = {"a": at("23:20"), "b": at("00:20", THIRD), "c": at("09:40", FOURTH)}
    fixes = [*drive(SECOND, "22:00", 12), *drive(FOURTH, "09:00", 6)]
    told = {name: (moment, moment + STEP) for name, moment in reached.items()}
    counters = [
        replace(telemetry("00:00", odometer_m=1000.0 * number, idle_s=30.0 * number), measured_at=one.fix_at)
        for number, one in enumerate(fixes)
        if number % 3 == 0
    ]
    visits = [
        replace(
            visit("00:00", f"stop-{name}", phase, visit_id=name),
            arrived_at=moment,
            departed_at=left,
            dwell_s=dwell,
        )
        for name, moment in reached.items()
        for phase, left, dwell in (
            (VisitPhase.ARRIVED, None, None),
            (VisitPhase.DEPARTED, moment + STEP / 4, 300.0),
        )
    ]
    return [
        *fixes,
        *counters,
        *visits,
        *(eta(moment - timedelta(minutes=45), **told) for moment in reached.values()),
        eta(at("23:10"), b=(at("00:15", THIRD), at("00:15", THIRD) + STEP)),
        order("a", until="23:30", where=(52.54, 13.4)),
        order("b", until="23:50", where=(52.57, 13.4)),
        order("c", until="22:00", where=(52.6, 13.4)),
        scan(ScanKind.DEPARTED, "22:00", order_id=None),
        scan(ScanKind.DELIVERED, "23:22", "a"),
        scan(ScanKind.FAILED, "23:59", "b"),
        scan(ScanKind.DELIVERED, "00:22", "b", attempt=2, day=THIRD),
        scan(ScanKind.FAILED, "23:40", "c", attempt=None),
        scan(ScanKind.DELIVERED, "09:42", "c", attempt=None, day=FOURTH, shift_id=None),
    ]


def land(lake: Lake, events: Iterable[Event], repeats: int = 0) -> None:
    """Lands them, and verdicts that the first few fixes among them were repeats."""
    events = list(events)
    first = lake.offsets.get("gps.fixes", 0)
    lake.land(*events, appended_at=ALL_OVER)
    fixes = [event for event in events if isinstance(event, GpsFix)][:repeats]
    judged = (
        verdict(one, first + number, VerdictKind.REPEAT, "same_fix_time") for number, one in enumerate(fixes)
    )
    lake.land(*judged, appended_at=ALL_OVER)


@pytest.mark.parametrize("seed", range(2))
def test_late_events_in_any_order_leave_what_one_build_of_all_leaves(tmp_path: Path, seed: int) -> None:
    lake, events = Lake(tmp_path / "lake"), three_days()
    Random(seed).shuffle(events)
    in_time, late, later = events[: len(events) // 2], events[len(events) // 2 : -3], events[-3:]
    warehouse = Warehouse(lake.root)
    lake.land(tick("12:00", day="2026-03-05"), depot(), vehicle(), shift(), appended_at=ALL_OVER)
    land(lake, in_time)
    warehouse.build_what_is_due()

    lake.land(rate(driver_per_h=30, per_km=1), appended_at=ALL_OVER)
    for batch, repeats in ((late, 3), (later, 1)):
        land(lake, batch, repeats)
        warehouse.build_what_is_due()

    at_once = Warehouse(lake.root)
    at_once.build_what_is_due()
    expected = marts(at_once)
    assert {name: rows for name, rows in marts(warehouse).items() if rows != expected[name]} == {}
    assert warehouse.broken_tests() == []


def test_a_depot_that_moves_its_cut_over_later_leaves_the_days_before_as_they_were(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    since = [replace(depot(), effective_at=at("00:00", day=day)) for day in ("2026-02-01", "2026-02-10")]
    lake.land(*since, tick("12:00", day="2026-03-05"), vehicle(), shift(), appended_at=ALL_OVER)
    land(lake, three_days())
    warehouse = Warehouse(lake.root)
    warehouse.build_what_is_due()
    before = marts(warehouse)

    later = "2026-03-10"
    lake.land(replace(depot(cutover_hour=20), effective_at=at("00:00", day=later)), appended_at=ALL_OVER)
    lake.land(fix("08:00", day=later), appended_at=at("23:00", day=later))
    warehouse.build_what_is_due()

    after = marts(warehouse)
    for name in ("eta_accuracy", "stop_visits"):
        assert before[name], name
        assert after[name] == before[name], name
