from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest

from routing.plan import Shift, Stop, StopKind
from routing.problem import StopCriterion
from routing.solvers.model import Model, Tariff, model_of
from routing.solvers.ortools import OrTools
from routing.solvers.pyvrp import PyVrp
from routing.solvers.solver import Solver
from routing.task import task_of, vantage_of
from tests.factories import TRAVEL, shift, stop, vehicle

QUICK = StopCriterion(iterations=100)
BY_METRE = Tariff(per_m=1)

both = pytest.mark.parametrize("solver", [PyVrp(), OrTools()], ids=lambda solver: solver.name)


def model(stops: Sequence[Stop], shifts: Sequence[Shift], *tariffs: Tariff) -> Model:
    task = task_of(stops, [vantage_of(each) for each in shifts], TRAVEL)
    return model_of(task, task.legs.mean_s(), tariffs or (BY_METRE,) * len(shifts))


@both
def test_the_least_cost_is_found(solver: Solver) -> None:
    corners = [stop("ne", 1000, 1000), stop("se", 1000, 0), stop("nw", 0, 1000)]

    found = solver.find(model(corners, [shift()]), QUICK, seed=1)

    assert found.tours in [((1, 0, 2),), ((2, 0, 1),)]
    assert found.iterations > 0


@both
def test_windows_are_kept(solver: Solver) -> None:
    stops = [stop("late", 1000, window=("10:00", "11:00")), stop("soon", 9000, window=("08:00", "08:30"))]

    found = solver.find(model(stops, [shift()]), QUICK, seed=1)

    assert found.tours == ((1, 0),)


@both
@pytest.mark.parametrize(("packages", "kg"), [(2, 9.0), (9, 2.0)])
def test_capacities_are_kept(solver: Solver, packages: int, kg: float) -> None:
    stops = [stop(f"s{n}", 1000 * n, weight_kg=1.0) for n in range(1, 4)]
    shifts = [shift(name, vehicle=vehicle(f"v{name}", packages=packages, kg=kg)) for name in "AB"]

    found = solver.find(model(stops, shifts), QUICK, seed=1)

    assert sorted(map(len, found.tours)) == [1, 2]


@both
def test_pick_ups_take_the_room_of_what_was_delivered(solver: Solver) -> None:
    # Empty before the pick-up, though the pick-up is on the way out.
    stops = [stop("pick", 1000, kind=StopKind.PICK_UP, packages=2), stop("deliver", 5000, packages=2)]

    found = solver.find(model(stops, [shift(vehicle=vehicle(packages=2))]), QUICK, seed=1)

    assert found.tours == ((1, 0),)


@both
def test_a_shift_is_back_by_its_end(solver: Solver) -> None:
    stops = [stop("a", 9000), stop("b", -9000)]
    shifts = [shift("A", ends="08:31"), shift("B", ends="08:31")]

    found = solver.find(model(stops, shifts), QUICK, seed=1)

    assert sorted(map(len, found.tours)) == [1, 1]


@both
def test_a_shift_is_paid_from_its_start_so_that_waiting_costs(solver: Solver) -> None:
    stops = [stop("a", 1000, window=("12:00", "13:00")), stop("b", 2000, window=("12:00", "13:00"))]
    shifts = [shift("early"), shift("late", starts="11:30")]
    by_time = Tariff(per_tick=1)

    found = solver.find(model(stops, shifts, by_time, by_time), QUICK, seed=1)

    assert sorted(found.tours[1]) == [0, 1]


@both
def test_what_cannot_be_served_is_left_out(solver: Solver) -> None:
    stops = [stop("a"), stop("never", 9000, window=("08:00", "08:01")), stop("b", 2000)]

    found = solver.find(model(stops, [shift()]), QUICK, seed=1)

    assert sorted(found.tours[0]) == [0, 2]


@both
def test_a_forbidden_tour_is_not_taken_even_if_the_stop_is_left_out_for_it(solver: Solver) -> None:
    stops = [stop("a"), stop("b")]
    forbids_b = Tariff(per_m=1, surcharges=(0, None))

    found = solver.find(model(stops, [shift()], forbids_b), QUICK, seed=1)

    assert found.tours == ((0,),)


@both
def test_a_surcharge_sends_a_stop_to_another_tour(solver: Solver) -> None:
    stops = [stop("a", 1000), stop("b", 1100)]
    dear, free = Tariff(per_m=1, surcharges=(0, 9000)), Tariff(per_m=1, surcharges=(9000, 0))

    found = solver.find(model(stops, [shift("A"), shift("B")], dear, free), QUICK, seed=1)

    assert found.tours == ((0,), (1,))


@both
def test_a_search_can_go_on_from_a_plan(solver: Solver) -> None:
    stops = [stop(f"s{n}", 997 * n % 8000, 1499 * n % 7000) for n in range(12)]
    whole = model(stops, [shift()])
    start = (tuple(range(12)),)

    found = solver.find(whole, QUICK, seed=1, start=start)

    assert sorted(found.tours[0]) == list(range(12))
    assert _metres(whole, found.tours[0]) < _metres(whole, start[0])


@both
@pytest.mark.parametrize("count", [1, 2])
def test_a_search_ends_where_there_is_nothing_to_improve(solver: Solver, count: int) -> None:
    stops = [stop(f"s{n}") for n in range(count)]

    found = solver.find(model(stops, [shift()]), StopCriterion(iterations=1000), seed=1)

    assert sorted(found.tours[0]) == list(range(count))


@both
def test_seconds_stop_a_search(solver: Solver) -> None:
    stops = [stop(f"s{n}", 997 * n % 8000, 1499 * n % 7000) for n in range(12)]

    found = solver.find(model(stops, [shift()]), StopCriterion(seconds=0.1), seed=1)

    assert sorted(found.tours[0]) == list(range(12))


def _metres(whole: Model, tour: Sequence[int]) -> int:
    home = whole.tours[0].start
    places = [home, *tour, home]
    return sum(int(whole.distances[a, b]) for a, b in pairwise(places))


@both
def test_what_is_released_later_goes_with_who_leaves_later(solver: Solver) -> None:
    stops = [
        stop("soon", 1000, window=("08:00", "09:00")),
        stop("released", 1500, released="10:00"),
        stop("too", -2000, released="09:30"),
    ]

    found = solver.find(model(stops, [shift("A"), shift("B")]), QUICK, seed=1)

    assert sorted(sorted(each) for each in found.tours) == [[0], [1, 2]]


def test_ortools_counts_the_wait_for_a_release_among_the_hours() -> None:
    # Both fit on one tour; another wait of two hours costs more than the way.
    stops = [stop("a", 1000, released="10:00"), stop("b", -1000, released="10:00")]
    by_hour = Tariff(per_tick=1)

    found = OrTools().find(model(stops, [shift("A"), shift("B")], by_hour, by_hour), QUICK, seed=1)

    assert sorted(map(len, found.tours)) == [0, 2]


def test_who_has_left_waits_for_nothing() -> None:
    task = task_of([stop(released="10:00")], [replace(vantage_of(shift()), is_begun=True)], TRAVEL)

    (tour,) = model_of(task, task.legs.mean_s(), (BY_METRE,)).tours

    assert not tour.can_wait
