"""What vehicles report."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from streams.events.base import HeadingDeg, Id, Instant, LatDeg, LonDeg, NonNegative, ObservedEvent


class GpsFix(ObservedEvent, frozen=True, kw_only=True):
    """One position of one vehicle. Key: vehicle."""

    vehicle_id: Id
    fix_at: Instant
    lat_deg: LatDeg
    lon_deg: LonDeg
    speed_mps: NonNegative | None = None
    heading_deg: HeadingDeg | None = None
    accuracy_m: NonNegative | None = None
    ignition_on: bool | None = None
    odometer_m: NonNegative | None = None

    @property
    def happened_at(self) -> datetime:
        """The device's time of the fix."""
        return self.fix_at


class HarshKind(StrEnum):
    """Driving that a device calls harsh."""

    ACCELERATION = "acceleration"
    BRAKING = "braking"
    CORNERING = "cornering"


class HarshEvent(Struct, frozen=True, kw_only=True):
    """One harsh manoeuvre; ``peak_mps2`` is the size of the acceleration."""

    kind: HarshKind
    happened_at: Instant
    peak_mps2: NonNegative | None = None


class Telemetry(ObservedEvent, frozen=True, kw_only=True):
    """A vehicle's counters and sensors. Key: vehicle.

    Fuel, energy, odometer and idle time are running totals since the device was fitted;
    ``fuel_level_share`` is how full the tank is, or the battery charged, from 0 to 1.
    """

    vehicle_id: Id
    measured_at: Instant
    fuel_used_l: NonNegative | None = None
    energy_used_kwh: NonNegative | None = None
    odometer_m: NonNegative | None = None
    idle_s: NonNegative | None = None
    engine_rpm: NonNegative | None = None
    speed_mps: NonNegative | None = None
    fault_codes: tuple[Id, ...] = ()
    harsh_events: tuple[HarshEvent, ...] = ()
    cargo_temperature_c: float | None = None
    fuel_level_share: Annotated[float, Meta(ge=0, le=1)] | None = None

    @property
    def happened_at(self) -> datetime:
        """The device's time of the measurement."""
        return self.measured_at
