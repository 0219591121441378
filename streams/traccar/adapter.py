"""One message of Traccar to our events: a fix, and telemetry where it holds some. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import msgspec

from routing.errors import ContractError
from streams.codec import decode, encode
from streams.events.base import ObservedEvent, derived_id
from streams.events.telematics import GpsFix, HarshEvent, HarshKind, Telemetry
from streams.traccar.message import Forwarded, Position, read_message
from streams.validate import check_times

E = TypeVar("E", bound=ObservedEvent)

MPS_PER_KNOT = 1852 / 3600
"""A nautical mile is 1852 m, by definition."""

VehicleOf = Callable[[str, datetime], str | None]
"""The vehicle that a device was fitted to at a moment, where anybody said so."""

_NO_ID = UUID(int=0)
_SEPARATORS = re.compile(r"[\s,;]+")
_HARSH = {
    "hardAcceleration": HarshKind.ACCELERATION,
    "hardBraking": HarshKind.BRAKING,
    "hardCornering": HarshKind.CORNERING,
}


@dataclass(frozen=True, slots=True)
class Converted:
    """The events of one message, one at least; ``refused`` says what of the message is not in them."""

    events: list[GpsFix | Telemetry]
    refused: ContractError | None


def to_events(data: bytes, vehicle_of: VehicleOf, appended_at: datetime) -> Converted:
    """The events of one message, checked as the judges will check them.

    A position that is outdated or not valid makes no fix; then telemetry says that the device lives.
    What is wrong with the rest never costs a good position. An event's id follows from what the device
    said, so that the same message makes the same events. Raises ``ContractError`` where there are none.
    """
    message, faults = read_message(data)
    position = message.position
    events: list[GpsFix | Telemetry] = []
    if position.valid and not position.outdated:
        events.append(_checked(_fix(message), vehicle_of, appended_at))
    telemetry = _telemetry(message)
    if not events or _says_something(telemetry):
        try:
            events.append(_checked(telemetry, vehicle_of, appended_at))
        except ContractError as error:
            if not events:
                raise
            faults = (*faults, error)
    return Converted(events, _in_one(faults))


def _in_one(faults: Sequence[ContractError]) -> ContractError | None:
    if not faults:
        return None
    return ContractError("; ".join(map(str, faults)), "; ".join(fault.rule for fault in faults))


def _fix(message: Forwarded) -> GpsFix:
    position = message.position
    if position.fix_time is None:
        rule = "the field position.fixTime is missing"
        raise ContractError(f"not a position forwarded by Traccar: {rule}", rule)
    return GpsFix(
        event_id=_NO_ID,
        source=_source(position),
        received_at=position.server_time,
        device_id=message.device.unique_id,
        vehicle_id=message.device.unique_id,
        fix_at=position.fix_time,
        lat_deg=position.latitude,
        lon_deg=position.longitude,
        speed_mps=_mps(position.speed),
        heading_deg=position.course,
        accuracy_m=position.accuracy or None,
        ignition_on=position.attributes.ignition,
        odometer_m=position.attributes.odometer,
    )


def _telemetry(message: Forwarded) -> Telemetry:
    position, attributes = message.position, message.position.attributes
    measured_at = position.device_time or position.fix_time or position.server_time
    kinds = [_HARSH[word] for word in _words(attributes.alarm) if word in _HARSH]
    return Telemetry(
        event_id=_NO_ID,
        source=_source(position),
        received_at=position.server_time,
        device_id=message.device.unique_id,
        vehicle_id=message.device.unique_id,
        measured_at=measured_at,
        fuel_used_l=attributes.fuel_used,
        odometer_m=attributes.odometer,
        engine_rpm=attributes.rpm,
        speed_mps=_mps(position.speed) if position.valid and not position.outdated else None,
        fault_codes=tuple(_words(attributes.dtcs)),
        harsh_events=tuple(HarshEvent(kind=kind, happened_at=measured_at) for kind in kinds),
    )


def _says_something(telemetry: Telemetry) -> bool:
    """Whether there is more than a fix says, too."""
    figures = (telemetry.fuel_used_l, telemetry.engine_rpm)
    return any(figure is not None for figure in figures) or bool(
        telemetry.fault_codes or telemetry.harsh_events
    )


def _checked(event: E, vehicle_of: VehicleOf, appended_at: datetime) -> E:
    # The device stands for the vehicle here: who reads again after it was fitted makes the same id.
    event_id = derived_id("traccar", type(event).__name__, encode(event).decode())
    vehicle_id = vehicle_of(event.device_id or "", event.happened_at)
    known = {} if vehicle_id is None else {"vehicle_id": vehicle_id}
    named = msgspec.structs.replace(event, event_id=event_id, **known)
    check_times(named, appended_at)
    return decode(type(event), encode(named))


def _mps(knots: float | None) -> float | None:
    return None if knots is None else knots * MPS_PER_KNOT


def _words(text: str | None) -> list[str]:
    return [word for word in _SEPARATORS.split(text or "") if word]


def _source(position: Position) -> str:
    return f"traccar.{position.protocol}" if position.protocol else "traccar"
