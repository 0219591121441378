from collections.abc import Callable
from datetime import datetime

import pytest

from routing.plan import Location, Shift, Stop, TimeWindow
from routing.problem import Problem, StopCriterion
from tests.factories import DAY, DEPOT, TRAVEL, at, shift, stop, vehicle

NAIVE = datetime(2026, 3, 2, 9)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("shifts", "stops", "message"),
    [
        ((), (stop("a"),), "Problem D1 has 1 stops and no shift"),
        ((shift(),), (stop("a"), stop("b"), stop("a")), "has stop a more than once"),
        ((shift("A"), shift("A")), (), "has shift A more than once"),
    ],
)
def test_an_impossible_problem_is_refused(
    shifts: tuple[Shift, ...], stops: tuple[Stop, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Problem("D1", DAY, shifts, stops, TRAVEL)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: StopCriterion(), "neither iterations nor seconds"),
        (lambda: StopCriterion(iterations=-1), "negative"),
        (lambda: StopCriterion(seconds=-0.1), "negative"),
        (lambda: TimeWindow(at("09:00"), at("08:30")), "closes before it opens"),
        (lambda: stop("a", packages=-1), "Stop a has a negative demand: -1 packages"),
        (lambda: stop("a", weight_kg=-1.5), "Stop a has a negative demand: .*-1.5 kg"),
        (lambda: stop("a", service_s=-1), "Stop a has a negative service time: -1 s"),
        (lambda: TimeWindow(NAIVE, NAIVE), "time without a time zone: 2026-03-02T09:00:00"),
        (
            lambda: Shift("A", vehicle(), "d", DEPOT, DEPOT, NAIVE, NAIVE.replace(hour=12)),
            "Shift A has a time without a time zone",
        ),
        (lambda: stop(""), "empty stop_id"),
        (lambda: vehicle("v", packages=-1), "Vehicle v has a negative capacity"),
        (lambda: shift("A", starts="09:00", ends="09:00"), "Shift A ends before it starts"),
        (lambda: Location(91.0, 0.0), "latitude outside -90..90: 91.0"),
        (lambda: Location(float("nan"), 0.0), "latitude outside"),
    ],
)
def test_impossible_values_are_refused_with_their_figure(build: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build()
