from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import permutations, product

import pytest
from hypothesis import HealthCheck, given, settings

from routing.day import rates_of
from routing.evaluate import evaluate
from routing.evaluation import Evaluation
from routing.plan import Route, Shift, Stop
from routing.problem import Problem, Solution, StopCriterion
from routing.schedule import schedule_route
from routing.solve import solve
from routing.travel import StraightLine, TravelTimes
from tests.factories import DAY, DEPOT, TRAVEL, place, shift, stop, vehicle
from tests.routing.strategies import days

QUICK = StopCriterion(iterations=60)


def problem(*stops: Stop, shifts: tuple[Shift, ...] = (shift(),), travel: TravelTimes = TRAVEL) -> Problem:
    return Problem("D1", DAY, shifts, stops, travel)


def served(solution: Solution) -> set[str]:
    return {stop_id for route in solution.plan.routes for stop_id in route.stop_ids}


def reason(solution: Solution, stop_id: str) -> str:
    (left_out,) = [each for each in solution.plan.unassigned if each.stop.stop_id == stop_id]
    return left_out.reason


def test_the_shortest_way_round_is_found() -> None:
    # the depot and three corners of a square
    corners = [stop("se", 1000, 0), stop("ne", 1000, 1000), stop("nw", 0, 1000)]

    solution = solve(problem(corners[1], corners[0], corners[2]), QUICK, seed=1)

    assert solution.plan.routes[0].stop_ids in [("se", "ne", "nw"), ("nw", "ne", "se")]
    assert solution.evaluation.distance_m == pytest.approx(4000, rel=1e-3)
    assert solution.solver == "PyVRP"


def test_windows_decide_the_order() -> None:
    near, far = stop("near", 1000, window=("10:00", "11:00")), stop("far", 5000, window=("08:00", "09:00"))

    solution = solve(problem(near, far), QUICK, seed=1)

    assert solution.plan.routes[0].stop_ids == ("far", "near")
    assert solution.evaluation.is_feasible


def test_capacity_splits_what_one_vehicle_could_not_carry() -> None:
    shifts = tuple(shift(name, vehicle=vehicle(f"v{name}", packages=3)) for name in "AB")
    stops = [stop(f"s{n}", 1000 * n, packages=2) for n in (1, 2)]

    solution = solve(problem(*stops, shifts=shifts), QUICK, seed=1)

    assert [len(route.visits) for route in solution.plan.routes] == [1, 1]


def test_the_cheaper_vehicle_is_taken_though_it_starts_farther_away() -> None:
    dear = shift("dear", vehicle=vehicle("v1", per_km=2.0))
    cheap = shift("cheap", vehicle=vehicle("v2", per_km=0.1), start=place(-3000))

    solution = solve(problem(stop("a", 3000), stop("b", 4000), shifts=(dear, cheap)), QUICK, seed=1)

    assert [route.shift.shift_id for route in solution.plan.routes if route.visits] == ["cheap"]


def test_a_shift_only_works_within_its_hours() -> None:
    shifts = (shift("early", ends="12:00"), shift("late", starts="12:00"))
    evening = [stop("x", window=("14:00", "15:00")), stop("y", 2000, window=("14:00", "15:00"))]

    solution = solve(problem(*evening, shifts=shifts), QUICK, seed=1)

    assert {route.shift.shift_id for route in solution.plan.routes if route.visits} == {"late"}


@pytest.mark.parametrize(
    ("hopeless", "words"),
    [
        (stop("x", packages=9), "its 9 packages are more than any vehicle takes (5)"),
        (stop("x", weight_kg=31.5), "its 31.5 kg are more than any vehicle takes (30 kg)"),
        (
            stop("x", 9000, window=("08:00", "08:05")),
            "its window closes 10 min before any vehicle can be there",
        ),
        (stop("x", window=("17:00", "18:00")), "who serves it is back 1 h 02 min after the end of the shift"),
        (
            stop("x", service_s=9 * 3600),
            "who serves it is back 1 h 03 min after the end of the shift",
        ),
    ],
)
def test_what_no_shift_can_serve_is_left_out_with_its_reason(hopeless: Stop, words: str) -> None:
    small = shift(vehicle=vehicle(packages=5, kg=30.0))

    solution = solve(problem(hopeless, stop("a"), stop("b"), shifts=(small,)), QUICK, seed=1)

    assert served(solution) == {"a", "b"}
    assert reason(solution, "x").startswith(words)
    assert solution.evaluation.is_feasible


def test_no_vehicle_with_both_room_and_strength_is_a_reason() -> None:
    shifts = (
        shift("A", vehicle=vehicle("v1", packages=9, kg=1)),
        shift("B", vehicle=vehicle("v2", packages=1)),
    )

    solution = solve(problem(stop("x", packages=5, weight_kg=5), shifts=shifts), QUICK, seed=1)

    assert reason(solution, "x") == "no vehicle takes both its 5 packages and its 5 kg"


def test_as_many_as_fit_are_served_and_ortools_is_asked_before_the_rest_is_left_out() -> None:
    small = shift(vehicle=vehicle(packages=2))
    stops = [stop(f"s{n}", 1000 * n) for n in range(1, 6)]

    solution = solve(problem(*stops, shifts=(small,)), QUICK, seed=1)

    assert len(served(solution)) == 2
    assert {each.reason for each in solution.plan.unassigned} == {
        "no shift can serve it beside the stops that it has"
    }
    assert solution.iterations > 60, "OR-Tools' iterations count as well"


def test_an_empty_day_is_a_plan_without_visits() -> None:
    solution = solve(problem(), QUICK, seed=1)

    assert [route.visits for route in solution.plan.routes] == [()]
    assert solution.evaluation.is_feasible


@pytest.mark.parametrize("count", [1, 2])
def test_few_stops_neither_hang_nor_get_lost(count: int) -> None:
    stops = [stop(f"s{n}", 1000 * n) for n in range(count)]

    solution = solve(problem(*stops), StopCriterion(seconds=0.2), seed=1)

    assert len(served(solution)) == count


def test_stops_all_in_one_place_are_served() -> None:
    solution = solve(problem(*(stop(f"s{n}", 0, 0) for n in range(4))), QUICK, seed=1)

    assert len(served(solution)) == 4
    assert solution.evaluation.distance_m == 0


def test_no_iterations_at_all_still_give_a_plan_that_keeps_its_promises() -> None:
    stops = [stop(f"s{n}", 1000 * n, window=("08:00", f"{8 + n:02d}:00")) for n in range(1, 5)]

    solution = solve(problem(*stops), StopCriterion(iterations=0), seed=1)

    assert len(served(solution)) == 4
    assert solution.evaluation.is_feasible


def test_the_same_seed_and_iterations_give_the_same_plan() -> None:
    stops = [stop(f"s{n}", 997 * n % 8000, 1499 * n % 7000, service_s=60) for n in range(30)]
    shifts = (shift("A", vehicle=vehicle("v1", packages=20)), shift("B", vehicle=vehicle("v2", packages=20)))

    first = solve(problem(*stops, shifts=shifts), QUICK, seed=7)
    second = solve(problem(*stops, shifts=shifts), QUICK, seed=7)

    assert first.plan == second.plan


def test_hours_with_slow_traffic_are_planned_for() -> None:
    # From 10:00 on a kilometre takes ten times as long: who is served first has to be home by then.
    rush = StraightLine(detour=1.0, speeds_mps=(10.0,) * 10 + (1.0,) * 14)
    stops = [stop(f"s{n}", 2000 + n, service_s=600, window=("08:00", "10:00")) for n in range(6)]

    solution = solve(problem(*stops, shifts=(shift(ends="11:00"),), travel=rush), QUICK, seed=1)

    assert len(served(solution)) == 6
    assert solution.evaluation.is_feasible


def test_a_vehicle_that_would_go_out_for_next_to_nothing_stays_at_home() -> None:
    # PyVRP takes the empty shift A for as dear as its way from start to end.
    by_hour = shift("A", vehicle=vehicle("v1", packages=0, per_h=25.0), end=place(0, 58))
    fixed = shift("B", vehicle=vehicle("v2", packages=1, fixed_cost=40.0))
    here, parcel = stop("here", 0, packages=0), stop("parcel", 0)

    solution = solve(problem(here, parcel, shifts=(by_hour, fixed)), QUICK, seed=1)

    assert solution.evaluation.cost == 40.0


@given(days())
@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
def test_every_plan_keeps_every_promise_and_accounts_for_every_stop(day: Problem) -> None:
    solution = solve(day, StopCriterion(iterations=15), seed=1)

    judged = evaluate(solution.plan, day.travel, day.stops)
    assert judged.violations == ()
    assert judged == solution.evaluation


@given(days(most_stops=4, most_shifts=2))
@settings(max_examples=80, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_small_days_are_planned_as_well_as_by_brute_force(day: Problem) -> None:
    # All from one depot and back: from there a small search is expected to be perfect.
    shifts = tuple(replace(each, start=DEPOT, end=DEPOT) for each in day.shifts)
    steady = replace(day, shifts=shifts, travel=TRAVEL)

    solution = solve(steady, StopCriterion(iterations=300), seed=1)

    left_out, least = min(_score(steady, routes) for routes in _all_feasible(steady))
    found_left_out, found = _score(steady, solution.plan.routes)
    assert found_left_out == left_out
    assert found == pytest.approx(least, rel=1e-3, abs=0.01)


def _all_feasible(day: Problem) -> Iterator[list[Route]]:
    for homes in product(range(-1, len(day.shifts)), repeat=len(day.stops)):
        groups = [
            [s for s, home in zip(day.stops, homes, strict=True) if home == k] for k in range(len(day.shifts))
        ]
        for orders in product(*(permutations(group) for group in groups)):
            driven = zip(day.shifts, orders, strict=True)
            routes = [schedule_route(each, order, day.travel) for each, order in driven]
            if evaluate(routes, day.travel).is_feasible and not _halves(routes, day):
                yield routes


def _halves(routes: list[Route], day: Problem) -> set[str]:
    """The pick-ups of pairs of which one half alone is served."""
    served = {stop_id for route in routes for stop_id in route.stop_ids}
    pairs = [(each.picked_up_at, each.stop_id) for each in day.stops if each.picked_up_at]
    return {pick_up for pick_up, delivery in pairs if (pick_up in served) != (delivery in served)}


def _score(day: Problem, routes: Sequence[Route]) -> tuple[int, float]:
    """The weight of what is left out, then costs and the prices of what is left out."""
    served = {stop_id for route in routes for stop_id in route.stop_ids}
    known = {each.stop_id: each for each in day.stops}
    left_out = [each for each in day.stops if each.stop_id not in served]
    payers = [each if each.picked_up_at is None else known[each.picked_up_at] for each in left_out]
    weight = sum(
        10**each.priority for each, payer in zip(left_out, payers, strict=True) if payer.skip_price is None
    )
    price = _price(day, evaluate(routes, day.travel))
    return weight, price + sum(each.skip_price or 0.0 for each in left_out)


def _price(day: Problem, judged: Evaluation) -> float:
    has_costs = rates_of([each.vehicle for each in day.shifts])[0].per_m != 1.0
    return judged.cost if has_costs else judged.distance_m
