from datetime import timedelta

from streams.events.dispatch import CommandKind, Outcome, OutcomeStatus, PlanRevision, RouteAssignment
from streams.events.reference import Acceptance
from tests.factories import at, route, shift
from tests.streams.dispatch.day_under_way import S1, S2, S3, asked, planned
from tests.streams.dispatch.world import approve, command, delay, of, only, proposal, reject, revision


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
