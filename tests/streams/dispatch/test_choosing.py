"""Approving another choice than what is proposed."""

import pytest
from msgspec.structs import replace

from routing.changes import AlternativeKind
from streams.events.delivery import OrderKind
from streams.events.dispatch import (
    CommandKind,
    Outcome,
    OutcomeStatus,
    PlanRevision,
    Proposal,
    Sequence,
)
from streams.events.reference import Acceptance
from tests.factories import at, route, shift, window
from tests.streams.dispatch.day_under_way import S1, S2, S3, asked
from tests.streams.dispatch.world import (
    World,
    approve,
    choice,
    command,
    event_id,
    of,
    only,
    order,
    progress,
    proposal,
)


def waiting() -> tuple[World, Proposal]:
    """Shift A drives s1, s2 and B s3; proposed is to turn A round, and four other things can be done."""
    world = asked(acceptance=Acceptance.ASK)
    found = replace(
        proposal(world.pending, route(S2, S1, shift=shift("A"))),
        choices=(
            replace(choice(AlternativeKind.RESEQUENCE), is_proposed=True),
            choice(AlternativeKind.MOVE, Sequence("A", ("s1",)), Sequence("B", ("s2", "s3"))),
            choice(AlternativeKind.NOTHING),
            choice(AlternativeKind.RESCHEDULE, Sequence("A", ("s1",)), off=("s2",)),
            choice(AlternativeKind.MOVE, Sequence("A", ()), Sequence("B", ("s1", "s3"))),
        ),
    )
    world.say(found)
    return world, found


def sequences(world: World) -> dict[str, tuple[str, ...]]:
    (plan,) = world.depot.plans.values()
    return {each.shift.shift_id: each.stop_ids for each in plan.routes}


def test_another_choice_becomes_the_plan_and_its_words_go_on_record() -> None:
    world, found = waiting()

    said = world.say(approve(found, choice=2))

    revision = only(said, PlanRevision)
    assert sequences(world) == {"A": ("s1",), "B": ("s2", "s3")}
    assert revision.proposal_id == found.proposal_id
    assert "choice 2: to move; accepted by ada" in revision.reason
    assert only(said, Outcome).reason == "choice 2: to move; accepted by ada as revision 2"
    assert world.depot.waiting == {}


def test_its_times_are_those_from_where_the_vehicles_are_when_it_is_approved() -> None:
    world, found = waiting()
    world.say(progress("B", "09:05"))

    revision = only(world.say(approve(found, choice=2)), PlanRevision)

    (moved_to,) = [each for each in revision.routes if each.shift.shift_id == "B"]
    # 500 m east of the depot at 09:05; s2 is 1 km east of it, at 10 m/s
    assert moved_to.visits[0].arrive_at.replace(microsecond=0) == at("09:05:50")


def test_whoever_is_given_another_day_is_left_out_with_that_as_the_reason() -> None:
    world, found = waiting()

    revision = only(world.say(approve(found, choice=4)), PlanRevision)

    assert sequences(world)["A"] == ("s1",)
    assert [(each.stop.stop_id, each.reason) for each in revision.unassigned] == [
        ("s2", "it is to be given another day, as was decided")
    ]


def test_the_choice_that_is_proposed_is_the_proposal() -> None:
    world, found = waiting()

    said = world.say(approve(found, choice=1))

    assert sequences(world)["A"] == ("s2", "s1")
    assert only(said, Outcome).reason == "accepted by ada as revision 2"


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (3, "choice 3 is to do nothing: reject the proposal instead"),
        (5, "stop s2 of shift A would be left out without a reason"),
        (6, "has 5 choices, and no choice 6"),
    ],
)
def test_what_can_not_be_had_is_refused_and_the_proposal_goes_on_waiting(number: int, reason: str) -> None:
    world, found = waiting()

    said = world.say(approve(found, choice=number))

    outcome = only(said, Outcome)
    assert outcome.status is OutcomeStatus.REFUSED
    assert reason in outcome.reason
    assert of(said, PlanRevision) == []
    assert sequences(world)["A"] == ("s1", "s2")
    assert only(world.say(approve(found, "then this")), PlanRevision).revision == 2


def test_a_choice_that_the_world_has_overtaken_is_refused_with_the_stop() -> None:
    world, found = waiting()
    world.say(progress("A", "09:05", done=["s2"]))

    outcome = only(world.say(approve(found, choice=2)), Outcome)

    assert outcome.status is OutcomeStatus.REFUSED
    assert outcome.reason == "shift A served stop s2 already, the proposal has it later or elsewhere"


def test_a_choice_promises_what_is_promised_now() -> None:
    world, found = waiting()
    world.say(order("o3", OrderKind.RESCHEDULED, ("13:00", "15:00"), ordered="09:03"))

    revision = only(world.say(approve(found, choice=2)), PlanRevision)

    (moved_to,) = [each for each in revision.routes if each.shift.shift_id == "B"]
    assert [(each.stop.stop_id, each.stop.window) for each in moved_to.visits] == [
        ("s2", window("09:00", "11:59")),
        ("s3", window("13:00", "14:59")),
    ]


def test_a_refused_choice_can_be_tried_again_under_the_same_name_while_the_proposal_waits() -> None:
    world, found = waiting()
    world.say(progress("B", "09:05", next_stop="s3"))
    refused = only(world.say(approve(found, "ada's", choice=2)), Outcome)
    world.say(progress("B", "09:06"))
    again = replace(approve(found, "ada's", choice=2), event_id=event_id("again"))

    said = world.say(again)

    assert (refused.status, refused.proposal_id) == (OutcomeStatus.REFUSED, None), "it is not decided"
    assert only(said, Outcome).status is OutcomeStatus.ACCEPTED
    assert (
        only(world.say(replace(again, event_id=event_id("third"))), Outcome).status is OutcomeStatus.REPEATED
    )


def test_the_same_record_read_twice_is_refused_once() -> None:
    world, found = waiting()
    world.say(approve(found, choice=3))

    assert world.say(approve(found, choice=3)) == []


@pytest.mark.parametrize(
    ("sequence", "what"), [(Sequence("A", ("s1", "gone")), "stop gone"), (Sequence("Z", ("s1",)), "shift Z")]
)
def test_a_choice_of_what_nobody_knows_is_refused(sequence: Sequence, what: str) -> None:
    world = asked(acceptance=Acceptance.ASK)
    found = replace(
        proposal(world.pending, route(S2, S1, shift=shift("A"))),
        choices=(choice(AlternativeKind.MOVE, sequence),),
    )
    world.say(found)

    outcome = only(world.say(approve(found, choice=1)), Outcome)

    assert outcome.reason == f"choice 1 has {what}, which the plan does not have"


def test_a_choice_is_to_be_approved_and_nothing_else() -> None:
    with pytest.raises(ValueError, match="reject has a choice, which is for approve"):
        command(CommandKind.REJECT, proposal_id="p", choice=2)


def test_all_stops_of_the_day_are_where_they_were_but_those_of_the_choice() -> None:
    world, found = waiting()

    world.say(approve(found, choice=2))

    assert sorted(each.stop_id for each in (S1, S2, S3)) == sorted(
        stop_id for ids in sequences(world).values() for stop_id in ids
    )
