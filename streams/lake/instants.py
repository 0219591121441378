"""The moment that an event speaks of: what says which dates a landed file holds."""

from datetime import UTC, date, datetime
from functools import cache

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
    ClockTick,
    DelayEvent,
    EtaUpdate,
    FleetAlert,
    StopVisit,
    VehicleProgress,
)
from streams.events.letters import LetterReplayed
from streams.events.notices import CustomerNotice
from streams.events.reference import ReferenceEvent
from streams.events.telematics import GpsFix, Telemetry

_FIELDS: tuple[tuple[type[Event], str], ...] = (
    (GpsFix, "fix_at"),
    (Telemetry, "measured_at"),
    (ScanEvent, "scanned_at"),
    (OrderEvent, "ordered_at"),
    (ReferenceEvent, "effective_at"),
    (ClockTick, "now_at"),
    (EtaUpdate, "estimated_at"),
    (StopVisit, "arrived_at"),
    (DelayEvent, "judged_at"),
    (FleetAlert, "judged_at"),
    (VehicleProgress, "judged_at"),
    (CustomerNotice, "judged_at"),
    (PlanRevision, "effective_at"),
    (RouteAssignment, "effective_at"),
    (ReoptimizationRequest, "requested_at"),
    (Proposal, "requested_at"),
    (Command, "issued_at"),
    (Outcome, "decided_at"),
    (LetterReplayed, "sent_at"),
)


@cache
def instant_field(event_type: type[Event]) -> str | None:
    """The field that holds the moment an event speaks of; ``None`` where it has none (a verdict)."""
    return next((field for known, field in _FIELDS if issubclass(event_type, known)), None)


def event_instant(event: Event) -> datetime | None:
    """The moment an event speaks of; ``None`` where it has none of its own (a verdict)."""
    field = instant_field(type(event))
    if field is None:
        return None
    instant: datetime = getattr(event, field)
    return instant


def utc_date(instant: datetime) -> date:
    """The UTC date of an instant; the calendar's first or last day where UTC would leave it."""
    try:
        return instant.astimezone(UTC).date()
    except OverflowError:
        return date.min if instant.year == 1 else date.max
