"""Each constraint beside the same day without it: that day's plan is cheaper, and breaks it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import pytest

from routing.evaluate import evaluate
from routing.evaluation import ViolationKind
from routing.plan import Shift, Stop, StopKind
from routing.problem import Problem, Solution, StopCriterion
from routing.schedule import schedule_route
from routing.service import ServiceTimes
from routing.solve import solve
from routing.travel import StraightLine, TravelTimes
from tests.factories import DAY, TRAVEL, place, rest, shift, stop, vehicle, window

SEARCH = StopCriterion(iterations=200)
RUSH = StraightLine(detour=1.0, speeds_mps=(10.0,) * 8 + (1.0,) + (10.0,) * 15)
"""From 08:00 to 09:00 UTC a tenth as fast."""


@dataclass(frozen=True)
class Case:
    """A day with a constraint, the same day without it, and what its plan then does wrong."""

    kind: ViolationKind
    day: Problem
    without: Problem


def day(stops: Iterable[Stop], *shifts: Shift, travel: TravelTimes = TRAVEL) -> Problem:
    return Problem("D1", DAY, shifts or (cheap(),), tuple(stops), travel)


def cheap(shift_id: str = "cheap", **asked: object) -> Shift:
    """A shift at 1 a kilometre."""
    return shift(shift_id, vehicle=vehicle(f"v-{shift_id}", per_km=1.0, **asked))  # type: ignore[arg-type]


def dear(shift_id: str = "dear", **asked: object) -> Shift:
    """A shift at 3 a kilometre and 5 for going out."""
    van = vehicle(f"v-{shift_id}", per_km=3.0, fixed_cost=5.0, **asked)  # type: ignore[arg-type]
    return shift(shift_id, vehicle=van)


def parcels(**asked: object) -> list[Stop]:
    """Three stops a kilometre apart along the road."""
    return [stop(f"s{n}", 1000.0 * n, **asked) for n in (1, 2, 3)]  # type: ignore[arg-type]


def without(whole: Problem, **gone: object) -> Problem:
    """The day with these fields of every stop as given."""
    return replace(whole, stops=tuple(replace(each, **gone) for each in whole.stops))  # type: ignore[arg-type]


def unlimited(whole: Problem) -> Problem:
    vans = [replace(each.vehicle, most_stops=None, most_km=None, most_h=None) for each in whole.shifts]
    shifts = [replace(each, vehicle=van) for each, van in zip(whole.shifts, vans, strict=True)]
    return replace(whole, shifts=tuple(shifts))


def at_any_time_between(whole: Problem) -> Problem:
    """The day with stops that are open from their first window to their last."""
    return replace(whole, stops=tuple(_between(each) for each in whole.stops))


def _between(asked: Stop) -> Stop:
    window = asked.window and replace(asked.window, closes_at=asked.windows[-1].closes_at)
    return replace(asked, window=window, other_windows=())


def for_shifts(whole: Problem, **gone: object) -> Problem:
    return replace(whole, shifts=tuple(replace(each, **gone) for each in whole.shifts))  # type: ignore[arg-type]


WINDOWS = day(
    [
        stop("near", 1000, window=("10:00", "11:00")),
        stop("far", 5000, window=("08:00", "09:00")),
        stop("back", -4000, window=("09:00", "09:30")),
    ]
)
SEVERAL = day(
    [
        stop("early or late", 1000, window=("08:00", "08:01"), other_windows=[("12:00", "12:30")]),
        stop("due", 2000, window=("08:00", "09:00")),
    ],
    shift(vehicle=vehicle(per_km=1.0), end=place(2000)),
)
SEVERAL_OF_A_PAIR = day(
    [
        replace(SEVERAL.stops[0], kind=StopKind.PICK_UP),
        stop("bring", 1500, picked_up_at="early or late"),
        SEVERAL.stops[1],
    ],
    *SEVERAL.shifts,
)
BY_KIND = day(
    ServiceTimes(deliver_s=60, pick_up_s=3600, per_package_s=0).filled_in(
        [stop("fetch", 1000, kind=StopKind.PICK_UP), stop("due", 2000, window=("08:00", "08:20"))]
    ),
    shift(vehicle=vehicle(per_km=1.0), end=place(2000)),
)
BY_PACKAGES = day(
    ServiceTimes(deliver_s=60, per_package_s=60).filled_in(
        [stop("many", 1000, packages=40), stop("due", -2000, window=("08:00", "08:20"))]
    ),
    shift(vehicle=vehicle(per_km=1.0), end=place(-2000)),
)
BY_DRIVER = day(
    parcels(service_s=600, window=("08:00", "08:45")), replace(cheap("slow"), service_pace=3.0), dear("quick")
)
PIECES = day(parcels(packages=2), cheap(packages=4), dear())
WEIGHT = day(parcels(weight_kg=30.0), cheap(kg=70.0), dear())
VOLUME = day(parcels(volume_m3=1.5), cheap(m3=4.0), dear())
ROOM = day(
    [stop("fetch", 1000, kind=StopKind.PICK_UP, packages=2), stop("bring", 5000, 3000, packages=2)],
    shift(vehicle=vehicle(per_km=1.0, packages=2), end=place(5000)),
)
COOL = day(
    [stop("milk", requires=("refrigerated",)), stop("book", 2000)], cheap(), dear(features=("refrigerated",))
)
SKILLED = day(
    [stop("stove", requires=("gas_fitter",)), stop("book", 2000)],
    cheap(),
    replace(dear(), skills=("gas_fitter",)),
)
LOW_EMISSION = day(
    [stop("centre", requires=("low_emission",)), stop("suburb", 9000)],
    cheap(),
    dear(features=("low_emission",)),
)
SHIFT_END = day(parcels(service_s=1200), replace(cheap(), ends_at=cheap().starts_at.replace(hour=9)), dear())
OVERTIME = day(
    parcels(service_s=1200),
    replace(cheap(), ends_at=cheap().starts_at.replace(hour=9), overtime_s=300, overtime_cost_per_h=60.0),
    dear(),
)
N_STOPS = day(parcels(), cheap(most_stops=2), dear())
KILOMETRES = day([stop("east", 3000), stop("west", -3000)], cheap(most_km=8.0), dear())
HOURS = day(parcels(service_s=1200), cheap(most_h=1.0), dear())
PAIR_AND_MORE = day(
    [stop("fetch", 5000, kind=StopKind.PICK_UP), stop("bring", 6000, picked_up_at="fetch"), stop("a", 1000)],
    cheap(most_stops=2),
    dear(),
)
HOME = day(
    [stop("east", 3000)],
    shift("far", vehicle=vehicle("v1", per_km=1.0), end=place(90_000), ends="10:00"),
    dear(),
)
BREAKS = day(
    [
        stop("before", 9000, service_s=5400, window=("08:00", "12:00")),
        stop("after", 9500, window=("10:00", "10:30")),
    ],
    replace(cheap(), breaks=(rest("09:30", 60),), end=place(9500)),
    dear(),
)
LATE_BREAK = day(
    [stop("long", 1000, service_s=3 * 3600), stop("short", 2000)],
    replace(cheap(), breaks=(rest("08:30", 15, latest="09:00"),)),
    dear(),
)
BY_HOUR = day(parcels(window=("08:00", "08:55"), service_s=900), cheap(), dear(), dear("other"), travel=RUSH)
RELEASED = day(
    [stop("late", 1000, released="10:00"), stop("due", 2000, window=("08:00", "09:00"))], cheap(), dear()
)
RELEASED_WITH_BREAKS = replace(RELEASED, shifts=(replace(cheap(), breaks=(rest("09:30", 60),)), dear()))
PAIR = day(
    [stop("fetch", 5000, kind=StopKind.PICK_UP), stop("bring", 1000, picked_up_at="fetch")],
    shift(vehicle=vehicle(per_km=1.0), end=place(9000)),
)

CASES = {
    "windows": Case(ViolationKind.LATE, WINDOWS, without(WINDOWS, window=None)),
    "several windows": Case(ViolationKind.LATE, SEVERAL, at_any_time_between(SEVERAL)),
    "several windows of a pair": Case(
        ViolationKind.LATE, SEVERAL_OF_A_PAIR, at_any_time_between(SEVERAL_OF_A_PAIR)
    ),
    "service by kind": Case(ViolationKind.LATE, BY_KIND, without(BY_KIND, service_s=0.0)),
    "service by packages": Case(ViolationKind.LATE, BY_PACKAGES, without(BY_PACKAGES, service_s=0.0)),
    "service by driver": Case(ViolationKind.LATE, BY_DRIVER, for_shifts(BY_DRIVER, service_pace=1.0)),
    "pieces": Case(ViolationKind.OVER_CAPACITY, PIECES, without(PIECES, packages=0)),
    "weight": Case(ViolationKind.OVER_CAPACITY, WEIGHT, without(WEIGHT, weight_kg=0.0)),
    "volume": Case(ViolationKind.OVER_CAPACITY, VOLUME, without(VOLUME, volume_m3=0.0)),
    "room for pick-ups": Case(ViolationKind.OVER_CAPACITY, ROOM, without(ROOM, packages=0)),
    "refrigerated": Case(ViolationKind.NOT_QUALIFIED, COOL, without(COOL, requires=())),
    "driver's skills": Case(ViolationKind.NOT_QUALIFIED, SKILLED, without(SKILLED, requires=())),
    "low-emission zone": Case(ViolationKind.NOT_QUALIFIED, LOW_EMISSION, without(LOW_EMISSION, requires=())),
    "end of shift": Case(
        ViolationKind.PAST_SHIFT_END, SHIFT_END, for_shifts(SHIFT_END, ends_at=dear().ends_at)
    ),
    "overtime's limit": Case(
        ViolationKind.PAST_SHIFT_END,
        OVERTIME,
        replace(OVERTIME, shifts=(replace(OVERTIME.shifts[0], overtime_s=7200), dear())),
    ),
    "stops": Case(ViolationKind.OVER_STOPS, N_STOPS, unlimited(N_STOPS)),
    "stops with pairs": Case(ViolationKind.OVER_STOPS, PAIR_AND_MORE, unlimited(PAIR_AND_MORE)),
    "kilometres": Case(ViolationKind.OVER_KM, KILOMETRES, unlimited(KILOMETRES)),
    "hours": Case(ViolationKind.OVER_HOURS, HOURS, unlimited(HOURS)),
    "where the shift ends": Case(ViolationKind.PAST_SHIFT_END, HOME, for_shifts(HOME, end=place(3000))),
    "breaks": Case(ViolationKind.LATE, BREAKS, for_shifts(BREAKS, breaks=())),
    "when breaks begin": Case(
        ViolationKind.LATE_BREAK, LATE_BREAK, for_shifts(LATE_BREAK, breaks=(rest("08:30", 15),))
    ),
    "travel times by hour": Case(ViolationKind.LATE, BY_HOUR, replace(BY_HOUR, travel=TRAVEL)),
    "releases": Case(ViolationKind.LATE, RELEASED, without(RELEASED, released_at=None)),
    "releases with breaks": Case(
        ViolationKind.LATE, RELEASED_WITH_BREAKS, without(RELEASED_WITH_BREAKS, released_at=None)
    ),
    "pairs": Case(ViolationKind.PAIR_APART, PAIR, without(PAIR, picked_up_at=None)),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_without_the_constraint_a_plan_is_cheaper_and_breaks_it(case: Case) -> None:
    kept, ignored = solve(case.day, SEARCH, seed=1), solve(case.without, SEARCH, seed=1)

    judged = evaluate(as_driven(ignored, case.day), case.day.travel, case.day.stops)
    assert case.kind in {violation.kind for violation in judged.violations}
    assert kept.evaluation.is_feasible
    assert kept.plan.unassigned == ignored.plan.unassigned == ()
    assert ignored.evaluation.cost < kept.evaluation.cost


def as_driven(solution: Solution, whole: Problem) -> list[object]:
    """The plan's sequences on the shifts and stops of another day."""
    stops = {each.stop_id: each for each in whole.stops}
    shifts = {each.shift_id: each for each in whole.shifts}
    return [
        schedule_route(
            shifts[route.shift.shift_id], [stops[stop_id] for stop_id in route.stop_ids], whole.travel
        )
        for route in solution.plan.routes
    ]


def test_each_kind_of_cost_chooses_the_vehicle() -> None:
    # 20 km and 2000 s there and back
    vans = {
        "fixed": vehicle("fixed", fixed_cost=10.0),
        "by km": vehicle("km", per_km=0.4),
        "by hour": vehicle("h", per_h=16.0),
    }
    stops = [stop("a", 10_000), stop("b", 9_000)]

    def chosen(**cheaper: float) -> str:
        shifts = [
            shift(
                name,
                vehicle=replace(van, **{key: value for key, value in cheaper.items() if getattr(van, key)}),
            )
            for name, van in vans.items()
        ]
        solution = solve(day(stops, *shifts), SEARCH, seed=1)
        (used,) = [route.shift.shift_id for route in solution.plan.routes if route.visits]
        return used

    assert chosen(fixed_cost=5.0) == "fixed"
    assert chosen(cost_per_km=0.3, fixed_cost=12.0) == "by km"
    assert chosen(cost_per_h=9.0) == "by hour"


def test_each_depot_serves_what_is_near_to_it() -> None:
    west, east = cheap("west"), replace(cheap("east"), start=place(20_000), end=place(20_000))
    stops = [stop(f"w{n}", 1000.0 * n) for n in (1, 2)] + [stop(f"e{n}", 20_000 - 1000.0 * n) for n in (1, 2)]

    solution = solve(day(stops, west, east), SEARCH, seed=1)

    served = {route.shift.shift_id: set(route.stop_ids) for route in solution.plan.routes}
    assert served == {"west": {"w1", "w2"}, "east": {"e1", "e2"}}


def test_an_optional_stop_is_served_if_and_only_if_its_price_is_above_that_of_its_way() -> None:
    # 10 km off the road: 20 there and back
    base = [stop("a", 1000), stop("b", 2000)]

    worth_it = solve(day([*base, stop("x", 0, 10_000, skip_price=22.0)]), SEARCH, seed=1)
    not_worth_it = solve(day([*base, stop("x", 0, 10_000, skip_price=17.0)]), SEARCH, seed=1)

    assert worth_it.plan.unassigned == ()
    (left_out,) = not_worth_it.plan.unassigned
    assert left_out.reason == "serving it costs more than the 17 that leaving it out does"
    assert not_worth_it.evaluation.skipped_price == 17.0
    assert not_worth_it.evaluation.cost == pytest.approx(4.0, rel=1e-3)


@pytest.mark.parametrize("n_ordinary", [2, 9])
def test_where_not_all_fit_the_higher_priority_is_served(n_ordinary: int) -> None:
    # All ordinary stops are on the way and cost nothing; the one of priority 1 counts as ten of them.
    small = shift(vehicle=vehicle(packages=n_ordinary, per_km=1.0))
    ordinary = [stop(f"s{n}", 100.0 * n) for n in range(1, n_ordinary + 1)]
    urgent = stop("urgent", 0, 5000, packages=n_ordinary, priority=1)

    solution = solve(day([*ordinary, urgent], small), SEARCH, seed=1)

    assert [route.stop_ids for route in solution.plan.routes] == [("urgent",)]


def test_more_than_ten_ordinary_stops_weigh_more_than_one_of_priority_1() -> None:
    small = shift(vehicle=vehicle(packages=11, per_km=1.0))
    ordinary = [stop(f"s{n}", 100.0 * n) for n in range(1, 12)]
    urgent = stop("urgent", 0, 5000, packages=11, priority=1)

    solution = solve(day([*ordinary, urgent], small), SEARCH, seed=1)

    assert [each.stop.stop_id for each in solution.plan.unassigned] == ["urgent"]


def test_mandatory_stops_come_before_any_price() -> None:
    small = shift(vehicle=vehicle(packages=1, per_km=1.0))
    stops = [stop("must", 5000), stop("may", 100, skip_price=1e6)]

    solution = solve(day(stops, small), SEARCH, seed=1)

    assert [route.stop_ids for route in solution.plan.routes] == [("must",)]


def test_the_result_says_who_did_what() -> None:
    solution = solve(BREAKS, SEARCH, seed=1)

    first, second = solution.work
    assert (first.solver.split(",")[0], first.task) == ("PyVRP", "planned the day without its breaks")
    assert second.solver.startswith("OR-Tools from PyVRP")
    assert second.task == "went on from that plan, with the breaks"
    assert sum(each.is_chosen for each in solution.work) == 1
    assert all(each.duration_s >= 0 and each.iterations > 0 for each in solution.work)


@pytest.mark.parametrize(("per_h", "who"), [(6.0, {"cheap"}), (90.0, {"cheap", "dear"})])
def test_overtime_is_worked_where_it_is_cheaper_than_another_vehicle(per_h: float, who: set[str]) -> None:
    # all three by the cheap one take 1 h 10 min, of which 10 in overtime; the dear one for one costs 11
    short = replace(OVERTIME.shifts[0], overtime_s=3600, overtime_cost_per_h=per_h)

    solution = solve(replace(OVERTIME, shifts=(short, dear())), SEARCH, seed=1)

    assert solution.evaluation.is_feasible
    assert {each.shift.shift_id for each in solution.plan.routes if each.visits} == who
    assert (solution.evaluation.overtime_s > 0) == (who == {"cheap"})


def test_kilometres_that_cost_nothing_are_limited_all_the_same() -> None:
    by_hour = shift("near", vehicle=vehicle("v1", per_h=10.0, most_km=8.0))
    other = shift("far", vehicle=vehicle("v2", per_h=20.0))

    solution = solve(replace(KILOMETRES, shifts=(by_hour, other)), SEARCH, seed=1)

    assert solution.evaluation.is_feasible
    assert solution.plan.unassigned == ()
    assert [len(each.visits) for each in solution.plan.routes] == [1, 1]


def test_several_windows_of_a_pair_are_left_to_ortools() -> None:
    alone, of_a_pair = solve(SEVERAL, SEARCH, seed=1), solve(SEVERAL_OF_A_PAIR, SEARCH, seed=1)

    assert [each.task for each in alone.work] == ["planned the day"]
    assert [each.task for each in of_a_pair.work] == [
        "planned the day without its several windows of pairs",
        "went on from that plan, with the several windows of pairs",
    ]


def test_a_plan_promises_the_window_that_it_serves_in() -> None:
    solution = solve(SEVERAL, SEARCH, seed=1)

    (visits,) = [route.visits for route in solution.plan.routes]
    assert [(each.stop.stop_id, each.stop.windows) for each in visits] == [
        ("due", (window("08:00", "09:00"),)),
        ("early or late", (window("12:00", "12:30"),)),
    ]
