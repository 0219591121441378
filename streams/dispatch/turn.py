"""What a depot does as time passes: it forgets, gives up, lets expire, and asks."""

from datetime import datetime, timedelta

from streams.dispatch.orders import forget_orders
from streams.dispatch.outcomes import emission, forget_oldest, on_silence
from streams.dispatch.proposals import expire
from streams.dispatch.requests import ask_if_due, is_overdue, wish_after_refusal
from streams.dispatch.rules import Rules
from streams.dispatch.state import Depot
from streams.judge import Emission
from streams.topics import REQUESTS


def on_tick(depot: Depot, now: datetime, rules: Rules) -> list[Emission]:
    """Everything that the time alone makes happen."""
    tidy(depot, now, rules)
    return [*_give_up(depot, now), *expire(depot, now), *_ask(depot, now, rules)]


def _give_up(depot: Depot, now: datetime) -> list[Emission]:
    request = depot.pending
    if request is None or not is_overdue(request, now):
        return []
    depot.pending = None
    wish_after_refusal(depot, request.service_date, request.trigger, now)
    return [emission(on_silence(depot, request, now))]


def _ask(depot: Depot, now: datetime, rules: Rules) -> list[Emission]:
    request = ask_if_due(depot, now, rules)
    return [] if request is None else [Emission(REQUESTS, depot.depot_id, request)]


def tidy(depot: Depot, now: datetime, rules: Rules) -> None:
    """Once a service date, forget what is over: it can't be planned any more."""
    local = depot.local_time(now)
    today = local.service_date(now)
    if depot.tidied_on == today:
        return
    depot.tidied_on = today
    oldest = today - timedelta(days=rules.keep_days)
    depot.plans = {day: plan for day, plan in depot.plans.items() if day >= oldest}
    depot.wishes = {day: wish for day, wish in depot.wishes.items() if day in depot.plans}
    forget_orders(depot, oldest, local)
    shift_ids = {shift_id for plan in depot.plans.values() for shift_id in plan.route_of}
    since_at = now - timedelta(days=rules.keep_days)
    depot.outages = {name: each for name, each in depot.outages.items() if name in shift_ids}
    depot.aboard = {name: each for name, each in depot.aboard.items() if name in shift_ids}
    depot.with_spare &= shift_ids
    depot.slow_zones = {name: each for name, each in depot.slow_zones.items() if each.until_at > now}
    depot.progress = {
        shift_id: heard
        for shift_id, heard in depot.progress.items()
        if shift_id in shift_ids or heard.judged_at >= since_at
    }
    depot.delays = {
        alert_id: delay
        for alert_id, delay in depot.delays.items()
        if delay.shift_id in shift_ids or delay.judged_at >= since_at
    }
    forget_oldest(depot.answered, rules.remembered)
    forget_oldest(depot.decided, rules.remembered)
    forget_oldest(depot.seen_revisions, rules.remembered)
