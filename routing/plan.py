"""The plan's nouns: what is to be delivered, by whom, in which order and when.

All values are frozen and check themselves at construction. They are plain dataclasses,
so that the events in ``streams`` can carry them over Kafka as they are.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

LONGEST_SERVICE_S = 86_400.0
MOST_PACKAGES = 1_000_000_000


def _require_time_zone(noun: str, *moments: datetime) -> None:
    for moment in moments:
        if moment.tzinfo is None:
            raise ValueError(f"{noun} has a time without a time zone: {moment.isoformat()}")


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


@dataclass(frozen=True, slots=True)
class Stop:
    """One address to serve once; its id is stable across plan revisions.

    ``packages`` and ``weight_kg`` are what the stop takes of a vehicle's capacity,
    ``zone`` is an H3 cell as text, ``order_ids`` are the orders served there.
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

    def __post_init__(self) -> None:
        if not self.stop_id:
            raise ValueError("Stop has an empty stop_id")
        if self.service_s < 0:
            raise ValueError(f"Stop {self.stop_id} has a negative service time: {self.service_s} s")
        if self.service_s > LONGEST_SERVICE_S:
            raise ValueError(f"Stop {self.stop_id} has a service time of over a day: {self.service_s} s")
        if self.packages < 0 or self.weight_kg < 0:
            raise ValueError(
                f"Stop {self.stop_id} has a negative demand: {self.packages} packages, {self.weight_kg} kg"
            )
        if self.packages > MOST_PACKAGES:
            raise ValueError(f"Stop {self.stop_id} has more than {MOST_PACKAGES} packages: {self.packages}")


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle with its capacities, marginal costs and emission factor.

    Costs are in ``currency``; ``co2e_kg_per_km`` is well-to-wheel.
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

    def __post_init__(self) -> None:
        if not self.vehicle_id:
            raise ValueError("Vehicle has an empty vehicle_id")
        if self.capacity_packages < 0 or self.capacity_kg < 0:
            raise ValueError(
                f"Vehicle {self.vehicle_id} has a negative capacity: "
                f"{self.capacity_packages} packages, {self.capacity_kg} kg"
            )
        if self.capacity_packages > MOST_PACKAGES:
            raise ValueError(
                f"Vehicle {self.vehicle_id} takes over {MOST_PACKAGES} packages: {self.capacity_packages}"
            )


@dataclass(frozen=True, slots=True)
class Break:
    """A driver's break: it begins at ``earliest_at``, or as soon after that as nothing is under way."""

    earliest_at: datetime
    duration_s: float

    def __post_init__(self) -> None:
        _require_time_zone("Break", self.earliest_at)
        if not 0 < self.duration_s <= LONGEST_SERVICE_S:
            raise ValueError(f"Break lasts no time or over a day: {self.duration_s} s")


@dataclass(frozen=True, slots=True)
class Shift:
    """One vehicle with one driver from ``starts_at`` at ``start`` to ``ends_at`` at ``end`` at the latest.

    ETAs reckon with ``breaks``; solvers do not place them.
    """

    shift_id: str
    vehicle: Vehicle
    driver_id: str
    start: Location
    end: Location
    starts_at: datetime
    ends_at: datetime
    breaks: tuple[Break, ...] = ()

    def __post_init__(self) -> None:
        if not self.shift_id:
            raise ValueError("Shift has an empty shift_id")
        _require_time_zone(f"Shift {self.shift_id}", self.starts_at, self.ends_at)
        if self.ends_at <= self.starts_at:
            raise ValueError(
                f"Shift {self.shift_id} ends before it starts: {self.starts_at} >= {self.ends_at}"
            )


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """A stop in its place in a route: arrival, begin of service (after any wait), departure."""

    stop: Stop
    arrive_at: datetime
    begin_at: datetime
    depart_at: datetime

    def __post_init__(self) -> None:
        _require_time_zone(
            f"PlannedVisit of {self.stop.stop_id}", self.arrive_at, self.begin_at, self.depart_at
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
class RoutePlan:
    """All routes of one depot and service date; ``revision`` counts from 1."""

    depot_id: str
    service_date: date
    revision: int
    routes: tuple[Route, ...]
    unassigned: tuple[Unassigned, ...] = ()

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for route in self.routes:
            for stop_id in route.stop_ids:
                if stop_id in seen:
                    raise ValueError(f"RoutePlan {self.depot_id} visits stop {stop_id} twice")
                seen.add(stop_id)
