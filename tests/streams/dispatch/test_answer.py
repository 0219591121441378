import pickle

from routing.evaluate import evaluate
from streams.dispatch.answer import answer, no_answer
from streams.dispatch.rules import Rules
from streams.events.dispatch import Outcome, OutcomeStatus, PlanRevision, Trigger
from tests.factories import TRAVEL, at, shift, vehicle
from tests.streams.dispatch.world import World, command, delay, depot_record, only, order, progress


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


def test_a_delay_an_order_and_a_cancellation_become_a_revision_that_keeps_what_is_driven() -> None:
    world = planned_by_the_solver()
    world.tick("08:30")
    (plan,) = world.depot.plans.values()
    ids = plan.route_of["B"].stop_ids or plan.route_of["A"].stop_ids
    shift_id = plan.shift_of[ids[0]]
    world.say(progress(shift_id, "09:00", done=ids[:1], next_stop=ids[1], loaded=ids[1:]))
    world.say(order("o9", ordered="09:00", east_m=-2000.0), delay(judged="09:00", shift_id=shift_id))
    world.tick("09:02")

    said = world.say(answer(world.pending))

    revision = only(said, PlanRevision)
    (in_force,) = world.depot.plans.values()
    assert revision.revision == in_force.revision == 2
    assert in_force.route_of[shift_id].stop_ids[:2] == ids[:2]
    assert "s9" in in_force.shift_of
    assert in_force.unassigned == ()


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
