"""When to ask the solver, and the question with its whole input."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from routing.plan import PlannedVisit, Route, Stop
from routing.salvage import is_transfer
from streams.dispatch.aboard import with_aboard
from streams.dispatch.delays import active_alerts
from streams.dispatch.orders import Wanted, promised_on, wanted_stops
from streams.dispatch.plan import SOURCE
from streams.dispatch.progress import done_stops, frozen_stops, progress_of, stranded_stops
from streams.dispatch.rules import Rules, validity
from streams.dispatch.spare import has_helper
from streams.dispatch.state import Depot, PlanInForce, Wish
from streams.events.base import derived_id
from streams.events.dispatch import Command, ReoptimizationRequest, Trigger

URGENT = (Trigger.OUTAGE, Trigger.TRAFFIC)


def wish(
    depot: Depot,
    service_date: date,
    now: datetime,
    urgency: Trigger | None = None,
    *,
    is_at_once: bool = False,
    is_spare: bool = False,
) -> None:
    """Something may deserve a new plan; what wishes the same while it waits keeps it company."""
    known = depot.wishes.get(service_date, Wish(now, is_spare=is_spare))
    depot.wishes[service_date] = Wish(
        known.since_at,
        urgency or known.urgency,
        is_at_once or known.is_at_once,
        is_spare and known.is_spare,
    )


def wish_again(depot: Depot, service_date: date, trigger: Trigger, now: datetime) -> None:
    """The question was given up, or its answer can't be had; what made it has not gone away.

    However urgent it was, it waits for company: what is always refused would go round without end.
    """
    if service_date in depot.plans:
        urgency = trigger if trigger in URGENT else None
        wish(depot, service_date, now, urgency, is_spare=trigger is Trigger.SPARE_TIME)


def wish_after_refusal(depot: Depot, service_date: date, trigger: Trigger, now: datetime) -> None:
    """As ``wish_again``, where the answer fits no more, came too late, or was decided by nobody in time.

    A spell of time to spare has had its question then: it would be asked for as long as it lasts.
    """
    if trigger is not Trigger.SPARE_TIME:
        wish_again(depot, service_date, trigger, now)


def due_wish(depot: Depot, now: datetime, rules: Rules) -> date | None:
    """The service date whose wish has waited for company, if the depot may ask now."""
    if depot.pending is not None:
        return None
    due = [
        (not wished.is_at_once, wished.since_at, service_date)
        for service_date, wished in depot.wishes.items()
        if _is_due(depot, wished, now, rules)
    ]
    return min(due)[2] if due else None


def _is_due(depot: Depot, wished: Wish, now: datetime, rules: Rules) -> bool:
    if wished.is_at_once:
        return True
    asked_at = depot.last_requested_at
    has_rested = asked_at is None or (now - asked_at).total_seconds() >= rules.min_interval_s
    has_waited = (now - wished.since_at).total_seconds() >= rules.debounce_s
    return has_waited and (has_rested or wished.urgency is not None)


def ask_if_due(
    depot: Depot, now: datetime, rules: Rules, told_by: UUID | None = None
) -> ReoptimizationRequest | None:
    """The question that the depot may ask now, on record as pending; ``told_by`` a command, or by time."""
    service_date = due_wish(depot, now, rules)
    if service_date is None:
        return None
    wished = depot.wishes.pop(service_date)
    plan = depot.plans.get(service_date)
    request = None if plan is None else ask_for_changes(depot, plan, now, rules, wished, told_by)
    if request is not None:
        depot.pending, depot.last_requested_at = request, now
    return request


def is_overdue(request: ReoptimizationRequest, now: datetime) -> bool:
    """Whether an answer to ``request`` would come too late to be accepted."""
    return now - request.requested_at > validity(request.trigger)


def ask_for_day(
    depot: Depot, command: Command, service_date: date, now: datetime, rules: Rules
) -> ReoptimizationRequest | str:
    """The question for the first plan of a day, or in words why it can't be asked."""
    wanted = wanted_stops(depot.orders.values(), service_date, depot.local_time(now), rules.service_s)
    if not wanted.stops:
        return f"no open order with a position is promised for {service_date}{unplaced(wanted)}"
    request_id = derived_id("request", depot.depot_id, command.command_id)
    return ReoptimizationRequest(
        event_id=request_id,
        source=SOURCE,
        correlation_id=command.correlation_id or command.event_id,
        causation_id=command.event_id,
        request_id=str(request_id),
        depot_id=depot.depot_id,
        service_date=service_date,
        trigger=Trigger.PLAN_DAY,
        requested_at=now,
        base_revision=None,
        travel=depot.travel(now),
        policy=rules.policy,
        seed=_seed(request_id),
        iterations=rules.plan_iterations,
        shifts=command.shifts,
        stops=tuple(wanted.stops.values()),
        slow_zones=depot.zones_ahead(now),
    )


def unplaced(wanted: Wanted) -> str:
    """A clause that names the orders left out for want of a position."""
    if not wanted.unplaced_order_ids:
        return ""
    named = ", ".join(wanted.unplaced_order_ids[:5])
    more = len(wanted.unplaced_order_ids) - 5
    return f"; without a position: {named}" + (f" and {more} more" if more > 0 else "")


@dataclass(frozen=True, slots=True)
class Drift:
    """Where orders and plan have come apart: stops to add, stops to drop, routes with today's promises."""

    new_stops: tuple[Stop, ...]
    cancelled_stop_ids: tuple[str, ...]
    routes: tuple[Route, ...]


def ask_for_changes(
    depot: Depot,
    plan: PlanInForce,
    now: datetime,
    rules: Rules,
    wished: Wish,
    told_by: UUID | None = None,
) -> ReoptimizationRequest | None:
    """The question for a better plan from now on; ``None`` when there is nothing to better.

    Two commands may come within one tick of the clock: what the later one asks is a question of its own.
    """
    if not any(now <= route.shift.ends_at for route in plan.routes):
        return None
    drift = find_drift(depot, plan, now, rules)
    alert_ids = active_alerts(depot, set(plan.route_of))
    is_spare = wished.is_spare and has_helper(depot, plan, now, rules)
    occasion = Trigger.SPARE_TIME if is_spare else _occasion(plan, drift, alert_ids, wished)
    trigger = _urgency(depot, plan, now, wished) or occasion
    if trigger is None:
        return None
    told = () if told_by is None else (told_by,)
    request_id = derived_id(
        "request", depot.depot_id, plan.service_date, plan.revision, now.isoformat(), *told
    )
    return _question(depot, plan, drift, now, rules, request_id, trigger, alert_ids)


def _question(
    depot: Depot,
    plan: PlanInForce,
    drift: Drift,
    now: datetime,
    rules: Rules,
    request_id: UUID,
    trigger: Trigger,
    alert_ids: tuple[str, ...],
) -> ReoptimizationRequest:
    """All that the solver needs to know; the first of the delays is what caused it."""
    return ReoptimizationRequest(
        event_id=request_id,
        source=SOURCE,
        correlation_id=request_id,
        causation_id=depot.delays[alert_ids[0]].event_id if alert_ids else None,
        request_id=str(request_id),
        depot_id=depot.depot_id,
        service_date=plan.service_date,
        trigger=trigger,
        requested_at=now,
        base_revision=plan.revision,
        travel=plan.travel if depot.record(now) is None else depot.travel(now),
        policy=rules.policy,
        seed=_seed(request_id),
        iterations=rules.iterations,
        stops=drift.new_stops,
        cancelled_stop_ids=drift.cancelled_stop_ids,
        routes=drift.routes,
        progress=tuple(
            with_aboard(depot, progress_of(route, depot.progress.get(route.shift.shift_id), now))
            for route in drift.routes
        ),
        alert_ids=alert_ids,
        outages=tuple(outage for shift_id, outage in depot.outages.items() if shift_id in plan.route_of),
        slow_zones=depot.zones_ahead(now),
    )


def _urgency(depot: Depot, plan: PlanInForce, now: datetime, wished: Wish) -> Trigger | None:
    """What can't wait: stops of a shift that goes on no more, what was told just now, or still holds."""
    out = [route for route in plan.routes if route.shift.shift_id in depot.outages]
    is_told = wished.urgency is Trigger.OUTAGE and bool(out)
    if is_told or any(stranded_stops(route, depot.progress.get(route.shift.shift_id)) for route in out):
        return Trigger.OUTAGE
    is_just_told = wished.is_at_once and wished.urgency is Trigger.TRAFFIC
    still_holds = wished.urgency is not None and bool(depot.zones_ahead(now))
    return Trigger.TRAFFIC if is_just_told or still_holds else None


def _occasion(plan: PlanInForce, drift: Drift, alert_ids: tuple[str, ...], wished: Wish) -> Trigger | None:
    """What makes the question worth asking; time to spare is no reason to ask about old delays alone."""
    left_out = {each.stop.stop_id for each in plan.unassigned}
    is_new = any(stop.stop_id not in left_out for stop in drift.new_stops)
    has_drifted = is_new or bool(drift.cancelled_stop_ids) or drift.routes != plan.routes
    if alert_ids and (has_drifted or not wished.is_spare):
        return Trigger.DELAY
    return Trigger.ORDERS if has_drifted else None


def find_drift(depot: Depot, plan: PlanInForce, now: datetime, rules: Rules) -> Drift:
    """What orders and progress say that the plan doesn't."""
    wanted = wanted_stops(depot.orders.values(), plan.service_date, depot.local_time(now), rules.service_s)
    fixed, done = _fixed_stops(depot, plan)
    planned = plan.shift_of
    kept = {
        each.stop.stop_id: each.stop for each in plan.unassigned if not _is_off(depot, plan, each.stop, now)
    }
    candidates = {**kept, **wanted.stops}
    return Drift(
        new_stops=tuple(
            candidates[stop_id]
            for stop_id in sorted(candidates)
            if stop_id not in planned and stop_id not in done
        ),
        cancelled_stop_ids=dropped_stops(depot, plan, now),
        routes=tuple(_as_promised(route, wanted.stops, fixed) for route in plan.routes),
    )


def dropped_stops(depot: Depot, plan: PlanInForce, now: datetime) -> tuple[str, ...]:
    """Planned stops that need no visit any more: all orders off, or served by another shift.

    With its delivery goes a transfer of parcels between vehicles.
    """
    fixed, done = _fixed_stops(depot, plan)
    stops = [visit.stop for route in plan.routes for visit in route.visits]
    gone = {
        stop.stop_id
        for stop in stops
        if stop.stop_id not in fixed and (stop.stop_id in done or _is_off(depot, plan, stop, now))
    }
    awaited = {stop.picked_up_at for stop in stops if stop.stop_id not in gone} | fixed
    shift_ids = tuple(plan.route_of)
    return tuple(
        stop.stop_id
        for stop in stops
        if stop.stop_id in gone or (stop.stop_id not in awaited and is_transfer(stop, shift_ids))
    )


def _fixed_stops(depot: Depot, plan: PlanInForce) -> tuple[set[str], set[str]]:
    """Stops that their own shift has done or is about to do, and stops that any shift has done."""
    fixed: set[str] = set()
    done: set[str] = set()
    for route in plan.routes:
        heard = depot.progress.get(route.shift.shift_id)
        is_over = route.shift.shift_id in depot.outages
        fixed.update(done_stops(route, heard), () if is_over else frozen_stops(route, heard))
        done.update(() if heard is None else heard.done_stop_ids)
    return fixed, done


def _is_off(depot: Depot, plan: PlanInForce, stop: Stop, now: datetime) -> bool:
    """Whether none of the stop's orders is to be served that day; an order not heard of still is."""
    local = depot.local_time(now)
    orders = [depot.orders.get(order_id) for order_id in stop.order_ids]
    return bool(orders) and all(
        order is not None and not (order.is_open and promised_on(order, local) == plan.service_date)
        for order in orders
    )


def _as_promised(route: Route, wanted: dict[str, Stop], fixed: set[str]) -> Route:
    """The route with its open stops as they are promised now."""
    visits = tuple(_with_stop(visit, wanted, fixed) for visit in route.visits)
    return route if visits == route.visits else Route(route.shift, visits, route.ends_at, route.distance_m)


def _with_stop(visit: PlannedVisit, wanted: dict[str, Stop], fixed: set[str]) -> PlannedVisit:
    asked = wanted.get(visit.stop.stop_id)
    if asked is None or visit.stop.stop_id in fixed:
        return visit
    # Whom the parcels are fetched from is the plan's word, not the order's.
    stop = replace(asked, picked_up_at=visit.stop.picked_up_at)
    if stop == visit.stop:
        return visit
    return PlannedVisit(stop, visit.arrive_at, visit.begin_at, visit.depart_at)


def _seed(request_id: UUID) -> int:
    return derived_id("seed", request_id).int % 2**31
