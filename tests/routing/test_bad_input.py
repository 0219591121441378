"""Bad input: a ``ValueError`` that names the stop and the figure, or an unassigned stop with its reason."""

from collections.abc import Callable
from dataclasses import replace
from math import inf, nan

import pytest

from routing.changes import Changes, Policy, Progress
from routing.explain import explain_unassigned
from routing.matrix import TravelMatrix
from routing.plan import Break, PlannedVisit, Shift, Stop, StopKind, TimeWindow
from routing.problem import Problem, Solution, StopCriterion
from routing.reoptimize import reoptimize
from routing.solve import solve
from tests.factories import DAY, DEPOT, TRAVEL, at, plan, rest, shift, stop, vehicle

QUICK = StopCriterion(iterations=20)


def problem(*stops: Stop, shifts: tuple[Shift, ...] = (shift(),)) -> Problem:
    return Problem("D1", DAY, shifts, stops, TRAVEL)


def planned(*stops: Stop, shifts: tuple[Shift, ...] = (shift(),)) -> Solution:
    solution = solve(problem(*stops, shifts=shifts), QUICK, seed=1)
    assert solution.evaluation.is_feasible
    return solution


def left_out(solution: Solution) -> dict[str, str]:
    return {each.stop.stop_id: each.reason for each in solution.plan.unassigned}


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: stop("a", volume_m3=-0.5), r"Stop a has a negative demand: .*-0\.5 m3"),
        (lambda: stop("a", volume_m3=nan), "Stop a has a volume_m3 that is no number: nan"),
        (lambda: stop("a", weight_kg=inf), "Stop a has a weight_kg that is no number: inf"),
        (lambda: stop("a", weight_kg=1e300), r"Stop a has a weight_kg above 1e\+15: 1e\+300"),
        (lambda: vehicle(per_km=1e20), r"Vehicle v1 has a cost_per_km above 1e\+15: 1e\+20"),
        (lambda: stop("a", service_s=nan), "Stop a has a service_s that is no number: nan"),
        (lambda: stop("a", requires=("",)), "Stop a has an empty name among"),
        (lambda: vehicle(most_stops=-1), "Vehicle v1 has a most_stops outside 0..1000000000: -1"),
        (lambda: vehicle(most_km=nan), "Vehicle v1 has a most_km outside 0..1000000000: nan"),
        (lambda: vehicle(most_h=-0.5), r"Vehicle v1 has a most_h outside 0..1000000000: -0\.5"),
        (lambda: shift(overtime_s=-1.0), r"Shift A has an overtime below 0 or over a day: -1\.0 s"),
        (lambda: shift(overtime_s=nan), "Shift A has an overtime below 0 or over a day: nan s"),
        (lambda: shift(overtime_cost_per_h=inf), "Shift A has a price of overtime that is none: inf"),
        (
            lambda: problem(shifts=(shift(overtime_s=60.0, overtime_cost_per_h=9.0),)),
            "Problem D1 has overtime of shift A, but no vehicle costs anything",
        ),
        (
            lambda: stop("a", other_windows=[("09:00", "10:00")]),
            "Stop a has other windows, but no window before them",
        ),
        (
            lambda: stop("a", window=("09:00", "10:00"), other_windows=[("09:30", "11:00")]),
            "Stop a has windows that overlap or are out of order: 09:00 to 10:00 and 09:30 to 11:00",
        ),
        (
            lambda: PlannedVisit(
                stop("a", window=("09:00", "10:00"), other_windows=[("10:00", "11:00")]), *[at("09:00")] * 3
            ),
            "PlannedVisit of a has 2 windows: a plan promises one of them",
        ),
        (lambda: StopCriterion(seconds=nan), "StopCriterion is negative or without end: .* nan s"),
        (lambda: StopCriterion(10, inf), "StopCriterion is negative or without end: 10 iterations, inf s"),
        (lambda: StopCriterion(-1), "StopCriterion is negative or without end: -1 iterations, None s"),
        (
            lambda: Progress("A", DEPOT, at("08:00").replace(tzinfo=None)),
            "Progress of shift A has a time without a time zone: 2026-03-02T08:00:00",
        ),
        (
            lambda: reoptimize(plan(), (), Changes((stop(),)), Policy(), TRAVEL, QUICK, seed=1),
            "plan D1 has no route: there is no shift to plan anew",
        ),
        (lambda: stop("a", volume_m3=1e10), r"Stop a has a demand above 1e\+09: 0 kg, 1e\+10 m3"),
        (lambda: vehicle(packages=10**13), "Vehicle v1 takes over 1000000000000 packages: 10000000000000"),
        (
            lambda: Progress("A", DEPOT, at("08:00").replace(year=9999)),
            "Progress of shift A has a time outside the years 1900 to 5000: 9999-03-02T08:00:00",
        ),
        (lambda: replace(stop("a"), released_at=at("08:00").replace(year=9999)), "Stop a has a time outside"),
        (lambda: replace(shift(), ends_at=at("08:00").replace(year=9999)), "Shift A has a time outside"),
        (lambda: TimeWindow(at("08:00").replace(year=1), at("09:00")), "TimeWindow has a time outside the"),
        (lambda: stop("a", priority=4), "Stop a has a priority outside 0..3: 4"),
        (lambda: stop("a", skip_price=-1.0), r"Stop a has a price for leaving it out that is none: -1\.0"),
        (lambda: stop("a", skip_price=nan), "price for leaving it out that is none: nan"),
        (lambda: stop("a", picked_up_at="a"), "Stop a is picked up at 'a'"),
        (lambda: stop("a", picked_up_at="b", kind=StopKind.PICK_UP), "only a delivery comes from another"),
        (lambda: stop("a", picked_up_at="b", skip_price=1.0), "stands at the stop b where it is picked up"),
        (lambda: vehicle("v", m3=-1.0), r"Vehicle v has a negative capacity: .*-1\.0 m3"),
        (lambda: vehicle("v", kg=nan), "Vehicle v has a capacity_kg that is no number: nan"),
        (lambda: vehicle("v", per_km=-0.1), r"Vehicle v has a cost_per_km that is negative or none: -0\.1"),
        (lambda: vehicle("v", per_h=nan), "Vehicle v has a cost_per_h that is negative or none: nan"),
        (lambda: vehicle("v", features=("",)), "Vehicle v has an empty name among"),
        (lambda: shift("A", service_pace=0.0), r"Shift A has a service pace outside 0\.1\.\.10: 0\.0"),
        (lambda: shift("A", service_pace=nan), "Shift A has a service pace outside"),
        (lambda: rest("12:00", 30, latest="11:00"), "Break has to begin before it may"),
        (lambda: Break(at("12:00"), -1.0), "Break lasts no time or over a day"),
        (lambda: Progress("A", DEPOT, at("09:00"), breaks_taken=-1), "shift A counts -1 breaks taken"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_with_its_figure(
    build: Callable[[], object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        build()


@pytest.mark.parametrize(
    ("stops", "message"),
    [
        ((stop("a", picked_up_at="gone"),), "Stop a is picked up at gone, which is no pick-up"),
        ((stop("a", picked_up_at="b"), stop("b")), "Stop a is picked up at b, which is no pick-up"),
        (
            (
                stop("p", kind=StopKind.PICK_UP),
                stop("a", picked_up_at="p"),
                stop("b", picked_up_at="p"),
            ),
            "Stop b is picked up at p, which belongs to another delivery already",
        ),
        (
            (stop("p", kind=StopKind.PICK_UP, packages=2), stop("a", picked_up_at="p")),
            r"loads there \(2, 0\.0, 0\.0\) and delivers \(1, 0\.0, 0\.0\)",
        ),
    ],
)
def test_a_pair_that_is_none_is_refused(stops: tuple[Stop, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        problem(*stops)


def test_costs_in_two_currencies_are_refused() -> None:
    crowns = replace(vehicle("v2", per_km=1.0), currency="SEK")

    with pytest.raises(ValueError, match="costs in EUR and SEK"):
        problem(stop("a"), shifts=(shift("A"), shift("B", vehicle=crowns)))


@pytest.mark.parametrize(
    ("hopeless", "reason"),
    [
        (stop("x", requires=("crane",)), "it requires crane, which no vehicle or driver has"),
        (
            stop("x", requires=("cool", "fitter")),
            "it requires cool, fitter, which no vehicle and its driver have together",
        ),
        (stop("x", volume_m3=9.0), "its 9 m3 are more than any vehicle takes (5 m3)"),
        (
            stop("x", requires=("cool",), volume_m3=4.0),
            "its 4 m3 are more than any vehicle takes (3 m3)",
        ),
        (
            stop("x", service_s=8 * 3600 - 400, window=("08:00", "16:00")),
            "who serves it is back",
        ),
    ],
)
def test_what_nobody_can_serve_is_left_out_with_its_reason(hopeless: Stop, reason: str) -> None:
    cool = shift("cool", vehicle=vehicle("v1", m3=3.0, features=("cool",)))
    fitter = shift("fitter", vehicle=vehicle("v2", m3=5.0), skills=("fitter",), service_pace=1.5)
    cool = replace(cool, service_pace=1.5)

    solution = planned(hopeless, stop("a"), stop("b"), shifts=(cool, fitter))

    assert list(left_out(solution)) == ["x"]
    assert left_out(solution)["x"].startswith(reason)


def test_a_break_too_late_is_a_reason() -> None:
    resting = shift(breaks=(rest("08:30", 15, latest="09:00"),))

    solution = planned(stop("x", service_s=7200), stop("a"), shifts=(resting,))

    assert left_out(solution) == {"x": "a shift that is there and back in time has its break too late"}


def test_who_is_left_out_for_lack_of_qualified_shifts_is_told_which_there_are() -> None:
    cool = shift("cool", vehicle=vehicle("v1", packages=1, features=("cool",)))
    stops = [stop("x", requires=("cool",)), stop("y", 2000, requires=("cool",))]

    solution = planned(*stops, shifts=(cool, shift("B")))

    (reason,) = left_out(solution).values()
    assert reason == "no shift with cool (cool) can serve it beside its other stops"


def test_half_of_a_pair_does_not_go_without_the_other() -> None:
    pair = [
        stop("p", kind=StopKind.PICK_UP),
        stop("d", 9000, picked_up_at="p", window=("08:00", "08:05")),
    ]

    solution = planned(*pair, stop("a"))

    too_late = "its window closes 10 min before any vehicle can be there"
    assert left_out(solution) == {
        "p": f"its other half can't be served: stop d, {too_late}",
        "d": too_late,
    }


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_stops_at_the_depot_take_no_way_at_all(count: int) -> None:
    solution = planned(*(stop(f"s{n}", 0) for n in range(count)))

    assert left_out(solution) == {}
    assert solution.evaluation.distance_m == 0.0


def test_any_seed_is_a_seed() -> None:
    day = problem(stop("a"), stop("b"))

    assert solve(day, QUICK, seed=2**32 + 5).plan == solve(day, QUICK, seed=5).plan


@pytest.mark.parametrize("far", [1e12, 1e300])
def test_a_leg_that_lasts_longer_than_anything_is_no_way(far: float) -> None:
    stops = stop("near"), stop("far", 9000)
    legs = [[0.0, 100.0, far], [100.0, 0.0, far], [far, far, 0.0]]
    travel = TravelMatrix([DEPOT, *(each.location for each in stops)], legs, legs)

    solution = solve(Problem("D1", DAY, (shift(),), stops, travel), QUICK, seed=1)

    assert left_out(solution) == {"far": "no way leads there and back"}


def test_metres_beyond_counting_are_counted_as_many() -> None:
    stops = stop("near"), stop("far", 9000)
    legs_m = [[0.0, 100.0, 1e300], [100.0, 0.0, 1e300], [1e300, 1e300, 0.0]]
    travel = TravelMatrix([DEPOT, *(each.location for each in stops)], legs_m, [[9.0] * 3] * 3)

    solution = solve(Problem("D1", DAY, (shift(vehicle=vehicle(per_km=1.0)),), stops, travel), QUICK, seed=1)

    assert left_out(solution) == {}


@pytest.mark.parametrize(
    ("largest", "reason"),
    [
        (stop("a", packages=10**9), "its 1000000000 packages are more than any vehicle takes (9)"),
        (stop("a", weight_kg=1e9), "its 1e+09 kg are more than any vehicle takes (9 kg)"),
    ],
)
def test_the_largest_stop_of_all_is_left_out_and_explained(largest: Stop, reason: str) -> None:
    usual = stop("b", packages=5, weight_kg=5.0)

    solution = planned(largest, usual, shifts=(shift(vehicle=vehicle(packages=9, kg=9.0)),))

    (explanation,) = explain_unassigned(solution.plan, TRAVEL)

    assert left_out(solution) == {"a": reason}
    assert explanation.remedies
