"""A route kept as text: every stop of it is found and read as it was."""

from uuid import UUID

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.plan import Stop, StopKind
from streams.events.dispatch import RouteAssignment
from streams.fleet.columns import blank
from streams.fleet.driven import DrivenRoute, drive, place_of, place_of_order, stop_at
from streams.fleet.eta_text import etas_text
from streams.fleet.packing import pack
from streams.fleet.screen import VEHICLE
from streams.fleet.stop_table import STOP
from tests.factories import DAY, TRAVEL, at, rest, route, shift, stop

IDS = st.text(st.sampled_from('ab",\\[]é✓'), min_size=1, max_size=5) | st.text(min_size=1, max_size=200)


def assigned(*stops: Stop) -> RouteAssignment:
    return RouteAssignment(
        event_id=UUID(int=1),
        source="dispatch",
        depot_id="D1",
        service_date=DAY,
        vehicle_id="v-A",
        shift_id="A",
        revision=3,
        effective_at=at("06:00"),
        route=route(*stops, shift=shift(breaks=(rest("12:00", 30),))),
        travel=TRAVEL,
        time_zone="Europe/Berlin",
    )


@st.composite
def stops(draw: st.DrawFn) -> list[Stop]:
    ids = draw(st.lists(IDS, max_size=12, unique=True))
    orders = st.lists(IDS | st.sampled_from(ids), max_size=3).map(tuple) if ids else st.just(())
    return [stop(stop_id, order_ids=draw(orders), kind=draw(st.sampled_from(StopKind))) for stop_id in ids]


@given(stops())
def test_each_stop_reads_as_it_was_and_is_found_by_its_id(planned: list[Stop]) -> None:
    driven = drive(assigned(*planned))

    read = [stop_at(driven.stops, place) for place in range(len(driven))]

    assert [(one.stop_id, one.order_ids, one.kind, one.has_customer) for one in read] == [
        (one.stop_id, one.order_ids, one.kind, one.has_customer) for one in planned
    ]
    assert driven.stop_ids == tuple(one.stop_id for one in planned)
    assert [place_of(driven.stops, one.stop_id) for one in planned] == list(range(len(planned)))


@given(stops(), IDS)
def test_an_order_is_served_at_the_last_stop_that_names_it(planned: list[Stop], other_id: str) -> None:
    driven = drive(assigned(*planned))
    last = {order_id: place for place, one in enumerate(planned) for order_id in one.order_ids}
    by_id = {one.stop_id: place for place, one in enumerate(planned)}

    for sought in (other_id, *last, *by_id):
        assert place_of_order(driven.stops, sought) == last.get(sought)
        assert place_of(driven.stops, sought) == by_id.get(sought)


@given(stops())
def test_estimates_name_the_stops_as_any_json_does(planned: list[Stop]) -> None:
    driven = drive(assigned(*planned))
    vehicles, records = blank(VEHICLE, 1), blank(STOP, max(1, len(planned)))
    vehicles[0]["stop_count"] = len(planned)
    records["p50_us"], records["p90_us"] = 0, 1

    told = msgspec.json.decode(etas_text(driven.stops, vehicles, 0, records))

    assert [one["stop_id"] for one in told] == list(driven.stop_ids)


def test_what_the_shift_is_asked_for_stays_with_it() -> None:
    driven = drive(assigned(stop("s1", service_s=90.5)))

    assert (driven.shift_id, driven.depot_id, driven.service_date, driven.revision) == ("A", "D1", DAY, 3)
    assert (driven.time_zone, driven.detour, driven.breaks) == (
        "Europe/Berlin",
        TRAVEL.detour,
        (rest("12:00", 30),),
    )
    assert stop_at(driven.stops, 0).service_s == 90.5


def test_it_is_the_same_after_a_restart() -> None:
    driven = drive(assigned(stop("s1"), stop("s2")))

    assert msgspec.msgpack.decode(msgspec.msgpack.encode(driven), type=DrivenRoute) == driven


@pytest.mark.parametrize("count", [0, 1, 60])
def test_a_stop_takes_few_bytes(count: int) -> None:
    planned = [
        stop(f"stop-000001-{place:03}", order_ids=(f"order-000001-{place:03}",), service_s=120.0)
        for place in range(count)
    ]

    driven = drive(assigned(*planned))

    assert len(driven.stops) <= 4 + 64 * count


def test_a_route_to_come_is_read_as_it_was_with_its_times_in_utc() -> None:
    assignment = assigned(stop("s1", window=("08:00", "09:00")))

    coming = pack(assignment)

    assert coming.unpack() == assignment
    assert (coming.shift_id, coming.revision, coming.starts_at) == ("A", 3, assignment.route.shift.starts_at)


def test_equal_routes_share_what_a_depot_has_in_common() -> None:
    one, other = drive(assigned(stop("s1"))), drive(assigned(stop("s2")))

    assert one.depot_id is other.depot_id
    assert one.service_date is other.service_date


def test_text_is_one_block_of_bytes() -> None:
    driven = drive(assigned(stop("s1"), stop("s2")))

    ends = np.frombuffer(driven.stops, "<u4", 5)

    assert driven.stops[ends[0] : ends[1]] == b'"s1"'
    assert driven.stops[ends[2] : ends[3]] == b'"s2"'
    assert ends[4] == len(driven.stops)
