"""What people tell of the road: shifts that go on no more, and roads that are slow or closed."""

from collections.abc import Sequence
from datetime import date, datetime

from routing.changes import Outage
from routing.effects import count_stops, names
from routing.slow_zones import SlowZone
from streams.dispatch.aboard import remember_aboard
from streams.dispatch.outcomes import emission, on_command
from streams.dispatch.progress import done_stops
from streams.dispatch.proposals import refuse_outdated
from streams.dispatch.requests import ask_if_due, wish, wish_again
from streams.dispatch.roads import is_concerned
from streams.dispatch.rules import Rules
from streams.dispatch.state import Depot
from streams.events.dispatch import Command, OutcomeStatus, Trigger
from streams.judge import Emission
from streams.topics import REQUESTS


def take_out(depot: Depot, command: Command, outage: Outage, now: datetime, rules: Rules) -> list[Emission]:
    """A shift goes on no more: others are asked for at once."""
    plan = depot.plan_of_shift(outage.shift_id)
    if plan is None:
        words = f"shift {outage.shift_id} is in no plan of depot {depot.depot_id}"
        return [emission(on_command(depot, command, OutcomeStatus.REFUSED, words, now))]
    depot.outages[outage.shift_id] = outage
    remember_aboard(depot, plan.route_of[outage.shift_id])
    done = done_stops(plan.route_of[outage.shift_id], depot.progress.get(outage.shift_id))
    n_open = len(plan.route_of[outage.shift_id].stop_ids) - len(done)
    words = f"shift {outage.shift_id} goes on no more: {count_stops(n_open)} open"
    noted = emission(on_command(depot, command, OutcomeStatus.ACCEPTED, words, now))
    return [noted, *_ask_at_once(depot, command, [plan.service_date], Trigger.OUTAGE, now, rules)]


def take_back(depot: Depot, command: Command, shift_id: str, now: datetime) -> list[Emission]:
    """A shift goes on after all; what others were given stays theirs, what was asked without it is void."""
    if depot.outages.pop(shift_id, None) is None:
        words = f"shift {shift_id} is not out of action"
        return [emission(on_command(depot, command, OutcomeStatus.REFUSED, words, now))]
    pending = depot.pending
    if pending is not None and any(each.shift_id == shift_id for each in pending.outages):
        wish_again(depot, pending.service_date, pending.trigger, now)
        depot.pending = None
    noted = emission(on_command(depot, command, OutcomeStatus.ACCEPTED, f"shift {shift_id} is back", now))
    return [noted, *refuse_outdated(depot, now)]


def slow_down(depot: Depot, command: Command, zone: SlowZone, now: datetime, rules: Rules) -> list[Emission]:
    """Roads are slow or closed for a while: a plan that reckons with it is asked for at once."""
    words = _no_zone(depot, zone, now, rules.most_slow_zones)
    if words is not None:
        return [emission(on_command(depot, command, OutcomeStatus.REFUSED, words, now))]
    depot.slow_zones[command.command_id] = zone
    words = f"plans reckon with it from now on; its key is {command.command_id}"
    noted = emission(on_command(depot, command, OutcomeStatus.ACCEPTED, words, now))
    concerned = _concerned(depot, zone, now)
    return [noted, *_ask_at_once(depot, command, concerned, Trigger.TRAFFIC, now, rules)]


def clear_roads(depot: Depot, command: Command, zone_id: str, now: datetime, rules: Rules) -> list[Emission]:
    """Roads are as usual again: what was asked or proposed because of them is void, and asked anew."""
    zone = depot.slow_zones.get(zone_id)
    if zone is None or zone.until_at <= now:
        keys = names([key for key, each in depot.slow_zones.items() if each.until_at > now]) or "none"
        words = f"depot {depot.depot_id} knows no slow or closed roads by the key {zone_id}; known: {keys}"
        return [emission(on_command(depot, command, OutcomeStatus.REFUSED, words, now))]
    del depot.slow_zones[zone_id]
    words = "the roads are clear again; plans reckon with the usual speeds"
    noted = emission(on_command(depot, command, OutcomeStatus.ACCEPTED, words, now))
    refused = refuse_outdated(depot, now)
    concerned = _concerned(depot, zone, now)
    return [noted, *refused, *_ask_at_once(depot, command, concerned, Trigger.TRAFFIC, now, rules)]


def _concerned(depot: Depot, zone: SlowZone, now: datetime) -> list[date]:
    """The service dates that the zone concerns."""
    return [plan.service_date for plan in depot.plans.values() if is_concerned(plan, zone, now)]


def _no_zone(depot: Depot, zone: SlowZone, now: datetime, most: int) -> str | None:
    """Why dispatch can't reckon with the zone; ``None`` where it can."""
    if zone.until_at <= now:
        return f"the zone is over since {zone.until_at.isoformat()}"
    known = depot.zones_ahead(now)
    if len(known) < most:
        return None
    next_over_at = min(each.until_at for each in known).isoformat()
    return f"{len(known)} slow zones are known already, and no more at a time; one is over at {next_over_at}"


def _ask_at_once(
    depot: Depot,
    command: Command,
    service_dates: Sequence[date],
    urgency: Trigger,
    now: datetime,
    rules: Rules,
) -> list[Emission]:
    """Newer facts replace a request that knows nothing of them; only a day's first plan is waited for."""
    for service_date in service_dates:
        wish(depot, service_date, now, urgency, is_at_once=True)
    pending = depot.pending
    if pending is not None and pending.trigger is not Trigger.PLAN_DAY and service_dates:
        wish_again(depot, pending.service_date, pending.trigger, now)
        depot.pending = None
    request = ask_if_due(depot, now, rules, command.event_id)
    return [] if request is None else [Emission(REQUESTS, depot.depot_id, request)]
