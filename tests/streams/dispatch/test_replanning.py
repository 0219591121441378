from datetime import timedelta

import pytest

from routing.plan import Unassigned
from streams.dispatch.rules import Rules
from streams.events.delivery import OrderKind
from streams.events.dispatch import (
    CommandKind,
    Outcome,
    OutcomeStatus,
    PlanRevision,
    Proposal,
    ReoptimizationRequest,
    RouteAssignment,
    Trigger,
)
from streams.events.judgements import DelayPhase, DelayRule
from streams.events.reference import Acceptance
from tests.factories import DEPOT, at, place, route, shift, window
from tests.streams.dispatch.world import (
    World,
    approve,
    command,
    delay,
    depot_record,
    doorstep,
    of,
    only,
    order,
    progress,
    proposal,
    reject,
    revision,
)

S1, S2, S3 = doorstep(1), doorstep(2), doorstep(3)


def planned() -> World:
    """Shift A drives s1, s2 and shift B s3, by policy, since 08:00."""
    world = World()
    world.plan_day(route(S1, S2, shift=shift("A")), route(S3, shift=shift("B")))
    world.tick("08:00")
    return world


def asked(world: World | None = None, acceptance: Acceptance = Acceptance.AUTOMATIC) -> World:
    """A delay of shift A at 09:00 has been asked about at 09:02."""
    world = world or planned()
    world.say(depot_record(acceptance, effective="08:30"), delay(judged="09:00"))
    world.tick("09:02")
    assert world.pending
    return world


def test_a_vehicle_that_waits_for_a_window_asks_for_no_plan() -> None:
    world = planned()

    world.say(depot_record(effective="08:30"), delay(judged="09:00", rule=DelayRule.EARLY))
    asked_for = world.tick("09:05")

    assert asked_for == []


# debounce 120 s:  raise 09:00 --- 09:01 another --- 09:02 ask, with both
def test_a_raised_delay_waits_for_company_and_is_asked_about() -> None:
    world = planned()
    world.say(delay("a1", judged="09:00"))
    early = world.tick("09:01")
    world.say(delay("a2", judged="09:01", shift_id="B", stop_id="s3"))

    said = world.tick("09:02")

    assert early == []
    request = only(said, ReoptimizationRequest)
    assert (request.trigger, request.alert_ids) == (Trigger.DELAY, ("a1", "a2"))
    assert (request.base_revision, request.requested_at) == (1, at("09:02"))
    assert [each.shift.shift_id for each in request.routes] == ["A", "B"]


def test_a_delay_that_clears_while_it_waits_is_not_asked_about() -> None:
    world = planned()
    world.say(delay(judged="09:00"), delay(phase=DelayPhase.CLEARED, judged="09:01"))

    assert world.tick("09:05") == []


def test_a_cleared_delay_stays_cleared_when_it_is_told_again() -> None:
    world = planned()
    raised, cleared = delay(judged="09:00"), delay(phase=DelayPhase.CLEARED, judged="09:01")
    world.say(raised, cleared, raised, cleared, raised)

    assert world.tick("09:05") == []


def test_an_update_that_is_no_worse_does_not_ask() -> None:
    world = asked()
    world.say(proposal(world.pending))
    world.say(delay(phase=DelayPhase.UPDATED, judged="09:20"))

    assert world.tick("09:40") == []


def test_a_risk_that_becomes_lateness_asks_again() -> None:
    world = planned()
    world.say(delay(judged="09:00", rule=DelayRule.AT_RISK))
    world.tick("09:02")
    world.say(proposal(world.pending))
    world.say(delay(phase=DelayPhase.UPDATED, judged="09:20", rule=DelayRule.LATE))

    assert only(world.tick("09:22"), ReoptimizationRequest).alert_ids == ("a1",)


# 1200 s between requests:  09:02 ask --- 09:05 raise --- 09:21 too soon --- 09:22 ask
def test_two_requests_of_a_depot_keep_their_distance() -> None:
    world = asked()
    world.say(proposal(world.pending))
    world.say(delay("a2", judged="09:05"))

    early, late = world.tick("09:21"), world.tick("09:22")

    assert early == []
    assert only(late, ReoptimizationRequest)


def test_a_depot_has_one_request_pending() -> None:
    world = asked()
    world.say(delay("a2", judged="09:05"))

    assert of(world.tick("09:16"), ReoptimizationRequest) == []


def test_a_request_nobody_answers_is_given_up_and_asked_again() -> None:
    world = asked()

    said = world.tick("09:18")

    assert only(said, Outcome).status is OutcomeStatus.REFUSED
    assert only(world.tick("09:22"), ReoptimizationRequest).requested_at == at("09:22")


def test_a_new_order_for_a_planned_day_asks_for_a_place() -> None:
    world = planned()
    world.say(order("o9", ordered="09:00"))

    request = only(world.tick("09:02"), ReoptimizationRequest)

    assert request.trigger is Trigger.ORDERS
    assert [each.stop_id for each in request.stops] == ["s9"]


def test_an_order_for_another_day_asks_for_nothing() -> None:
    world = planned()
    world.say(order("o9", promised=None, ordered="09:00"))

    assert world.tick("09:02") == []


def test_a_stop_whose_orders_are_cancelled_is_to_be_dropped() -> None:
    world = planned()
    world.say(order("o2", OrderKind.CANCELLED, None, ordered="09:00"))

    request = only(world.tick("09:02"), ReoptimizationRequest)

    assert request.cancelled_stop_ids == ("s2",)


def test_a_stop_that_is_being_driven_to_is_not_dropped_any_more() -> None:
    world = planned()
    world.say(progress(next_stop="s2"), order("o2", OrderKind.CANCELLED, None, ordered="09:00"))

    assert world.tick("09:02") == []


def test_a_planned_stop_is_asked_about_with_its_new_promise() -> None:
    world = planned()
    world.say(order("o2", OrderKind.RESCHEDULED, ("14:00", "15:00"), ordered="09:00"))

    request = only(world.tick("09:02"), ReoptimizationRequest)

    assert request.routes[0].visits[1].stop.window == window("14:00", "14:59")


def test_the_request_says_how_far_each_shift_is() -> None:
    world = planned()
    world.say(progress("A", "09:00", done=["s1"], next_stop="s2", loaded=["s2"]), delay(judged="09:00"))
    world.tick("09:02")

    out, home = world.pending.progress

    assert (out.shift_id, out.location, out.free_at) == ("A", place(500.0), at("09:00"))
    assert (out.done_stop_ids, out.frozen_stop_ids, out.loaded_stop_ids) == (("s1",), ("s2",), ("s2",))
    assert out.has_departed
    assert (home.shift_id, home.location, home.free_at) == ("B", DEPOT, at("09:02"))
    assert not home.has_departed


def test_a_vehicle_that_stands_at_the_depot_can_leave_it_at_the_earliest_now() -> None:
    world = planned()
    world.say(
        progress("B", "08:30", has_departed=False, next_stop="s3", loaded=["s3"]), delay(judged="09:00")
    )
    world.tick("09:02")

    home = world.pending.progress[1]

    assert (home.location, home.free_at, home.frozen_stop_ids) == (DEPOT, at("09:02"), ())
    assert home.loaded_stop_ids == ("s3",)


def test_overtaken_progress_does_not_turn_a_vehicle_back() -> None:
    world = planned()
    world.say(progress(judged="09:00", done=["s1"]), progress(judged="08:50", next_stop="s1"))
    world.say(delay(judged="09:00"))
    world.tick("09:02")

    assert world.pending.progress[0].done_stop_ids == ("s1",)


def test_a_stop_that_another_shift_served_is_to_be_dropped() -> None:
    world = planned()
    world.say(progress("B", "09:00", done=["s2"]), delay(judged="09:00"))
    world.tick("09:02")

    assert world.pending.cancelled_stop_ids == ("s2",)


def test_an_accepted_answer_is_the_next_revision_with_the_changed_routes_alone() -> None:
    world = asked()

    said = world.say(proposal(world.pending, route(S2, S1, shift=shift("A"))))

    plan = only(said, PlanRevision)
    assert (plan.revision, plan.base_revision) == (2, 1)
    assert [each.shift.shift_id for each in plan.routes] == ["A"]
    assert [(each.shift_id, each.revision) for each in of(said, RouteAssignment)] == [("A", 2)]
    in_force = world.depot.plans[plan.service_date]
    assert {each.shift.shift_id: each.stop_ids for each in in_force.routes} == {
        "A": ("s2", "s1"),
        "B": ("s3",),
    }


def test_nothing_better_is_noted_and_needs_no_decision() -> None:
    world = asked(acceptance=Acceptance.ASK)

    said = world.say(proposal(world.pending))

    assert said == []
    assert world.depot.waiting == {}
    assert world.depot.pending is None


def test_the_own_revision_read_back_says_nothing_new() -> None:
    world = asked()
    plan = only(world.say(proposal(world.pending, route(S2, S1, shift=shift("A")))), PlanRevision)

    assert world.say(plan) == []
    assert world.depot.plans[plan.service_date].revision == 2


def refusal(world: World, answer: Proposal) -> str:
    """Why ``answer`` was refused; nothing of it may have come into force."""
    before = dict(world.depot.plans)
    outcome = only(world.say(answer), Outcome)
    assert outcome.status is OutcomeStatus.REFUSED
    assert world.depot.plans == before
    return outcome.reason


def test_an_answer_to_an_older_revision_is_refused_naming_both() -> None:
    world = asked()
    answer = proposal(world.pending, route(S2, S1, shift=shift("A")))
    world.say(revision(2, 1, route(S3, shift=shift("B"))))

    assert refusal(world, answer) == "made for revision 1, but revision 2 is in force"


def test_a_stop_served_meanwhile_can_not_be_put_later() -> None:
    world = asked()
    world.say(progress(judged="09:03", done=["s1"]))

    reason = refusal(world, proposal(world.pending, route(S2, S1, shift=shift("A"))))

    assert reason == "shift A served stop s1 already, the proposal has it later or elsewhere"


def test_a_stop_being_driven_to_can_not_be_put_later() -> None:
    world = asked()
    world.say(progress(judged="09:03", next_stop="s1"))

    reason = refusal(world, proposal(world.pending, route(S2, S1, shift=shift("A"))))

    assert reason == "shift A is at stop s1 or on its way there, the proposal has s2 in its place"


def test_a_loaded_stop_can_not_change_its_vehicle() -> None:
    world = asked()
    world.say(progress(judged="09:03", next_stop="s1", loaded=["s1", "s2"]))

    reason = refusal(
        world, proposal(world.pending, route(S1, shift=shift("A")), route(S3, S2, shift=shift("B")))
    )

    assert reason == "stop s2 is loaded by shift A, the proposal gives it to B"


def test_a_stop_can_not_be_given_to_two_shifts() -> None:
    world = asked()

    reason = refusal(world, proposal(world.pending, route(S3, S2, shift=shift("B"))))

    assert reason == "stop s2 would be visited twice, by shifts A and B"


def test_a_stop_can_not_be_dropped_without_a_reason() -> None:
    world = asked()

    reason = refusal(world, proposal(world.pending, route(S1, shift=shift("A"))))

    assert reason == "stop s2 of shift A would be left out without a reason"


def test_a_stop_left_out_with_its_reason_is_asked_about_again() -> None:
    world = asked()
    left_out = Unassigned(S2, "no shift has time")
    world.say(proposal(world.pending, route(S1, shift=shift("A")), unassigned=[left_out]))
    world.say(delay("a2", judged="09:20"))

    request = only(world.tick("09:22"), ReoptimizationRequest)

    assert [each.stop_id for each in request.stops] == ["s2"]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (shift("C"), "shift C is not in the plan"),
        (shift("A", ends="17:00"), "shift A is not as the plan in force has it"),
    ],
)
def test_an_answer_can_not_invent_shifts(changed: object, reason: str) -> None:
    world = asked()

    assert refusal(world, proposal(world.pending, route(S2, S1, shift=changed))) == reason  # type: ignore[arg-type]


def test_what_was_refused_is_asked_again() -> None:
    world = asked()
    refusal(world, proposal(world.pending, route(S1, shift=shift("A"))))

    assert only(world.tick("09:22"), ReoptimizationRequest).alert_ids == ("a1",)


def test_a_waiting_answer_expires() -> None:
    world = asked(acceptance=Acceptance.ASK)
    answer = proposal(world.pending, route(S2, S1, shift=shift("A")))
    world.say(answer)

    before, after = world.tick("09:16"), world.tick("09:17")
    late = world.say(approve(answer))

    assert of(before, Outcome) == []
    assert only(after, Outcome).reason == "it expired at 2026-03-02T09:17:00+00:00"
    assert only(late, Outcome).status is OutcomeStatus.REFUSED
    assert "was decided before: it expired" in only(late, Outcome).reason


def test_a_waiting_answer_is_overtaken_by_a_younger_one_and_by_the_plan() -> None:
    world = asked(acceptance=Acceptance.ASK)
    first = proposal(world.pending, route(S2, S1, shift=shift("A")), valid=timedelta(hours=1))
    world.say(first, delay("a2", judged="09:10"))
    world.tick("09:22")
    second = proposal(world.pending, route(S2, S1, shift=shift("A")), valid=timedelta(hours=1))

    by_younger = world.say(second)
    by_plan = world.say(revision(2, 1, route(S3, shift=shift("B"))))

    assert only(by_younger, Outcome).reason == f"superseded by proposal {second.proposal_id}"
    assert only(by_plan, Outcome).reason == "overtaken by revision 2 of the plan"
    assert world.depot.waiting == {}


def test_an_answer_overtaken_by_the_road_is_refused_when_a_person_approves_it() -> None:
    world = asked(acceptance=Acceptance.ASK)
    answer = proposal(world.pending, route(S2, S1, shift=shift("A")))
    world.say(answer, progress(judged="09:04", done=["s1"]))

    outcome = only(world.say(approve(answer)), Outcome)

    assert outcome.status is OutcomeStatus.REFUSED
    assert "stop s1" in outcome.reason


def test_a_person_may_reject_and_say_why() -> None:
    world = asked(acceptance=Acceptance.ASK)
    answer = proposal(world.pending, route(S2, S1, shift=shift("A")))
    world.say(answer)

    outcome = only(world.say(reject(answer, reason="the bridge is closed")), Outcome)

    assert (outcome.status, outcome.reason) == (OutcomeStatus.REJECTED, "the bridge is closed")
    assert world.tick("09:30") == []


def test_approving_what_is_not_there_names_what_waits() -> None:
    world = asked(acceptance=Acceptance.ASK)
    answer = proposal(world.pending, route(S2, S1, shift=shift("A")))
    world.say(answer)

    outcome = only(world.say(command(CommandKind.APPROVE, "c9", proposal_id="p-unknown")), Outcome)

    assert outcome.status is OutcomeStatus.REFUSED
    assert outcome.reason == f"depot D1 has no proposal p-unknown; waiting: {answer.proposal_id}"


def test_a_revision_made_elsewhere_is_taken_over_and_its_routes_follow() -> None:
    world = planned()

    said = world.say(revision(2, 1, route(S2, S1, shift=shift("A"))))

    assert only(said, RouteAssignment).revision == 2
    assert of(said, PlanRevision) == []


@pytest.mark.parametrize(
    ("number", "base", "reason"),
    [
        (6, 5, "revision 6 of 2026-03-02: made for revision 5, but revision 1 is in force"),
        (
            1,
            None,
            "revision 1 of 2026-03-02: made as the day's first plan, but revision 1 is in force",
        ),
        (7, 1, "revision 7 of 2026-03-02: it follows revision 1, so it has to be 2"),
    ],
)
def test_a_revision_made_elsewhere_on_the_wrong_base_is_refused(
    number: int, base: int | None, reason: str
) -> None:
    world = planned()

    outcome = only(world.say(revision(number, base, route(S2, S1, shift=shift("A")))), Outcome)

    assert (outcome.status, outcome.reason) == (OutcomeStatus.REFUSED, reason)


def test_time_never_goes_back() -> None:
    world = planned()
    world.tick("10:00")
    world.tick("09:00")

    assert world.state.now == at("10:00")


def test_a_persons_clock_does_not_move_the_day() -> None:
    world = asked(acceptance=Acceptance.ASK)
    answer = proposal(world.pending, route(S2, S1, shift=shift("A")))
    world.say(answer, approve(answer))

    assert world.state.now == at("09:02")


def test_the_evening_after_the_last_shift_asks_for_nothing() -> None:
    world = planned()
    world.say(delay(judged="15:59"))

    assert world.tick("16:01") == []


def test_impatient_rules_ask_at_once() -> None:
    world = World(Rules(debounce_s=0.0, min_interval_s=0.0))
    world.plan_day(route(S1))
    world.say(delay(judged="09:00"))

    assert only(world.tick("09:00"), ReoptimizationRequest)
