"""What holds of the answer to any day, stopped anywhere."""

from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from routing.changes import Changes, Policy, Progress
from routing.evaluate import evaluate
from routing.evaluation import Evaluation
from routing.plan import Route, RoutePlan
from routing.problem import Problem, StopCriterion
from routing.reoptimize import reoptimize
from routing.replan_prices import BROKEN_PROMISE_S
from routing.standing import leftovers
from routing.timetable import LATE_S
from tests.factories import at, route
from tests.routing.strategies import days, drive_somehow
from tests.routing.under_way import NO_CHANGES, USUAL, leaving, sequences


@st.composite
def interrupted_days(draw: st.DrawFn) -> tuple[Problem, RoutePlan, tuple[Progress, ...], Changes]:
    """A day driven somehow up to some moment, with parcels loaded, new stops and cancelled ones."""
    day = draw(days(most_stops=9))
    random: Random = draw(st.randoms(use_true_random=False))
    routes = drive_somehow(day, random)
    n_new = draw(st.integers(0, min(2, len(day.stops))))
    new_ids = {each.stop_id for each in day.stops[:n_new]}
    current = RoutePlan("D1", day.service_date, 1, tuple(_without(each, new_ids, day) for each in routes))
    now_at = at("07:00") + timedelta(minutes=draw(st.integers(0, 300)))
    reports = tuple(_report(each, now_at, random) for each in current.routes if random.random() < 0.8)
    known = [stop_id for each in current.routes for stop_id in each.stop_ids]
    cancelled = tuple(random.sample(known, min(len(known), draw(st.integers(0, 2)))))
    return day, current, reports, Changes(day.stops[:n_new], cancelled)


def _without(whole: Route, stop_ids: set[str], day: Problem) -> Route:
    kept = [visit.stop for visit in whole.visits if visit.stop.stop_id not in stop_ids]
    return route(*kept, shift=whole.shift, travel=day.travel)


def _report(whole: Route, now_at: datetime, random: Random) -> Progress:
    ids = whole.stop_ids
    n_done = random.randint(0, len(ids))
    n_frozen = random.randint(0, min(2, len(ids) - n_done))
    open_ids = ids[n_done + n_frozen :]
    return Progress(
        whole.shift.shift_id,
        whole.visits[n_done - 1].stop.location if n_done else whole.shift.start,
        max(now_at, whole.shift.starts_at),
        done_stop_ids=ids[:n_done],
        frozen_stop_ids=ids[n_done : n_done + n_frozen],
        loaded_stop_ids=tuple(random.sample(open_ids, random.randint(0, len(open_ids)))),
        current_stop_id=ids[n_done] if n_frozen and random.random() < 0.5 else None,
        has_departed=n_done > 0,
    )


@given(interrupted_days())
@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
def test_nothing_driven_or_loaded_moves_and_no_stop_is_lost_or_doubled(
    scene: tuple[Problem, RoutePlan, tuple[Progress, ...], Changes],
) -> None:
    day, current, reports, changes = scene

    answer = reoptimize(current, reports, changes, USUAL, day.travel, StopCriterion(iterations=10), seed=1)

    before = {each.shift.shift_id: each.stop_ids for each in current.routes}
    after = before | sequences(answer)
    started = {stop_id for each in reports for stop_id in (*each.done_stop_ids, *each.frozen_stop_ids)}
    off = leaving(current, changes, started)
    for report in reports:
        head = (*report.done_stop_ids, *report.frozen_stop_ids)
        assert after[report.shift_id][: len(head)] == head
        kept = set(report.loaded_stop_ids) - off
        assert kept <= set(after[report.shift_id])
    wanted = {stop_id for ids in before.values() for stop_id in ids} - off
    wanted |= started & {stop_id for ids in before.values() for stop_id in ids}
    wanted |= {each.stop_id for each in changes.new_stops} - off
    served = [stop_id for ids in after.values() for stop_id in ids]
    left_out = [each.stop.stop_id for each in answer.unassigned]
    assert sorted([*served, *left_out]) == sorted(wanted)


@given(interrupted_days())
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_without_new_or_cancelled_stops_a_proposal_is_worth_its_changes(
    scene: tuple[Problem, RoutePlan, tuple[Progress, ...], Changes],
) -> None:
    day, current, reports, _ = scene
    # What a vehicle has left without is served by another one, whether that pays or not.
    assume(not any(each.lacks(stop) for each in leftovers(current, reports) for stop in each.planned))
    policy = Policy()

    answer = reoptimize(
        current, reports, NO_CHANGES, policy, day.travel, StopCriterion(iterations=10), seed=1
    )

    effects = answer.effects
    moved = sum(1 for each in effects.changes if each.shift_before != each.shift_after)
    unchanged = [each for each in current.routes if each.shift.shift_id not in sequences(answer)]
    judged = evaluate([*unchanged, *answer.routes], day.travel, progress=reports)
    was = evaluate(current, day.travel, progress=reports)
    late_s, was_late_s = (late_in_price_s(each) for each in (judged, was))
    saved_s = -(judged.duration_s - was.duration_s + USUAL.lateness_weight * (late_s - was_late_s))
    assert saved_s >= moved * USUAL.stop_moved_s - 0.01
    assert effects.duration_delta_s == pytest.approx(judged.duration_s - was.duration_s, abs=0.01)


def late_in_price_s(judged: Evaluation) -> float:
    """Late in all, with what a broken promise counts more."""
    n_late = sum(visit.lateness_s > LATE_S for each in judged.routes for visit in each.visits)
    return judged.lateness_s + judged.late_break_s + judged.overrun_s + BROKEN_PROMISE_S * n_late
