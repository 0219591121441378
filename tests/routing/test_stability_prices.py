"""What a change costs: with a high price nothing unnecessary changes, for drivers and for customers."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from routing.cancelling import with_mates
from routing.changes import Changes, Policy, Progress
from routing.plan import RoutePlan, StopKind
from routing.problem import Problem, StopCriterion
from routing.reoptimize import reoptimize
from routing.standing import leftovers
from tests.factories import place, plan, route, shift, stop
from tests.routing.test_interrupted_days import interrupted_days
from tests.routing.under_way import progress, replan, sequences

FREE = Policy(stop_moved_s=0.0, stop_resequenced_s=0.0, next_changed_s=0.0, told_shifted_s=0.0)
OUT = progress(has_departed=True)
OUT_OF_ORDER = plan(
    route(stop("a", 1000), stop("c", 5000), stop("b", 3000), shift=replace(shift(), end=place(5000)))
)
"""A road east that ends at c: first a, then b would be 4 km shorter."""


@pytest.mark.parametrize(("n_next", "order"), [(1, ("a", "b", "c")), (2, None)])
def test_a_price_for_what_comes_next_leaves_alone_what_comes_next_and_nothing_else(
    n_next: int, order: tuple[str, ...] | None
) -> None:
    dear = replace(FREE, next_changed_s=1e6, n_next=n_next)

    answer = replan(OUT_OF_ORDER, OUT, policy=dear)

    assert sequences(answer).get("A") == order


def test_who_has_not_left_knows_no_next_stop() -> None:
    answer = replan(OUT_OF_ORDER, progress(), policy=replace(FREE, next_changed_s=1e6))

    assert sequences(answer) == {"A": ("a", "b", "c")}


@pytest.mark.parametrize(
    ("told", "price", "order"),
    [
        (("a", "b"), 1e6, ("a", "b", "new")),
        (("a", "b"), 0.0, ("new", "a", "b")),
        ((), 1e6, ("new", "a", "b")),
    ],
)
def test_whoever_was_told_when_we_come_is_not_kept_waiting_for_a_little_driving(
    told: tuple[str, ...], price: float, order: tuple[str, ...]
) -> None:
    # start ── new at 1 km ── a at 2 km ── b at 3 km, the end; new first makes both 20 min later.
    there = replace(shift(), end=place(3000))
    current = plan(route(stop("a", 2000), stop("b", 3000), shift=there))

    answer = replan(
        current,
        progress(has_departed=True, told=told),
        new=(stop("new", 1000, service_s=1200, kind=StopKind.RETURN),),
        policy=replace(FREE, told_shifted_s=price),
    )

    assert sequences(answer) == {"A": order}


def test_an_arrival_that_shifts_within_the_threshold_costs_nothing() -> None:
    there = replace(shift(), end=place(3000))
    current = plan(route(stop("a", 2000), stop("b", 3000), shift=there))

    answer = replan(
        current,
        progress(has_departed=True, told=("a", "b")),
        new=(stop("new", 1000, service_s=1200, kind=StopKind.RETURN),),
        policy=replace(FREE, told_shifted_s=1e6, told_within_s=1500.0),
    )

    assert sequences(answer) == {"A": ("new", "a", "b")}


@given(interrupted_days())
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_with_high_prices_everybody_keeps_vehicle_and_order_whatever_happens(
    scene: tuple[Problem, RoutePlan, tuple[Progress, ...], Changes],
) -> None:
    day, current, reports, changes = scene
    dear = Policy(stop_moved_s=1e8, stop_resequenced_s=1e8)

    answer = reoptimize(current, reports, changes, dear, day.travel, StopCriterion(iterations=20), seed=1)

    before = {each.shift.shift_id: each.stop_ids for each in current.routes}
    rests = leftovers(current, reports)
    lacked = {stop.stop_id for each in rests for stop in each.planned if each.lacks(stop)}
    cancelled = set(with_mates(current, changes, rests).cancelled_stop_ids)
    known = {stop_id for ids in before.values() for stop_id in ids} - lacked - cancelled
    over = {stop_id for each in reports for stop_id in (*each.done_stop_ids, *each.frozen_stop_ids)}
    for each in answer.routes:
        kept = [stop_id for stop_id in each.stop_ids if stop_id in known - over]
        assert kept == [stop_id for stop_id in before[each.shift.shift_id] if stop_id in known - over]


@pytest.mark.parametrize(
    ("figures", "message"),
    [
        ({"next_changed_s": -1.0}, "Policy has a figure that is negative or none: .*next_changed_s=-1.0"),
        ({"told_within_s": float("nan")}, "Policy has a figure that is negative or none"),
        ({"n_next": 101}, "Policy has a number of next stops outside 0..100: 101"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(figures: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Policy(**figures)  # type: ignore[arg-type]
