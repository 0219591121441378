"""The plan's nouns: what is to be delivered, by whom, in which order and when.

All values are frozen and check themselves at construction. They are plain dataclasses,
so that the events in ``streams`` can carry them over Kafka as they are.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from math import inf

LONGEST_SERVICE_S = 86_400.0
MOST_PACKAGES = 1_000_000_000
HIGHEST_PRIORITY = 3
SLOWEST_SERVICE = 10.0
"""A driver who takes more than so many times as long as others is a wrong field."""


def _require_time_zone(noun: str, *moments: datetime) -> None:
    for moment in moments:
        if moment.tzinfo is None:
            raise ValueError(f"{noun} has a time without a time zone: {moment.isoformat()}")


def _require_finite(noun: str, **figures: float) -> None:
    for name, figure in figures.items():
        if not -inf < figure < inf:
            raise ValueError(f"{noun} has a {name} that is no number: {figure}")


def _require_names(noun: str, names: Iterable[str]) -> None:
    if not all(names):
        raise ValueError(f"{noun} has an empty name among {list(names)}")


class StopKind(StrEnum):
    """What happens at the door."""

    DELIVER = "deliver"
    PICK_UP = "pick_up"
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class Location:
    """A point on the WGS 84 ellipsoid, degrees."""

    lat_deg: float
    lon_deg: float

    def __post_init__(self) -> None:
        if not -90.0 <= self.lat_deg <= 90.0:
            raise ValueError(f"Location has a latitude outside -90..90: {self.lat_deg}")
        if not -180.0 <= self.lon_deg <= 180.0:
            raise ValueError(f"Location has a longitude outside -180..180: {self.lon_deg}")


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """When service at a stop may begin; both ends inclusive."""

    opens_at: datetime
    closes_at: datetime

    def __post_init__(self) -> None:
        _require_time_zone("TimeWindow", self.opens_at, self.closes_at)
        if self.closes_at < self.opens_at:
            raise ValueError(f"TimeWindow closes before it opens: {self.opens_at} > {self.closes_at}")

    def lateness_s(self, arrived_at: datetime) -> float:
        """Seconds past the close; negative while there is still slack."""
        return (arrived_at - self.closes_at).total_seconds()

    @property
    def words(self) -> str:
        """``"09:00 to 10:30"``, in its own time zone."""
        return f"{self.opens_at:%H:%M} to {self.closes_at:%H:%M}"


@dataclass(frozen=True, slots=True)
class Stop:
    """One address to serve once; its id is stable across plan revisions.

    ``packages``, ``weight_kg`` and ``volume_m3`` are what the stop takes of a vehicle's capacity,
    ``zone`` is an H3 cell as text, ``order_ids`` are the orders served there.

    ``requires`` names what its vehicle or driver must have (``refrigerated``, ``tail_lift``,
    ``low_emission``). Where not all can be served, leaving out a stop weighs ``10 ** priority``;
    one with a ``skip_price`` is optional: it is left out where serving it costs more.
    ``picked_up_at`` names the stop of the same route where the parcels join the vehicle; without it
    a delivery is on board from the start. ``other_windows`` come after ``window``, in order: service
    begins in one of them all. ``locker_ids`` are where its parcels may be dropped instead, ``at_locker``
    is where a plan drops them.
    """

    stop_id: str
    location: Location
    service_s: float = 0.0
    window: TimeWindow | None = None
    packages: int = 1
    weight_kg: float = 0.0
    kind: StopKind = StopKind.DELIVER
    order_ids: tuple[str, ...] = ()
    zone: str | None = None
    volume_m3: float = 0.0
    requires: tuple[str, ...] = ()
    priority: int = 0
    skip_price: float | None = None
    picked_up_at: str | None = None
    other_windows: tuple[TimeWindow, ...] = ()
    locker_ids: tuple[str, ...] = ()
    at_locker: str | None = None

    def __post_init__(self) -> None:
        if not self.stop_id:
            raise ValueError("Stop has an empty stop_id")
        noun = f"Stop {self.stop_id}"
        _require_finite(noun, service_s=self.service_s, weight_kg=self.weight_kg, volume_m3=self.volume_m3)
        _require_names(noun, self.requires)
        if self.service_s < 0:
            raise ValueError(f"Stop {self.stop_id} has a negative service time: {self.service_s} s")
        if self.service_s > LONGEST_SERVICE_S:
            raise ValueError(f"Stop {self.stop_id} has a service time of over a day: {self.service_s} s")
        if min(self.packages, self.weight_kg, self.volume_m3) < 0:
            raise ValueError(
                f"{noun} has a negative demand: "
                f"{self.packages} packages, {self.weight_kg} kg, {self.volume_m3} m3"
            )
        if self.packages > MOST_PACKAGES:
            raise ValueError(f"Stop {self.stop_id} has more than {MOST_PACKAGES} packages: {self.packages}")
        if not 0 <= self.priority <= HIGHEST_PRIORITY:
            raise ValueError(f"{noun} has a priority outside 0..{HIGHEST_PRIORITY}: {self.priority}")
        if self.skip_price is not None and not 0 <= self.skip_price < inf:
            raise ValueError(f"{noun} has a price for leaving it out that is none: {self.skip_price}")
        if self.picked_up_at is not None:
            self._check_pair()
        self._check_windows()
        self._check_lockers()

    def _check_lockers(self) -> None:
        if not self.locker_ids and self.at_locker is None:
            return
        _require_names(f"Stop {self.stop_id}", self.locker_ids)
        if not self.is_loaded_at_start:
            names = ", ".join(self.locker_ids) or self.at_locker
            raise ValueError(
                f"Stop {self.stop_id} is for a locker ({names}), but only a delivery from the depot "
                "can be dropped"
            )

    def _check_pair(self) -> None:
        if self.picked_up_at in ("", self.stop_id) or self.kind is not StopKind.DELIVER:
            raise ValueError(
                f"Stop {self.stop_id} is picked up at {self.picked_up_at!r}, but only a delivery comes "
                "from another stop"
            )
        if self.skip_price is not None:
            raise ValueError(
                f"Stop {self.stop_id} is one of a pair: the price for leaving it out stands at the stop "
                f"{self.picked_up_at} where it is picked up"
            )

    def _check_windows(self) -> None:
        if self.window is None and self.other_windows:
            raise ValueError(f"Stop {self.stop_id} has other windows, but no window before them")
        for before, after in pairwise(self.windows):
            if after.opens_at < before.closes_at:
                raise ValueError(
                    f"Stop {self.stop_id} has windows that overlap or are out of order: "
                    f"{before.words} and {after.words}"
                )

    @property
    def windows(self) -> tuple[TimeWindow, ...]:
        """All its windows, the earliest first; none where service may begin at any time."""
        return () if self.window is None else (self.window, *self.other_windows)

    def promised(self, arrive_at: datetime) -> "Stop":
        """The stop with that one of its windows in which who arrives then serves first.

        Who comes after all of them is late for the last one.
        """
        if not self.other_windows:
            return self
        window = next((each for each in self.windows if each.closes_at >= arrive_at), self.windows[-1])
        return replace(self, window=window, other_windows=())

    def open_until(self, closes_at: datetime) -> "Stop":
        """The stop with its last window open until then at least; one without a window as it is."""
        if not self.windows:
            return self
        *earlier, last = self.windows
        window, *others = (*earlier, replace(last, closes_at=max(last.closes_at, closes_at)))
        return replace(self, window=window, other_windows=tuple(others))

    @property
    def is_loaded_at_start(self) -> bool:
        """Whether its parcels are on board when the vehicle leaves the depot."""
        return self.kind is StopKind.DELIVER and self.picked_up_at is None

    @property
    def sign(self) -> int:
        """What serving it does to the load: a delivery leaves (-1), everything else joins (+1)."""
        return -1 if self.kind is StopKind.DELIVER else 1


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle with its capacities, marginal costs and emission factor.

    Costs are in ``currency``; ``co2e_kg_per_km`` is well-to-wheel. ``features`` are what stops may
    require of it. On one shift it serves ``most_stops``, drives ``most_km`` and is out for ``most_h`` at
    the most, where these are given.
    """

    vehicle_id: str
    vehicle_class: str = "van"
    capacity_packages: int = 1_000_000
    capacity_kg: float = 1_000_000.0
    fixed_cost: float = 0.0
    cost_per_km: float = 0.0
    cost_per_h: float = 0.0
    currency: str = "EUR"
    co2e_kg_per_km: float = 0.0
    capacity_m3: float = 1_000_000.0
    features: tuple[str, ...] = ()
    most_stops: int | None = None
    most_km: float | None = None
    most_h: float | None = None

    def __post_init__(self) -> None:
        if not self.vehicle_id:
            raise ValueError("Vehicle has an empty vehicle_id")
        noun = f"Vehicle {self.vehicle_id}"
        _require_names(noun, self.features)
        _require_finite(noun, capacity_kg=self.capacity_kg, capacity_m3=self.capacity_m3)
        if min(self.capacity_packages, self.capacity_kg, self.capacity_m3) < 0:
            raise ValueError(
                f"{noun} has a negative capacity: "
                f"{self.capacity_packages} packages, {self.capacity_kg} kg, {self.capacity_m3} m3"
            )
        for name in ("fixed_cost", "cost_per_km", "cost_per_h", "co2e_kg_per_km"):
            if not 0 <= getattr(self, name) < inf:
                raise ValueError(f"{noun} has a {name} that is negative or none: {getattr(self, name)}")
        for name in ("most_stops", "most_km", "most_h"):
            limit = getattr(self, name)
            if limit is not None and not 0 <= limit <= MOST_PACKAGES:
                raise ValueError(f"{noun} has a {name} outside 0..{MOST_PACKAGES}: {limit}")
        if self.capacity_packages > MOST_PACKAGES:
            raise ValueError(
                f"Vehicle {self.vehicle_id} takes over {MOST_PACKAGES} packages: {self.capacity_packages}"
            )


@dataclass(frozen=True, slots=True)
class Break:
    """A driver's break: it begins at ``earliest_at``, or as soon after that as nothing is under way.

    A drive and the service that follows it are not interrupted; a wait for a window is. ``latest_at``
    is when it has to have begun, where there is such a moment. Who is back before it is due needs none.
    """

    earliest_at: datetime
    duration_s: float
    latest_at: datetime | None = None

    def __post_init__(self) -> None:
        _require_time_zone("Break", self.earliest_at)
        if not 0 < self.duration_s <= LONGEST_SERVICE_S:
            raise ValueError(f"Break lasts no time or over a day: {self.duration_s} s")
        if self.latest_at is not None:
            _require_time_zone("Break", self.latest_at)
            if self.latest_at < self.earliest_at:
                raise ValueError(f"Break has to begin before it may: {self.earliest_at} > {self.latest_at}")


@dataclass(frozen=True, slots=True)
class Shift:
    """One vehicle with one driver from ``starts_at`` at ``start`` to ``ends_at`` at ``end`` at the latest.

    ``skills`` are the driver's, beside the vehicle's features; ``service_pace`` is how long this
    driver takes for a service against what stops say: 1.2 is a fifth longer. After ``ends_at`` there may
    be up to ``overtime_s`` more, which cost ``overtime_cost_per_h`` beside the vehicle's cost, in its
    currency.
    """

    shift_id: str
    vehicle: Vehicle
    driver_id: str
    start: Location
    end: Location
    starts_at: datetime
    ends_at: datetime
    breaks: tuple[Break, ...] = ()
    skills: tuple[str, ...] = ()
    service_pace: float = 1.0
    overtime_s: float = 0.0
    overtime_cost_per_h: float = 0.0

    def __post_init__(self) -> None:
        if not self.shift_id:
            raise ValueError("Shift has an empty shift_id")
        if not 0 <= self.overtime_s <= LONGEST_SERVICE_S:
            raise ValueError(
                f"Shift {self.shift_id} has an overtime below 0 or over a day: {self.overtime_s} s"
            )
        if not 0 <= self.overtime_cost_per_h < inf:
            raise ValueError(
                f"Shift {self.shift_id} has a price of overtime that is none: {self.overtime_cost_per_h}"
            )
        _require_names(f"Shift {self.shift_id}", self.skills)
        if not 1 / SLOWEST_SERVICE <= self.service_pace <= SLOWEST_SERVICE:
            raise ValueError(
                f"Shift {self.shift_id} has a service pace outside "
                f"{1 / SLOWEST_SERVICE:g}..{SLOWEST_SERVICE:g}: {self.service_pace}"
            )
        _require_time_zone(f"Shift {self.shift_id}", self.starts_at, self.ends_at)
        if self.ends_at <= self.starts_at:
            raise ValueError(
                f"Shift {self.shift_id} ends before it starts: {self.starts_at} >= {self.ends_at}"
            )

    @property
    def latest_end_at(self) -> datetime:
        """When it has to be over: after its overtime, or when the vehicle has been out for long enough."""
        latest_at = self.ends_at + timedelta(seconds=self.overtime_s)
        if self.vehicle.most_h is None:
            return latest_at
        out_s = min(self.vehicle.most_h * 3600, (latest_at - self.starts_at).total_seconds())
        return self.starts_at + timedelta(seconds=out_s)

    def missing(self, stop: Stop) -> tuple[str, ...]:
        """What ``stop`` requires and neither the vehicle nor its driver has."""
        return tuple(name for name in stop.requires if name not in (*self.vehicle.features, *self.skills))


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """A stop in its place in a route: arrival, begin of service (after any wait), departure.

    ``stop`` has one window at most: of several, the one that the plan promises.
    """

    stop: Stop
    arrive_at: datetime
    begin_at: datetime
    depart_at: datetime

    def __post_init__(self) -> None:
        _require_time_zone(
            f"PlannedVisit of {self.stop.stop_id}", self.arrive_at, self.begin_at, self.depart_at
        )
        if self.stop.other_windows:
            raise ValueError(
                f"PlannedVisit of {self.stop.stop_id} has {len(self.stop.windows)} windows: "
                "a plan promises one of them"
            )


@dataclass(frozen=True, slots=True)
class Route:
    """The visits of one shift in the order they are to be driven."""

    shift: Shift
    visits: tuple[PlannedVisit, ...]
    ends_at: datetime
    distance_m: float

    def __post_init__(self) -> None:
        _require_time_zone(f"Route of {self.shift.shift_id}", self.ends_at)

    @property
    def stop_ids(self) -> tuple[str, ...]:
        """Ids of the stops in driving order."""
        return tuple(visit.stop.stop_id for visit in self.visits)


@dataclass(frozen=True, slots=True)
class Unassigned:
    """A stop that no route serves, with the reason in words."""

    stop: Stop
    reason: str


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A stop that no own route serves, since an outside carrier does."""

    stop: Stop
    carrier_id: str


@dataclass(frozen=True, slots=True)
class RoutePlan:
    """All routes of one depot and service date; ``revision`` counts from 1."""

    depot_id: str
    service_date: date
    revision: int
    routes: tuple[Route, ...]
    unassigned: tuple[Unassigned, ...] = ()
    handed_over: tuple[HandedOver, ...] = ()

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for route in self.routes:
            for stop_id in route.stop_ids:
                if stop_id in seen:
                    raise ValueError(f"RoutePlan {self.depot_id} visits stop {stop_id} twice")
                seen.add(stop_id)
