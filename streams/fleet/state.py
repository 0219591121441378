"""What the fleet judge remembers of one partition: columns for all, objects for those with a route."""

from datetime import datetime
from functools import cached_property
from math import isnan

import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

from routing.plan import Location, Stop
from streams.events.delivery import ScanKind
from streams.events.dispatch import RouteAssignment
from streams.events.judgements import KnownBy
from streams.fleet.columns import blank, rules_rows
from streams.fleet.eta_text import StopNames
from streams.fleet.instants import micros_or_never, moment_or_none
from streams.fleet.packing import pack, unpack
from streams.fleet.rules import FleetRules
from streams.fleet.screen import VEHICLE
from streams.fleet.seen import Seen
from streams.fleet.stop_table import StopTable
from streams.fleet.telemetry.faults import Faults
from streams.fleet.travel_table import TravelTable

FEWEST_VEHICLES = 64
DEFAULT_INTERVAL_S = 60.0
"""How often a vehicle should be heard of which the reference data say nothing."""


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


class ProgressMark(Struct, frozen=True):
    """What of a shift's progress was last told; a difference is told at once."""

    plan_revision: int
    has_departed: bool
    done: int
    current_stop_id: str | None
    next_stop_id: str | None


class ShiftState(Struct, dict=True):
    """One shift under way. ``packed_route`` is its ``assignment``, as it is saved.

    ``remaining`` holds the places in the route that are not done, in sequence.
    No stop is within reach while the vehicle stays within ``quiet_m`` of ``quiet_around``.
    ``planned_at`` is each stop's arrival in the first plan that had it. ``told_outcomes`` are the orders
    whose customers know of their delivery, and those with an attempt that they know has failed.
    ``left_notices`` are those told of stops that the route had once, should it have them again.
    """

    packed_route: bytes
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
    is_eta_due: bool = True
    is_eta_untold: bool = False
    eta_told_at: datetime | None = None
    delay_counts: dict[str, int] = field(default_factory=dict)
    alert_counts: dict[str, int] = field(default_factory=dict)
    told_outcomes: set[str] = field(default_factory=set)
    left_notices: dict[str, int] = field(default_factory=dict)
    progress: ProgressMark | None = None
    progress_told_at: datetime | None = None
    progress_due_at: datetime | None = None

    @cached_property
    def assignment(self) -> RouteAssignment:
        """The route in force. Changed by ``adopt``."""
        return unpack(self.packed_route)

    def adopt(self, assignment: RouteAssignment) -> None:
        """Put a route in force."""
        self.packed_route, self.assignment = pack(assignment), assignment

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


class VehicleState:
    """One vehicle that has a route, under way or to come. Its motion is in ``record``, in columns.

    ``names`` are those of the stops of the route under way, as text for its ETAs.
    """

    __slots__ = ("names", "number", "record", "shift", "silent_since_at", "upcoming", "vehicle_id")

    def __init__(self, vehicle_id: str, number: int, record: np.void) -> None:
        self.vehicle_id = vehicle_id
        self.number = number
        self.record = record
        self.silent_since_at: datetime | None = None
        self.shift: ShiftState | None = None
        self.upcoming: list[RouteAssignment] = []
        self.names: StopNames | None = None

    @property
    def now_at(self) -> datetime | None:
        """The newest moment that its own events speak of."""
        return moment_or_none(self.record["now_us"])

    @property
    def heard_at(self) -> datetime | None:
        """When a fix or telemetry of it was received last."""
        return moment_or_none(self.record["heard_us"])

    @property
    def position_at(self) -> datetime | None:
        """The time of the newest fix that moved it."""
        return moment_or_none(self.record["position_us"])

    @position_at.setter
    def position_at(self, at: datetime | None) -> None:
        self.record["position_us"] = micros_or_never(at)

    @property
    def still_since_at(self) -> datetime | None:
        """Since when it stands."""
        return moment_or_none(self.record["still_since_us"])

    @still_since_at.setter
    def still_since_at(self, at: datetime | None) -> None:
        self.record["still_since_us"] = micros_or_never(at)

    @property
    def location(self) -> Location | None:
        """Where it is."""
        lat_deg, lon_deg = float(self.record["lat_deg"]), float(self.record["lon_deg"])
        return None if isnan(lat_deg) else Location(lat_deg, lon_deg)

    @location.setter
    def location(self, location: Location) -> None:
        self.record["lat_deg"], self.record["lon_deg"] = location.lat_deg, location.lon_deg


class FleetState:
    """One partition: its time (of the ticks), its vehicles, and which vehicle drives which shift.

    ``numbers`` gives each vehicle ever heard its place in ``records``; ``vehicles`` are those with a
    route, also ``by_number``. ``limits`` are the rules as an array of one record.
    """

    __slots__ = (
        "by_number",
        "depots",
        "event_ids",
        "faults",
        "fix_times",
        "limits",
        "now_at",
        "numbers",
        "partition",
        "records",
        "shifts",
        "stops",
        "travels",
        "vehicles",
    )

    def __init__(self, partition: int, rules: FleetRules) -> None:
        self.partition = partition
        self.limits = rules_rows(rules)
        self.now_at: datetime | None = None
        self.event_ids = Seen(rules.event_ids_remembered)
        self.fix_times = Seen(rules.fix_times_remembered)
        self.numbers: dict[bytes, int] = {}
        self.records: NDArray[np.void] = blank(VEHICLE, FEWEST_VEHICLES)
        self.stops = StopTable()
        self.travels = TravelTable()
        self.vehicles: dict[str, VehicleState] = {}
        self.by_number: dict[int, VehicleState] = {}
        self.shifts: dict[str, str] = {}
        self.depots: dict[int, str] = {}
        self.faults: dict[int, Faults] = {}

    def number_of(self, vehicle_id: bytes) -> int:
        """The vehicle's number; a vehicle that is new gets one."""
        number = self.numbers.get(vehicle_id)
        if number is None:
            number = self.numbers[vehicle_id] = len(self.numbers)
            if number == len(self.records):
                self._grow()
            self.records[number]["reporting_interval_s"] = DEFAULT_INTERVAL_S
        return number

    def vehicle(self, vehicle_id: str) -> VehicleState:
        """The vehicle that has a route, remembered as such from now on."""
        found = self.vehicles.get(vehicle_id)
        if found is None:
            number = self.number_of(vehicle_id.encode())
            found = VehicleState(vehicle_id, number, self.records[number])
            self.vehicles[vehicle_id] = self.by_number[number] = found
        return found

    def know_depot(self, vehicle_id: str, depot_id: str) -> None:
        """What is told of the vehicle goes to this depot from now on."""
        number = self.number_of(vehicle_id.encode())
        self.depots[number] = depot_id
        self.records[number]["has_depot"] = True

    def forget(self, vehicle: VehicleState) -> None:
        """The vehicle has no route any more."""
        del self.vehicles[vehicle.vehicle_id], self.by_number[vehicle.number]
        vehicle.record["has_route"] = vehicle.record["is_on_shift"] = False

    def _grow(self) -> None:
        grown = blank(VEHICLE, 2 * len(self.records))
        grown[: len(self.records)] = self.records
        self.records = grown
        for vehicle in self.vehicles.values():
            vehicle.record = grown[vehicle.number]
