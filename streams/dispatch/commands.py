"""Commands of people and systems: each carried out once, each with an outcome."""

from collections import Counter
from datetime import date, datetime

from routing.changes import Outage
from routing.slow_zones import SlowZone
from streams.dispatch.disruptions import clear_roads, slow_down, take_back, take_out
from streams.dispatch.outcomes import emission, on_command, repeated
from streams.dispatch.proposals import decide_by_command
from streams.dispatch.requests import ask_for_day, wish_again
from streams.dispatch.rules import Rules
from streams.dispatch.state import Depot
from streams.events.dispatch import Command, CommandKind, OutcomeStatus, Trigger
from streams.judge import Emission
from streams.topics import REQUESTS


def carry_out(depot: Depot, command: Command, now: datetime, rules: Rules) -> list[Emission]:
    """Carry ``command`` out, unless that was done; a refused one may try again while its proposal waits."""
    first = depot.answered.get(command.command_id)
    if first is not None and first.causation_id == command.event_id:
        return []
    is_open = command.proposal_id in depot.waiting
    if first is not None and not (is_open and first.status is OutcomeStatus.REFUSED):
        return [emission(repeated(depot, command, first, now))]
    match command:
        case Command(kind=CommandKind.PLAN_DAY, service_date=date() as service_date):
            return _plan_day(depot, command, service_date, now, rules)
        case Command(kind=CommandKind.OUT_OF_ACTION, outage=Outage() as outage):
            return take_out(depot, command, outage, now, rules)
        case Command(kind=CommandKind.BACK_IN_ACTION, shift_id=str() as shift_id):
            return take_back(depot, command, shift_id, now)
        case Command(kind=CommandKind.SLOW_ZONE, slow_zone=SlowZone() as zone):
            return slow_down(depot, command, zone, now, rules)
        case Command(kind=CommandKind.ROADS_CLEAR, zone_id=str() as zone_id):
            return clear_roads(depot, command, zone_id, now, rules)
        case _:
            return decide_by_command(depot, command, now, rules)


def _plan_day(
    depot: Depot, command: Command, service_date: date, now: datetime, rules: Rules
) -> list[Emission]:
    asked = _hindrance(depot, command, service_date) or ask_for_day(depot, command, service_date, now, rules)
    if isinstance(asked, str):
        return [emission(on_command(depot, command, OutcomeStatus.REFUSED, asked, now))]
    if depot.pending is not None:
        wish_again(depot, depot.pending.service_date, depot.pending.trigger, now)
    depot.pending = asked
    words = f"planning started: {len(asked.stops)} stops, {len(asked.shifts)} shifts"
    return [
        Emission(REQUESTS, depot.depot_id, asked),
        emission(on_command(depot, command, OutcomeStatus.ACCEPTED, words, now)),
    ]


def _hindrance(depot: Depot, command: Command, service_date: date) -> str | None:
    plan = depot.plans.get(service_date)
    if plan is not None:
        return f"{service_date} is planned already: revision {plan.revision} is in force"
    if depot.pending is not None and depot.pending.trigger is Trigger.PLAN_DAY:
        return f"the plan of {depot.pending.service_date} is being made; send a new command once it is there"
    return _shift_hindrance(depot, command)


def _shift_hindrance(depot: Depot, command: Command) -> str | None:
    counts = Counter(shift.shift_id for shift in command.shifts)
    for shift_id, count in counts.items():
        if count > 1:
            return f"shift {shift_id} is named {count} times"
        other = depot.plan_of_shift(shift_id)
        if other is not None:
            return f"shift {shift_id} belongs to the plan of {other.service_date}"
    return None
