"""What ETAs learn of today: how long services take here, and that a break was taken."""

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from routing.plan import Break, Vehicle
from streams.events.delivery import ScanKind
from streams.events.judgements import KnownBy
from streams.fleet.driven import drive
from streams.fleet.state import ShiftState, Visit
from tests.factories import at, route, shift, stop
from tests.streams.fleet.test_driven import assigned
from tests.streams.fleet.timeline import Timeline, later

NO_ROUTE = drive(assigned())

STOPS = tuple(
    stop(f"s{number}", 2_000 * number, service_s=240, order_ids=(f"o{number}",)) for number in range(1, 7)
)


def served(service_s: float) -> Timeline:
    """The first three of six stops, each served for so long, then on the road to the fourth."""
    line = Timeline()
    line.route(*STOPS)
    line.park("07:58", 120)
    now: datetime = at("08:00")
    for number in range(1, 4):
        now = line.drive(now, 2_000 * (number - 1), 2_000 * number)
        line.park(now, service_s, 2_000 * number)
        line.scan(later(now, service_s), ScanKind.DELIVERED, f"o{number}")
        now = later(now, service_s)
    line.drive(now, 6_000, 8_000)
    return line


def apart_s(line: Timeline, first: str, second: str) -> float:
    """From one stop's P50 to the other's."""
    p50_at = {eta.stop_id: eta.p50_at for eta in line.etas[-1].stops}
    return (p50_at[second] - p50_at[first]).total_seconds()


# two or three services of 240 s that took 480 s, beside 1,800 s of the model: 1.21 or 1.29 of 240 s
def test_services_that_take_twice_as_long_today_lengthen_those_to_come_in_part() -> None:
    on_plan, slow = served(240), served(480)

    longer_s = apart_s(slow, "s4", "s5") - apart_s(on_plan, "s4", "s5")

    assert 45 < longer_s < 75


# break due 08:02 | s1 until 08:07:20 | 30 min break | s2 3:20 later
def test_a_break_is_reckoned_with_until_it_was_taken_at_no_stop() -> None:
    line, without = Timeline(), Timeline()
    day = shift(breaks=(Break(at("08:02"), 1_800.0),))
    line.route(planned=route(*STOPS[:2], shift=day))
    without.route(planned=route(*STOPS[:2], shift=shift()))
    ahead_s = apart_s(line, "s1", "s2") - apart_s(without, "s1", "s2")

    line.park("07:58", 120)
    line.drive("08:00", 0, 1_000)
    line.park("08:02", 1_500, 1_000)

    arrives_at = {eta.stop_id: eta.p50_at for eta in line.etas[-1].stops}["s1"]
    assert ahead_s == 1_800
    assert arrives_at < at("08:30")
    assert apart_s(line, "s1", "s2") == apart_s(without, "s1", "s2")


# A        08:00 s1 of 240 s took 960 s, then its break | 12:00 B of the same vehicle, as if it were its first
def test_what_a_shift_taught_of_the_pace_and_had_of_breaks_ends_with_it() -> None:
    line, fresh = Timeline(), Timeline()
    morning = shift(ends="10:00", breaks=(Break(at("08:30"), 600.0),))
    line.route(planned=route(*STOPS[:1], shift=morning))
    line.park("07:58", 120)
    line.drive("08:00", 0, 2_000)
    line.park("08:03:20", 960, 2_000)
    line.scan("08:19:20", ScanKind.DELIVERED, "o1")
    line.drive("08:19:20", 2_000, 6_000)
    line.park("08:26", 1_800, 6_000)
    noon = shift(
        "B", vehicle=Vehicle("v-A"), starts="12:00", ends="20:00", breaks=(Break(at("12:02"), 1_800.0),)
    )

    for each in (line, fresh):
        each.route(planned=route(*STOPS, shift=noon))
        each.tick("12:00")

    assert line.etas[-1].shift_id == fresh.etas[-1].shift_id == "B"
    assert apart_s(line, "s1", "s2") == apart_s(fresh, "s1", "s2")


def test_of_two_stops_left_at_one_moment_the_same_is_the_last_in_whatever_order_they_were_told() -> None:
    visits = [
        Visit(stop_id, stop_id, False, at("08:00"), KnownBy.SCAN, at("08:05")) for stop_id in ("s1", "s2")
    ]
    told = {visit.stop_id: [visit] for visit in visits}
    retold = {visit.stop_id: [visit] for visit in reversed(visits)}

    last = ShiftState(NO_ROUTE, first_revision=1, told=told).left_last

    assert ShiftState(NO_ROUTE, first_revision=1, told=retold).left_last == last


STOP_IDS = st.sampled_from(["s1", "s2", "s3"])


@given(st.lists(st.tuples(STOP_IDS, st.none() | st.integers(0, 5), st.booleans()), max_size=30))
def test_the_stop_left_last_is_known_whatever_is_told_anew(
    told_anew: list[tuple[str, int | None, bool]],
) -> None:
    day = ShiftState(NO_ROUTE, first_revision=1)
    for stop_id, minute, is_known in told_anew:
        left_at = None if minute is None else at(f"08:0{minute}")
        day.told = {known: visits for known, visits in day.told.items() if known != stop_id}
        if is_known:
            visit = Visit(stop_id, stop_id, False, at("08:00"), KnownBy.GPS, left_at)
            day.told = {**day.told, stop_id: [visit]}

        day.note_told([stop_id])

        assert day.left_last == ShiftState(NO_ROUTE, first_revision=1, told=day.told).left_last
