"""The plan in force: compared with what a change was made for, and set whole or not at all."""

from collections.abc import Sequence
from uuid import UUID

from routing.plan import Route
from streams.dispatch.state import Depot, PlanInForce
from streams.events.base import derived_id
from streams.events.dispatch import PlanRevision, RouteAssignment
from streams.judge import Emission
from streams.topics import PLANS, ROUTES

SOURCE = "doorstep.dispatch"


def base_conflict(plan: PlanInForce | None, base_revision: int | None) -> str | None:
    """Why a change made for ``base_revision`` doesn't fit the plan in force, in words."""
    if plan is None:
        return (
            None if base_revision is None else f"made for revision {base_revision}, but no plan is in force"
        )
    if base_revision is None:
        return f"made as the day's first plan, but revision {plan.revision} is in force"
    if base_revision != plan.revision:
        return f"made for revision {base_revision}, but revision {plan.revision} is in force"
    return None


def shift_conflict(plan: PlanInForce | None, routes: Sequence[Route]) -> str | None:
    """Why ``routes`` are not the plan's own shifts, once each, in words."""
    seen: set[str] = set()
    known = None if plan is None else plan.route_of
    for route in routes:
        shift = route.shift
        if shift.shift_id in seen:
            return f"shift {shift.shift_id} has two routes"
        seen.add(shift.shift_id)
        if known is not None and shift.shift_id not in known:
            return f"shift {shift.shift_id} is not in the plan"
        if known is not None and known[shift.shift_id].shift != shift:
            return f"shift {shift.shift_id} is not as the plan in force has it"
    return None


def merged_routes(plan: PlanInForce | None, routes: Sequence[Route]) -> tuple[Route, ...]:
    """All routes once ``routes`` replace those of their shifts; in the plan's order."""
    changed = {route.shift.shift_id: route for route in routes}
    if plan is None:
        return tuple(routes)
    return tuple(changed.get(route.shift.shift_id, route) for route in plan.routes)


def stop_twice(routes: Sequence[Route]) -> str | None:
    """A stop that is visited more than once, in words."""
    shift_of: dict[str, str] = {}
    for route in routes:
        shift_id = route.shift.shift_id
        for stop_id in route.stop_ids:
            if stop_id in shift_of:
                return f"stop {stop_id} would be visited twice, by shifts {shift_of[stop_id]} and {shift_id}"
            shift_of[stop_id] = shift_id
    return None


def after(plan: PlanInForce | None, revision: PlanRevision) -> PlanInForce:
    """The plan in force once ``revision``, which fits it, is."""
    return PlanInForce(
        service_date=revision.service_date,
        revision=revision.revision,
        routes=merged_routes(plan, revision.routes),
        travel=revision.travel,
        unassigned=revision.unassigned,
    )


def revision_emissions(depot: Depot, revision: PlanRevision) -> list[Emission]:
    """One record for the depot, then for each changed shift its current route."""
    zone = depot.time_zone(revision.effective_at)
    return [
        Emission(PLANS, revision.depot_id, revision),
        *(_assignment(revision, route, zone) for route in revision.routes),
    ]


def _assignment(revision: PlanRevision, route: Route, time_zone: str) -> Emission:
    shift = route.shift
    assignment = RouteAssignment(
        event_id=derived_id("route", revision.event_id, shift.shift_id),
        source=SOURCE,
        correlation_id=revision.correlation_id,
        causation_id=revision.event_id,
        depot_id=revision.depot_id,
        service_date=revision.service_date,
        vehicle_id=shift.vehicle.vehicle_id,
        shift_id=shift.shift_id,
        revision=revision.revision,
        effective_at=revision.effective_at,
        route=route,
        travel=revision.travel,
        time_zone=time_zone,
    )
    return Emission(ROUTES, shift.shift_id, assignment, partition_key=shift.vehicle.vehicle_id)


def revision_id(depot_id: str, proposal_id: str) -> UUID:
    """The event id of the revision that accepting a proposal makes."""
    return derived_id("plan", depot_id, proposal_id)
