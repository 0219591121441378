"""Roads that are slow or closed: told by a command, asked about at once."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from routing.slow_zones import SlowZone
from streams.dispatch.answer import answer
from streams.dispatch.rules import DEFAULT_RULES
from streams.events.dispatch import (
    Command,
    CommandKind,
    Outcome,
    OutcomeStatus,
    ReoptimizationRequest,
    Trigger,
)
from streams.events.reference import Acceptance
from tests.factories import at, place, route, shift
from tests.streams.dispatch.day_under_way import S1, S3, planned, under_way
from tests.streams.dispatch.world import (
    World,
    approve,
    command,
    depot_record,
    of,
    only,
    order,
    proposal,
    revision,
)

JAM = SlowZone(place(1000), 500.0, at("09:00"), at("11:00"), share=0.5)


def jam(zone: SlowZone = JAM) -> Command:
    return command(CommandKind.SLOW_ZONE, "jam", slow_zone=zone)


def test_a_slow_zone_is_asked_about_at_once_and_plans_reckon_with_it_until_it_is_over() -> None:
    world = planned()
    world.tick("09:00")
    world.say(order("o8", ordered="09:00"))

    said = world.say(jam())

    assert only(said, Outcome).reason == "plans reckon with it from now on; its key is jam"
    request = only(said, ReoptimizationRequest)
    assert (request.trigger, request.slow_zones) == (Trigger.TRAFFIC, (JAM,))
    # All stops are 1 km from the depot: 500 m at 10 m/s, 500 m at 5 m/s.
    changed = answer(request).routes[0]
    assert changed.visits[0].arrive_at.replace(microsecond=0) == at("09:02:30")
    world.say(order("o9", ordered="11:00"))
    world.tick("11:02")
    assert world.pending.slow_zones == ()


def test_a_jam_whose_question_fails_is_asked_about_again_but_not_at_once() -> None:
    world = under_way()
    asked_for = only(world.say(jam()), ReoptimizationRequest)
    world.say(revision(2, 1, route(S3, shift=shift("B"))))
    world.say(proposal(asked_for, route(S1, shift=shift("A"))))

    assert of(world.tick("09:01"), ReoptimizationRequest) == []
    assert only(world.tick("09:02"), ReoptimizationRequest).trigger is Trigger.TRAFFIC


def test_a_jam_that_is_over_is_not_asked_about_again() -> None:
    world = under_way()
    world.say(jam(SlowZone(place(1000), 500.0, at("09:00"), at("09:10"), share=0.5)))

    world.tick("09:16")

    assert of(world.tick("09:40"), ReoptimizationRequest) == []


def test_a_days_first_plan_reckons_with_the_jams_that_were_told_before() -> None:
    world = World()
    zone = SlowZone(place(1000), 500.0, at("08:00"), at("11:00"), share=0.5)
    world.say(depot_record(), order("o1", promised=("08:00", "12:00"), east_m=3000.0), jam(zone))
    world.tick("06:30")

    request = only(world.say(command()), ReoptimizationRequest)

    # 3 km at 10 m/s, and half round the zone instead of through it: 571 m more
    (visit,) = answer(request).routes[0].visits
    assert (request.slow_zones, visit.arrive_at.replace(microsecond=0)) == ((zone,), at("08:05:57"))


EARLY = SlowZone(place(1000), 500.0, at("08:00"), at("11:00"), share=0.5)
BRIEF = SlowZone(place(1000), 500.0, at("06:00"), at("06:45"), share=0.5)
TOMORROW = SlowZone(place(1000), 500.0, at("08:00") + timedelta(days=1), at("11:00") + timedelta(days=1))


def first_plan(
    before: Sequence[Command] = (),
    pending: Sequence[Command] = (),
    waiting: Sequence[Command] = (),
    acceptance: Acceptance = Acceptance.ASK,
) -> World:
    """A day's first plan, and what was told before its question, before its answer, before its approval."""
    world = World()
    world.say(depot_record(acceptance), order("o1"), *before)
    world.tick("06:30")
    asked = only(world.say(command()), ReoptimizationRequest)
    world.say(*pending)
    world.tick("06:50")
    found = proposal(asked, route(S1, shift=shift("A")))
    world.say(found, *waiting, approve(found))
    assert len(world.depot.plans) == 1
    return world


# before --- 06:30 asked --- pending --- 06:50 answered --- waiting --- approved --- 06:51 asked again
@pytest.mark.parametrize(
    ("world", "zones"),
    [
        pytest.param(lambda: first_plan(pending=[jam(EARLY)]), (EARLY,), id="roads while pending"),
        pytest.param(lambda: first_plan(waiting=[jam(EARLY)]), (EARLY,), id="roads while waiting"),
        pytest.param(lambda: first_plan([jam(EARLY)], [clear()]), (), id="clear while pending"),
        pytest.param(lambda: first_plan([jam(EARLY)], waiting=[clear()]), (), id="clear while waiting"),
        pytest.param(
            lambda: first_plan([jam(EARLY)], [clear()], acceptance=Acceptance.AUTOMATIC),
            (),
            id="clear while pending, by policy",
        ),
    ],
)
def test_a_first_plan_made_for_other_roads_is_asked_about_at_once_when_in_force(
    world: Callable[[], World], zones: tuple[SlowZone, ...]
) -> None:
    planned = world()

    request = only(planned.tick("06:51"), ReoptimizationRequest)

    assert (request.trigger, request.slow_zones) == (Trigger.TRAFFIC, zones)
    planned.say(proposal(request))
    assert of(planned.tick("07:30"), ReoptimizationRequest) == []


@pytest.mark.parametrize(
    "world",
    [
        pytest.param(lambda: first_plan([jam(EARLY)]), id="roads before"),
        pytest.param(lambda: first_plan([jam(EARLY), clear()]), id="clear before"),
        pytest.param(lambda: first_plan([jam(BRIEF)]), id="over by itself"),
        pytest.param(lambda: first_plan(pending=[jam(TOMORROW)]), id="roads of another day"),
        pytest.param(lambda: first_plan([jam(TOMORROW)], waiting=[clear()]), id="clear of another day"),
        pytest.param(lambda: first_plan(waiting=[jam(EARLY), clear()]), id="roads and clear while waiting"),
    ],
)
def test_a_first_plan_made_for_the_roads_as_they_are_is_not(world: Callable[[], World]) -> None:
    planned = world()

    assert of(planned.tick("06:51"), ReoptimizationRequest) == []
    assert of(planned.tick("07:30"), ReoptimizationRequest) == []


def test_there_are_only_so_many_slow_zones_at_a_time() -> None:
    world = under_way()
    for number in range(DEFAULT_RULES.most_slow_zones):
        world.say(command(CommandKind.SLOW_ZONE, f"jam {number}", slow_zone=JAM))

    said = world.say(command(CommandKind.SLOW_ZONE, "one more", slow_zone=JAM))

    assert only(said, Outcome).reason == (
        "50 slow zones are known already, and no more at a time; one is over at 2026-03-02T11:00:00+00:00"
    )
    world.tick("11:02")
    later = SlowZone(place(1000), 500.0, at("11:00"), at("12:00"))
    said = world.say(command(CommandKind.SLOW_ZONE, "later", slow_zone=later))
    assert only(said, Outcome).status is OutcomeStatus.ACCEPTED


def test_a_zone_that_is_over_is_refused() -> None:
    world = under_way()

    said = world.say(jam(SlowZone(place(), 500.0, at("07:00"), at("08:00"))))

    assert only(said, Outcome).reason == "the zone is over since 2026-03-02T08:00:00+00:00"
    assert of(said, ReoptimizationRequest) == []


def clear(zone_id: str = "jam") -> Command:
    return command(CommandKind.ROADS_CLEAR, f"clear {zone_id}", zone_id=zone_id)


def test_roads_that_are_clear_again_are_planned_with_as_usual_at_once() -> None:
    world = under_way()
    world.say(answer(only(world.say(jam()), ReoptimizationRequest)))

    said = world.say(clear())

    assert only(said, Outcome).reason == "the roads are clear again; plans reckon with the usual speeds"
    request = only(said, ReoptimizationRequest)
    assert (request.trigger, request.slow_zones) == (Trigger.TRAFFIC, ())
    assert world.depot.slow_zones == {}


def test_of_two_jams_the_other_goes_on() -> None:
    world = under_way()
    world.say(jam(), command(CommandKind.SLOW_ZONE, "same", slow_zone=JAM))

    said = world.say(clear())

    assert only(said, ReoptimizationRequest).slow_zones == (JAM,)


def test_a_question_that_knows_the_jam_is_replaced_once_the_roads_are_clear() -> None:
    world = under_way()
    old = only(world.say(jam()), ReoptimizationRequest)

    said = world.say(clear())

    assert only(said, ReoptimizationRequest) == world.pending != old
    late = only(world.say(proposal(old, route(S1, shift=shift("A")))), Outcome)
    assert late.reason == "the question was replaced by a newer one, which knows more"


def test_a_proposal_that_waits_is_refused_once_the_roads_it_was_made_for_are_clear() -> None:
    world = under_way()
    world.say(depot_record(Acceptance.ASK, effective="08:30"))
    found = proposal(only(world.say(jam()), ReoptimizationRequest), route(S3, shift=shift("B")))
    world.say(found)
    assert list(world.depot.waiting) == [found.proposal_id]

    said = world.say(clear())

    noted, refused = of(said, Outcome)
    assert noted.status is OutcomeStatus.ACCEPTED
    assert refused.reason == "it was made for roads that were slow, and are clear again"
    assert world.depot.waiting == {}


def test_a_proposal_outlives_a_jam_that_ends_as_it_was_told() -> None:
    world = under_way()
    world.say(depot_record(Acceptance.ASK, effective="08:30"))
    brief = SlowZone(place(1000), 500.0, at("09:00"), at("09:05"), share=0.5)
    found = proposal(only(world.say(jam(brief)), ReoptimizationRequest), route(S3, shift=shift("B")))
    world.say(found)
    world.tick("09:10")

    said = world.say(approve(found))

    assert only(said, Outcome).status is OutcomeStatus.ACCEPTED


@pytest.mark.parametrize("clock", ["09:00", "11:01"])
def test_only_roads_that_are_slow_now_can_be_cleared(clock: str) -> None:
    world = under_way()
    world.say(jam())
    world.tick(clock)

    outcome = only(world.say(clear("jam" if clock > "11:00" else "dam")), Outcome)

    assert outcome.status is OutcomeStatus.REFUSED
    known = "none" if clock > "11:00" else "jam"
    assert outcome.reason.endswith(f"known: {known}")


def test_of_many_slow_roads_the_first_few_are_named() -> None:
    world = under_way()
    world.say(*(command(CommandKind.SLOW_ZONE, f"jam {number}", slow_zone=JAM) for number in range(7)))

    outcome = only(world.say(clear("dam")), Outcome)

    assert outcome.reason.endswith("known: jam 0, jam 1, jam 2, jam 3, jam 4 and 2 more")
