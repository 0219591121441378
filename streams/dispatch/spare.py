"""Vehicles with time to spare: done early, or well ahead of the plan, while others could do with help."""

from datetime import datetime

from routing.plan import Route, StopKind
from streams.dispatch.delays import active_alerts
from streams.dispatch.progress import frozen_stops, is_out, stranded_stops
from streams.dispatch.rules import Rules
from streams.dispatch.state import Depot, PlanInForce
from streams.events.judgements import VehicleProgress


def note_spare(depot: Depot, heard: VehicleProgress, rules: Rules) -> bool:
    """Take note of the latest word on a shift; true where it comes to have time to spare that others need.

    That is once a spell: a spell is over when less than half of ``spare_s`` is left, and its question is
    not asked again though nothing came of it. Whatever goes wrong during it is asked about for its own sake,
    and all shifts are looked at then.
    """
    shift_id = heard.shift_id
    is_done = is_out(heard) and (heard.next_stop_id or heard.current_stop_id) is None
    is_of_interest = is_done or -heard.delay_s > rules.spare_s or shift_id in depot.with_spare
    # Most words on progress end here: a plan's shifts are many.
    plan = depot.plan_of_shift(shift_id) if is_of_interest else None
    if plan is None:
        return False
    spare_s = time_to_spare_s(plan.route_of[shift_id], heard, heard.judged_at)
    if shift_id in depot.with_spare:
        if spare_s < rules.spare_s / 2:
            depot.with_spare.remove(shift_id)
        return False
    if spare_s <= rules.spare_s:
        return False
    depot.with_spare.add(shift_id)
    return _can_help(depot, plan, shift_id)


def time_to_spare_s(route: Route, heard: VehicleProgress, now: datetime) -> float:
    """How long before its plan it reaches the next stop; where none is left, what is left of the shift.

    Negative where it is behind; 0 while it has not left.
    """
    if not is_out(heard):
        return 0.0
    if stranded_stops(route, heard):
        return -heard.delay_s
    return (route.shift.ends_at - now).total_seconds()


def has_helper(depot: Depot, plan: PlanInForce, now: datetime, rules: Rules) -> bool:
    """Whether some shift of the plan still has time to spare, as last heard and by now, that others need."""
    return any(
        _has_spare(route, depot.progress.get(shift_id), now, rules) and _can_help(depot, plan, shift_id)
        for shift_id, route in plan.route_of.items()
        if shift_id in depot.with_spare
    )


def _has_spare(route: Route, heard: VehicleProgress | None, now: datetime, rules: Rules) -> bool:
    if heard is None or now >= route.shift.ends_at:
        return False
    return time_to_spare_s(route, heard, now) >= rules.spare_s / 2


def _can_help(depot: Depot, plan: PlanInForce, shift_id: str) -> bool:
    """Whether another that is late, or nobody, has what who is out can take: a pick-up or a return.

    Parcels that are on board of another, or at the depot, are out of its reach.
    """
    routes = plan.route_of
    if shift_id not in routes or shift_id in depot.outages:
        return False
    late = {depot.delays[alert_id].shift_id for alert_id in active_alerts(depot, set(routes) - {shift_id})}
    return any(each.stop.kind is not StopKind.DELIVER for each in plan.unassigned) or any(
        _can_give(routes[name], depot.progress.get(name)) for name in late - set(depot.outages)
    )


def _can_give(route: Route, heard: VehicleProgress | None) -> bool:
    free = set(stranded_stops(route, heard)) - set(frozen_stops(route, heard))
    return any(
        visit.stop.kind is not StopKind.DELIVER and visit.stop.stop_id in free for visit in route.visits
    )
