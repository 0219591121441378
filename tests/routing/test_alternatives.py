from dataclasses import replace

from hypothesis import HealthCheck, event, given, settings

from routing.alternatives import Alternative, alternatives
from routing.changes import AlternativeKind, Changes, Policy, Progress
from routing.deeds import deeds_of
from routing.evaluate import evaluate
from routing.plan import RoutePlan, Stop
from routing.problem import StopCriterion
from routing.reoptimize import Candidate, reoptimize, weigh
from routing.situation import situation_of
from tests.factories import TRAVEL, plan, route, shift, stop
from tests.routing.day_under_way import UnderWay, plans_under_way
from tests.routing.under_way import QUICK, USUAL, progress, replan


def choices(
    current: RoutePlan,
    *reports: Progress,
    new: tuple[Stop, ...] = (),
    cancelled: tuple[str, ...] = (),
    policy: Policy = USUAL,
) -> dict[AlternativeKind, Alternative]:
    """By kind, the best of each, in their order."""
    weighed = weigh(current, reports, Changes(new, cancelled), policy, TRAVEL, QUICK, seed=1)
    return {each.kind: each for each in reversed(alternatives(weighed).ranked)}


LATE = plan(
    route(stop("a", 1000, service_s=1200), stop("b", 2000, window=("08:00", "08:30"))),
    route(stop("c", 3000), shift=shift("B")),
)

LATE_BY = (progress("A", free="08:20"),)


def test_doing_nothing_says_who_will_be_late() -> None:
    nothing = choices(LATE, progress("A", free="08:20"))[AlternativeKind.NOTHING]

    assert nothing.words == "do nothing"
    assert nothing.outlook == "1 stop will be late by up to 13 min"
    assert nothing.answer.routes == ()
    assert nothing.answer.violations == ("shift A is 13 min late at stop b",)


def test_one_shift_can_change_its_order() -> None:
    resequence = choices(LATE, progress("A", free="08:20"))[AlternativeKind.RESEQUENCE]

    assert resequence.words == "change the order of shift A"
    assert resequence.outlook == "every stop is in time"
    assert [each.stop_ids for each in resequence.answer.routes] == [("b", "a")]
    assert resequence.answer.effects.saved_stop_ids == ("b",)
    assert resequence.answer.violations == ()


def test_a_stop_can_move_to_another_shift() -> None:
    current = plan(
        route(stop("a", 1000), stop("b", 2000, window=("08:00", "09:00"))),
        route(stop("c", 3000), shift=shift("B")),
    )

    move = choices(current, progress("A", free="09:30"), progress("B"))[AlternativeKind.MOVE]

    assert move.words == "move 1 stop between shifts A, B"
    assert move.answer.effects.saved_stop_ids == ("b",)


def test_the_customers_who_can_no_longer_be_served_in_time_can_be_given_another_day() -> None:
    hopeless = plan(route(stop("a", 1000, window=("08:00", "08:30")), stop("b", 2000)))

    reschedule = choices(hopeless, progress("A", free="09:00"))[AlternativeKind.RESCHEDULE]

    assert reschedule.words == "give the customers of a another day"
    assert [each.stop.stop_id for each in reschedule.answer.unassigned] == ["a"]
    assert reschedule.answer.violations == ()
    assert "stop a leaves shift A" in reschedule.answer.effects.reasons


def test_a_new_stop_can_join_while_everybody_keeps_their_order() -> None:
    found = choices(plan(route(stop("a", 1000))), new=(stop("new", 2000),))

    assert found[AlternativeKind.KEEP_ORDER].words == "keep everybody's order, with what is new on A"
    assert [each.stop.stop_id for each in found[AlternativeKind.NOTHING].answer.unassigned] == ["new"]


def test_doing_nothing_names_a_new_stop_that_is_left_without_a_place() -> None:
    late = stop("new", 2000, window=("08:00", "08:01"))

    found = choices(plan(route(stop("a", 1000))), progress("A", free="09:00"), new=(late,))

    assert found[AlternativeKind.NOTHING].outlook == "every stop is in time; without a place: new"
    assert AlternativeKind.RESCHEDULE not in found


def test_a_new_stop_that_would_break_a_promise_is_rescheduled_and_so_called() -> None:
    current = plan(route(stop("gone", 1000), stop("a", 2000)))
    late = stop("new", 3000, window=("08:00", "08:01"))

    found = choices(current, progress("A", free="09:00"), new=(late,), cancelled=("gone",))

    reschedule = found[AlternativeKind.RESCHEDULE]
    assert reschedule.words == "give the customers of new another day, without what is cancelled on A"
    assert [each.stop.stop_id for each in reschedule.answer.unassigned] == ["new"]
    assert found[AlternativeKind.KEEP_ORDER].answer.unassigned == ()


def test_the_words_of_a_move_keep_apart_the_shifts_that_only_change_their_order() -> None:
    current = plan(
        route(stop("a", 1000), stop("b", 2000)),
        route(stop("c", 3000), shift=shift("B")),
        route(stop("d", 1000), stop("e", 2000), shift=shift("C")),
    )
    situation = situation_of(current, [], Changes(), USUAL, TRAVEL)

    deeds = deeds_of(situation, ((0,), (2, 1), (4, 3)))

    assert deeds.words == "move 1 stop between shifts A, B; change the order of shift C"


def test_the_best_comes_first_and_leaving_out_fewer_beats_any_price() -> None:
    found = alternatives(weigh(LATE, LATE_BY, Changes(), USUAL, TRAVEL, QUICK, seed=1))

    ranks = [(each.n_unserved, each.price_s) for each in found.ranked]
    assert ranks == sorted(ranks)
    assert found.ranked[0].answer.routes == replan(LATE, *LATE_BY).routes
    assert found.ranked[-1].kind is AlternativeKind.RESCHEDULE
    assert found.is_complete


def test_what_is_proposed_is_marked_and_nothing_else() -> None:
    found = alternatives(weigh(LATE, LATE_BY, Changes(), USUAL, TRAVEL, QUICK, seed=1))

    assert [each.is_proposed for each in found.ranked] == [True, *[False] * (len(found.ranked) - 1)]


def test_a_promise_that_is_broken_beside_lateness_is_in_the_outlook() -> None:
    current = plan(route(stop("a", 1000, service_s=8 * 3600)))

    nothing = choices(current, progress("A", free="08:10"))[AlternativeKind.NOTHING]

    assert nothing.outlook.startswith("every stop is in time; shift A ")


def test_what_is_wrong_with_shifts_that_are_not_planned_anew_is_counted_in_every_outlook() -> None:
    weighed = weigh(LATE, LATE_BY, Changes(), USUAL, TRAVEL, QUICK, seed=1)
    aside = replace(weighed.situation, violations_aside=("shift Y is late", "shift Z is late"))

    found = alternatives(replace(weighed, situation=aside)).ranked

    assert {
        each.outlook.endswith("; elsewhere 2 promises are broken whatever is done") for each in found
    } == {True}


def test_when_time_runs_out_the_proposal_is_weighed_against_doing_nothing_and_no_more() -> None:
    weighed = weigh(LATE, LATE_BY, Changes(), USUAL, TRAVEL, QUICK, seed=1)

    found = alternatives(weighed, iter([False, False, True]).__next__)

    assert not found.is_complete
    assert [each.is_proposed for each in found.ranked] == [True, False]
    assert found.ranked[0].answer == weighed.best()
    assert found.ranked[1].kind is AlternativeKind.NOTHING


def test_of_two_that_read_the_same_only_the_better_is_listed() -> None:
    two_new = (stop("x", 1500, window=("08:00", "10:00")), stop("y", 1600, window=("08:00", "09:30")))
    weighed = weigh(plan(route(stop("a", 1000))), (), Changes(two_new), USUAL, TRAVEL, QUICK, seed=1)
    start = weighed.candidates[0]
    turned = Candidate("somebody", ((0, 2, 1),))
    assert turned.tours != start.tours

    found = alternatives(replace(weighed, candidates=(*weighed.candidates, turned)))

    words = [each.words for each in found.ranked]
    assert words == ["keep everybody's order, with what is new on A", "do nothing"]
    assert found.ranked[0].is_proposed


def test_what_is_proposed_is_listed_even_where_a_better_one_reads_the_same() -> None:
    two_new = stop("x", 1500), stop("y", -3000)
    weighed = weigh(plan(route(stop("a", 1000))), (), Changes(two_new), USUAL, TRAVEL, QUICK, seed=1)
    # Out to a, west to y and back to x: 2 km more than x before y.
    worse = Candidate("somebody", ((0, 2, 1),))

    found = alternatives(replace(weighed, chosen=worse)).ranked

    (proposed,) = [each for each in found if each.is_proposed]
    assert proposed.answer.solver == "somebody"
    assert len({each.words for each in found}) == len(found)


def test_where_no_time_is_left_nothing_is_weighed() -> None:
    weighed = weigh(LATE, LATE_BY, Changes(), USUAL, TRAVEL, QUICK, seed=1)

    found = alternatives(weighed, lambda: True)

    assert (found.ranked, found.is_complete) == ((), False)


def test_where_all_goes_well_there_is_nothing_to_choose() -> None:
    (only,) = choices(plan(route(stop("a", 1000), stop("b", 2000))), progress()).values()

    assert (only.words, only.outlook, only.is_proposed) == ("do nothing", "every stop is in time", True)


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(plans_under_way())
def test_every_alternative_accounts_for_every_stop_and_is_what_the_evaluator_says(day: UnderWay) -> None:
    stop = StopCriterion(iterations=10)

    weighed = weigh(day.plan, day.progress, Changes(day.out), USUAL, day.travel, stop, seed=1)
    found = alternatives(weighed).ranked

    best = reoptimize(day.plan, day.progress, Changes(day.out), USUAL, day.travel, stop, seed=1)
    (proposed,) = [each for each in found if each.is_proposed]
    assert proposed is found[0]
    assert (proposed.answer.routes, proposed.answer.unassigned) == (best.routes, best.unassigned)
    before = day.judge()
    for each in found:
        event(each.kind)
        instead = {route.shift.shift_id: route for route in each.answer.routes}
        routes = [instead.get(route.shift.shift_id, route) for route in day.plan.routes]
        judged = evaluate(routes, day.travel, progress=day.progress)
        assert each.answer.violations == tuple(violation.words for violation in judged.violations)
        assert abs(each.answer.effects.duration_delta_s - (judged.duration_s - before.duration_s)) < 0.01
        served = [stop_id for route in routes for stop_id in route.stop_ids]
        outside = [left_out.stop.stop_id for left_out in each.answer.unassigned]
        everybody = [stop_id for route in day.plan.routes for stop_id in route.stop_ids]
        assert sorted([*served, *outside]) == sorted([*everybody, *(one.stop_id for one in day.out)])
        n_in_vain = len(weighed.situation.missed) if each.kind is AlternativeKind.NOTHING else 0
        assert each.n_unserved == len(outside) + n_in_vain
