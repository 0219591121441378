from dataclasses import replace
from random import Random

import pytest

from routing.carriers import Carrier
from routing.plan import RoutePlan, Vehicle
from routing.problem import Problem, StopCriterion
from routing.solve import solve
from tests.factories import DAY, DEPOT, TRAVEL, shift, stop, vehicle

FEW = StopCriterion(iterations=60)


def day(times: float = 1.0) -> Problem:
    """Forty stops, some optional, for three vans and a carrier, with all prices so many ``times`` theirs."""
    random = Random(1)
    van = vehicle(
        packages=15,
        fixed_cost=30.0 * times,
        per_km=0.5 * times,
        per_h=20.0 * times,
    )
    stops = tuple(
        stop(
            f"s{n}",
            random.uniform(-5000, 5000),
            random.uniform(-5000, 5000),
            packages=1,
            skip_price=4.0 * times if n % 8 == 0 else None,
        )
        for n in range(40)
    )
    shifts = [
        shift(f"S{n}", vehicle=van, overtime_s=600.0, overtime_cost_per_h=9.0 * times) for n in range(3)
    ]
    carrier = Carrier("C", DEPOT, price_per_stop=6.0 * times, price_per_km=1.0 * times)
    return Problem("D1", DAY, tuple(shifts), stops, TRAVEL, (carrier,))


def planned(problem: Problem) -> tuple[object, ...]:
    plan: RoutePlan = solve(problem, FEW, seed=1).plan
    return (
        [route.stop_ids for route in plan.routes],
        [each.stop.stop_id for each in plan.unassigned],
        [each.stop.stop_id for each in plan.handed_over],
    )


@pytest.mark.parametrize("times", [100.0, 10_000.0, 0.01])
def test_tens_of_the_currency_do_not_change_the_plan(times: float) -> None:
    in_euros = planned(day())

    in_another = planned(day(times))

    assert in_another == in_euros


@pytest.mark.parametrize("per_km", [1e4, 1e7, 1e12])
def test_a_vehicle_that_is_to_stay_at_home_makes_no_other_tour_dearer(per_km: float) -> None:
    fifty, dear = (beside_a_van_of(each) for each in (50.0, per_km))

    assert dear <= 1.01 * fifty


def beside_a_van_of(per_km: float) -> float:
    """What the day costs with a fourth van of that price, which is dearer than any other way."""
    usual = day()
    spare = vehicle(packages=15, fixed_cost=30.0, per_km=per_km, per_h=20.0)
    found = solve(replace(usual, shifts=(*usual.shifts, shift("S3", vehicle=spare))), FEW, seed=1).evaluation
    return found.cost + found.skipped_price


@pytest.mark.parametrize(
    "van",
    [
        vehicle(packages=15, fixed_cost=1e9, per_km=0.5, per_h=20.0),
        vehicle(packages=15, fixed_cost=30.0, per_km=1e7, per_h=20.0),
        vehicle(packages=15, fixed_cost=30.0, per_km=0.5, per_h=1e15),
        vehicle(packages=15, fixed_cost=1e14, per_km=1e-9),
        vehicle(packages=15, fixed_cost=30.0, per_km=1e12, per_h=20.0, most_km=1e3),
    ],
)
def test_however_dear_the_vehicles_are_the_stops_are_served(van: Vehicle) -> None:
    usual = day()
    dear = [replace(each, vehicle=van) for each in usual.shifts]
    obliged = [replace(each, skip_price=None) for each in usual.stops]
    problem = replace(usual, shifts=tuple(dear), stops=tuple(obliged), carriers=())

    solution = solve(problem, FEW, seed=1)

    assert solution.evaluation.is_feasible
    assert solution.plan.unassigned == ()


def test_an_optional_stop_of_any_price_gives_way_to_one_that_is_not() -> None:
    van = vehicle(packages=1, fixed_cost=10.0)
    stops = (stop("dear", 100, packages=1, skip_price=1e12), stop("obliged", 200, packages=1))
    problem = Problem("D1", DAY, (shift(vehicle=van),), stops, TRAVEL)

    solution = solve(problem, FEW, seed=1)

    assert [each.stop.stop_id for each in solution.plan.unassigned] == ["dear"]
