"""Facts that dispatch takes note of: depots, orders, progress, delays, and other people's revisions."""

from datetime import UTC, date, timedelta

from streams.dispatch.delays import note_delay
from streams.dispatch.local_time import LocalTime, time_zone
from streams.dispatch.orders import dated_on, forget_orders, note_order, promised_on
from streams.dispatch.outcomes import emission, on_foreign_revision
from streams.dispatch.plan import base_conflict, merged_routes, revision_emissions, shift_conflict, stop_twice
from streams.dispatch.progress import later
from streams.dispatch.proposals import put_in_force
from streams.dispatch.requests import wish
from streams.dispatch.rules import Rules
from streams.dispatch.spare import note_spare
from streams.dispatch.state import Depot, DispatchState, Order
from streams.events.delivery import OrderEvent
from streams.events.dispatch import PlanRevision
from streams.events.judgements import DelayEvent, VehicleProgress
from streams.events.reference import DepotRecord
from streams.judge import Emission

MOST_RECORDS = 20
"""Records of a depot that are remembered; more than its future and its present never matter."""


def take_depot(state: DispatchState, record: DepotRecord, rules: Rules) -> list[Emission]:
    """Remember a depot's record. Raises ``ContractError`` for a time zone that doesn't exist."""
    time_zone(record.time_zone)
    depot = state.depot(record.depot_id)
    if all(known.event_id != record.event_id for known in depot.records):
        ordered = sorted([*depot.records, record], key=lambda each: each.effective_at)
        depot.records = ordered[-MOST_RECORDS:]
    return []


def take_order(state: DispatchState, event: OrderEvent, rules: Rules) -> list[Emission]:
    """Remember the order's last word; one that concerns a planned day may deserve a new plan."""
    depot, now = state.depot(event.depot_id), state.now or event.received_at
    local = depot.local_time(now)
    oldest = _forget_by_receipt(depot, event, local, rules)
    before = depot.orders.get(event.order_id) or Order(event.order_id)
    order = note_order(before, event)
    if order == before:
        return []
    if dated_on(order, local) < max(oldest, local.service_date(now) - timedelta(days=rules.keep_days)):
        depot.orders.pop(event.order_id, None)
        return []
    depot.orders[event.order_id] = order
    for concerned in {promised_on(before, local), promised_on(order, local)}:
        if concerned in depot.plans:
            wish(depot, concerned, now)
    return []


def _forget_by_receipt(depot: Depot, event: OrderEvent, local: LocalTime, rules: Rules) -> date:
    """The oldest service date whose orders are kept, by the latest receipt; what is older is forgotten.

    Years of orders may be read before the clock says anything, and a checkpoint has to hold what is kept.
    """
    heard_at = depot.heard_at or event.received_at
    depot.heard_at = max(heard_at, event.received_at).astimezone(UTC)
    today = local.service_date(depot.heard_at)
    oldest = today - timedelta(days=rules.keep_days)
    if today > local.service_date(heard_at):
        forget_orders(depot, oldest, local)
    return oldest


def take_progress(state: DispatchState, event: VehicleProgress, rules: Rules) -> list[Emission]:
    """Remember how far a shift is; one that comes to have time to spare may deserve a new plan."""
    state.pass_time(event.judged_at)
    depot = state.depot(event.depot_id)
    held = later(depot.progress.get(event.shift_id), event)
    depot.progress[event.shift_id] = held
    plan = depot.plan_of_shift(event.shift_id) if held is event and note_spare(depot, event, rules) else None
    if plan is not None:
        wish(depot, plan.service_date, state.now or event.judged_at, is_spare=True)
    return []


def take_delay(state: DispatchState, event: DelayEvent, rules: Rules) -> list[Emission]:
    """Remember a delay; a new or a worse one may deserve a new plan."""
    state.pass_time(event.judged_at)
    depot = state.depot(event.depot_id)
    is_worse = note_delay(depot, event)
    plan = depot.plan_of_shift(event.shift_id)
    if is_worse and plan is not None:
        wish(depot, plan.service_date, state.now or event.judged_at)
    return []


def take_revision(state: DispatchState, revision: PlanRevision, rules: Rules) -> list[Emission]:
    """Take over a revision that somebody else made for the plan in force; refuse any other.

    The judge's own revisions come back here, and say nothing new.
    """
    depot, now = state.depot(revision.depot_id), state.now or revision.effective_at
    if revision.event_id in depot.seen_revisions:
        return []
    reason = _revision_conflict(depot, revision)
    if reason is not None:
        depot.seen_revisions[revision.event_id] = revision.revision
        return [emission(on_foreign_revision(depot, revision, reason, now))]
    overtaken = put_in_force(depot, revision, now)
    return [*revision_emissions(depot, revision)[1:], *overtaken]


def _revision_conflict(depot: Depot, revision: PlanRevision) -> str | None:
    plan = depot.plans.get(revision.service_date)
    if plan is not None and revision.base_revision == plan.revision != revision.revision - 1:
        return f"it follows revision {plan.revision}, so it has to be {plan.revision + 1}"
    return (
        base_conflict(plan, revision.base_revision)
        or shift_conflict(plan, revision.routes)
        or stop_twice(merged_routes(plan, revision.routes))
        or _shift_of_other_day(depot, revision)
    )


def _shift_of_other_day(depot: Depot, revision: PlanRevision) -> str | None:
    for route in revision.routes:
        other = depot.plan_of_shift(route.shift.shift_id)
        if other is not None and other.service_date != revision.service_date:
            return f"shift {route.shift.shift_id} belongs to the plan of {other.service_date}"
    return None
