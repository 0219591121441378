from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.evaluate import evaluate
from routing.loads import peak_load
from routing.plan import StopKind
from routing.problem import Problem
from tests.factories import stop
from tests.routing.strategies import days, drive_somehow


def test_what_is_picked_up_takes_the_room_of_what_was_delivered() -> None:
    stops = [stop("a", packages=2), stop("b", packages=3, kind=StopKind.PICK_UP)]

    assert peak_load(stops)[0] == 3
    assert peak_load(stops[::-1])[0] == 5
    assert peak_load(stops, on_board=(1, 0.0, 0.0))[0] == 4


@settings(max_examples=60)
@given(days(), st.integers(0, 100))
def test_the_peak_is_the_evaluators(day: Problem, seed: int) -> None:
    routes = drive_somehow(day, Random(seed))

    judged = evaluate(routes, day.travel)

    for route, each in zip(routes, judged.routes, strict=True):
        if route.visits:
            peak = peak_load([visit.stop for visit in route.visits])
            assert peak == pytest.approx((each.peak_packages, each.peak_kg, each.peak_m3))
