"""A request's answer: what the solver makes of it. Runs in a process of its own, away from the judge."""

from collections.abc import Callable, Sequence
from datetime import UTC
from time import perf_counter

from msgspec.structs import replace

from routing.changes import Changes, Effects, EtaChange, Policy, Progress, Reoptimization
from routing.plan import RoutePlan
from routing.problem import Problem, Solution, StopCriterion
from routing.reoptimize import insert_only, weigh
from routing.slow_zones import Slowed
from routing.solve import solve
from routing.travel import TravelTimes
from streams.dispatch.choices import with_choices
from streams.dispatch.plan import SOURCE
from streams.dispatch.rules import DEFAULT_RULES, Rules, validity
from streams.events.base import derived_id
from streams.events.dispatch import Proposal, ReoptimizationRequest, Trigger

NO_SOLVER = "the solver died or took too long"


def answer(
    request: ReoptimizationRequest,
    rules: Rules = DEFAULT_RULES,
    clock_s: Callable[[], float] = perf_counter,
) -> Proposal:
    """The proposal for ``request``; unless time ends its search, the same one on any machine.

    Its choices are those for which ``clock_s``, which never goes back, left time. A request that the
    solver can't read is answered too, without routes and with its reason, since it would be asked again
    for ever otherwise.
    """
    try:
        if request.trigger is Trigger.PLAN_DAY:
            return _planned(request, StopCriterion(request.iterations, rules.plan_seconds))
        return _replanned(request, rules, clock_s)
    except ValueError as error:
        return no_answer(request, str(error))


def answer_by_insertion(request: ReoptimizationRequest) -> Proposal:
    """The proposal where the solver gives none: new stops join, cancelled ones leave, nothing is searched.

    A day's first plan is not made so.
    """
    if request.trigger is Trigger.PLAN_DAY:
        return no_answer(request, NO_SOLVER)
    try:
        least = insert_only(*_inquiry(request))
    except ValueError as error:
        return no_answer(request, str(error))
    return replace(_with_routes(request, least), choices_note=f"{NO_SOLVER}: nothing else was looked at")


def no_answer(request: ReoptimizationRequest, reason: str) -> Proposal:
    """The answer where no solver could give one: empty, with ``reason``, so that dispatch goes on."""
    return _empty(request, Effects(reasons=(f"the request can't be planned: {reason}",)))


def _empty(request: ReoptimizationRequest, effects: Effects) -> Proposal:
    """The empty answer to ``request``: no routes, only ``effects``."""
    proposal_id = derived_id("proposal", request.request_id)
    return Proposal(
        event_id=proposal_id,
        source=SOURCE,
        correlation_id=request.correlation_id or request.event_id,
        causation_id=request.event_id,
        proposal_id=str(proposal_id),
        request_id=request.request_id,
        depot_id=request.depot_id,
        service_date=request.service_date,
        trigger=request.trigger,
        base_revision=request.base_revision,
        requested_at=request.requested_at,
        expires_at=request.requested_at.astimezone(UTC) + validity(request.trigger),
        routes=(),
        effects=effects,
        travel=request.travel,
        outages=request.outages,
        slow_zones=request.slow_zones,
    )


def _planned(request: ReoptimizationRequest, stop: StopCriterion) -> Proposal:
    problem = Problem(request.depot_id, request.service_date, request.shifts, request.stops, _travel(request))
    solution = solve(problem, stop, request.seed)
    if not any(route.visits for route in solution.plan.routes):
        reasons = dict.fromkeys(each.reason for each in solution.plan.unassigned)
        return _empty(request, Effects(reasons=("no stop can be served", *reasons)))
    return replace(
        _empty(request, _first_effects(solution)),
        routes=solution.plan.routes,
        unassigned=solution.plan.unassigned,
        solver=solution.solver,
        violations=tuple(violation.words for violation in solution.evaluation.violations),
    )


def _replanned(request: ReoptimizationRequest, rules: Rules, clock_s: Callable[[], float]) -> Proposal:
    asked_at_s = clock_s()
    weighed = weigh(*_inquiry(request), StopCriterion(request.iterations, rules.seconds), request.seed)
    proposal = _with_routes(request, weighed.best())
    until_s = min(clock_s() + rules.choice_seconds, asked_at_s + rules.answer_seconds)
    return with_choices(proposal, weighed, lambda: clock_s() >= until_s)


def _inquiry(
    request: ReoptimizationRequest,
) -> tuple[RoutePlan, Sequence[Progress], Changes, Policy, TravelTimes]:
    """What re-planning is asked."""
    return (
        RoutePlan(request.depot_id, request.service_date, request.base_revision or 1, request.routes),
        request.progress,
        Changes(request.stops, request.cancelled_stop_ids, request.outages),
        request.policy,
        _travel(request),
    )


def _travel(request: ReoptimizationRequest) -> TravelTimes:
    """The depot's, with the slow zones over it."""
    return Slowed(request.travel, request.slow_zones) if request.slow_zones else request.travel


def _with_routes(request: ReoptimizationRequest, better: Reoptimization) -> Proposal:
    return replace(
        _empty(request, better.effects),
        routes=better.routes,
        unassigned=better.unassigned,
        solver=better.solver,
        violations=better.violations,
    )


def _first_effects(solution: Solution) -> Effects:
    """A first plan against no plan: everything it does is new."""
    judged = solution.evaluation
    changes = [
        EtaChange(visit.stop_id, None, visit.arrive_at, 0.0, visit.lateness_s, None, route.shift_id)
        for route in judged.routes
        for visit in route.visits
    ]
    used = sum(1 for route in judged.routes if route.visits)
    left_out = len(solution.plan.unassigned)
    words = f"{len(changes)} stops on {used} of {len(judged.routes)} shifts, {left_out} without a place"
    return Effects(
        duration_delta_s=judged.duration_s,
        distance_delta_m=judged.distance_m,
        cost_delta=judged.cost,
        co2e_delta_kg=judged.co2e_kg,
        lateness_delta_s=judged.lateness_s,
        late_stop_ids=tuple(change.stop_id for change in changes if change.lateness_after_s > 0),
        changes=tuple(changes),
        reasons=(words,),
    )
