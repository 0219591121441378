"""Shifts that go on no more: told by a command, asked about at once."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from routing.changes import AlternativeKind, Outage
from routing.plan import StopKind
from streams.dispatch.answer import answer
from streams.events.delivery import OrderKind
from streams.events.dispatch import (
    Command,
    CommandKind,
    Outcome,
    OutcomeStatus,
    PlanRevision,
    ReoptimizationRequest,
    Sequence,
    Trigger,
)
from streams.events.reference import Acceptance
from tests.factories import DAY, place, route, shift, stop
from tests.streams.dispatch.day_under_way import S1, S2, S3, asked, planned, sequences, under_way
from tests.streams.dispatch.world import (
    World,
    approve,
    choice,
    command,
    depot_record,
    of,
    only,
    order,
    progress,
    proposal,
    revision,
)


def out(shift_id: str = "A", command_id: str = "out", **where: object) -> Command:
    outage = Outage(shift_id, **where)  # type: ignore[arg-type]
    return command(CommandKind.OUT_OF_ACTION, command_id, outage=outage)


def test_a_breakdown_is_asked_about_at_once_and_others_fetch_what_is_on_board() -> None:
    world = under_way()

    said = world.say(out(transfer_at=place(1500)))

    assert only(said, Outcome).reason == "shift A goes on no more: 1 stop open"
    request = only(said, ReoptimizationRequest)
    assert (request.trigger, request.outages) == (Trigger.OUTAGE, (Outage("A", place(1500)),))
    world.say(answer(request))
    assert sequences(world) == {"A": ("s1",), "B": ("s3", "s2 from A", "s2")}


def test_what_is_fetched_stays_a_pair_when_the_order_is_heard_of_again() -> None:
    world = under_way()
    world.say(answer(only(world.say(out(transfer_at=place(1500))), ReoptimizationRequest)))
    world.say(order("o2", promised=("09:00", "15:00"), ordered="09:05"))

    world.tick("09:30")

    (_, visit) = world.pending.routes[1].visits[1:]
    assert visit.stop.picked_up_at == "s2 from A"


def test_the_stop_at_which_it_broke_down_is_open_until_it_is_heard_to_be_done() -> None:
    world = planned()
    world.say(progress("A", "09:00", done=["s1"], current="s2"), progress("B", "09:00", next_stop="s3"))
    world.tick("09:00")

    said = world.say(out(transfer_at=place(1500)))

    assert only(said, Outcome).reason == "shift A goes on no more: 1 stop open"
    world.say(answer(only(said, ReoptimizationRequest)))
    assert sequences(world) == {"A": ("s1",), "B": ("s3", "s2 from A", "s2")}
    world.say(progress("A", "09:05", done=["s1", "s2"]), order("o9", ordered="09:05"))
    world.tick("09:30")
    assert world.pending.cancelled_stop_ids == ("s2 from A", "s2")


def test_without_a_place_of_transfer_the_parcels_stay_on_board_and_are_named() -> None:
    world = under_way()

    world.say(answer(only(world.say(out()), ReoptimizationRequest)))

    (plan,) = world.depot.plans.values()
    assert sequences(world) == {"A": ("s1",), "B": ("s3",)}
    assert [each.reason for each in plan.unassigned] == [
        "its parcels are on board of shift A, which goes on no more"
    ]


@pytest.mark.parametrize("told", [1, 2])
def test_what_was_on_board_without_a_scan_is_remembered_after_the_stops_are_given_up(told: int) -> None:
    world = planned()
    world.say(progress("A", "09:00", done=["s1"], next_stop="s2"), progress("B", "09:00", has_departed=False))
    world.tick("09:00")
    world.say(answer(only(world.say(out()), ReoptimizationRequest)))
    if told > 1:
        world.say(answer(only(world.say(out(command_id="again")), ReoptimizationRequest)))
    world.say(order("o9", ordered="09:05"))

    world.tick("09:30")

    assert sorted(each.stop_id for each in world.pending.stops) == ["s2", "s9"]
    world.say(answer(world.pending))
    assert sequences(world)["A"] == ("s1",)
    assert sorted(sequences(world)["B"]) == ["s3", "s9"]


def test_nothing_is_fetched_for_a_delivery_that_is_cancelled_afterwards() -> None:
    world = under_way()
    world.say(answer(only(world.say(out(transfer_at=place(1500))), ReoptimizationRequest)))
    world.say(order("o2", OrderKind.CANCELLED, ordered="09:05"))

    world.tick("09:30")

    assert world.pending.cancelled_stop_ids == ("s2 from A", "s2")
    world.say(answer(world.pending))
    assert sequences(world) == {"A": ("s1",), "B": ("s3",)}


def test_what_was_fetched_already_stays_with_who_fetched_it() -> None:
    world = under_way()
    world.say(answer(only(world.say(out(transfer_at=place(1500))), ReoptimizationRequest)))
    world.say(
        progress("B", "09:20", done=["s3", "s2 from A"]), order("o2", OrderKind.CANCELLED, ordered="09:05")
    )

    world.tick("09:30")

    assert world.pending.cancelled_stop_ids == ("s2",)


def test_who_was_to_fetch_can_break_down_too() -> None:
    world = under_way()
    world.say(answer(only(world.say(out(transfer_at=place(1500))), ReoptimizationRequest)))

    world.say(answer(only(world.say(out("B", "out too")), ReoptimizationRequest)))

    (plan,) = world.depot.plans.values()
    assert sequences(world) == {"A": ("s1",), "B": ()}
    assert sorted((each.stop.stop_id, each.stop.picked_up_at) for each in plan.unassigned) == [
        ("s2", None),
        ("s3", None),
    ]


def test_a_customers_pick_up_without_an_order_is_nobodys_transfer() -> None:
    world = World()
    fetched = stop("p", kind=StopKind.PICK_UP)
    world.plan_day(route(S1, S2, shift=shift("A")), route(fetched, S3, shift=shift("B")))
    world.say(order("o3", OrderKind.CANCELLED, ordered="07:05"))

    world.tick("08:00")

    assert world.pending.cancelled_stop_ids == ("s3",)


def test_what_is_on_board_of_a_shift_that_is_back_is_its_own_to_deliver() -> None:
    world = planned()
    world.say(progress("A", "09:00", done=["s1"], next_stop="s2"), progress("B", "09:00", has_departed=False))
    world.tick("09:00")
    world.say(answer(only(world.say(out()), ReoptimizationRequest)))
    world.say(command(CommandKind.BACK_IN_ACTION, "back", shift_id="A"), order("o9", ordered="09:05"))

    world.tick("09:30")

    world.say(answer(world.pending))
    assert sequences(world)["A"] == ("s1", "s2")


def test_what_is_given_up_before_the_vehicle_leaves_is_on_board_of_nobody() -> None:
    world = planned()
    world.say(progress("A", "09:00", has_departed=False), progress("B", "09:00", has_departed=False))
    world.tick("09:00")

    world.say(answer(only(world.say(out()), ReoptimizationRequest)))

    assert sorted(sequences(world)["B"]) == ["s1", "s2", "s3"]
    assert world.depot.aboard == {}


def test_what_another_vehicle_fetched_is_on_board_of_that_one() -> None:
    world = under_way()
    world.say(answer(only(world.say(out(transfer_at=place(1500))), ReoptimizationRequest)))
    world.say(progress("B", "09:10", done=["s3", "s2 from A"], next_stop="s2"))

    world.say(out("B", "out too", transfer_at=place(2500)))

    assert world.depot.aboard == {"A": (), "B": ("s2",)}


def test_a_shift_that_is_out_gets_nothing_later_until_it_is_back() -> None:
    world = under_way()
    world.say(answer(only(world.say(out(transfer_at=place(1500))), ReoptimizationRequest)))
    world.say(order("o9", ordered="09:05"))
    world.tick("09:30")
    assert [each.shift_id for each in world.pending.outages] == ["A"]

    said = world.say(command(CommandKind.BACK_IN_ACTION, "back", shift_id="A"))

    assert only(said, Outcome).reason == "shift A is back"
    assert world.depot.outages == {}


def test_newer_facts_replace_the_question_that_knows_nothing_of_them() -> None:
    world = asked()
    old = world.pending

    said = world.say(out())

    assert only(said, ReoptimizationRequest) == world.pending != old
    late = only(world.say(proposal(old, route(S2, S1, shift=shift("A")))), Outcome)
    assert late.status is OutcomeStatus.REFUSED
    assert late.reason == "the question was replaced by a newer one, which knows more"


def test_a_choice_can_be_approved_for_a_breakdown_too() -> None:
    world = asked(under_way(), acceptance=Acceptance.ASK)
    proposed = answer(only(world.say(out(transfer_at=place(1500))), ReoptimizationRequest))
    leaving = choice(AlternativeKind.RESCHEDULE, Sequence("A", ("s1",)), off=("s2",))
    found = replace(proposed, choices=(*proposed.choices, leaving))
    world.say(found)

    revision = only(world.say(approve(found, choice=len(found.choices))), PlanRevision)

    assert sequences(world) == {"A": ("s1",), "B": ("s3",)}
    (left,) = revision.unassigned
    assert (left.stop.stop_id, left.stop.picked_up_at) == ("s2", None), "as it was asked for"


def test_a_breakdown_nobody_answers_is_asked_about_again_until_others_have_its_stops() -> None:
    world = under_way()
    world.say(out(transfer_at=place(1500)))

    world.tick("09:16")
    again = only(world.tick("09:18"), ReoptimizationRequest)

    assert (again.trigger, again.outages) == (Trigger.OUTAGE, (Outage("A", place(1500)),))
    world.say(answer(again))
    assert sequences(world) == {"A": ("s1",), "B": ("s3", "s2 from A", "s2")}


def test_an_answer_to_a_breakdown_that_is_refused_is_asked_for_again_with_some_patience() -> None:
    world = under_way()
    found = answer(only(world.say(out(transfer_at=place(1500))), ReoptimizationRequest))
    world.say(revision(2, 1, route(S3, shift=shift("B"))))

    assert "revision 2 is in force" in only(world.say(found), Outcome).reason

    assert of(world.tick("09:01"), ReoptimizationRequest) == [], "else it would go round as fast as it solves"
    again = only(world.tick("09:02"), ReoptimizationRequest)
    assert (again.trigger, again.base_revision) == (Trigger.OUTAGE, 2)


def test_a_breakdown_is_asked_about_again_after_the_first_plan_of_another_day() -> None:
    world = under_way()
    world.say(out(transfer_at=place(1500)))
    tomorrow = replace(command(command_id="c2", shifts=[shift("T")]), service_date=DAY + timedelta(days=1))
    for_tomorrow = order("o8", promised=("09:00", "12:00"))
    until_at = for_tomorrow.promised_until
    assert until_at is not None
    world.say(replace(for_tomorrow, promised_from=None, promised_until=until_at + timedelta(days=1)))
    world.say(tomorrow)
    world.say(proposal(world.pending))

    again = only(world.tick("09:02"), ReoptimizationRequest)

    assert (again.trigger, again.service_date) == (Trigger.OUTAGE, DAY)


def test_two_words_on_one_breakdown_within_a_tick_are_two_questions() -> None:
    world = under_way()
    first = only(world.say(out()), ReoptimizationRequest)
    second = only(world.say(out(command_id="better", transfer_at=place(1500))), ReoptimizationRequest)

    late = only(world.say(answer(first)), Outcome)
    world.say(answer(second))

    assert late.reason == "the question was replaced by a newer one, which knows more"
    assert sequences(world) == {"A": ("s1",), "B": ("s3", "s2 from A", "s2")}


@pytest.mark.parametrize("number", [None, 1])
def test_a_proposal_that_waits_can_not_give_stops_to_a_shift_that_went_out(number: int | None) -> None:
    world = asked(acceptance=Acceptance.ASK)
    moved = Sequence("A", ("s1",)), Sequence("B", ("s2", "s3"))
    found = replace(
        proposal(world.pending, route(S1, shift=shift("A")), route(S3, S2, shift=shift("B"))),
        choices=(choice(AlternativeKind.MOVE, *moved),),
    )
    world.say(found, out("B"))

    said = world.say(approve(found, choice=number))

    outcome = only(said, Outcome)
    assert outcome.status is OutcomeStatus.REFUSED
    assert outcome.reason.startswith("shift B goes on no more, the proposal has stop s")
    assert sequences(world) == {"A": ("s1", "s2"), "B": ("s3",)}


@pytest.mark.parametrize(
    ("done", "status"), [(("s1",), OutcomeStatus.REFUSED), (("s1", "s2"), OutcomeStatus.ACCEPTED)]
)
def test_a_broken_shift_keeps_what_it_has_done_and_not_what_it_is_serving(
    done: tuple[str, ...], status: OutcomeStatus
) -> None:
    world = under_way()
    world.say(progress("A", "09:01", done=done, current="s2" if len(done) == 1 else None))
    request = only(world.say(out()), ReoptimizationRequest)

    outcome = only(world.say(proposal(request, route(S1, S2, shift=shift("A")))), Outcome)

    assert outcome.status is status


def test_a_shift_that_is_back_at_once_keeps_its_stops_whatever_is_answered() -> None:
    world = planned()
    found = answer(only(world.say(out()), ReoptimizationRequest))

    world.say(command(CommandKind.BACK_IN_ACTION, "back", shift_id="A"))
    late = only(world.say(found), Outcome)

    assert world.depot.pending is None
    assert late.reason == "it was made for shift A out of action, and that is back"
    assert sequences(world) == {"A": ("s1", "s2"), "B": ("s3",)}
    assert world.tick("08:10") == []


def test_a_proposal_that_waits_is_refused_once_the_shift_is_back() -> None:
    world = under_way()
    world.say(depot_record(Acceptance.ASK, effective="08:30"))
    found = answer(only(world.say(out(transfer_at=place(1500))), ReoptimizationRequest))
    world.say(found)
    assert list(world.depot.waiting) == [found.proposal_id]

    said = world.say(command(CommandKind.BACK_IN_ACTION, "back", shift_id="A"))

    noted, refused = of(said, Outcome)
    assert noted.reason == "shift A is back"
    assert refused.reason == "it was made for shift A out of action, and that is back"
    assert world.depot.waiting == {}


def test_what_else_was_asked_is_asked_again_once_the_shift_is_back() -> None:
    world = asked()
    world.say(out("B"))

    world.say(command(CommandKind.BACK_IN_ACTION, "back", shift_id="B"))

    assert only(world.tick("09:22"), ReoptimizationRequest).trigger is Trigger.DELAY


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        (out("Z"), "shift Z is in no plan of depot D1"),
        (command(CommandKind.BACK_IN_ACTION, "back", shift_id="B"), "shift B is not out of action"),
    ],
)
def test_what_does_not_fit_the_day_is_refused(word: Command, reason: str) -> None:
    world = under_way()

    said = world.say(word)

    assert (only(said, Outcome).status, only(said, Outcome).reason) == (OutcomeStatus.REFUSED, reason)
    assert of(said, ReoptimizationRequest) == []
