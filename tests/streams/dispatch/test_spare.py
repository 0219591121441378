"""Vehicles with time to spare, while others could do with help."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from msgspec import structs

from routing.plan import StopKind, Unassigned
from streams.dispatch.answer import answer
from streams.events.base import Event
from streams.events.dispatch import Outcome, OutcomeStatus, ReoptimizationRequest, Trigger
from streams.events.judgements import DelayPhase, VehicleProgress
from streams.events.reference import Acceptance
from tests.factories import DAY, at, route, shift
from tests.streams.dispatch.test_outages import out
from tests.streams.dispatch.world import (
    World,
    command,
    delay,
    depot_record,
    doorstep,
    of,
    only,
    order,
    progress,
    proposal,
)

S1, S2, S3 = doorstep(1), doorstep(2), doorstep(3)
FETCHED = replace(S2, kind=StopKind.PICK_UP)
ONE_DAY = timedelta(days=1)


def late(second: StopKind = StopKind.PICK_UP, ends: str = "16:00") -> World:
    """Shift A drives to s1, then to s2; B drives to s3. What delays A was asked about at 09:02, in vain."""
    world = World()
    first = shift("A", ends=ends)
    world.plan_day(route(S1, replace(S2, kind=second), shift=first), route(S3, shift=shift("B")))
    world.tick("08:00")
    world.say(
        progress("A", "09:00", next_stop="s1"),
        progress("B", "09:00", next_stop="s3"),
        delay(judged="09:00", stop_id="s2"),
    )
    world.tick("09:02")
    world.say(proposal(world.pending))
    return world


def ahead(judged: str = "09:05", by_s: float = 1000.0) -> VehicleProgress:
    return progress("B", judged, next_stop="s3", delay_s=-by_s)


def asked(events: Sequence[Event]) -> list[Trigger]:
    return [each.trigger for each in of(events, ReoptimizationRequest)]


# 1200 s between requests:  09:02 in vain --- 09:05 B is ahead --- 09:21 too soon --- 09:22 ask
def test_a_vehicle_that_runs_ahead_may_help_one_that_is_late() -> None:
    world = late()

    world.say(ahead())

    assert asked(world.tick("09:21")) == []
    assert asked(world.tick("09:22")) == [Trigger.SPARE_TIME]
    assert world.pending.alert_ids == ("a1",)


def test_so_may_one_that_is_done_before_its_shift_ends() -> None:
    world = late()

    world.say(progress("B", "09:20", done=["s3"]))

    assert asked(world.tick("09:22")) == [Trigger.SPARE_TIME]


@pytest.mark.parametrize(
    "word",
    [
        ahead(by_s=900.0),
        progress("B", "15:46", done=["s3"]),
        progress("B", "09:05", has_departed=False, delay_s=-1000.0),
        progress("A", "09:05", next_stop="s1", delay_s=-1000.0),
        progress("Z", "09:05", next_stop="s1", delay_s=-1000.0),
    ],
    ids=["hardly ahead", "done at the end", "not out", "the late one", "nobody's"],
)
def test_who_has_no_time_to_spare_for_others_asks_for_nothing(word: VehicleProgress) -> None:
    world = late()

    world.say(word)

    assert asked(world.tick("15:50")) == []


def test_parcels_on_board_of_the_late_one_are_out_of_reach() -> None:
    world = late(second=StopKind.DELIVER)

    world.say(ahead())

    assert world.depot.wishes == {}
    assert asked(world.tick("09:22")) == []


def test_so_is_a_pick_up_that_is_being_driven_to() -> None:
    world = late()
    world.say(progress("A", "09:04", done=["s1"], next_stop="s2"))

    world.say(ahead())

    assert asked(world.tick("09:22")) == []


def test_nobody_is_to_be_helped_once_the_delay_has_cleared() -> None:
    world = late()
    world.say(ahead(), delay(phase=DelayPhase.CLEARED, judged="09:10", stop_id="s2"))

    assert asked(world.tick("09:22")) == []


def test_a_pick_up_that_has_no_place_may_get_one() -> None:
    world = late()
    world.say(order("o4", ordered="09:02", stop_kind=StopKind.PICK_UP))
    world.tick("09:22")
    new = world.pending.stops[0]
    world.say(proposal(world.pending, route(S3, shift=shift("B")), unassigned=[Unassigned(new, "no time")]))
    world.say(delay(phase=DelayPhase.CLEARED, judged="09:30", stop_id="s2"))

    world.say(ahead("09:31"))

    assert asked(world.tick("09:42")) == [Trigger.SPARE_TIME]
    assert world.pending.stops == (new,)


def test_a_vehicle_that_is_out_of_action_helps_nobody() -> None:
    world = late()
    world.say(ahead(), out("B"))
    world.say(proposal(world.pending))

    assert Trigger.SPARE_TIME not in asked(world.tick("09:30"))


# B:  09:05 ahead, 09:22 asked --- 09:30 less --- 09:35 more: one spell --- 09:45 on time --- 09:50 ahead
def test_a_spell_of_spare_time_is_asked_about_once() -> None:
    world = late()
    world.say(ahead("09:05"))
    world.tick("09:22")
    world.say(proposal(world.pending))

    world.say(ahead("09:30", by_s=500.0), ahead("09:35", by_s=1500.0))
    during = world.tick("09:43")
    world.say(ahead("09:45", by_s=400.0), ahead("09:50"))
    after = world.tick("09:52")

    assert asked(during) == []
    assert asked(after) == [Trigger.SPARE_TIME]


def undecided(world: World) -> None:
    world.say(proposal(world.pending, route(S1, shift=shift("A")), route(S3, FETCHED, shift=shift("B"))))
    assert len(world.depot.waiting) == 1


def refused(world: World) -> None:
    unfit = proposal(world.pending, route(S1, shift=shift("A")), route(FETCHED, S3, shift=shift("B")))
    assert only(world.say(unfit), Outcome).status is OutcomeStatus.REFUSED


def unanswered(world: World) -> None:
    assert world.pending


# 09:22 asked --- 09:37 what is undecided expires --- 09:42 the next question could be asked
@pytest.mark.parametrize("fate", [undecided, refused, unanswered])
def test_a_spell_whose_question_comes_to_nothing_is_not_asked_about_again(
    fate: Callable[[World], None],
) -> None:
    world = late()
    world.say(depot_record(Acceptance.ASK, effective="08:30"), ahead())
    assert asked(world.tick("09:22")) == [Trigger.SPARE_TIME]
    fate(world)

    said = [each for minute in range(38, 59, 4) for each in world.tick(f"09:{minute}")]

    assert asked(said) == []
    assert (world.depot.waiting, world.depot.pending) == ({}, None)


def test_one_given_up_for_the_plan_of_another_day_is_asked_after_it() -> None:
    world = late()
    tomorrow = replace(shift("C"), starts_at=at("08:00") + ONE_DAY, ends_at=at("16:00") + ONE_DAY)
    promised = structs.replace(
        order("o7"), promised_from=at("09:00") + ONE_DAY, promised_until=at("12:00") + ONE_DAY
    )
    world.say(ahead(), promised)
    world.tick("09:22")

    world.say(structs.replace(command(command_id="c2", shifts=[tomorrow]), service_date=DAY + ONE_DAY))
    world.say(proposal(world.pending))

    assert asked(world.tick("09:42")) == [Trigger.SPARE_TIME]


# B is done 20 min before its shift ends at 16:00; half of 900 s is left until 15:52:30
@pytest.mark.parametrize(("clock", "triggers"), [("15:52", [Trigger.SPARE_TIME]), ("15:53", [])])
def test_time_to_spare_goes_by_while_a_wish_waits(clock: str, triggers: list[Trigger]) -> None:
    world = late()

    world.say(progress("B", "15:40", done=["s3"]))

    assert asked(world.tick(clock)) == triggers


@pytest.mark.parametrize(("clock", "triggers"), [("15:59", [Trigger.SPARE_TIME]), ("16:00", [])])
def test_who_runs_ahead_helps_nobody_once_its_shift_is_over(clock: str, triggers: list[Trigger]) -> None:
    world = late(ends="18:00")

    world.say(ahead("15:40"))

    assert asked(world.tick(clock)) == triggers


def test_however_often_it_comes_and_goes_questions_keep_their_distance() -> None:
    world = late()
    requests: list[Trigger] = []
    for minute in range(5, 60):
        world.say(ahead(f"09:{minute:02}", by_s=1000.0 if minute % 2 else 0.0))
        requests += (now := asked(world.tick(f"09:{minute:02}")))
        if now:
            world.say(proposal(world.pending))

    assert requests == [Trigger.SPARE_TIME] * 2


def test_with_other_news_it_is_their_question() -> None:
    world = late()
    world.say(ahead(), order("o9", ordered="09:06"))

    assert asked(world.tick("09:22")) == [Trigger.DELAY]


@pytest.mark.parametrize(("free", "sequences"), [("12:30", {"A": ("s1",), "B": ("s3", "s2")}), ("11:30", {})])
def test_help_is_proposed_where_it_pays_alone(free: str, sequences: dict[str, tuple[str, ...]]) -> None:
    world = late()
    serving = structs.replace(progress("A", "11:20", current="s1"), free_at=at(free))
    world.say(serving, ahead("11:20"))
    world.tick("11:22")
    assert world.pending.trigger is Trigger.SPARE_TIME

    found = answer(world.pending)

    assert {each.shift.shift_id: each.stop_ids for each in found.routes} == sequences
