"""What the dispatch judge remembers: one ``Depot`` each, and the time."""

from datetime import UTC, date, datetime
from uuid import UUID

from msgspec import Struct, field

from routing.changes import Outage
from routing.plan import Location, Route, StopKind, Unassigned
from routing.slow_zones import Slowed, SlowZone
from routing.travel import StraightLine, TravelTimes
from streams.dispatch.local_time import LocalTime, time_zone
from streams.events.dispatch import Outcome, Proposal, ReoptimizationRequest, Trigger
from streams.events.judgements import DelayEvent, VehicleProgress
from streams.events.reference import Acceptance, DepotRecord

STATE_FORMAT = 1
"""To be raised when what was saved before can't be read any more, or would be read otherwise.

Fields that are added with a default need no new number.
"""


class Details(Struct, frozen=True):
    """What an order is, as it was last placed."""

    placed_at: datetime
    received_at: datetime
    stop_id: str
    kind: StopKind
    packages: int
    weight_kg: float
    location: Location | None = None
    service_s: float | None = None


class Promise(Struct, frozen=True):
    """What the customer was last promised; ``rank`` puts a change after what it changes."""

    promised_at: datetime
    rank: int
    received_at: datetime
    opens_at: datetime | None = None
    until_at: datetime | None = None
    day: date | None = None


class Order(Struct, frozen=True):
    """An order: each part is the latest word on it, in whichever order the words came."""

    order_id: str
    details: Details | None = None
    promise: Promise | None = None
    cancelled_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it was placed, and not cancelled since."""
        if self.details is None:
            return False
        return self.cancelled_at is None or self.cancelled_at < self.details.placed_at


class PlanInForce(Struct, frozen=True):
    """The plan of one service date after its last revision; one route a shift."""

    service_date: date
    revision: int
    routes: tuple[Route, ...]
    travel: StraightLine
    unassigned: tuple[Unassigned, ...] = ()

    @property
    def route_of(self) -> dict[str, Route]:
        """Routes by shift."""
        return {route.shift.shift_id: route for route in self.routes}

    @property
    def shift_of(self) -> dict[str, str]:
        """The shift that serves each stop."""
        return {stop_id: route.shift.shift_id for route in self.routes for stop_id in route.stop_ids}


class Wish(Struct, frozen=True):
    """Something happened at ``since_at`` that may deserve a new plan.

    With an ``urgency`` it keeps no distance from the last question; ``is_at_once`` waits for nothing.
    ``is_spare`` is where nothing but a vehicle's time to spare is its reason.
    """

    since_at: datetime
    urgency: Trigger | None = None
    is_at_once: bool = False
    is_spare: bool = False


class Depot(Struct):
    """All that is known of one depot. Moved forward in place.

    ``records`` are its reference data by date of effect. ``seen_revisions`` are the events of the
    last revisions, made here or elsewhere; ``decided`` are outcomes by proposal, ``answered`` those
    by command. ``outages`` are the shifts that go on no more, ``slow_zones`` those of roads by the command
    that told of them; ``aboard`` are the stops whose parcels were on a vehicle as it went out of action;
    ``with_spare`` are the shifts in a spell of time to spare.
    ``heard_at`` is the latest receipt of an order: while history is read, no clock ticks.
    """

    depot_id: str
    records: list[DepotRecord] = field(default_factory=list)
    orders: dict[str, Order] = field(default_factory=dict)
    plans: dict[date, PlanInForce] = field(default_factory=dict)
    seen_revisions: dict[UUID, int] = field(default_factory=dict)
    progress: dict[str, VehicleProgress] = field(default_factory=dict)
    delays: dict[str, DelayEvent] = field(default_factory=dict)
    wishes: dict[date, Wish] = field(default_factory=dict)
    pending: ReoptimizationRequest | None = None
    waiting: dict[str, Proposal] = field(default_factory=dict)
    decided: dict[str, Outcome] = field(default_factory=dict)
    answered: dict[str, Outcome] = field(default_factory=dict)
    last_requested_at: datetime | None = None
    tidied_on: date | None = None
    heard_at: datetime | None = None
    outages: dict[str, Outage] = field(default_factory=dict)
    slow_zones: dict[str, SlowZone] = field(default_factory=dict)
    aboard: dict[str, tuple[str, ...]] = field(default_factory=dict)
    with_spare: set[str] = field(default_factory=set)

    def record(self, now: datetime) -> DepotRecord | None:
        """The record in force: the latest at or before ``now``, before the first one that one."""
        in_force = [record for record in self.records if record.effective_at <= now]
        return in_force[-1] if in_force else next(iter(self.records), None)

    def acceptance(self, now: datetime) -> Acceptance:
        """Who accepts; people, where nothing is known of the depot."""
        record = self.record(now)
        return Acceptance.ASK if record is None else record.acceptance

    def travel(self, now: datetime) -> StraightLine:
        """What new plans reckon with."""
        record = self.record(now)
        return StraightLine() if record is None else record.travel

    def zones_ahead(self, now: datetime) -> tuple[SlowZone, ...]:
        """The slow zones that are not over."""
        return tuple(zone for zone in self.slow_zones.values() if zone.until_at > now)

    def travel_now(self, travel: StraightLine, now: datetime) -> TravelTimes:
        """``travel`` with the slow zones over it that are not over."""
        zones = self.zones_ahead(now)
        return Slowed(travel, zones) if zones else travel

    def time_zone(self, now: datetime) -> str:
        """The depot's time zone; UTC, where nothing is known of the depot."""
        record = self.record(now)
        return "UTC" if record is None else record.time_zone

    def local_time(self, now: datetime) -> LocalTime:
        """How service dates are found; by UTC, where nothing is known of the depot."""
        record = self.record(now)
        if record is None:
            return LocalTime(time_zone("UTC"))
        return LocalTime(time_zone(record.time_zone), record.cutover_hour)

    def plan_of_shift(self, shift_id: str) -> PlanInForce | None:
        """The plan that the shift belongs to."""
        return next((plan for plan in self.plans.values() if shift_id in plan.route_of), None)


class DispatchState(Struct):
    """The state of one partition number; ``now`` is the latest tick or judgement, and never goes back."""

    partition: int
    now: datetime | None = None
    depots: dict[str, Depot] = field(default_factory=dict)

    def depot(self, depot_id: str) -> Depot:
        """The depot of that id, new where it was not heard of."""
        return self.depots.setdefault(depot_id, Depot(depot_id))

    def pass_time(self, moment: datetime) -> None:
        """Move ``now`` to ``moment`` unless it is there already."""
        if self.now is None or moment > self.now:
            self.now = moment.astimezone(UTC)
