from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.plan import Route, Stop
from routing.schedule import schedule_route
from streams.events.delivery import FailureReason
from streams.simulator import fate
from streams.simulator.city import TIME_ZONE, build_city
from streams.simulator.driver import advance, follow
from streams.simulator.duty import AT_DEPOT, Driver, Happening, Phase, What, World
from streams.simulator.fate import Breakdown
from streams.simulator.roster import shifts_of
from streams.simulator.traffic import planned_travel
from tests.streams.simulator.planner import stops_of_orders

DATE = date(2026, 10, 13)
CITY = build_city(7, 1, 2)
TRAVEL = planned_travel(DATE, TIME_ZONE)
WORLD = World(CITY, fate.traffic_of(CITY, DATE))
SHIFT = shifts_of(CITY, DATE)[0]
PROMISED = stops_of_orders(CITY, DATE, 12)
STOPS = [replace(stop, window=None) for stop in PROMISED]


def off_duty(**changes: object) -> Driver:
    driver = Driver(
        shift=SHIFT,
        person=CITY.drivers[0],
        now_at=SHIFT.starts_at - timedelta(hours=1),
        place=CITY.depots[0].place,
    )
    return replace(driver, **changes)


def route(*stops: Stop) -> Route:
    return schedule_route(SHIFT, stops, TRAVEL)


def orders_of(*stops: Stop) -> set[str]:
    return {order_id for stop in stops for order_id in stop.order_ids}


class Drive:
    """Lets one driver live and keeps what happens."""

    def __init__(self, driver: Driver, at_depot: set[str]) -> None:
        self.driver, self.at_depot = driver, at_depot
        self.happened: list[Happening] = []

    def follow(self, plan: Route, revision: int) -> None:
        self.driver, happened = follow(self.driver, plan, revision, TRAVEL)
        self._take(happened)

    def until(self, at: datetime) -> None:
        while self.driver.now_at < at:
            self.driver, happened = advance(self.driver, at, WORLD, self.at_depot)
            self._take(happened)

    def until_it(self, phase: Phase) -> None:
        end = SHIFT.ends_at + timedelta(hours=6)
        while self.driver.phase is not phase and self.driver.now_at < end:
            self.driver, happened = advance(self.driver, end, WORLD, self.at_depot)
            self._take(happened)

    def done(self, what: What) -> list[str]:
        return [
            each.stop.stop_id if each.stop is not None else str(each.order_id)
            for each in self.happened
            if each.what is what
        ]

    def _take(self, happened: tuple[Happening, ...]) -> None:
        self.happened += happened
        for each in happened:
            if each.what is What.LOADED:
                self.at_depot.discard(str(each.order_id))
            if each.what in (What.RETURNED, What.UNLOADED):
                self.at_depot.add(str(each.order_id))


def driving(*stops: Stop, extra: tuple[Stop, ...] = (), **changes: object) -> Drive:
    drive = Drive(off_duty(**changes), orders_of(*stops, *extra))
    drive.follow(route(*stops), 1)
    drive.until_it(Phase.DRIVING)
    return drive


def test_the_stops_are_driven_in_the_plans_order() -> None:
    drive = driving(*STOPS[:4])

    drive.until_it(Phase.HOME)

    assert drive.done(What.ARRIVED) == [stop.stop_id for stop in STOPS[:4]]


def test_a_new_plan_counts_from_the_stop_after_the_one_being_driven_to() -> None:
    first, second, third = STOPS[:3]
    drive = driving(first, second, third)

    drive.follow(route(third, second), 2)
    drive.until_it(Phase.HOME)

    assert drive.done(What.ARRIVED) == [first.stop_id, third.stop_id, second.stop_id]


def test_a_stop_that_is_done_is_not_driven_to_again_though_the_plan_still_shows_it() -> None:
    first, second = STOPS[:2]
    drive = driving(first, second)
    drive.until_it(Phase.LEAVING)

    drive.follow(route(first, second), 2)
    drive.until_it(Phase.HOME)

    assert drive.done(What.ARRIVED) == [first.stop_id, second.stop_id]


def test_a_door_that_stayed_shut_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fate, "failure_at_door", lambda seed, stop_id: FailureReason.NOT_AT_HOME)
    first, second = STOPS[:2]
    drive = driving(first, second)
    drive.until_it(Phase.LEAVING)
    drive.until_it(Phase.DRIVING)

    drive.follow(route(first, second), 2)
    drive.until_it(Phase.HOME)

    assert drive.done(What.ARRIVED) == [first.stop_id, second.stop_id]
    assert drive.done(What.DELIVERED) == []
    assert set(drive.done(What.RETURNED)) == orders_of(first, second)


def test_without_a_plan_the_van_stays_where_it_is() -> None:
    drive = Drive(off_duty(), set())

    drive.until(SHIFT.ends_at)

    assert drive.driver.phase is Phase.OFF_DUTY
    assert drive.happened == []


def test_a_plan_that_comes_late_is_driven_from_then_on() -> None:
    drive = Drive(off_duty(), orders_of(STOPS[0]))
    drive.until(SHIFT.starts_at + timedelta(hours=2))

    drive.follow(route(STOPS[0]), 1)
    drive.until_it(Phase.HOME)

    assert drive.happened[0].at >= SHIFT.starts_at + timedelta(hours=2)
    assert drive.done(What.ARRIVED) == [STOPS[0].stop_id]


def test_a_parcel_that_the_plan_adds_on_the_road_is_fetched_after_the_round() -> None:
    drive = driving(STOPS[0], extra=(STOPS[1],))

    drive.follow(route(STOPS[0], STOPS[1]), 2)
    drive.until_it(Phase.HOME)
    drive.until(SHIFT.ends_at + timedelta(hours=5))

    departures = drive.done(What.DEPARTED)
    assert len(departures) == 2
    assert drive.done(What.ARRIVED) == [STOPS[0].stop_id, STOPS[1].stop_id]


def test_before_departure_a_parcel_that_the_plan_takes_away_is_put_back() -> None:
    drive = Drive(off_duty(), orders_of(STOPS[0], STOPS[1]))
    drive.follow(route(STOPS[0], STOPS[1]), 1)
    drive.until_it(Phase.READY)

    drive.follow(route(STOPS[0]), 2)

    assert drive.at_depot == orders_of(STOPS[1])
    assert drive.driver.on_board == orders_of(STOPS[0])


def test_a_late_driver_leaves_late() -> None:
    drive = driving(STOPS[0], late_start_s=2000.0)

    departed = next(each for each in drive.happened if each.what is What.DEPARTED)

    assert departed.at >= SHIFT.starts_at + timedelta(seconds=2000)


def test_service_does_not_begin_before_the_window_opens() -> None:
    late = max(PROMISED, key=lambda stop: stop.window.opens_at if stop.window else SHIFT.starts_at)
    drive = driving(late)

    drive.until_it(Phase.SERVING)

    assert late.window is not None
    assert drive.driver.now_at >= late.window.opens_at


def test_a_breakdown_holds_the_van_with_its_fault_code_and_then_lets_it_go_on() -> None:
    drive = driving(STOPS[0], breakdown=Breakdown(SHIFT.starts_at, 2400.0, "P0087"))

    drive.until_it(Phase.STANDING)
    stood_at, fault_code = drive.driver.now_at, drive.driver.fault_code
    drive.until_it(Phase.DRIVING)

    assert fault_code == "P0087"
    assert drive.driver.now_at - stood_at == timedelta(seconds=2400)
    assert drive.driver.fault_code is None
    assert drive.driver.stop == STOPS[0]


def test_far_past_the_end_of_the_shift_the_rest_comes_home_undelivered() -> None:
    drive = driving(*STOPS[:3], breakdown=Breakdown(SHIFT.starts_at, 8 * 3600.0, "P0087"))

    drive.until_it(Phase.HOME)

    assert drive.done(What.ARRIVED) == [STOPS[0].stop_id]
    assert set(drive.done(What.RETURNED)) >= orders_of(STOPS[1], STOPS[2])


def test_the_distance_driven_is_the_length_of_the_legs() -> None:
    drive = driving(*STOPS[:2])
    length_m, leg = 0.0, drive.driver.path

    while drive.driver.phase is not Phase.HOME:
        if drive.driver.path is not None and drive.driver.path is not leg:
            leg = drive.driver.path
        before = drive.driver.path
        drive.driver, _ = advance(
            drive.driver, drive.driver.now_at + timedelta(hours=9), WORLD, drive.at_depot
        )
        if before is not None and drive.driver.path is not before:
            length_m += before.length_m

    assert drive.driver.driven_m == pytest.approx(length_m, abs=2.0)


@settings(max_examples=40)
@given(
    order=st.permutations(range(8)),
    revisions=st.lists(
        st.tuples(st.integers(5, 420), st.lists(st.integers(0, 7), unique=True, max_size=8)), max_size=4
    ),
)
def test_whatever_the_plans_each_parcel_is_in_one_place_and_each_stop_served_once(
    order: list[int], revisions: list[tuple[int, list[int]]]
) -> None:
    stops = [PROMISED[index] for index in order]
    everything = orders_of(*stops)
    drive = Drive(off_duty(), set(everything))
    drive.follow(route(*stops), 1)

    for number, (minutes, indices) in enumerate(sorted(revisions), start=2):
        drive.until(
            max(drive.driver.now_at, SHIFT.starts_at - timedelta(hours=1) + timedelta(minutes=minutes))
        )
        drive.follow(route(*(PROMISED[index] for index in indices)), number)
        assert not drive.driver.on_board & drive.at_depot
    drive.until(SHIFT.ends_at + timedelta(hours=8))

    delivered = [each.order_id for each in drive.happened if each.what is What.DELIVERED]
    assert len(delivered) == len(set(delivered))
    assert set(delivered) | drive.at_depot == everything
    assert not set(delivered) & drive.at_depot
    assert len(drive.done(What.ARRIVED)) == len(set(drive.done(What.ARRIVED)))
    assert drive.driver.phase in AT_DEPOT
    assert drive.driver.on_board == frozenset()
    moments = [each.at for each in drive.happened]
    assert moments == sorted(moments)
