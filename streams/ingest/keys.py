"""Which topics a file may become, and under which key its events go."""

from streams.events.base import Event
from streams.events.delivery import OrderEvent, ScanEvent
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
from streams.topics import (
    CARRIERS,
    DEPOTS,
    DEVICES,
    DRIVERS,
    GPS_FIXES,
    ORDERS,
    RATES,
    SCANS,
    SHIFTS,
    TELEMETRY,
    VEHICLES,
    Topic,
)

INGESTED: dict[str, Topic] = {
    topic.name: topic
    for topic in (
        GPS_FIXES,
        TELEMETRY,
        SCANS,
        ORDERS,
        DEPOTS,
        VEHICLES,
        DEVICES,
        DRIVERS,
        CARRIERS,
        RATES,
        SHIFTS,
    )
}
"""What devices, scanners and other systems say; what Doorstep itself concludes is not ingested."""


def key_of(event: Event) -> str:
    """The Kafka key of an event of an ingested topic, as ``Topic.key`` says in words."""
    match event:
        case GpsFix() | Telemetry() | VehicleRecord():
            return event.vehicle_id
        case ScanEvent():
            return event.vehicle_id or event.carrier_id or ""
        case OrderEvent() | DepotRecord():
            return event.depot_id
        case DeviceRecord():
            return event.device_id
        case DriverRecord():
            return event.driver_id
        case CarrierRecord():
            return event.carrier_id
        case RateRecord():
            return event.rate_id
        case ShiftRecord():
            return event.shift_id
        case _:
            raise ValueError(f"{type(event).__name__} is not ingested")
