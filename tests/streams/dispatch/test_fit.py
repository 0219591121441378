import pytest

from streams.events.dispatch import Outcome, OutcomeStatus, PlanRevision, RouteAssignment
from streams.events.reference import Acceptance
from tests.factories import route, shift
from tests.streams.dispatch.day_under_way import S1, S2, S3, asked, planned, refusal
from tests.streams.dispatch.world import approve, of, only, progress, proposal, revision


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


def test_an_answer_overtaken_by_the_road_is_refused_when_a_person_approves_it() -> None:
    world = asked(acceptance=Acceptance.ASK)
    answer = proposal(world.pending, route(S2, S1, shift=shift("A")))
    world.say(answer, progress(judged="09:04", done=["s1"]))

    outcome = only(world.say(approve(answer)), Outcome)

    assert outcome.status is OutcomeStatus.REFUSED
    assert "stop s1" in outcome.reason


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
