from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import msgspec
import pytest

from streams.codec import decode, elements, encode
from streams.events.base import Event
from streams.events.delivery import ScanEvent, ScanKind
from streams.events.telematics import GpsFix, Telemetry
from streams.simulator.city import build_city
from streams.simulator.day import Day
from streams.simulator.dirt import DirtKind
from streams.simulator.engine import USUAL_DAY_M
from streams.simulator.outbox import Message
from streams.simulator.truth import OrderOutcome
from tests.streams.simulator.planner import assignments_of

DATE = date(2026, 10, 13)


def new_day(seed: int = 3, orders: int = 40, with_dirt: bool = False) -> Day:
    return Day(build_city(seed, 2, 6), DATE, orders, with_dirt)


def played(day: Day, step: timedelta = timedelta(minutes=5)) -> list[Message]:
    for assignment in assignments_of(day):
        day.assign(assignment)
    messages = day.evening()
    while not day.is_over:
        messages += day.advance(day.now_at + step)
    return messages + day.advance(day.now_at + timedelta(minutes=20))


def events_of(messages: list[Message]) -> list[Event]:
    return [
        event
        for message in messages
        if not isinstance(message.value, bytes)
        for event in (message.value if isinstance(message.value, tuple) else (message.value,))
    ]


def scans_of(messages: list[Message]) -> list[ScanEvent]:
    return [event for event in events_of(messages) if isinstance(event, ScanEvent)]


@pytest.fixture(scope="module")
def clean() -> tuple[Day, list[Message]]:
    day = new_day()
    return day, played(day)


def test_the_same_seed_and_plans_give_the_same_day_however_it_is_cut() -> None:
    first, second = new_day(with_dirt=True), new_day(with_dirt=True)

    in_big_steps = played(first, timedelta(minutes=7))
    in_small_steps = played(second, timedelta(seconds=30))

    # Bigger steps notice a little later that the day is over.
    assert {str(each) for each in in_big_steps} >= {str(each) for each in in_small_steps}
    assert scans_of(in_big_steps) == scans_of(in_small_steps)


def test_another_seed_gives_another_day() -> None:
    assert set(new_day(seed=3).orders) != set(new_day(seed=4).orders)
    assert new_day(seed=3).city.depots[0].place != new_day(seed=4).city.depots[0].place


def test_another_date_keeps_the_city_and_changes_the_orders() -> None:
    city = build_city(3, 2, 6)
    one, other = Day(city, DATE, 10), Day(city, DATE + timedelta(days=1), 10)

    assert [order.place for order in one.orders.values()] != [order.place for order in other.orders.values()]
    assert one.city.vans == other.city.vans


def test_every_order_ends_once_delivered_failed_and_returned_or_open(
    clean: tuple[Day, list[Message]],
) -> None:
    day, messages = clean
    scans = scans_of(messages)

    delivered = Counter(scan.order_id for scan in scans if scan.kind is ScanKind.DELIVERED)
    failed = Counter(scan.order_id for scan in scans if scan.kind is ScanKind.FAILED)
    returned = Counter(scan.order_id for scan in scans if scan.kind is ScanKind.RETURNED)

    assert max(delivered.values()) == 1
    assert not delivered.keys() & failed.keys()
    assert failed.keys() <= returned.keys()
    for order_id, order in day.truth.orders.items():
        assert (order.outcome is OrderOutcome.DELIVERED) == (order_id in delivered)
        assert (order.outcome is OrderOutcome.FAILED) == (order_id in failed)
    assert len(delivered) > 30


def test_nothing_is_delivered_that_was_not_loaded_before(clean: tuple[Day, list[Message]]) -> None:
    _, messages = clean
    loaded: set[str | None] = set()

    for scan in scans_of(messages):
        if scan.kind is ScanKind.LOADED:
            loaded.add(scan.order_id)
        if scan.kind in (ScanKind.DELIVERED, ScanKind.FAILED):
            assert scan.order_id in loaded


def test_the_odometer_is_the_length_of_the_driven_paths(clean: tuple[Day, list[Message]]) -> None:
    day, messages = clean
    odometers: dict[str, list[float]] = {}
    for fix in events_of(messages):
        if isinstance(fix, GpsFix) and fix.odometer_m is not None:
            odometers.setdefault(fix.vehicle_id, []).append(fix.odometer_m)

    for unit in day._units.values():
        seen = odometers[unit.van.vehicle_id]
        assert seen[-1] - seen[0] == pytest.approx(unit.driver.driven_m, abs=1.0)
        assert unit.driver.driven_m < USUAL_DAY_M


def test_counters_never_fall(clean: tuple[Day, list[Message]]) -> None:
    _, messages = clean
    latest: dict[str, Telemetry] = {}

    for event in events_of(messages):
        if isinstance(event, Telemetry):
            before = latest.get(event.vehicle_id, event)
            assert (event.odometer_m or 0) >= (before.odometer_m or 0)
            assert (event.fuel_used_l or 0) >= (before.fuel_used_l or 0)
            assert (event.energy_used_kwh or 0) >= (before.energy_used_kwh or 0)
            assert (event.idle_s or 0) >= (before.idle_s or 0)
            latest[event.vehicle_id] = event


def test_a_van_reports_fuel_or_energy_but_not_both(clean: tuple[Day, list[Message]]) -> None:
    _, messages = clean

    for event in events_of(messages):
        if isinstance(event, Telemetry):
            assert (event.fuel_used_l is None) != (event.energy_used_kwh is None)


def test_without_dirt_every_message_keeps_its_contract_and_its_id(clean: tuple[Day, list[Message]]) -> None:
    _, messages = clean
    ids: Counter[object] = Counter()

    for message in messages:
        assert not isinstance(message.value, bytes)
        assert message.topic.event is not None
        data = (
            msgspec.json.encode(list(message.value))
            if isinstance(message.value, tuple)
            else encode(message.value)
        )
        for element in elements(data):
            ids[decode(message.topic.event, element).event_id] += 1
    assert max(ids.values()) == 1


def test_fixes_come_every_ten_seconds_on_the_road_and_every_minute_at_rest(
    clean: tuple[Day, list[Message]],
) -> None:
    _, messages = clean
    fixes = [event for event in events_of(messages) if isinstance(event, GpsFix)]
    by_van: dict[str, list[GpsFix]] = {}
    for fix in sorted(fixes, key=lambda fix: fix.fix_at):
        by_van.setdefault(fix.vehicle_id, []).append(fix)

    for one_van in by_van.values():
        for before, after in pairwise(one_van):
            assert after.fix_at - before.fix_at <= timedelta(seconds=60)
            if before.ignition_on and (before.speed_mps or 0) > 0:
                assert after.fix_at - before.fix_at <= timedelta(seconds=10)


def test_a_tracker_wakes_up_when_its_van_leaves(clean: tuple[Day, list[Message]]) -> None:
    _, messages = clean
    looks = {(event.vehicle_id, event.fix_at) for event in events_of(messages) if isinstance(event, GpsFix)}

    departures = [scan for scan in scans_of(messages) if scan.kind is ScanKind.DEPARTED]

    assert len(departures) >= 4
    assert all((scan.vehicle_id, scan.scanned_at) in looks for scan in departures)


def test_messages_leave_in_the_order_of_their_moments(clean: tuple[Day, list[Message]]) -> None:
    day, messages = clean
    on_the_day = [message.sent_at for message in messages if message.sent_at > day.starts_at]

    assert on_the_day == sorted(on_the_day)


def test_dirt_is_counted_by_kind_and_small() -> None:
    day = new_day(orders=60, with_dirt=True)

    messages = played(day)

    assert day._dirt is not None
    dirt = day._dirt.counts
    fixes = day.truth.events["gps.fixes"]
    rubbish = [message for message in messages if isinstance(message.value, bytes)]
    assert len(rubbish) == dirt[DirtKind.RUBBISH]
    assert 0 < dirt[DirtKind.DUPLICATE] < 0.01 * fixes
    assert 0 < dirt[DirtKind.OUT_OF_ORDER] < 0.01 * fixes


def test_an_order_placed_during_the_day_is_announced_then_and_not_before() -> None:
    day = new_day(orders=80)
    late = {order.order_id for order in day.orders.values() if order.placed_at > day.evening_at}

    evening = {str(getattr(event, "order_id", "")) for event in events_of(day.evening())}

    assert late
    assert not late & evening


def test_a_day_without_orders_asks_for_no_plan_and_is_over_after_its_last_start() -> None:
    day = new_day(orders=0)

    while not day.is_over:
        day.advance(day.now_at + timedelta(minutes=30))

    assert day.plan_commands() == []
    assert day.truth.events["gps.fixes"] > 0
    assert day.truth.events["delivery.scans"] == 0
