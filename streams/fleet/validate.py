"""The fleet's own part of the contract: a route that can be driven, of the shift and vehicle it names."""

from datetime import UTC, datetime

from routing.errors import ContractError
from streams.dispatch.local_time import time_zone
from streams.events.dispatch import RouteAssignment
from streams.judge import DeadLetter, Record
from streams.validate import Element, read

LAST_YEAR = 2200
"""Later shifts than these are wrong fields, and would run out of the calendar."""


def read_routes(record: Record) -> list[Element[RouteAssignment] | DeadLetter]:
    """The routes of one record, each valid or a dead letter of its own."""
    return [_checked(record, element) for element in read(record, RouteAssignment)]


def _checked(
    record: Record, element: Element[RouteAssignment] | DeadLetter
) -> Element[RouteAssignment] | DeadLetter:
    if isinstance(element, DeadLetter):
        return element
    try:
        _check_route(element.event)
    except ContractError as error:
        return DeadLetter(record, element.index, element.raw, str(error), error.rule)
    return element


def _check_route(event: RouteAssignment) -> None:
    shift = event.route.shift
    if shift.shift_id != event.shift_id:
        raise ContractError(
            f"shift_id {event.shift_id} but the route's shift is {shift.shift_id}",
            "shift_id is not that of the route",
        )
    if shift.vehicle.vehicle_id != event.vehicle_id:
        raise ContractError(
            f"vehicle_id {event.vehicle_id} but the route's vehicle is {shift.vehicle.vehicle_id}",
            "vehicle_id is not that of the route",
        )
    time_zone(event.time_zone)
    times = [event.effective_at, shift.starts_at, shift.ends_at]
    for visit in event.route.visits:
        times += [visit.arrive_at]
        times += [visit.stop.window.closes_at] if visit.stop.window else []
    last_at = max(times)
    if last_at > datetime(LAST_YEAR, 1, 1, tzinfo=UTC):
        rule = f"the route has a time after {LAST_YEAR}"
        raise ContractError(f"{rule}: {last_at.isoformat()}", rule)
