"""A fleet too large to be planned whole: 40 shifts in a row, 10 stops each, 2 km between two shifts."""

from dataclasses import replace

from routing.changes import Changes, Progress
from routing.neighbourhood import ENOUGH_STOPS, MOST_IDLE, N_TAKERS, Focus, focus_of
from routing.plan import Route, RoutePlan, Shift
from routing.reoptimize import reoptimize
from routing.standing import leftovers
from tests.factories import TRAVEL, at, place, plan, route, shift, stop
from tests.routing.under_way import QUICK, USUAL

N_SHIFTS, N_STOPS, APART_M = 40, 10, 2000.0


def local_shift(number: int) -> Shift:
    """A shift that begins and ends where its stops are."""
    here = place(number * APART_M)
    return replace(shift(f"S{number}"), start=here, end=here)


def local_route(number: int, closes: str = "15:00") -> Route:
    stops = [
        stop(f"s{number}-{n}", number * APART_M, 100.0 * n, window=("08:00", closes)) for n in range(N_STOPS)
    ]
    return route(*stops, shift=local_shift(number))


def fleet(*others: Route) -> RoutePlan:
    return plan(*(local_route(number) for number in range(N_SHIFTS)), *others)


def starting(number: int, clock: str) -> Progress:
    return Progress(f"S{number}", place(number * APART_M), at(clock))


def focused(
    current: RoutePlan, *progress: Progress, new_at: float | None = None, cancelled: str = ""
) -> Focus:
    new = [] if new_at is None else [stop("new", new_at)]
    return focus_of(current, progress, leftovers(current, progress), new, {cancelled}, TRAVEL)


def numbers(focus: Focus) -> list[int]:
    return [int(rest.shift.shift_id[1:]) for rest in focus.rests]


def test_a_small_fleet_is_planned_whole() -> None:
    current = plan(*(local_route(number) for number in range(3)))

    assert numbers(focused(current, starting(1, "14:59"))) == [0, 1, 2]


def test_around_a_late_shift_its_neighbours_are_planned_with_it() -> None:
    found = numbers(focused(fleet(), starting(20, "14:59")))

    # 17 ── 18 ── 19 ── 20 (late) ── 21 ── 22 ── 23: who is near comes first
    assert {18, 19, 20, 21, 22} <= set(found)
    assert max(abs(number - 20) for number in found) <= ENOUGH_STOPS / N_STOPS / 2 + 1
    assert len(found) * N_STOPS <= ENOUGH_STOPS
    assert found == sorted(found), "shifts keep the plan's order"


def test_a_new_stop_is_offered_to_the_shifts_around_it() -> None:
    found = numbers(focused(fleet(), new_at=5 * APART_M))

    assert {3, 4, 5, 6, 7} <= set(found)
    assert len(found) < N_SHIFTS


def test_who_loses_a_stop_is_planned_anew() -> None:
    assert 30 in numbers(focused(fleet(), cancelled="s30-4"))


def test_where_nobody_is_late_the_shift_furthest_from_its_plan_matters() -> None:
    assert 7 in numbers(focused(fleet(), starting(33, "08:05"), starting(7, "08:30")))


def test_of_idle_shifts_some_near_ones_stand_by() -> None:
    idle = [replace(route(), shift=replace(local_shift(n), shift_id=f"S{n}")) for n in range(50, 60)]

    found = numbers(focused(fleet(*idle), new_at=5 * APART_M))

    assert [number for number in found if number >= 50] == list(range(50, 50 + MOST_IDLE))


def test_what_is_wrong_elsewhere_is_still_said() -> None:
    # Shift 0 is an hour late, shift 39 by a minute: too far away, and too little, to be planned with it.
    hopeless = [stop(f"h{n}", 39 * APART_M, 30.0 * n, window=("08:00", "08:00")) for n in range(11)]
    slow = [stop(f"z{n}", n * 10.0, window=("08:00", "08:00"), service_s=600) for n in range(100)]
    current = fleet(
        route(*hopeless, shift=replace(local_shift(39), shift_id="S90")),
        route(*slow, shift=replace(local_shift(0), shift_id="S91")),
    )

    focus = focused(current)

    assert 91 in numbers(focus)
    assert 90 not in numbers(focus)
    assert any("h10" in words for words in focus.violations_aside)
    assert not any("z10" in words for words in focus.violations_aside)


def test_a_late_stop_of_a_large_fleet_is_saved_by_a_neighbour() -> None:
    late = starting(20, "14:59:30")

    answer = reoptimize(fleet(), [late], Changes(), USUAL, TRAVEL, QUICK, seed=1)

    assert set(answer.effects.saved_stop_ids) >= {"s20-9"}
    assert {abs(int(each.shift.shift_id[1:]) - 20) for each in answer.routes} <= {0, 1, 2}
    assert answer.violations == ()


def test_who_loses_a_stop_is_planned_anew_beside_any_number_of_late_ones() -> None:
    late = [starting(number, "14:59") for number in range(12)]

    assert 30 in numbers(focused(fleet(), *late, cancelled="s30-4"))


def test_a_new_stop_goes_to_the_only_shift_that_may_take_it_however_far_off() -> None:
    cool = replace(local_route(39), shift=replace(local_shift(39), skills=("refrigerated",)))
    current = plan(*(local_route(number) for number in range(39)), cool)
    new = replace(stop("new", 5 * APART_M), requires=("refrigerated",))

    answer = reoptimize(current, [], Changes((new,)), USUAL, TRAVEL, QUICK, seed=1)

    assert answer.unassigned == ()
    assert [each.shift.shift_id for each in answer.routes if "new" in each.stop_ids] == ["S39"]


def test_a_delivery_goes_to_the_nearest_shifts_that_have_not_left_the_depot() -> None:
    gone = [replace(starting(number, "08:00"), has_departed=True) for number in range(30)]
    current = fleet()

    focus = focus_of(current, gone, leftovers(current, gone), [stop("new", 5 * APART_M)], set(), TRAVEL)

    assert [number for number in numbers(focus) if number >= 30] == list(range(30, 30 + N_TAKERS))


def test_a_new_stop_of_the_evening_goes_to_the_shift_of_the_evening_however_far_off() -> None:
    evening = replace(shift("S40", starts="15:00", ends="22:00"), start=place(0.0), end=place(0.0))
    late = stop("new", (N_SHIFTS - 1) * APART_M, window=("18:00", "19:00"))
    # With a stop of its own it is none of the idle shifts that stand by.
    current = fleet(route(stop("far", 100.0, window=("16:00", "21:00")), shift=evening))

    answer = reoptimize(current, (), Changes(new_stops=(late,)), USUAL, TRAVEL, QUICK, seed=1)

    assert answer.unassigned == ()
    assert [each.shift.shift_id for each in answer.routes] == ["S40"]
