"""A day that is driven: planned, and with a request that waits for its answer."""

from streams.events.dispatch import Outcome, OutcomeStatus, Proposal
from streams.events.reference import Acceptance
from tests.factories import route, shift
from tests.streams.dispatch.world import World, delay, depot_record, doorstep, only, progress

S1, S2, S3 = doorstep(1), doorstep(2), doorstep(3)


def planned() -> World:
    """Shift A drives s1, s2 and shift B s3, by policy, since 08:00."""
    world = World()
    world.plan_day(route(S1, S2, shift=shift("A")), route(S3, shift=shift("B")))
    world.tick("08:00")
    return world


def under_way() -> World:
    """Shift A has s1 behind it and s2 on board, B is out with s3; it is 09:00."""
    world = planned()
    world.say(
        progress("A", "09:00", done=["s1"], next_stop="s2", loaded=["s2"]),
        progress("B", "09:00", next_stop="s3", loaded=["s3"]),
    )
    world.tick("09:00")
    return world


def sequences(world: World) -> dict[str, tuple[str, ...]]:
    (plan,) = world.depot.plans.values()
    return {each.shift.shift_id: each.stop_ids for each in plan.routes}


def asked(world: World | None = None, acceptance: Acceptance = Acceptance.AUTOMATIC) -> World:
    """A delay of shift A at 09:00 has been asked about at 09:02."""
    world = world or planned()
    world.say(depot_record(acceptance, effective="08:30"), delay(judged="09:00"))
    world.tick("09:02")
    assert world.pending
    return world


def refusal(world: World, answer: Proposal) -> str:
    """Why ``answer`` was refused; nothing of it may have come into force."""
    before = dict(world.depot.plans)
    outcome = only(world.say(answer), Outcome)
    assert outcome.status is OutcomeStatus.REFUSED
    assert world.depot.plans == before
    return outcome.reason
