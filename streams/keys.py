"""The key of an event's record: it brings the records of one thing to one partition, in order."""

from routing.errors import ContractError
from streams.events.base import Event
from streams.events.delivery import OrderEvent, ScanEvent
from streams.events.dispatch import (
    Command,
    Outcome,
    PlanRevision,
    Proposal,
    ReoptimizationRequest,
    RouteAssignment,
)
from streams.events.judgements import (
    DelayEvent,
    EtaUpdate,
    FleetAlert,
    StopVisit,
    VehicleProgress,
    Verdict,
)
from streams.events.letters import LetterReplayed
from streams.events.notices import CustomerNotice
from streams.events.reference import (
    CarrierRecord,
    DepotRecord,
    DeviceRecord,
    DriverRecord,
    RateRecord,
    ShiftRecord,
    VehicleRecord,
)
from streams.events.telematics import GpsFix, Telemetry

_FIELDS: dict[type[Event], str] = {
    **dict.fromkeys((GpsFix, Telemetry, VehicleRecord, StopVisit, EtaUpdate), "vehicle_id"),
    **dict.fromkeys((OrderEvent, DepotRecord, DelayEvent, VehicleProgress, FleetAlert), "depot_id"),
    **dict.fromkeys((PlanRevision, Command, Outcome, ReoptimizationRequest, Proposal), "depot_id"),
    **dict.fromkeys((RouteAssignment, ShiftRecord), "shift_id"),
    DeviceRecord: "device_id",
    DriverRecord: "driver_id",
    CarrierRecord: "carrier_id",
    RateRecord: "rate_id",
    CustomerNotice: "order_id",
    LetterReplayed: "letter_id",
}


def key_of(event: Event) -> str:
    """The Kafka key of an event, as ``Topic.key`` says in words. Raises ``ValueError`` where it has none."""
    named = _named_key(event)
    if named is None:
        raise ValueError(f"{type(event).__name__} has no key")
    return named[1]


def partition_key_of(event: Event) -> str | None:
    """What the partition follows where that is not the key: a shift and a device go with their vehicle."""
    return event.vehicle_id if isinstance(event, RouteAssignment | DeviceRecord) else None


def ensure_key(event: Event, key: bytes | None) -> None:
    """Raise ``ContractError`` where ``event`` stands under another key: another judge may get it.

    An event that has no key, the clock's tick, may stand under any.
    """
    named = _named_key(event)
    if named is None:
        return
    field, wanted = named
    if key is None:
        rule = f"the record has no key; it must be the {field}"
        raise ContractError(f"{rule}, {wanted}", rule)
    if key != wanted.encode():
        raise ContractError(
            f"key {key.decode(errors='replace')} but {field} {wanted}", f"the key is not the {field}"
        )


def _named_key(event: Event) -> tuple[str, str] | None:
    """The field that is the key, or what is made of several, and its value."""
    if isinstance(event, ScanEvent):
        field = "carrier_id" if event.vehicle_id is None else "vehicle_id"
        return field, event.vehicle_id or event.carrier_id or ""
    if isinstance(event, Verdict):
        place = (event.topic, event.partition, event.offset, event.index)
        return "topic,partition,offset,index", ",".join(map(str, place))
    known_field = _FIELDS.get(event.__class__)
    return None if known_field is None else (known_field, getattr(event, known_field))
