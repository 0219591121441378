from datetime import UTC, datetime, timedelta

from routing.changes import Effects, Policy
from routing.travel import StraightLine
from streams.events.base import derived_id
from streams.events.dispatch import Proposal, ReoptimizationRequest, Trigger
from streams.simulator.thinking import Thinking

ASKED_AT = datetime(2026, 10, 13, 9, tzinfo=UTC)


def question(request_id: str = "r1") -> ReoptimizationRequest:
    return ReoptimizationRequest(
        event_id=derived_id("test question", request_id),
        source="test",
        request_id=request_id,
        depot_id="d",
        service_date=ASKED_AT.date(),
        trigger=Trigger.DELAY,
        requested_at=ASKED_AT,
        base_revision=1,
        travel=StraightLine(),
        policy=Policy(),
        seed=1,
        iterations=1,
    )


def answer(request_id: str = "r1") -> Proposal:
    return Proposal(
        event_id=derived_id("test answer", request_id),
        source="test",
        proposal_id="p",
        request_id=request_id,
        depot_id="d",
        service_date=ASKED_AT.date(),
        trigger=Trigger.DELAY,
        base_revision=1,
        requested_at=ASKED_AT,
        expires_at=ASKED_AT + timedelta(minutes=15),
        routes=(),
        effects=Effects(),
        travel=StraightLine(),
    )


def test_a_question_holds_the_clock_when_it_is_a_minute_old_and_not_before() -> None:
    thinking = Thinking()

    thinking.hear(question())

    assert not thinking.holds(ASKED_AT + timedelta(seconds=59))
    assert thinking.holds(ASKED_AT + timedelta(seconds=60))


def test_the_answer_lets_the_clock_go_on_but_for_other_questions() -> None:
    thinking = Thinking()
    later = ASKED_AT + timedelta(minutes=5)
    thinking.hear(question("r1"))
    thinking.hear(question("r2"))

    thinking.hear(answer("r1"))

    assert thinking.holds(later)
    thinking.hear(answer("r2"))
    assert not thinking.holds(later)


def test_a_question_that_was_given_up_holds_nothing_any_more() -> None:
    thinking = Thinking()
    thinking.hear(question())

    thinking.give_up()

    assert not thinking.holds(ASKED_AT + timedelta(hours=1))
