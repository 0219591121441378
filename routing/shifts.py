"""By whom: vehicles, and shifts with their breaks."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from routing.checks import (
    MOST_AMOUNT,
    MOST_PACKAGES,
    require_amount,
    require_finite,
    require_moments,
    require_names,
)
from routing.stops import LONGEST_SERVICE_S, Location, Stop

MOST_ROOM = 10**12
"""So many packages are room for a thousand of the largest stops."""

SLOWEST_SERVICE = 10.0
"""A driver who takes more than so many times as long as others is a wrong field."""


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
        require_names(noun, self.features)
        require_finite(noun, capacity_kg=self.capacity_kg, capacity_m3=self.capacity_m3)
        if min(self.capacity_packages, self.capacity_kg, self.capacity_m3) < 0:
            raise ValueError(
                f"{noun} has a negative capacity: "
                f"{self.capacity_packages} packages, {self.capacity_kg} kg, {self.capacity_m3} m3"
            )
        for name in ("fixed_cost", "cost_per_km", "cost_per_h", "co2e_kg_per_km"):
            require_amount(noun, name, getattr(self, name))
        for name in ("most_stops", "most_km", "most_h"):
            limit = getattr(self, name)
            if limit is not None and not 0 <= limit <= MOST_PACKAGES:
                raise ValueError(f"{noun} has a {name} outside 0..{MOST_PACKAGES}: {limit}")
        if self.capacity_packages > MOST_ROOM:
            raise ValueError(f"{noun} takes over {MOST_ROOM} packages: {self.capacity_packages}")


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
        require_moments("Break", self.earliest_at)
        if not 0 < self.duration_s <= LONGEST_SERVICE_S:
            raise ValueError(f"Break lasts no time or over a day: {self.duration_s} s")
        if self.latest_at is not None:
            require_moments("Break", self.latest_at)
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
        if not 0 <= self.overtime_cost_per_h <= MOST_AMOUNT:
            raise ValueError(
                f"Shift {self.shift_id} has a price of overtime that is none: {self.overtime_cost_per_h}"
            )
        require_names(f"Shift {self.shift_id}", self.skills)
        if not 1 / SLOWEST_SERVICE <= self.service_pace <= SLOWEST_SERVICE:
            raise ValueError(
                f"Shift {self.shift_id} has a service pace outside "
                f"{1 / SLOWEST_SERVICE:g}..{SLOWEST_SERVICE:g}: {self.service_pace}"
            )
        require_moments(f"Shift {self.shift_id}", self.starts_at, self.ends_at)
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
