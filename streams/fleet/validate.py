"""The fleet's own part of the contract: a record's key and its event name the same thing."""

from datetime import UTC, datetime
from typing import TypeVar

from streams.events.base import Event
from streams.events.delivery import ScanEvent
from streams.events.dispatch import RouteAssignment
from streams.events.reference import VehicleRecord
from streams.events.telematics import GpsFix, Telemetry
from streams.judge import DeadLetter, Record
from streams.validate import Element, read

Keyed = TypeVar("Keyed", GpsFix, Telemetry, ScanEvent, RouteAssignment, VehicleRecord)

SLOWEST_MPS = 0.1
LAST_YEAR = 2200
"""Slower travel and later shifts than these are wrong fields, and would run out of the calendar."""


def read_keyed(record: Record, event_type: type[Keyed]) -> list[Element[Keyed] | DeadLetter]:
    """The events of one record, each valid and under its right key, or a dead letter of its own."""
    found = read(record, event_type)
    if not found and record.value:
        return [DeadLetter(record, 0, record.value, "an empty array: it holds no event")]
    return [_checked(record, element) for element in found]


def _checked(record: Record, element: Element[Keyed] | DeadLetter) -> Element[Keyed] | DeadLetter:
    if isinstance(element, DeadLetter):
        return element
    reason = _wrong_key(record.key, element.event)
    if reason is None and isinstance(element.event, RouteAssignment):
        reason = _wrong_route(element.event)
    return element if reason is None else DeadLetter(record, element.index, element.raw, reason)


def _wrong_key(key: bytes | None, event: Event) -> str | None:
    field, wanted = _key_of(event)
    if key == wanted.encode():
        return None
    if key is None:
        return f"the record has no key; it must be the {field}, {wanted}"
    return f"key {key.decode(errors='replace')} but {field} {wanted}"


def _key_of(event: Event) -> tuple[str, str]:
    if isinstance(event, RouteAssignment):
        return "shift_id", event.shift_id
    if isinstance(event, ScanEvent) and event.vehicle_id is None:
        return "carrier_id", event.carrier_id or ""
    assert isinstance(event, GpsFix | Telemetry | ScanEvent | VehicleRecord)
    return "vehicle_id", event.vehicle_id or ""


def _wrong_route(event: RouteAssignment) -> str | None:
    shift = event.route.shift
    if shift.shift_id != event.shift_id:
        return f"shift_id {event.shift_id} but the route's shift is {shift.shift_id}"
    if shift.vehicle.vehicle_id != event.vehicle_id:
        return f"vehicle_id {event.vehicle_id} but the route's vehicle is {shift.vehicle.vehicle_id}"
    slowest_mps = min(event.travel.speeds_mps)
    if slowest_mps < SLOWEST_MPS:
        return f"travel has a speed of {slowest_mps} m/s; the slowest that can be is {SLOWEST_MPS} m/s"
    times = [event.effective_at, shift.starts_at, shift.ends_at]
    for visit in event.route.visits:
        times += [visit.arrive_at]
        times += [visit.stop.window.closes_at] if visit.stop.window else []
    last_at = max(times)
    if last_at > datetime(LAST_YEAR, 1, 1, tzinfo=UTC):
        return f"the route has a time after {LAST_YEAR}: {last_at.isoformat()}"
    return None
