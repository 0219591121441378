"""Requests to the solver that say only who asks."""

from datetime import date

from routing.changes import Policy
from streams.events.base import derived_id
from streams.events.dispatch import ReoptimizationRequest, Trigger
from tests.factories import TRAVEL, at


def request(request_id: str, depot_id: str = "depot", requested: str = "09:00") -> ReoptimizationRequest:
    """A request of that name."""
    return ReoptimizationRequest(
        event_id=derived_id("request", request_id),
        source="test",
        request_id=request_id,
        depot_id=depot_id,
        service_date=date(2026, 3, 2),
        trigger=Trigger.DELAY,
        requested_at=at(requested),
        base_revision=1,
        travel=TRAVEL,
        policy=Policy(),
        seed=1,
        iterations=1,
    )
