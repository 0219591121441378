from math import inf, nan

import numpy as np
import pytest

from routing.evaluate import evaluate
from routing.evaluation import ViolationKind
from routing.matrix import TravelMatrix
from routing.problem import Problem, StopCriterion
from routing.solve import solve
from tests.factories import DAY, DEPOT, at, place, route, shift, stop

PLACES = [DEPOT, place(1000), place(2000)]
METRES = [[0, 1, 2], [10, 0, 12], [20, 21, 0]]


def matrix(metres: list[list[float]] = METRES) -> TravelMatrix:
    """Each metre takes a minute."""
    return TravelMatrix(PLACES, metres, np.array(metres) * 60.0)


def test_a_leg_is_looked_up_from_row_to_column() -> None:
    assert matrix().leg(PLACES[1], PLACES[2], at("09:00")) == (12.0, 720.0)
    assert matrix().leg(PLACES[2], PLACES[1], at("09:00")) == (21.0, 1260.0)
    assert matrix().leg(PLACES[2], PLACES[2], at("09:00")) == (0.0, 0.0)


def test_matrices_come_in_the_order_that_is_asked_for() -> None:
    distances_m, durations_s = matrix().matrices([PLACES[2], PLACES[0]], at("09:00"))

    assert distances_m.tolist() == [[0, 20], [2, 0]]
    assert durations_s.tolist() == [[0, 1200], [120, 0]]


@pytest.mark.parametrize(
    ("metres", "message"),
    [
        ([[0, 1], [1, 0]], r"shape \(2, 2\) for 3 places: \(3, 3\) would be right"),
        ([[0, 1, 2], [1, 0, nan], [2, 1, 0]], "from place 1 to 2: nan"),
        ([[0, 1, 2], [1, 0, 3], [-2, 1, 0]], "from place 2 to 0: -2"),
    ],
)
def test_a_wrong_table_is_refused_with_the_place(metres: list[list[float]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        matrix(metres)


def test_a_place_that_is_not_in_the_table_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no place at 52\.0, 6\.0"):
        matrix().leg(DEPOT, DEPOT.__class__(52.0, 6.0), at("09:00"))


def test_places_are_all_different() -> None:
    with pytest.raises(ValueError, match="3 places, but 2 different ones"):
        TravelMatrix([DEPOT, DEPOT, place(1)], METRES, METRES)


def test_an_island_is_left_out_with_its_reason_and_a_route_there_is_a_violation() -> None:
    island = matrix([[0, 1, inf], [1, 0, inf], [inf, inf, 0]])
    stops = (stop("a", 1000), stop("island", 2000))

    solution = solve(Problem("D1", DAY, (shift(),), stops, island), StopCriterion(iterations=20), seed=1)
    judged = evaluate([route(*stops, travel=island)], island)

    assert [(each.stop.stop_id, each.reason) for each in solution.plan.unassigned] == [
        ("island", "no way leads there and back")
    ]
    assert solution.evaluation.is_feasible
    assert judged.violations[0].kind is ViolationKind.NO_WAY
    assert judged.violations[0].words == "shift A has no way to stop island"
