"""A choice beside the proposal, made a plan: its sequences, driven from where the vehicles are now."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from msgspec.structs import replace

from routing.changes import AlternativeKind
from routing.plan import PlannedVisit, Route, RoutePlan, Shift, Stop, Unassigned
from routing.standing import Leftover, leftovers
from routing.travel import TravelTimes
from streams.dispatch.fit import objection
from streams.dispatch.progress import progress_of
from streams.dispatch.requests import find_drift
from streams.dispatch.rules import Rules
from streams.dispatch.state import Depot, PlanInForce
from streams.events.dispatch import Choice, Proposal, Sequence

ANOTHER_DAY = "it is to be given another day, as was decided"


def as_chosen(depot: Depot, proposal: Proposal, number: int, now: datetime, rules: Rules) -> Proposal | str:
    """``proposal`` with the routes of its choice ``number``, counted from 1 as it is shown.

    In words why not, where there is no such choice, it is to do nothing, or the world has overtaken it.
    """
    choice = _choice(proposal, number)
    if isinstance(choice, str):
        return choice
    plan = depot.plans.get(proposal.service_date)
    if plan is None:
        return f"no plan of {proposal.service_date} is in force"
    planned, unassigned, proposed = _stops(find_drift(depot, plan, now, rules).routes, proposal)
    stops, shifts = {**planned, **unassigned, **proposed}, plan.route_of
    # What is handed over between vehicles stands in the proposal as the delivery of a pair.
    as_asked = {**proposed, **planned, **unassigned}
    if unknown := _unknown(choice, stops, shifts):
        return f"choice {number} has {unknown}, which the plan does not have"
    reasons = {each.stop.stop_id: each.reason for each in proposal.unassigned}
    off = tuple(
        Unassigned(as_asked[name], reasons.get(name, ANOTHER_DAY)) for name in choice.unserved_stop_ids
    )
    routes = tuple(_undriven(shifts[each.shift_id].shift, each, stops) for each in choice.sequences)
    asked = replace(proposal, unassigned=off, routes=routes)
    return objection(depot, asked, now) or replace(asked, routes=_driven(depot, plan, asked, now))


def is_proposed(proposal: Proposal, number: int) -> bool:
    """Whether that choice is what is proposed anyway."""
    return any(each.is_proposed for each in proposal.choices[number - 1 : number])


def words_for(proposal: Proposal, number: int | None) -> str:
    """What was decided, for those who read it later."""
    if number is None or is_proposed(proposal, number):
        return ""
    return f"choice {number}: {proposal.choices[number - 1].words}; "


def _choice(proposal: Proposal, number: int) -> Choice | str:
    if number > len(proposal.choices):
        return f"proposal {proposal.proposal_id} has {len(proposal.choices)} choices, and no choice {number}"
    choice = proposal.choices[number - 1]
    if choice.kind is AlternativeKind.NOTHING:
        return f"choice {number} is to do nothing: reject the proposal instead"
    if not choice.sequences:
        return f"choice {number} came without its routes: it can only be looked at"
    return choice


def _unknown(choice: Choice, stops: Collection[str], shifts: Collection[str]) -> str | None:
    names = [*choice.unserved_stop_ids, *(name for each in choice.sequences for name in each.stop_ids)]
    wrong = [f"shift {each.shift_id}" for each in choice.sequences if each.shift_id not in shifts]
    wrong += [f"stop {name}" for name in names if name not in stops]
    return next(iter(wrong), None)


def _stops(routes: Iterable[Route], proposal: Proposal) -> tuple[dict[str, Stop], ...]:
    """All stops that a choice can name: those of the plan as promised now, those left out, those proposed."""
    return (
        {visit.stop.stop_id: visit.stop for route in routes for visit in route.visits},
        {each.stop.stop_id: each.stop for each in proposal.unassigned},
        {visit.stop.stop_id: visit.stop for route in proposal.routes for visit in route.visits},
    )


def _undriven(shift: Shift, sequence: Sequence, stops: Mapping[str, Stop]) -> Route:
    """A route with the times of nobody: enough to see whether it still fits."""
    visits = tuple(_at(stops[name], shift.starts_at) for name in sequence.stop_ids)
    return Route(shift, visits, shift.ends_at, 0.0)


def _at(stop: Stop, moment: datetime) -> PlannedVisit:
    return PlannedVisit(stop.promised(moment), moment, moment, moment)


def _driven(depot: Depot, plan: PlanInForce, asked: Proposal, now: datetime) -> tuple[Route, ...]:
    """The routes with their times, from where each vehicle is now."""
    reports = [progress_of(route, depot.progress.get(route.shift.shift_id), now) for route in plan.routes]
    whole = RoutePlan(depot.depot_id, plan.service_date, plan.revision, plan.routes)
    outages = [each for shift_id, each in depot.outages.items() if shift_id in plan.route_of]
    rests = {rest.shift.shift_id: rest for rest in leftovers(whole, reports, outages)}
    travel = depot.travel_now(asked.travel, now)
    return tuple(_on(rests[route.shift.shift_id], route, travel) for route in asked.routes)


def _on(rest: Leftover, route: Route, travel: TravelTimes) -> Route:
    begun = {visit.stop.stop_id for visit in rest.driven} | {stop.stop_id for stop in rest.frozen}
    ahead = [visit.stop for visit in route.visits if visit.stop.stop_id not in begun]
    return rest.route(ahead, travel)
