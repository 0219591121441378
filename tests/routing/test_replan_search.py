"""What PyVRP looks for in the rest of a day, with moves at their price and at none."""

import pytest

from routing.changes import Policy
from routing.plan import StopKind
from routing.problem import StopCriterion
from routing.replan_prices import ReplanPrices
from routing.replan_search import search
from routing.situation import situation_of
from tests.factories import TRAVEL, plan, route, shift, stop
from tests.routing.under_way import NO_CHANGES, QUICK, progress


@pytest.mark.parametrize(
    ("is_free", "kind", "found"),
    [
        pytest.param(
            False, StopKind.PICK_UP, ((0, 1), (2,)), id="a move that saves less than it costs is not found"
        ),
        pytest.param(True, StopKind.PICK_UP, ((0,), (1, 2)), id="at no price it is"),
        pytest.param(True, StopKind.DELIVER, ((0, 1), (2,)), id="what is on board stays there at any price"),
    ],
)
def test_moves_are_searched_for_at_their_price_or_at_none(
    is_free: bool, kind: StopKind, found: tuple[tuple[int, ...], ...]
) -> None:
    # b lies on B's way to c: there it costs its service alone, on A 200 m beside that.
    going = plan(route(stop("a", 1000), stop("b", 1100, kind=kind)), route(stop("c", 2000), shift=shift("B")))
    out = (progress("A", has_departed=True), progress("B", has_departed=True))
    situation = situation_of(going, out, NO_CHANGES, Policy(), TRAVEL)
    prices = ReplanPrices(situation.task, situation.base, situation.policy, situation.surcharges)

    tours = search(situation, prices, situation.base, QUICK, 1, is_free=is_free)

    assert tuple(tuple(sorted(tour)) for tour in tours) == found


@pytest.mark.parametrize(
    ("whole", "half"),
    [
        (StopCriterion(iterations=5), StopCriterion(iterations=3)),
        (StopCriterion(seconds=0.5), StopCriterion(seconds=0.25)),
        (StopCriterion(iterations=2, seconds=1.0), StopCriterion(iterations=1, seconds=0.5)),
    ],
)
def test_a_search_is_halved(whole: StopCriterion, half: StopCriterion) -> None:
    assert whole.half == half
