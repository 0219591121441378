"""Orders and what scanners say of them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from routing.plan import StopKind
from streams.events.base import Id, Instant, LatDeg, LonDeg, NonNegative, ObservedEvent

ParcelWeightKg = Annotated[float, Meta(ge=0, le=1_000_000)]
ServiceS = Annotated[float, Meta(ge=0, le=86_400)]


class OrderKind(StrEnum):
    """What happened to an order."""

    PLACED = "placed"
    RESCHEDULED = "rescheduled"
    CANCELLED = "cancelled"


class Package(Struct, frozen=True, kw_only=True):
    """One parcel of an order."""

    package_id: Id
    weight_kg: ParcelWeightKg = 0.0
    volume_l: NonNegative = 0.0


class OrderEvent(ObservedEvent, frozen=True, kw_only=True):
    """An order was placed, rescheduled or cancelled. Key: depot.

    ``promised_from`` and ``promised_until`` are the window promised to the customer; a promise that
    names a day alone has ``promised_day`` and an ``until`` at that day's local midnight, as its
    source gives it. ``customer_ref`` is opaque: no name, phone or address line.
    """

    order_id: Id
    depot_id: Id
    kind: OrderKind
    ordered_at: Instant
    promised_from: Instant | None = None
    promised_until: Instant | None = None
    promised_day: date | None = None
    stop_id: Id | None = None
    stop_kind: StopKind = StopKind.DELIVER
    lat_deg: LatDeg | None = None
    lon_deg: LonDeg | None = None
    service_s: ServiceS | None = None
    packages: tuple[Package, ...] = ()
    customer_ref: Id | None = None
    carrier_id: Id | None = None

    def __post_init__(self) -> None:
        if self.promised_from and self.promised_until and self.promised_until < self.promised_from:
            raise ValueError(
                f"the promise ends before it starts: {self.promised_from} > {self.promised_until}"
            )
        if (self.lat_deg is None) != (self.lon_deg is None):
            raise ValueError("lat_deg and lon_deg come together or not at all")

    @property
    def happened_at(self) -> datetime:
        """When the order was placed, rescheduled or cancelled."""
        return self.ordered_at


class ScanKind(StrEnum):
    """What was done with a parcel, a stop or a route."""

    LOADED = "loaded"
    DEPARTED = "departed"
    ARRIVED = "arrived"
    DELIVERED = "delivered"
    FAILED = "failed"
    RETURNED = "returned"
    LOCKER = "locker"


class FailureReason(StrEnum):
    """Why an attempt failed."""

    NOT_AT_HOME = "not_at_home"
    NO_ACCESS = "no_access"
    REFUSED = "refused"
    ADDRESS_NOT_FOUND = "address_not_found"
    DAMAGED = "damaged"
    OUT_OF_TIME = "out_of_time"
    OTHER = "other"


class ScanEvent(ObservedEvent, frozen=True, kw_only=True):
    """A scanner's word. Key: vehicle, else carrier.

    ``departed`` speaks of a vehicle that leaves the depot, ``arrived`` of a stop, the rest of an
    order (and its packages) at a stop. ``attempt_number`` counts from 1 for each order.
    ``proof_of_delivery`` is an opaque reference to a signature, photo or PIN.
    """

    kind: ScanKind
    scanned_at: Instant
    vehicle_id: Id | None = None
    carrier_id: Id | None = None
    depot_id: Id | None = None
    shift_id: Id | None = None
    driver_id: Id | None = None
    stop_id: Id | None = None
    order_id: Id | None = None
    package_ids: tuple[Id, ...] = ()
    attempt_number: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None
    failure_reason: FailureReason | None = None
    proof_of_delivery: Id | None = None
    locker_id: Id | None = None
    lat_deg: LatDeg | None = None
    lon_deg: LonDeg | None = None

    def __post_init__(self) -> None:
        if self.vehicle_id is None and self.carrier_id is None:
            raise ValueError("a scan names its vehicle_id or its carrier_id")
        is_failed = self.kind is ScanKind.FAILED
        if is_failed and self.failure_reason is None:
            raise ValueError(f"a failed scan needs a failure_reason, one of {', '.join(FailureReason)}")
        if self.failure_reason is not None and not is_failed:
            raise ValueError(f"a failure_reason goes with failed scans alone, not with a {self.kind} one")
        about_an_order = self.kind not in (ScanKind.DEPARTED, ScanKind.ARRIVED)
        if about_an_order and self.order_id is None:
            raise ValueError(f"a {self.kind} scan names its order_id")

    @property
    def happened_at(self) -> datetime:
        """The scanner's time of the scan."""
        return self.scanned_at
