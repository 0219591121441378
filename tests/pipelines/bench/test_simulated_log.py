from itertools import islice, pairwise

import numpy as np
import pytest

from pipelines.bench.streams.day import BATCH, DUPLICATE_SHARE, FIXES, SCANS, TELEMETRY, Day, Message
from pipelines.bench.streams.plans import route_assignments
from pipelines.bench.streams.rounds import Scale, make_rounds
from pipelines.bench.streams.wording import vehicle_name
from streams.codec import decode, elements, encode
from streams.events.base import Event
from streams.events.delivery import ScanEvent
from streams.events.telematics import GpsFix
from streams.events.telematics import Telemetry as TelemetryEvent
from streams.fleet.validate import read_routes
from streams.judge import Record
from streams.topics import ROUTES
from streams.validate import Element

SCALE = Scale(vehicles=40, stops=6, seed=3)
EVENT_OF: dict[int, type[Event]] = {FIXES: GpsFix, TELEMETRY: TelemetryEvent, SCANS: ScanEvent}


def messages(is_batched: bool = False, slices: int = 100) -> list[Message]:
    day = Day(make_rounds(SCALE), is_batched)
    return [message for _, some in islice(day.slices(), slices) for message in some]


def fixes() -> list[GpsFix]:
    return [decode(GpsFix, message.value) for message in messages() if message.kind == FIXES]


@pytest.mark.parametrize("kind", EVENT_OF)
def test_messages_are_byte_for_byte_what_the_codec_writes(kind: int) -> None:
    values = [message.value for message in messages() if message.kind == kind]

    again = [encode(decode(EVENT_OF[kind], value)) for value in values]

    assert values
    assert again == values


def test_a_batch_is_an_array_of_twenty_fixes_of_one_vehicle() -> None:
    batches = [message for message in messages(is_batched=True) if message.kind == FIXES]

    vehicles = [{decode(GpsFix, raw).vehicle_id for raw in elements(batch.value)} for batch in batches]

    assert [len(elements(batch.value)) for batch in batches] == [BATCH] * len(batches)
    assert vehicles == [{vehicle_name(batch.vehicle)} for batch in batches]


def test_the_same_seed_is_the_same_log() -> None:
    assert messages() == messages()


def test_some_fixes_come_twice_and_some_late() -> None:
    seen = fixes()

    repeated = len(seen) - len({fix.event_id for fix in seen})
    late = sum((fix.received_at - fix.fix_at).total_seconds() > 10 for fix in seen)

    assert 0.5 * DUPLICATE_SHARE < repeated / len(seen) < 2 * DUPLICATE_SHARE
    assert late > 0


def test_a_vehicle_reports_at_its_own_interval() -> None:
    rounds = make_rounds(SCALE)
    of_first = sorted({fix.fix_at for fix in fixes() if fix.vehicle_id == vehicle_name(0)})

    gaps_s = {round((b - a).total_seconds()) for a, b in pairwise(of_first[:-10])}

    assert gaps_s == {int(rounds.fix_every_s[0])}


def test_a_vehicle_stands_at_its_stop_from_arrival_to_departure() -> None:
    rounds = make_rounds(SCALE)
    vehicle = np.arange(SCALE.vehicles)
    middle_s = (rounds.arrives_s[:, 2] + rounds.departs_s[:, 2]) / 2

    places = rounds.where(vehicle, middle_s)

    assert places.speed_mps.max() == 0
    np.testing.assert_allclose(places.lat_deg, rounds.stop_lat[:, 2])
    np.testing.assert_allclose(places.lon_deg, rounds.stop_lon[:, 2])


def test_routes_keep_the_contract_of_the_fleet_judge() -> None:
    routes = list(islice(route_assignments(make_rounds(SCALE)), 5))

    read = [
        element
        for route in routes
        for element in read_routes(Record(ROUTES.name, 0, 0, 0, route.shift_id.encode(), encode(route)))
    ]

    assert [element.event for element in read if isinstance(element, Element)] == routes
