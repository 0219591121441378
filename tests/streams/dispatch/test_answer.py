import pickle
from itertools import chain, count, repeat

import pytest
from msgspec import structs

from routing import alternatives as ranking
from routing.changes import AlternativeKind
from routing.evaluate import evaluate
from streams.codec import decode, encode
from streams.dispatch.answer import answer, answer_by_insertion, no_answer
from streams.dispatch.rules import Rules
from streams.events.dispatch import (
    Outcome,
    OutcomeStatus,
    PlanRevision,
    Proposal,
    ReoptimizationRequest,
    Trigger,
)
from streams.events.reference import Acceptance
from tests.factories import TRAVEL, at, shift, vehicle
from tests.streams.dispatch.world import World, approve, command, delay, depot_record, only, order, progress


def planned_by_the_solver() -> World:
    """Six orders along a road east, two shifts, planned and accepted by policy."""
    world = World()
    world.say(depot_record(), *(order(f"o{n}", east_m=1000.0 * n) for n in range(1, 7)))
    world.say(command(shifts=[shift("A", vehicle=vehicle("v-A", packages=3)), shift("B")]))
    world.say(answer(world.pending))
    return world


def test_a_day_is_planned_and_every_stop_is_served_in_its_window() -> None:
    world = World()
    world.say(depot_record(), *(order(f"o{n}", east_m=1000.0 * n) for n in range(1, 7)))
    world.say(command(shifts=[shift("A", vehicle=vehicle("v-A", packages=3)), shift("B")]))
    request = world.pending

    found = answer(request)

    assert evaluate(found.routes, TRAVEL, request.stops).is_feasible
    assert found.violations == ()
    assert found.effects.reasons[0].startswith("6 stops on ")
    assert found.effects.distance_delta_m > 0
    assert found.request_id == request.request_id


def test_the_same_request_has_the_same_answer_also_in_another_process() -> None:
    world = World()
    world.say(depot_record(), *(order(f"o{n}", east_m=1000.0 * n) for n in range(1, 5)), command())
    request = pickle.loads(pickle.dumps(world.pending))

    assert pickle.loads(pickle.dumps(answer(request))) == answer(world.pending)


def test_the_judge_accepts_what_the_solver_plans() -> None:
    world = planned_by_the_solver()

    (plan,) = world.depot.plans.values()
    assert plan.revision == 1
    assert sorted(plan.shift_of) == [f"s{n}" for n in range(1, 7)]


def one_stop_on(judged: str) -> tuple[World, str, tuple[str, ...]]:
    """One shift has served its first stop of all by ``judged``, late, and a new order is behind the depot.

    Its shift and stops stand beside the world.
    """
    world = planned_by_the_solver()
    world.tick("08:30")
    (plan,) = world.depot.plans.values()
    ids = plan.route_of["B"].stop_ids or plan.route_of["A"].stop_ids
    shift_id = plan.shift_of[ids[0]]
    world.say(progress(shift_id, judged, done=ids[:1], next_stop=ids[1], loaded=ids[1:]))
    world.say(order("o9", ordered="09:00", east_m=-2000.0), delay(judged=judged, shift_id=shift_id))
    return world, shift_id, ids


def test_a_delay_and_an_order_become_a_revision_that_keeps_what_is_driven() -> None:
    world, shift_id, ids = one_stop_on("09:00")
    world.tick("09:02")

    said = world.say(answer(world.pending))

    revision = only(said, PlanRevision)
    (in_force,) = world.depot.plans.values()
    assert revision.revision == in_force.revision == 2
    assert in_force.route_of[shift_id].stop_ids[:2] == ids[:2]
    assert "s9" in in_force.shift_of
    assert in_force.unassigned == ()


def asked_because_of_a_delay() -> ReoptimizationRequest:
    """Shift A is out an hour late, and a new order has come in behind the depot."""
    world, _, _ = one_stop_on("11:55")
    world.tick("11:58")
    return world.pending


def test_a_proposal_says_what_else_could_be_done_the_best_first() -> None:
    found = answer(asked_because_of_a_delay())

    kinds = [choice.kind for choice in found.choices]
    assert AlternativeKind.NOTHING in kinds
    assert len(kinds) > 2
    proposed = found.choices[0]
    assert [choice.is_proposed for choice in found.choices] == [True, *[False] * (len(kinds) - 1)]
    assert proposed.duration_delta_s == found.effects.duration_delta_s
    assert proposed.saved_stop_ids == found.effects.saved_stop_ids
    assert found.choices_note == ""


def test_doing_nothing_is_what_the_other_choices_are_compared_with() -> None:
    found = answer(asked_because_of_a_delay())

    (nothing,) = [choice for choice in found.choices if choice.kind is AlternativeKind.NOTHING]
    assert nothing.words == "do nothing"
    assert (nothing.price_delta_s, nothing.duration_delta_s, nothing.distance_delta_m) == (0.0, 0.0, 0.0)
    assert nothing.unserved_stop_ids == ("s9",)
    assert nothing.outlook.endswith("without a place: s9")


def test_every_choice_but_doing_nothing_can_be_made_the_plan() -> None:
    found = answer(asked_because_of_a_delay())
    for number in range(1, 1 + len(found.choices)):
        world, _, _ = one_stop_on("11:55")
        world.say(depot_record(Acceptance.ASK, effective="08:00"))
        world.tick("11:58")
        world.say(found)

        said = world.say(approve(found, choice=number))

        choice = found.choices[number - 1]
        is_nothing = choice.kind is AlternativeKind.NOTHING
        assert only(said, Outcome).status is (OutcomeStatus.REFUSED if is_nothing else OutcomeStatus.ACCEPTED)
        in_force = {
            each.shift.shift_id: each.stop_ids for each in next(iter(world.depot.plans.values())).routes
        }
        assert all(in_force[each.shift_id] == each.stop_ids for each in choice.sequences)


def test_choices_travel_with_their_proposal() -> None:
    found = answer(asked_because_of_a_delay())

    assert decode(Proposal, encode(found)).choices == found.choices


def test_where_no_time_is_left_the_proposal_goes_out_without_choices_and_says_so() -> None:
    request = asked_because_of_a_delay()

    found = answer(request, Rules(choice_seconds=0.0), count().__next__)

    assert found.routes == answer(request).routes
    assert found.choices == ()
    assert found.choices_note == "no time was left to weigh what else could be done"


def test_what_was_weighed_when_time_ran_out_is_told() -> None:
    found = answer(asked_because_of_a_delay(), Rules(choice_seconds=2.5), count().__next__)

    assert [choice.is_proposed for choice in found.choices] == [True, False]
    assert found.choices_note == "time ran out before all was weighed that could be done"


def test_a_search_that_took_all_the_time_leaves_none_for_choices() -> None:
    clock_s = chain([0.0], repeat(31.0)).__next__

    found = answer(asked_because_of_a_delay(), Rules(), clock_s)

    assert found.routes != ()
    assert found.choices == ()
    assert found.choices_note == "no time was left to weigh what else could be done"


def test_a_fault_in_weighing_choices_costs_no_proposal(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    request = asked_because_of_a_delay()

    def fail(*_: object) -> None:
        raise ZeroDivisionError("a figure is odd")

    monkeypatch.setattr(ranking, "deeds_of", fail)

    found = answer(request)

    assert found.routes != ()
    assert found.choices == ()
    assert found.choices_note == "what else could be done can't be weighed: a figure is odd"
    assert "a figure is odd" in caplog.text


def test_a_first_plan_has_nothing_to_choose_from() -> None:
    world = World()
    world.say(depot_record(), order("o1"), command())

    found = answer(world.pending)

    assert (found.choices, found.choices_note) == ((), "")


def test_what_no_shift_can_serve_comes_back_empty_with_the_reason() -> None:
    world = World()
    world.say(depot_record(), order("o1", promised=("20:00", "21:00")), command())

    found = answer(world.pending)

    assert found.routes == ()
    assert found.trigger is Trigger.PLAN_DAY
    assert found.effects.reasons[0] == "no stop can be served"
    assert len(found.effects.reasons) == 2


def test_an_answer_holds_a_quarter_of_an_hour_and_a_first_plan_a_day() -> None:
    world = planned_by_the_solver()
    world.tick("09:00")
    world.say(delay(judged="09:00"))
    world.tick("09:02")

    assert answer(world.pending).expires_at == at("09:17")


def test_a_search_ends_in_time_however_many_iterations_are_asked_for() -> None:
    world = World(Rules(plan_iterations=2**40))
    world.say(depot_record(), *(order(f"o{n}", east_m=1000.0 * n) for n in range(1, 7)), command())

    found = answer(world.pending, Rules(plan_seconds=0.5))

    assert len(found.routes) == 1


def test_dispatch_goes_on_at_once_where_no_solver_could_answer() -> None:
    world = World()
    world.say(depot_record(), order("o1"), command())

    said = world.say(no_answer(world.pending, "the solver died"))

    outcome = only(said, Outcome)
    assert (outcome.status, outcome.reason) == (
        OutcomeStatus.REFUSED,
        "the request can't be planned: the solver died",
    )
    assert world.depot.pending is None
    world.say(command(command_id="c2"))
    assert world.pending.trigger is Trigger.PLAN_DAY


def test_where_there_is_no_solver_new_stops_join_and_everybody_keeps_their_order() -> None:
    request = asked_because_of_a_delay()

    found = answer_by_insertion(request)

    before = {each.shift.shift_id: each.stop_ids for each in request.routes}
    after = {each.shift.shift_id: each.stop_ids for each in found.routes}
    (shift_id,) = after
    assert [stop_id for stop_id in after[shift_id] if stop_id != "s9"] == list(before[shift_id])
    assert "s9" in after[shift_id]
    assert (found.solver, found.choices) == ("insertion", ())
    assert found.choices_note == "the solver died or took too long: nothing else was looked at"


def test_a_first_plan_is_not_made_without_a_solver() -> None:
    world = World()
    world.say(depot_record(), order("o1"), command())

    found = answer_by_insertion(world.pending)

    assert found.routes == ()
    assert found.effects.reasons == ("the request can't be planned: the solver died or took too long",)


def test_what_cannot_be_read_is_answered_without_a_solver_too() -> None:
    request = asked_because_of_a_delay()
    twice = (request.stops[0], request.stops[0])

    found = answer_by_insertion(structs.replace(request, stops=twice))

    assert found.routes == ()
    assert "new stop s9 is in plan D1 already" in found.effects.reasons[0]
