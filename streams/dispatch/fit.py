"""Whether a proposal still fits the plan in force and the world, which didn't wait for it."""

from datetime import datetime

from routing.plan import Route
from routing.salvage import is_transfer
from streams.dispatch.plan import base_conflict, merged_routes, shift_conflict, stop_twice
from streams.dispatch.progress import done_stops, frozen_stops, stranded_stops
from streams.dispatch.requests import dropped_stops
from streams.dispatch.state import Depot, PlanInForce
from streams.events.dispatch import Proposal


def objection(depot: Depot, proposal: Proposal, now: datetime) -> str | None:
    """Why ``proposal`` can't be accepted any more, naming shift or stop; ``None`` when it can."""
    if now >= proposal.expires_at:
        return f"it expired at {proposal.expires_at.isoformat()}"
    plan = depot.plans.get(proposal.service_date)
    conflict = base_conflict(plan, proposal.base_revision) or shift_conflict(plan, proposal.routes)
    if conflict is not None:
        return conflict
    if plan is None:
        return _taken_shift(depot, proposal) or stop_twice(proposal.routes)
    return (
        outdated(depot, proposal, now)
        or _given_to_nobody(depot, proposal)
        or _overtaken(depot, plan, proposal)
        or _taken_off(depot, plan, proposal)
        or stop_twice(merged_routes(plan, proposal.routes))
        or _lost(depot, plan, proposal, now)
    )


def _taken_shift(depot: Depot, proposal: Proposal) -> str | None:
    for route in proposal.routes:
        other = depot.plan_of_shift(route.shift.shift_id)
        if other is not None:
            return f"shift {route.shift.shift_id} belongs to the plan of {other.service_date}"
    return None


def outdated(depot: Depot, proposal: Proposal, now: datetime) -> str | None:
    """What the proposal was made for, and what was taken back: a shift that is out, roads that are slow."""
    for outage in proposal.outages:
        if outage.shift_id not in depot.outages:
            return f"it was made for shift {outage.shift_id} out of action, and that is back"
    known = depot.slow_zones.values()
    if any(zone.until_at > now and zone not in known for zone in proposal.slow_zones):
        return "it was made for roads that were slow, and are clear again"
    return None


def _given_to_nobody(depot: Depot, proposal: Proposal) -> str | None:
    """A stop that the proposal leaves to a shift that went out of action."""
    for route in proposal.routes:
        shift_id = route.shift.shift_id
        if shift_id in depot.outages:
            for stop_id in stranded_stops(route, depot.progress.get(shift_id)):
                return f"shift {shift_id} goes on no more, the proposal has stop {stop_id} on it"
    return None


def _overtaken(depot: Depot, plan: PlanInForce, proposal: Proposal) -> str | None:
    """A stop that is done, or about to be, and that the proposal has elsewhere or later."""
    for route in proposal.routes:
        shift_id = route.shift.shift_id
        heard = depot.progress.get(shift_id)
        done = done_stops(plan.route_of[shift_id], heard)
        frozen = () if shift_id in depot.outages else frozen_stops(plan.route_of[shift_id], heard)
        head = route.stop_ids[: len(done)]
        for stop_id in done:
            if stop_id not in head:
                return (
                    f"shift {shift_id} served stop {stop_id} already, the proposal has it later or elsewhere"
                )
        for stop_id, proposed in zip(frozen, _padded(route, len(done), len(frozen)), strict=True):
            if stop_id != proposed:
                return (
                    f"shift {shift_id} is at stop {stop_id} or on its way there, "
                    f"the proposal has {proposed or 'nothing'} in its place"
                )
    return None


def _padded(route: Route, start: int, count: int) -> list[str | None]:
    ids: list[str | None] = list(route.stop_ids[start : start + count])
    return ids + [None] * (count - len(ids))


def _taken_off(depot: Depot, plan: PlanInForce, proposal: Proposal) -> str | None:
    """A stop whose parcels are on board of the vehicle that the proposal takes it from, and that goes on."""
    shift_of = plan.shift_of
    for route in proposal.routes:
        to_shift = route.shift.shift_id
        for stop_id in route.stop_ids:
            from_shift = shift_of.get(stop_id)
            if from_shift is None or from_shift == to_shift or from_shift in depot.outages:
                continue
            heard = depot.progress.get(from_shift)
            if heard is not None and stop_id in heard.loaded_stop_ids:
                return f"stop {stop_id} is loaded by shift {from_shift}, the proposal gives it to {to_shift}"
    return None


def _lost(depot: Depot, plan: PlanInForce, proposal: Proposal, now: datetime) -> str | None:
    """A stop that the proposal drops although its orders are still to be served; a transfer has none."""
    named = {stop_id for route in proposal.routes for stop_id in route.stop_ids}
    named.update(each.stop.stop_id for each in proposal.unassigned)
    named.update(dropped_stops(depot, plan, now))
    route_of = plan.route_of
    for route in proposal.routes:
        for visit in route_of[route.shift.shift_id].visits:
            stop_id = visit.stop.stop_id
            if stop_id not in named and not is_transfer(visit.stop, route_of):
                return f"stop {stop_id} of shift {route.shift.shift_id} would be left out without a reason"
    return None
