"""A depot and its judge in memory: say what happens, and see what the judge says to it.

The day is that of ``tests.factories``: Monday 2 March 2026, UTC, depot ``D1``.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID, uuid5

from routing.changes import AlternativeKind, Effects, Outage
from routing.plan import Route, Shift, Stop, StopKind, Unassigned
from routing.slow_zones import SlowZone
from streams.codec import encode
from streams.dispatch.judge import DispatchJudge, pending_requests
from streams.dispatch.rules import Rules
from streams.dispatch.state import Depot
from streams.events.base import NAMESPACE, Event
from streams.events.delivery import OrderEvent, OrderKind, Package
from streams.events.dispatch import (
    Choice,
    Command,
    CommandKind,
    PlanRevision,
    Proposal,
    ReoptimizationRequest,
    Trigger,
)
from streams.events.dispatch import Sequence as StopSequence
from streams.events.judgements import ClockTick, DelayEvent, DelayPhase, DelayRule, VehicleProgress
from streams.events.reference import Acceptance, DepotRecord
from streams.judge import DeadLetter, Emission, Record
from streams.topics import COMMANDS, DELAYS, DEPOTS, ORDERS, PLANS, PROGRESS, PROPOSALS, TICKS, Topic
from tests.factories import DAY, TRAVEL, at, place, shift, stop

E = TypeVar("E", bound=Event)

D1 = "D1"
END_OF_DAY_MS = int(at("23:00").timestamp() * 1000)


def event_id(*words: object) -> UUID:
    """An id that follows from what the event is about."""
    return uuid5(NAMESPACE, " ".join(map(str, words)))


def order(
    order_id: str = "o1",
    kind: OrderKind = OrderKind.PLACED,
    promised: tuple[str, str] | None = ("09:00", "12:00"),
    *,
    ordered: str = "06:00",
    stop_id: str | None = None,
    east_m: float | None = 1000.0,
    packages: int = 1,
    service_s: float | None = 60.0,
    stop_kind: StopKind = StopKind.DELIVER,
) -> OrderEvent:
    """An order for today, 1 km east of the depot; its stop is named like itself."""
    where = None if east_m is None else place(east_m)
    return OrderEvent(
        event_id=event_id("order", order_id, kind, ordered, promised, stop_id, packages, stop_kind),
        source="shop",
        received_at=at(ordered),
        order_id=order_id,
        depot_id=D1,
        kind=kind,
        ordered_at=at(ordered),
        promised_from=None if promised is None else at(promised[0]),
        promised_until=None if promised is None else at(promised[1]),
        stop_id=stop_id or order_id.replace("o", "s"),
        lat_deg=None if where is None else where.lat_deg,
        lon_deg=None if where is None else where.lon_deg,
        service_s=service_s,
        stop_kind=stop_kind,
        packages=tuple(Package(package_id=f"{order_id}-{n}", weight_kg=2.0) for n in range(packages)),
    )


def doorstep(number: int) -> Stop:
    """The stop ``s<number>`` that the order ``o<number>`` makes."""
    return stop(
        f"s{number}", window=("09:00", "11:59"), service_s=60.0, weight_kg=2.0, order_ids=(f"o{number}",)
    )


def command(
    kind: CommandKind = CommandKind.PLAN_DAY,
    command_id: str = "c1",
    *,
    proposal_id: str | None = None,
    shifts: Sequence[Shift] = (),
    sent: int = 1,
    reason: str = "",
    choice: int | None = None,
    outage: Outage | None = None,
    shift_id: str | None = None,
    slow_zone: SlowZone | None = None,
    zone_id: str | None = None,
) -> Command:
    """A command; ``plan_day`` is for today with shift ``A``. ``sent`` tells two sendings apart."""
    is_plan = kind is CommandKind.PLAN_DAY
    return Command(
        event_id=event_id("command", command_id, sent),
        source="test",
        command_id=command_id,
        depot_id=D1,
        kind=kind,
        issued_at=at("06:30"),
        issued_by="ada",
        proposal_id=proposal_id,
        service_date=DAY if is_plan else None,
        shifts=tuple(shifts or [shift("A")]) if is_plan else (),
        reason=reason,
        choice=choice,
        outage=outage,
        shift_id=shift_id,
        slow_zone=slow_zone,
        zone_id=zone_id,
    )


def approve(proposal: Proposal, command_id: str = "ok", choice: int | None = None) -> Command:
    return command(CommandKind.APPROVE, command_id, proposal_id=proposal.proposal_id, choice=choice)


def reject(proposal: Proposal, command_id: str = "no", reason: str = "") -> Command:
    return command(CommandKind.REJECT, command_id, proposal_id=proposal.proposal_id, reason=reason)


def depot_record(
    acceptance: Acceptance = Acceptance.AUTOMATIC,
    *,
    effective: str = "00:00",
    time_zone: str = "UTC",
    cutover_hour: int = 0,
) -> DepotRecord:
    """Depot ``D1``, where the policy accepts."""
    return DepotRecord(
        event_id=event_id("depot", acceptance, effective, time_zone, cutover_hour),
        source="test",
        effective_at=at(effective),
        depot_id=D1,
        name="Depot One",
        time_zone=time_zone,
        cutover_hour=cutover_hour,
        acceptance=acceptance,
        travel=TRAVEL,
    )


def delay(
    alert_id: str = "a1",
    phase: DelayPhase = DelayPhase.RAISED,
    judged: str = "09:00",
    *,
    rule: DelayRule = DelayRule.LATE,
    shift_id: str = "A",
    stop_id: str = "s1",
) -> DelayEvent:
    """A stop of shift ``A`` is going to be ten minutes late."""
    return DelayEvent(
        event_id=event_id("delay", alert_id, phase, judged, rule),
        source="doorstep.fleet",
        alert_id=alert_id,
        depot_id=D1,
        vehicle_id=f"v-{shift_id}",
        shift_id=shift_id,
        stop_id=stop_id,
        rule=rule,
        phase=phase,
        judged_at=at(judged),
        delay_s=600.0,
        cause="traffic",
        evidence="",
        p50_at=at("12:10"),
        p90_at=at("12:20"),
        closes_at=at("12:00"),
    )


def progress(
    shift_id: str = "A",
    judged: str = "09:00",
    *,
    done: Sequence[str] = (),
    current: str | None = None,
    next_stop: str | None = None,
    loaded: Sequence[str] = (),
    has_departed: bool = True,
    revision: int = 1,
    delay_s: float = 0.0,
) -> VehicleProgress:
    """Shift ``A`` is out, 500 m east of the depot."""
    return VehicleProgress(
        event_id=event_id("progress", shift_id, judged, done, current, next_stop, loaded, delay_s),
        source="doorstep.fleet",
        vehicle_id=f"v-{shift_id}",
        depot_id=D1,
        shift_id=shift_id,
        plan_revision=revision,
        judged_at=at(judged),
        location=place(500.0),
        free_at=at(judged),
        has_departed=has_departed,
        done_stop_ids=tuple(done),
        current_stop_id=current,
        next_stop_id=next_stop,
        loaded_stop_ids=tuple(loaded),
        delay_s=delay_s,
    )


def proposal(
    request: ReoptimizationRequest,
    *routes: Route,
    unassigned: Sequence[Unassigned] = (),
    reasons: tuple[str, ...] = (),
    valid: timedelta = timedelta(minutes=15),
) -> Proposal:
    """What a solver might answer to ``request``."""
    held = timedelta(days=1) if request.trigger is Trigger.PLAN_DAY else valid
    return Proposal(
        event_id=event_id("proposal", request.request_id),
        source="test",
        correlation_id=request.correlation_id,
        proposal_id=f"p-{request.request_id[:8]}",
        request_id=request.request_id,
        depot_id=D1,
        service_date=request.service_date,
        trigger=request.trigger,
        base_revision=request.base_revision,
        requested_at=request.requested_at,
        expires_at=request.requested_at + held,
        routes=routes,
        effects=Effects(reasons=reasons),
        travel=request.travel,
        unassigned=tuple(unassigned),
        outages=request.outages,
        slow_zones=request.slow_zones,
    )


def choice(
    kind: AlternativeKind,
    *sequences: StopSequence,
    words: str = "",
    outlook: str = "every stop is in time",
    off: tuple[str, ...] = (),
) -> Choice:
    """Something that can be done, and makes no difference in figures."""
    return Choice(
        kind=kind,
        words=words or f"to {kind}",
        outlook=outlook,
        is_proposed=False,
        price_delta_s=0.0,
        duration_delta_s=0.0,
        distance_delta_m=0.0,
        cost_delta=0.0,
        co2e_delta_kg=0.0,
        lateness_delta_s=0.0,
        unserved_stop_ids=off,
        sequences=sequences,
    )


def revision(number: int, base: int | None, *routes: Route) -> PlanRevision:
    """A revision that somebody else made."""
    return PlanRevision(
        event_id=event_id("foreign", number, base, [route.stop_ids for route in routes]),
        source="elsewhere",
        depot_id=D1,
        service_date=DAY,
        revision=number,
        base_revision=base,
        effective_at=at("07:00"),
        routes=routes,
        travel=TRAVEL,
        reason="by hand",
    )


_TOPIC_OF: dict[type[Event], Topic] = {
    OrderEvent: ORDERS,
    Command: COMMANDS,
    DepotRecord: DEPOTS,
    DelayEvent: DELAYS,
    VehicleProgress: PROGRESS,
    Proposal: PROPOSALS,
    PlanRevision: PLANS,
    ClockTick: TICKS,
}


class World:
    """One partition with one judge; the log so far is in ``records``."""

    def __init__(self, rules: Rules = Rules()) -> None:  # noqa: B008
        self.judge = DispatchJudge(rules)
        self.state = self.judge.fresh(0)
        self.records: list[Record] = []
        self.outputs: list[Emission | DeadLetter] = []

    @property
    def depot(self) -> Depot:
        return self.state.depots[D1]

    @property
    def pending(self) -> ReoptimizationRequest:
        (request,) = pending_requests(self.state)
        return request

    def say(self, *events: Event) -> list[Event]:
        """Let these happen, one after the other; what the judge publishes in return."""
        said: list[Event] = []
        for event in events:
            for output in self.read(_TOPIC_OF[type(event)], encode(event)):
                assert isinstance(output, Emission), output
                said.append(output.event)
        return said

    def read(
        self, topic: Topic, value: bytes, key: bytes | None = b"D1", appended_at_ms: int = END_OF_DAY_MS
    ) -> list[Emission | DeadLetter]:
        """One record as it would be read."""
        record = Record(topic.name, 0, len(self.records), appended_at_ms, key, value)
        self.records.append(record)
        outputs = self.judge.advance(self.state, record)
        self.outputs += outputs
        return outputs

    def tick(self, clock: str) -> list[Event]:
        """The clock says so."""
        return self.say(tick(at(clock)))

    def plan_day(self, *routes: Route) -> list[Event]:
        """Today's orders are planned as ``routes`` and accepted by policy."""
        self.say(depot_record())
        stops = [visit.stop for route in routes for visit in route.visits]
        self.say(*(order(each.stop_id.replace("s", "o"), stop_kind=each.kind) for each in stops))
        self.say(command(shifts=[route.shift for route in routes]))
        return self.say(proposal(self.pending, *routes))


def tick(now: datetime) -> ClockTick:
    return ClockTick(event_id=event_id("tick", now), source="clock", now_at=now)


def only(events: Sequence[Event], event_type: type[E]) -> E:
    """The single event of that type."""
    (found,) = of(events, event_type)
    return found


def of(events: Sequence[Event], event_type: type[E]) -> list[E]:
    """The events of that type."""
    return [event for event in events if isinstance(event, event_type)]
