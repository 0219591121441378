"""Reference data: effective-dated events, the latest at or before a moment is in force then."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from routing.service import ServiceTimes
from routing.travel import StraightLine
from streams.events.base import Count, Currency, Event, Id, Instant, LatDeg, LonDeg, NonNegative


class ReferenceEvent(Event, frozen=True, kw_only=True):
    """A record in force from ``effective_at`` until the next of the same id."""

    effective_at: Instant

    @property
    def happened_at(self) -> datetime:
        """When the record comes into force."""
        return self.effective_at


class Acceptance(StrEnum):
    """Who accepts proposals at a depot: people (``ask``) or the policy (``automatic``)."""

    ASK = "ask"
    AUTOMATIC = "automatic"


class DepotRecord(ReferenceEvent, frozen=True, kw_only=True):
    """A depot, its local time and its policy. Key: depot.

    The service date of a moment is the local date of (moment - ``cutover_hour`` hours).
    ``travel`` and ``service`` are what plans and ETAs of this depot reckon with; a stop whose orders
    say how long they take is not asked for its kind and packages.
    """

    depot_id: Id
    name: Id
    lat_deg: LatDeg | None = None
    lon_deg: LonDeg | None = None
    time_zone: Id = "UTC"
    cutover_hour: Annotated[int, Meta(ge=0, le=23)] = 0
    acceptance: Acceptance = Acceptance.ASK
    travel: StraightLine = StraightLine()
    service: ServiceTimes | None = None


class CarrierModel(StrEnum):
    """Who drives."""

    OWN_FLEET = "own_fleet"
    PARTNER = "partner"
    GIG = "gig"


class EnergyKind(StrEnum):
    """What a vehicle runs on."""

    DIESEL = "diesel"
    PETROL = "petrol"
    ELECTRIC = "electric"


class VehicleRecord(ReferenceEvent, frozen=True, kw_only=True):
    """A vehicle. Key: vehicle. ``vehicle_class`` names a row of the emission factor table.

    Its cargo is to be kept from ``cargo_min_c`` to ``cargo_max_c``; one without the other leaves that
    side open. ``speed_limit_mps`` is its own limit, wherever it drives.
    """

    vehicle_id: Id
    depot_id: Id
    vehicle_class: Id
    energy: EnergyKind
    carrier_model: CarrierModel = CarrierModel.OWN_FLEET
    carrier_id: Id | None = None
    capacity_packages: Count | None = None
    capacity_kg: NonNegative | None = None
    reporting_interval_s: NonNegative = 60.0
    speed_limit_mps: NonNegative | None = None
    cargo_min_c: float | None = None
    cargo_max_c: float | None = None

    def __post_init__(self) -> None:
        if (
            self.cargo_min_c is not None
            and self.cargo_max_c is not None
            and self.cargo_min_c > self.cargo_max_c
        ):
            raise ValueError(f"cargo_min_c is above cargo_max_c: {self.cargo_min_c} > {self.cargo_max_c}")


class DeviceRecord(ReferenceEvent, frozen=True, kw_only=True):
    """The vehicle that a device is fitted to. Key: device; its partition is that of the vehicle.

    A device that reports every ``reporting_interval_s`` goes before what is said of its vehicle.
    """

    device_id: Id
    vehicle_id: Id
    reporting_interval_s: Annotated[float, Meta(gt=0)] | None = None


class DriverRecord(ReferenceEvent, frozen=True, kw_only=True):
    """A driver, by opaque id. Key: driver."""

    driver_id: Id
    depot_id: Id
    carrier_id: Id | None = None


class CarrierRecord(ReferenceEvent, frozen=True, kw_only=True):
    """A company that delivers for the operator. Key: carrier."""

    carrier_id: Id
    name: Id
    carrier_model: CarrierModel


class RateRecord(ReferenceEvent, frozen=True, kw_only=True):
    """What driving costs at a depot for one vehicle class. Key: rate.

    ``per_km`` covers depreciation by distance, tyres and maintenance; ``per_vehicle_day`` covers
    insurance, leasing and depreciation by time; ``overhead_per_route`` the depot and dispatch.
    """

    rate_id: Id
    depot_id: Id
    vehicle_class: Id
    currency: Currency
    driver_per_h: NonNegative = 0.0
    per_km: NonNegative = 0.0
    per_vehicle_day: NonNegative = 0.0
    overhead_per_route: NonNegative = 0.0
    fuel_per_l: NonNegative = 0.0
    energy_per_kwh: NonNegative = 0.0
    carrier_fee_per_delivery: NonNegative = 0.0


class ShiftRecord(ReferenceEvent, frozen=True, kw_only=True):
    """A rostered shift: which driver takes which vehicle, when. Key: shift."""

    shift_id: Id
    depot_id: Id
    service_date: date
    vehicle_id: Id
    driver_id: Id
    starts_at: Instant
    ends_at: Instant
