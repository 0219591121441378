"""The moment that an event speaks of: what says which dates a landed file holds."""

from datetime import UTC, date, datetime

from streams.events.base import Event, ObservedEvent
from streams.events.dispatch import (
    Command,
    Outcome,
    PlanRevision,
    Proposal,
    ReoptimizationRequest,
    RouteAssignment,
)
from streams.events.judgements import (
    ClockTick,
    DelayEvent,
    EtaUpdate,
    FleetAlert,
    StopVisit,
    VehicleProgress,
)
from streams.events.notices import CustomerNotice
from streams.events.reference import ReferenceEvent


def event_instant(event: Event) -> datetime | None:
    """The moment an event speaks of; ``None`` where it has none of its own (a verdict)."""
    match event:
        case ObservedEvent() | ReferenceEvent():
            return event.happened_at
        case ClockTick():
            return event.now_at
        case EtaUpdate():
            return event.estimated_at
        case StopVisit():
            return event.arrived_at
        case DelayEvent() | FleetAlert() | VehicleProgress() | CustomerNotice():
            return event.judged_at
        case PlanRevision() | RouteAssignment():
            return event.effective_at
        case ReoptimizationRequest() | Proposal():
            return event.requested_at
        case Command():
            return event.issued_at
        case Outcome():
            return event.decided_at
        case _:
            return None


def utc_date(instant: datetime) -> date:
    """The UTC date of an instant; the calendar's first or last day where UTC would leave it."""
    try:
        return instant.astimezone(UTC).date()
    except OverflowError:
        return date.min if instant.year == 1 else date.max
