"""Roads that are slow or closed: told by a command, asked about at once."""

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
from tests.factories import at, place, route, shift
from tests.streams.dispatch.day_under_way import S1, S3, planned, under_way
from tests.streams.dispatch.world import (
    World,
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

    assert only(said, Outcome).reason == "plans reckon with it from now on"
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
