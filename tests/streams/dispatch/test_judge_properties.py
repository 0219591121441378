"""Whatever happens at a depot, in whichever order and however often it is told."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import msgspec
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from routing.plan import Route, StopKind
from routing.schedule import schedule_route
from streams.codec import encode
from streams.dispatch.judge import DispatchJudge, pending_requests
from streams.dispatch.rules import Rules
from streams.events.base import Event
from streams.events.delivery import OrderKind
from streams.events.dispatch import (
    Command,
    OutcomeStatus,
    PlanRevision,
    Proposal,
    ReoptimizationRequest,
    Trigger,
)
from streams.events.judgements import DelayPhase
from streams.events.reference import Acceptance
from streams.judge import DeadLetter, Emission, Record
from streams.topics import COMMANDS, DELAYS, DEPOTS, ORDERS, PROGRESS, TICKS
from tests.factories import TRAVEL, at, route, shift
from tests.streams.dispatch.world import (
    D1,
    World,
    approve,
    command,
    delay,
    depot_record,
    doorstep,
    order,
    progress,
    proposal,
    reject,
    tick,
)

IMPATIENT = Rules(debounce_s=60.0, min_interval_s=120.0)
SHIFTS = (shift("A"), shift("B"))
Step = Callable[[World], Event | None]


def shuffled(request: ReoptimizationRequest, order_of: list[int], cut: int) -> tuple[Route, ...]:
    """Some answer to ``request``: its stops in some order, the first ``cut`` of them for shift A."""
    planned = [visit.stop for route in request.routes for visit in route.visits]
    off = set(request.cancelled_stop_ids)
    stops = {each.stop_id: each for each in [*planned, *request.stops] if each.stop_id not in off}
    ids = sorted(stops)
    ids = sorted(ids, key=lambda stop_id: order_of[ids.index(stop_id) % len(order_of)])
    split = cut % (len(ids) + 1)
    return tuple(
        schedule_route(each, [stops[stop_id] for stop_id in part], TRAVEL)
        for each, part in zip(SHIFTS, (ids[:split], ids[split:]), strict=True)
    )


def answered(order_of: list[int], cut: int) -> Step:
    def step(world: World) -> Event | None:
        requests = pending_requests(world.state)
        if not requests:
            return None
        return proposal(requests[0], *shuffled(requests[0], order_of, cut))

    return step


def decided(make: Callable[[Proposal, str], Command]) -> Step:
    def step(world: World) -> Event | None:
        depot = world.state.depots.get(D1)
        waiting = None if depot is None else next(iter(depot.waiting.values()), None)
        if waiting is None:
            return None
        return make(waiting, f"{make.__name__} {waiting.proposal_id}")

    return step


def read_back(index: int) -> Step:
    """The judge's own revisions come back on their topic."""

    def step(world: World) -> Event | None:
        plans = [
            each.event
            for each in world.outputs
            if isinstance(each, Emission) and isinstance(each.event, PlanRevision)
        ]
        return plans[index % len(plans)] if plans else None

    return step


def said(event: Event) -> Step:
    return lambda world: event


def clock_of(world: World, minutes_ago: int = 0) -> str:
    now = world.state.now or at("07:00")
    return (now - timedelta(minutes=minutes_ago)).strftime("%H:%M")


def later(minutes: int) -> Step:
    return lambda world: tick((world.state.now or at("07:00")) + timedelta(minutes=minutes))


def delayed(shift_id: str, number: int, phase: DelayPhase, minutes_ago: int) -> Step:
    return lambda world: delay(f"a{number}", phase, clock_of(world, minutes_ago), shift_id=shift_id)


def ordered(number: int, kind: OrderKind, minutes_ago: int) -> Step:
    return lambda world: order(f"o{number}", kind, ordered=clock_of(world, minutes_ago))


def driven(shift_id: str, minutes_ago: int, done: int, is_loaded: bool, ahead_s: float) -> Step:
    """A shift has served the first stops of its route and drives to the next, as planned or ahead of that."""

    def step(world: World) -> Event | None:
        plan = next(iter(world.depot.plans.values()), None)
        if plan is None:
            return None
        ids = plan.route_of[shift_id].stop_ids
        return progress(
            shift_id,
            clock_of(world, minutes_ago),
            done=ids[:done],
            next_stop=ids[done] if done < len(ids) else None,
            loaded=ids if is_loaded else (),
            delay_s=-ahead_s,
        )

    return step


AGO = st.integers(0, 3)
NUMBERS = st.integers(1, 6)
SHIFT_IDS = st.sampled_from(["A", "B"])
AHEAD = st.sampled_from([0.0, 500.0, 1_000.0])
ANSWERS = st.builds(answered, st.lists(st.integers(0, 9), min_size=1, max_size=5), st.integers(0, 5))

STEPS: st.SearchStrategy[Step] = st.one_of(
    st.integers(-5, 20).map(later),
    ANSWERS,
    st.just(decided(approve)),
    st.just(decided(reject)),
    st.integers(0, 5).map(read_back),
    st.sampled_from(["c1", "c2"]).map(lambda name: said(command(command_id=name, shifts=SHIFTS))),
    st.builds(ordered, NUMBERS, st.sampled_from(OrderKind), AGO),
    st.builds(delayed, SHIFT_IDS, NUMBERS, st.sampled_from(DelayPhase), AGO),
    st.builds(driven, SHIFT_IDS, AGO, st.integers(0, 2), st.booleans(), AHEAD),
)

ROUNDS: st.SearchStrategy[list[Step]] = st.one_of(
    STEPS.map(lambda step: [step]),
    st.builds(
        lambda shift_id, number, answer, between: [
            delayed(shift_id, number, DelayPhase.RAISED, 0),
            later(3),
            *between,
            answer,
            decided(approve),
        ],
        SHIFT_IDS,
        NUMBERS,
        ANSWERS,
        st.lists(STEPS, max_size=2),
    ),
    st.builds(
        lambda late, answer, between: [
            delayed(late, 1, DelayPhase.RAISED, 0),
            later(3),
            answer,
            driven("B" if late == "A" else "A", 0, 0, False, 1_000.0),
            later(1),
            *between,
            later(2),
            answer,
        ],
        SHIFT_IDS,
        ANSWERS,
        st.lists(STEPS, max_size=2),
    ),
)
"""Single steps, and whole rounds: from a delay to its decision, and to who has time to spare for it."""

BEGINNING: list[Step] = [
    said(order("o1")),
    said(order("o2")),
    said(order("o3", stop_kind=StopKind.PICK_UP)),
    said(command(shifts=SHIFTS)),
    answered([0, 1, 2], 2),
    decided(approve),
    later(60),
]


@st.composite
def days(draw: st.DrawFn) -> World:
    """A day of some length at a depot of either policy, as its judge lived it."""
    world = World(IMPATIENT)
    world.say(depot_record(draw(st.sampled_from(Acceptance))))
    rounds = draw(st.lists(ROUNDS, max_size=12))
    for step in [*BEGINNING, *(step for each in rounds for step in each)]:
        event = step(world)
        if event is not None:
            world.say(event)
    return world


QUICK = settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])


def replay(records: list[Record], cut: int | None = None) -> list[list[Emission | DeadLetter]]:
    """The outputs, record by record; saved and loaded before record ``cut``."""
    judge = DispatchJudge(IMPATIENT)
    state = judge.fresh(0)
    outputs = []
    for index, record in enumerate(records):
        if index == cut:
            state = judge.load(judge.save(state))
        outputs.append(judge.advance(state, record))
    return outputs


@QUICK
@given(days(), st.data())
def test_cut_anywhere_and_loaded_again_the_judge_says_the_same(world: World, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(world.records) - 1))

    assert replay(world.records, cut) == replay(world.records)


@QUICK
@given(days(), st.data())
def test_an_event_told_again_changes_nothing_however_late(world: World, data: st.DataObject) -> None:
    records = world.records
    index = data.draw(st.integers(0, len(records) - 1))
    position = data.draw(st.integers(index + 1, len(records)))
    if records[index].topic == TICKS.name:
        return

    twice = replay([*records[:position], records[index], *records[position:]])

    assert twice.pop(position) == []
    assert twice == replay(records)


@QUICK
@given(days())
def test_everything_told_again_at_the_end_changes_no_plan(world: World) -> None:
    plans = dict(world.depot.plans)
    told = [record for record in world.records if record.topic not in (TICKS.name, COMMANDS.name)]

    for record in told:
        world.judge.advance(world.state, record)

    assert world.depot.plans == plans


@QUICK
@given(days())
def test_no_stop_is_ever_in_two_routes(world: World) -> None:
    for plan in world.depot.plans.values():
        counts = Counter(stop_id for route in plan.routes for stop_id in route.stop_ids)

        assert max(counts.values(), default=1) == 1


@QUICK
@given(days())
def test_revisions_increase_by_one_each_on_the_one_before(world: World) -> None:
    plans = [
        each.event
        for each in world.outputs
        if isinstance(each, Emission) and isinstance(each.event, PlanRevision)
    ]

    assert [plan.revision for plan in plans] == list(range(1, len(plans) + 1))
    assert [plan.base_revision for plan in plans] == [None, *range(1, len(plans))][: len(plans)]


@QUICK
@given(days())
def test_every_command_has_one_outcome_and_no_two_events_share_an_id(world: World) -> None:
    emitted = [each.event for each in world.outputs if isinstance(each, Emission)]

    assert max(Counter(event.event_id for event in emitted).values(), default=1) == 1
    first = [
        event.command_id
        for event in emitted
        if hasattr(event, "command_id") and event.status is not OutcomeStatus.REPEATED  # type: ignore[attr-defined]
    ]
    assert len(first) == len(set(first))


@QUICK
@given(days())
def test_a_depot_asks_one_thing_at_a_time_and_keeps_its_distance(world: World) -> None:
    asked = [
        each.event
        for each in world.outputs
        if isinstance(each, Emission)
        and isinstance(each.event, ReoptimizationRequest)
        and each.event.base_revision is not None
    ]
    gaps = [(later.requested_at - earlier.requested_at).total_seconds() for earlier, later in pairwise(asked)]

    event(f"asked because of spare time: {any(each.trigger is Trigger.SPARE_TIME for each in asked)}")
    assert len(pending_requests(world.state)) <= 1
    assert min(gaps, default=IMPATIENT.min_interval_s) >= IMPATIENT.min_interval_s


VALID: dict[str, bytes] = {
    ORDERS.name: encode(order()),
    COMMANDS.name: encode(command()),
    DEPOTS.name: encode(depot_record()),
    DELAYS.name: encode(delay()),
    PROGRESS.name: encode(progress()),
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=300)
@given(st.sampled_from(sorted(VALID)), st.data())
def test_any_field_may_hold_anything_and_the_judge_goes_on(name: str, data: st.DataObject) -> None:
    world = World(IMPATIENT)
    world.plan_day(route(doorstep(1)))
    topic = next(each for each in (ORDERS, COMMANDS, DEPOTS, DELAYS, PROGRESS) if each.name == name)
    fields: dict[str, object] = msgspec.json.decode(VALID[name])
    fields[data.draw(st.sampled_from(sorted(fields)))] = data.draw(
        JSON | st.sampled_from(["9999-12-31T23:59:59-23:00", "0001-01-01T00:00:00+23:00", 10**30, 1e308, ""])
    )

    world.read(topic, msgspec.json.encode(fields))
    world.tick("09:30")

    assert world.judge.load(world.judge.save(world.state)) == world.state
