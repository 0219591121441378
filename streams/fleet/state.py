"""What the fleet judge remembers of one partition: columns for all, objects for those with a route."""

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cached_property
from sys import intern
from typing import Any, Never, TypeVar

import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

from streams.events.delivery import ScanKind
from streams.events.judgements import KnownBy
from streams.fleet.columns import NEVER, blank, grown, rules_rows
from streams.fleet.driven import (
    DrivenRoute,
    DrivenStop,
    place_of,
    place_of_order,
    stop_at,
    with_shared_texts,
)
from streams.fleet.ended import EndedShifts
from streams.fleet.instants import moment_or_none
from streams.fleet.packing import PackedRoute
from streams.fleet.row import FieldViews, Row
from streams.fleet.rules import FleetRules
from streams.fleet.screen import VEHICLE
from streams.fleet.seen import Seen
from streams.fleet.stay_list import Stay
from streams.fleet.stop_table import StopTable
from streams.fleet.telemetry.faults import Faults
from streams.fleet.track_table import TrackTable
from streams.fleet.travel_table import TravelTable

FEWEST_VEHICLES = 64
DEFAULT_INTERVAL_S = 60.0
"""How often a vehicle should be heard of which the reference data say nothing."""


class StopScan(Struct):
    """A scan made at a stop; ``contradiction`` says where GPS had the vehicle, or the scanner itself was."""

    kind: ScanKind
    at_us: int
    contradiction: str | None
    has_own_position: bool


class Visit(Struct, frozen=True):
    """What is told of a visit, open while ``departed_at`` is ``None``."""

    visit_id: str
    stop_id: str
    is_depot: bool
    arrived_at: datetime
    known_by: KnownBy
    departed_at: datetime | None = None
    scans: tuple[ScanKind, ...] = ()
    is_confirmed_by_scan: bool | None = None
    contradiction: str | None = None


class ProgressMark(Struct, frozen=True):
    """What of a shift's progress was last told; a difference is told at once."""

    plan_revision: int
    has_departed: bool
    done: int
    current_stop_id: str | None
    next_stop_id: str | None


Value = TypeVar("Value")

NOTHING: dict[str, Never] = {}
NOBODY: set[str] = set()
"""What most shifts know of most things: one object for all, so that it takes no bytes of each."""


def own(known: dict[str, Value]) -> dict[str, Value]:
    """What is known, to put something into: a dictionary of its own in the place of `NOTHING`.

    A copy at each stop would count anew all that a shift had so far, which lies cold in memory.
    """
    return {} if known is NOTHING else known


def _nothing() -> dict[str, Any]:
    return NOTHING


def _nobody() -> set[str]:
    return NOBODY


class ShiftState(Struct, dict=True):
    """One shift under way. ``route`` is the one in force.

    Its dictionaries are changed by ``own`` alone.
    ``remaining`` holds the places in the route that are not done, in sequence. ``scanned_us`` is when
    each order was scanned first; ``scans`` and the visits that were ``told`` are by stop, in order;
    ``over_s`` is how much longer than planned the services of a stop that is done took.
    ``told_outcomes`` are orders with what their customers know of: an attempt that failed, by its number, or
    nothing for the delivery. Between the two is a blank always, as ids may hold blanks and end in numbers.
    ``left_notices`` are those told of stops that the route had once, and
    ``left_planned_us`` their arrivals by the first plan that had them, should it have them again.
    """

    route: DrivenRoute
    first_revision: int
    remaining: tuple[int, ...] = ()
    done: dict[str, datetime] = field(default_factory=_nothing)
    loaded_stop_ids: tuple[str, ...] = ()
    scanned_us: dict[str, int] = field(default_factory=_nothing)
    departed_at: datetime | None = None
    stays: list[Stay] = field(default_factory=list)
    scans: dict[str, tuple[StopScan, ...]] = field(default_factory=_nothing)
    told: dict[str, list[Visit]] = field(default_factory=_nothing)
    over_s: dict[str, float] = field(default_factory=_nothing)
    is_eta_due: bool = True
    is_eta_untold: bool = False
    eta_told_at: datetime | None = None
    delay_counts: dict[str, int] = field(default_factory=_nothing)
    alert_counts: dict[str, int] = field(default_factory=_nothing)
    told_outcomes: set[str] = field(default_factory=_nobody)
    left_notices: dict[str, int] = field(default_factory=_nothing)
    left_planned_us: dict[str, int] = field(default_factory=_nothing)
    progress: ProgressMark | None = None
    progress_told_at: datetime | None = None
    progress_due_at: datetime | None = None

    def share(self) -> None:
        """What it has in common with others is one object for all, as before a restart."""
        self.route = with_shared_texts(self.route)
        for name in self.__struct_fields__:
            for nothing in (NOTHING, NOBODY):
                if getattr(self, name) == nothing:
                    setattr(self, name, nothing)

    def note_outcome(self, which: str) -> None:
        """It is among the ``told_outcomes``."""
        if self.told_outcomes is NOBODY:
            self.told_outcomes = set()
        self.told_outcomes.add(which)

    def place_of(self, stop_id: str | None, order_id: str | None = None) -> int | None:
        """The place in the route of the stop with that id, else of the one that serves the order."""
        if stop_id is not None:
            return place_of(self.route.stops, stop_id)
        return None if order_id is None else place_of_order(self.route.stops, order_id)

    @property
    def depot_id(self) -> str:
        """The depot that the shift belongs to."""
        return self.route.depot_id

    @cached_property
    def left_last(self) -> "Visit | None":
        """The visit at a stop that ended last, of several the one at the last stop by id.

        A restart finds the same, in whatever order visits were told.
        """
        return _left_last(visits[-1] for visits in self.told.values() if visits)

    def note_told(self, stop_ids: Collection[str]) -> None:
        """``told`` has changed at these stops: ``left_last`` is kept right.

        It is looked for anew only where it was at one of them.
        """
        last = self.__dict__.pop("left_last", None)
        if last is not None and last.stop_id not in stop_ids:
            told = [visits[-1] for stop_id in stop_ids if (visits := self.told.get(stop_id))]
            self.__dict__["left_last"] = _left_last([last, *told])

    @cached_property
    def _stays_by_stop(self) -> dict[str, list[Stay]]:
        found: dict[str, list[Stay]] = {}
        for stay in self.stays:
            found.setdefault(stay.stop_id, []).append(stay)
        return found

    def stays_at(self, stop_id: str) -> list[Stay]:
        """The stays at a stop or the depot, in order."""
        return self._stays_by_stop.get(stop_id, [])

    def replace_stays(self, at: int, new: list[Stay]) -> None:
        """Put ``new`` in the place of the stays from number ``at`` of the list on."""
        by_stop = self._stays_by_stop
        for stay in self.stays[at:]:
            by_stop[stay.stop_id].pop()
        self.stays[at:] = new
        for stay in new:
            by_stop.setdefault(stay.stop_id, []).append(stay)

    @property
    def stay(self) -> Stay | None:
        """Where the vehicle stays."""
        last = self.stays[-1] if self.stays else None
        return last if last is not None and last.until_us == NEVER else None

    @property
    def serving(self) -> Stay | None:
        """The stay at a stop that is not done yet."""
        stay = self.stay
        return None if stay is None or stay.is_depot or stay.stop_id in self.done else stay

    @property
    def service_over_s(self) -> float:
        """How much longer than planned services took so far."""
        return sum(self.over_s.values())

    def stop_at(self, place: int) -> DrivenStop:
        """The stop at a place in the route."""
        return stop_at(self.route.stops, place)

    def name_of(self, place: int) -> str:
        """The id of the stop at a place in the route."""
        return stop_at(self.route.stops, place).stop_id

    def find_stop(self, stop_id: str | None, order_id: str | None = None) -> DrivenStop | None:
        """The stop of the route with that id, else the one that serves the order."""
        place = self.place_of(stop_id, order_id)
        return None if place is None else self.stop_at(place)

    def note_one_done(self, place: int) -> None:
        """The stop at a place in the route is done: it is no longer among ``remaining``."""
        if place in self.remaining:
            at = self.remaining.index(place)
            self.remaining = self.remaining[:at] + self.remaining[at + 1 :]
        self.is_eta_due = True

    def note_remaining(self) -> None:
        """Work out ``remaining`` anew; what hung on the old one is due again."""
        done = {self.place_of(stop_id) for stop_id in self.done}
        self.remaining = tuple(place for place in range(len(self.route)) if place not in done)
        self.is_eta_due = True


def _left_last(visits: Iterable[Visit]) -> Visit | None:
    last, left_at = None, None
    for visit in visits:
        at = visit.departed_at
        if at is None or visit.is_depot:
            continue
        if last is None or left_at is None or (at, visit.stop_id) > (left_at, last.stop_id):
            last, left_at = visit, at
    return last


class VehicleState:
    """One vehicle that has a route, under way or to come. Its motion is in ``record``, in columns.

    ``upcoming`` are in the order in which they begin.
    """

    __slots__ = ("number", "record", "shift", "silent_since_at", "upcoming", "vehicle_id")

    def __init__(self, vehicle_id: str, number: int, record: Row) -> None:
        self.vehicle_id = vehicle_id
        self.number = number
        self.record = record
        self.silent_since_at: datetime | None = None
        self.shift: ShiftState | None = None
        self.upcoming: tuple[PackedRoute, ...] = ()

    @property
    def now_at(self) -> datetime | None:
        """The newest moment that its own events speak of."""
        return moment_or_none(self.record["now_us"])

    @property
    def heard_at(self) -> datetime | None:
        """When a fix or telemetry of it was received last."""
        return moment_or_none(self.record["heard_us"])


class FleetState:
    """One partition: its time (of the ticks), its vehicles, and which vehicle drives which shift.

    ``numbers`` gives each vehicle ever heard its place in ``records``; ``vehicles`` are those with a
    route, also ``by_number``. ``fitted`` says which vehicle's number a device is fitted to. ``limits``
    are the rules as an array of one record. ``records`` is replaced by `put` alone: vehicles' rows follow it.
    """

    __slots__ = (
        "_views",
        "by_number",
        "depots",
        "ended",
        "event_ids",
        "faults",
        "fitted",
        "fix_times",
        "limits",
        "now_us",
        "numbers",
        "partition",
        "records",
        "shifts",
        "stops",
        "tracks",
        "travels",
        "vehicles",
    )

    def __init__(self, partition: int, rules: FleetRules) -> None:
        self.partition = partition
        self.limits = rules_rows(rules)
        self.now_us = NEVER
        self.event_ids = Seen(rules.event_ids_remembered)
        self.fix_times = Seen(rules.fix_times_remembered)
        self.numbers: dict[bytes, int] = {}
        self.records: NDArray[np.void] = blank(VEHICLE, FEWEST_VEHICLES)
        self._views = FieldViews(self.records)
        self.stops = StopTable()
        self.tracks = TrackTable()
        self.travels = TravelTable()
        self.vehicles: dict[str, VehicleState] = {}
        self.by_number: dict[int, VehicleState] = {}
        self.shifts: dict[str, str] = {}
        self.ended = EndedShifts()
        self.depots: dict[int, str] = {}
        self.faults: dict[int, Faults] = {}
        self.fitted: dict[int, int] = {}

    @property
    def now_at(self) -> datetime | None:
        """The newest tick."""
        return moment_or_none(self.now_us)

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
            found = VehicleState(vehicle_id, number, self.record(number))
            self.vehicles[vehicle_id] = self.by_number[number] = found
        return found

    def record(self, number: int) -> Row:
        """The record of the vehicle of a number."""
        return Row(self._views, number)

    def know_depot(self, vehicle_id: str, depot_id: str) -> None:
        """What is told of the vehicle goes to this depot from now on."""
        number = self.number_of(vehicle_id.encode())
        self.depots[number] = intern(depot_id)
        self.records[number]["has_depot"] = True

    def forget(self, vehicle: VehicleState) -> None:
        """The vehicle has no route any more."""
        del self.vehicles[vehicle.vehicle_id], self.by_number[vehicle.number]
        vehicle.record["has_route"] = vehicle.record["is_on_shift"] = False

    def put(self, records: NDArray[np.void]) -> None:
        """``records`` take the place of those before."""
        self.records = records
        self._views.renew(records)

    def _grow(self) -> None:
        self.put(grown(self.records, len(self.records) * 17 // 16))
