"""What the fleet judge remembers of one partition; plain structs, saved whole as MessagePack."""

from datetime import datetime

from msgspec import Struct, field

from routing.plan import Location, Stop
from streams.events.delivery import ScanKind
from streams.events.dispatch import RouteAssignment
from streams.events.judgements import DelayRule, KnownBy, StopEta


class SeenIds(Struct):
    """Ids of judged events, 16 bytes each, in two generations: a full young one becomes the old one."""

    young: set[bytes] = field(default_factory=set)
    old: set[bytes] = field(default_factory=set)


class Approach(Struct):
    """Standing inside a stop's radius, not yet for long enough to be an arrival."""

    stop_id: str
    since_at: datetime


class Visit(Struct):
    """A visit, open while ``departed_at`` is ``None``. ``done_at`` is when its last order was scanned."""

    visit_id: str
    stop_id: str
    is_depot: bool
    location: Location
    radius_m: float
    arrived_at: datetime
    known_by: KnownBy
    last_inside_at: datetime
    is_outside: bool = False
    departed_at: datetime | None = None
    done_at: datetime | None = None
    scans: list[ScanKind] = field(default_factory=list)
    is_confirmed_by_scan: bool | None = None
    contradiction: str | None = None


class OpenDelay(Struct):
    """A delay that was raised and not cleared, as it was last told."""

    alert_id: str
    rule: DelayRule
    delay_s: float
    told_at: datetime
    estimate: StopEta
    closes_at: datetime
    order_ids: tuple[str, ...]
    cause: str
    fine_since_at: datetime | None = None


class ProgressMark(Struct, frozen=True):
    """What of a shift's progress was last told; a difference is told at once."""

    plan_revision: int
    has_departed: bool
    done: int
    current_stop_id: str | None
    next_stop_id: str | None


class ShiftState(Struct):
    """One shift under way. ``remaining`` holds the places in the route that are not done, in sequence.

    No stop is within reach while the vehicle stays within ``quiet_m`` of ``quiet_around``.
    ``planned_at`` is each stop's arrival in the first plan that had it.
    """

    assignment: RouteAssignment
    first_revision: int
    remaining: list[int] = field(default_factory=list)
    done: dict[str, datetime] = field(default_factory=dict)
    loaded_stop_ids: list[str] = field(default_factory=list)
    scanned_order_ids: set[str] = field(default_factory=set)
    planned_at: dict[str, datetime] = field(default_factory=dict)
    departed_at: datetime | None = None
    has_been_at_depot: bool = False
    visit: Visit | None = None
    visits: dict[str, Visit] = field(default_factory=dict)
    visit_counts: dict[str, int] = field(default_factory=dict)
    approach: Approach | None = None
    quiet_around: Location | None = None
    quiet_m: float = 0.0
    service_over_s: float = 0.0
    etas: tuple[StopEta, ...] = ()
    is_eta_due: bool = True
    is_eta_untold: bool = False
    eta_told_at: datetime | None = None
    is_delay_due: bool = True
    delays: dict[str, OpenDelay] = field(default_factory=dict)
    delay_counts: dict[str, int] = field(default_factory=dict)
    progress: ProgressMark | None = None
    progress_told_at: datetime | None = None
    progress_due_at: datetime | None = None

    @property
    def depot_id(self) -> str:
        """The depot that the shift belongs to."""
        return self.assignment.depot_id

    @property
    def serving(self) -> Visit | None:
        """The open visit at a stop that is not done yet."""
        visit = self.visit
        if visit is None or visit.is_depot or visit.done_at is not None:
            return None
        return visit

    def stop_at(self, position: int) -> Stop:
        """The stop at a place in the route."""
        return self.assignment.route.visits[position].stop

    def find_stop(self, stop_id: str | None, order_id: str | None) -> Stop | None:
        """The stop of the route with that id, else the one that serves the order."""
        stops = (visit.stop for visit in self.assignment.route.visits)
        for stop in stops:
            if stop.stop_id == stop_id or (stop_id is None and order_id in stop.order_ids):
                return stop
        return None

    def ahead(self) -> list[int]:
        """Places in the route that are neither done nor being served, in sequence."""
        serving = self.serving
        if serving is None:
            return self.remaining
        return [place for place in self.remaining if self.stop_at(place).stop_id != serving.stop_id]

    def next_place(self) -> int | None:
        """The first place of ``ahead``, without making the list."""
        serving = self.serving
        for place in self.remaining:
            if serving is None or self.stop_at(place).stop_id != serving.stop_id:
                return place
        return None

    def forget_done(self) -> None:
        """Work out ``remaining`` anew; what hung on the old one is due again."""
        visits = self.assignment.route.visits
        self.remaining = [place for place, visit in enumerate(visits) if visit.stop.stop_id not in self.done]
        self.quiet_around = None
        self.is_eta_due = True


class VehicleState(Struct):
    """One vehicle. ``position_at`` is the newest fix that moved it, ``heard_at`` the last receipt.

    ``fix_times`` are the last fix times, 8 bytes each, microseconds since 1970, little end first.
    """

    vehicle_id: str
    reporting_interval_s: float = 60.0
    reference_at: datetime | None = None
    now_at: datetime | None = None
    heard_at: datetime | None = None
    silent_since_at: datetime | None = None
    newest_fix_us: int = -1
    fix_times: bytearray = field(default_factory=bytearray)
    location: Location | None = None
    position_at: datetime | None = None
    still_since_at: datetime | None = None
    shift: ShiftState | None = None
    upcoming: list[RouteAssignment] = field(default_factory=list)


class FleetState(Struct):
    """One partition: its time (of the ticks), its vehicles, and which vehicle drives which shift."""

    partition: int
    now_at: datetime | None = None
    seen: SeenIds = field(default_factory=SeenIds)
    vehicles: dict[str, VehicleState] = field(default_factory=dict)
    shifts: dict[str, str] = field(default_factory=dict)

    def vehicle(self, vehicle_id: str) -> VehicleState:
        """The vehicle, remembered from now on."""
        found = self.vehicles.get(vehicle_id)
        if found is None:
            found = self.vehicles[vehicle_id] = VehicleState(vehicle_id)
        return found
