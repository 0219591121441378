"""The independent judge of plans: it recomputes everything from sequences and travel times.

It shares no code with schedules or solvers, so that an error there is seen here.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from math import fsum

from routing.carriers import Carrier
from routing.changes import Progress
from routing.evaluation import Evaluation, RouteEvaluation
from routing.hand_overs import check_hand_overs, check_ways, judge_hand_overs
from routing.locker_checks import check_lockers
from routing.lockers import Locker
from routing.plan import HandedOver, Route, RoutePlan, Stop, StopKind
from routing.travel import TravelTimes
from routing.trial import Outset, Trial, drive
from routing.violations import (
    check_aboard,
    check_claims,
    check_pairs,
    check_route,
    check_shifts,
    check_stops,
    check_windows,
)


def evaluate(
    plan: RoutePlan | Sequence[Route],
    travel: TravelTimes,
    stops: Sequence[Stop] | None = None,
    progress: Sequence[Progress] = (),
    carriers: Sequence[Carrier] = (),
    lockers: Sequence[Locker] | None = None,
    handed_over: Sequence[HandedOver] = (),
) -> Evaluation:
    """Judge a plan, or routes, by driving them anew.

    ``stops``, where given, are those that have to be served or listed as unassigned. A shift with
    ``progress`` is judged from there on: what is done, or being served, is passed over. Any other
    begins at its shift's start, and is held to the times that its visits claim as well. ``carriers``
    are those whom stops may be handed over to, beside routes alone ``handed_over``; ``lockers``, where
    given, hold what is dropped to them.
    """
    routes = plan.routes if isinstance(plan, RoutePlan) else tuple(plan)
    left_out = [each.stop for each in plan.unassigned] if isinstance(plan, RoutePlan) else []
    handed_over = plan.handed_over if isinstance(plan, RoutePlan) else tuple(handed_over)
    progress_of = {each.shift_id: each for each in progress}
    judged = tuple(_judge_route(route, travel, progress_of.get(route.shift.shift_id)) for route in routes)
    violations = [violation for each in judged for violation in each.violations]
    violations += check_shifts(routes)
    violations += check_stops(routes, [*left_out, *(each.stop for each in handed_over)], stops)
    violations += check_windows(routes, stops or ())
    violations += [] if lockers is None else check_lockers(routes, lockers, stops or ())
    violations += check_pairs(routes, left_out, stops or ())
    violations += check_hand_overs(handed_over, carriers, stops or ())
    skipped_price = fsum(stop.skip_price or 0.0 for stop in left_out)
    hand_overs = tuple(judge_hand_overs(handed_over, carriers, travel))
    violations += check_ways(hand_overs)
    return Evaluation(judged, tuple(violations), skipped_price, hand_overs)


def _judge_route(route: Route, travel: TravelTimes, progress: Progress | None) -> RouteEvaluation:
    """Drive what is ahead of the vehicle; a shift that has not begun and has no stops stays at home."""
    outset, stops = _whats_ahead(route, progress, travel)
    is_out = progress is not None and progress.is_out
    trial = drive(route.shift, stops, outset, travel, goes_home=bool(stops) or is_out)
    figures = _figures(route, outset, trial, is_fixed_cost_due=bool(stops) and not is_out)
    wrong = check_route(route.shift, stops, trial, figures)
    if progress is None:
        wrong += check_claims(route, figures, outset.held_until)
    elif is_out:
        wrong += check_aboard(route.shift, stops, progress)
    return replace(figures, violations=tuple(wrong))


def _whats_ahead(route: Route, progress: Progress | None, travel: TravelTimes) -> tuple[Outset, list[Stop]]:
    shift, planned = route.shift, [visit.stop for visit in route.visits]
    if progress is None:
        return Outset(shift.start, shift.starts_at, shift.breaks, held_until=_released_at(planned)), planned
    begun = {*progress.done_stop_ids, progress.current_stop_id}
    ahead = [stop for stop in planned if stop.stop_id not in begun]
    been = planned[: len(planned) - len(ahead)]
    delivered = {stop.picked_up_at for stop in been}
    on_board = [stop for stop in been if stop.kind is not StopKind.DELIVER and stop.stop_id not in delivered]
    breaks = progress.breaks_ahead(shift.breaks)
    driven_m = 0.0
    if shift.vehicle.most_km is not None:
        # Only a limit asks for it: places passed long ago may have to be looked up on a map.
        places = [shift.start, *(stop.location for stop in been), progress.location]
        driven_m = fsum(travel.leg(*leg, shift.starts_at)[0] for leg in pairwise(places))
    to_load = [stop for stop in ahead if stop.stop_id not in progress.loaded_stop_ids]
    held_until = None if progress.is_out else _released_at(to_load)
    outset = Outset(
        progress.location, progress.free_at, breaks, tuple(on_board), len(been), driven_m, held_until
    )
    return outset, ahead


def _released_at(stops: Sequence[Stop]) -> datetime | None:
    """When all of their parcels are at the depot, where some have to be awaited."""
    return max((stop.released_at for stop in stops if stop.released_at is not None), default=None)


def _figures(route: Route, outset: Outset, trial: Trial, is_fixed_cost_due: bool) -> RouteEvaluation:
    shift, vehicle, visits = route.shift, route.shift.vehicle, trial.visits
    duration_s = (trial.ends_at - outset.leaves_at).total_seconds()
    distance_m = fsum(leg.distance_m for leg in trial.legs)
    late_s = max(0.0, (trial.ends_at - shift.ends_at).total_seconds())
    overrun_s = max(0.0, (trial.ends_at - shift.latest_end_at).total_seconds())
    is_used = trial.home is not None
    return RouteEvaluation(
        shift_id=shift.shift_id,
        visits=visits,
        breaks=trial.breaks,
        home=trial.home,
        ends_at=trial.ends_at,
        duration_s=duration_s,
        distance_m=distance_m,
        service_s=fsum(visit.service_s for visit in visits),
        wait_s=fsum(visit.wait_s for visit in visits),
        lateness_s=fsum(visit.lateness_s for visit in visits),
        overtime_s=max(0.0, late_s - overrun_s),
        overrun_s=overrun_s,
        peak_packages=max((leg.packages for leg in trial.legs), default=0),
        peak_kg=max((leg.kg for leg in trial.legs), default=0.0),
        peak_m3=max((leg.m3 for leg in trial.legs), default=0.0),
        cost=vehicle.fixed_cost * is_fixed_cost_due
        + distance_m / 1000 * vehicle.cost_per_km
        + duration_s / 3600 * vehicle.cost_per_h
        + max(0.0, late_s - overrun_s) / 3600 * shift.overtime_cost_per_h,
        co2e_kg=distance_m / 1000 * vehicle.co2e_kg_per_km,
        violations=(),
        whole_stops=outset.n_been + len(visits),
        whole_distance_m=outset.driven_m + distance_m,
        whole_duration_s=(trial.ends_at - shift.starts_at).total_seconds() if is_used else 0.0,
    )
