"""The independent judge of plans: it recomputes everything from sequences and travel times.

It shares no code with schedules or solvers, so that an error there is seen here.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import accumulate
from math import fsum

from routing.changes import Progress
from routing.evaluation import Evaluation, RouteEvaluation, Violation, ViolationKind, VisitEvaluation
from routing.plan import Location, Route, RoutePlan, Shift, Stop, StopKind
from routing.travel import TravelTimes
from routing.words import in_words

TOLERANCE_S = 0.01
"""What is below comes from rounding, not from a late vehicle."""

TOLERANCE_KG = 1e-6
"""Likewise for sums of weights."""


def evaluate(
    plan: RoutePlan | Sequence[Route],
    travel: TravelTimes,
    stops: Sequence[Stop] | None = None,
    progress: Sequence[Progress] = (),
) -> Evaluation:
    """Judge a plan, or routes, by driving them anew.

    ``stops``, where given, are those that have to be served or listed as unassigned. A shift with
    ``progress`` is judged from there on: what is done, or being served, is passed over. Any other
    begins at its shift's start, and is held to the times that its visits claim as well.
    """
    routes = plan.routes if isinstance(plan, RoutePlan) else tuple(plan)
    left_out = [each.stop.stop_id for each in plan.unassigned] if isinstance(plan, RoutePlan) else []
    progress_of = {each.shift_id: each for each in progress}
    judged = tuple(_judge_route(route, travel, progress_of.get(route.shift.shift_id)) for route in routes)
    violations = [violation for each in judged for violation in each.violations]
    violations += _check_shifts(routes)
    violations += _check_stops([stop_id for route in routes for stop_id in route.stop_ids], left_out, stops)
    return Evaluation(judged, tuple(violations))


def _judge_route(route: Route, travel: TravelTimes, progress: Progress | None) -> RouteEvaluation:
    """Drive what is ahead of the vehicle; a shift that has not begun and has no stops stays at home."""
    shift = route.shift
    vehicle = shift.vehicle
    place, leaves_at, stops = _whats_ahead(route, progress)
    visits, distance_m, ends_at = _drive(stops, place, leaves_at, travel)
    is_out = progress is not None and progress.is_out
    if stops or is_out:
        home_m, home_s = travel.leg(stops[-1].location if stops else place, shift.end, ends_at)
        distance_m, ends_at = distance_m + home_m, ends_at + timedelta(seconds=home_s)
    duration_s = (ends_at - leaves_at).total_seconds()
    packages, kg = _peak_load(stops, _picked_up(route, stops))
    is_fixed_cost_due = bool(stops) and not is_out
    figures = RouteEvaluation(
        shift_id=shift.shift_id,
        visits=visits,
        ends_at=ends_at,
        duration_s=duration_s,
        distance_m=distance_m,
        service_s=fsum(stop.service_s for stop in stops),
        wait_s=fsum(visit.wait_s for visit in visits),
        lateness_s=fsum(visit.lateness_s for visit in visits),
        overrun_s=max(0.0, (ends_at - shift.ends_at).total_seconds()),
        peak_packages=packages,
        peak_kg=kg,
        cost=vehicle.fixed_cost * is_fixed_cost_due
        + distance_m / 1000 * vehicle.cost_per_km
        + duration_s / 3600 * vehicle.cost_per_h,
        co2e_kg=distance_m / 1000 * vehicle.co2e_kg_per_km,
        violations=(),
    )
    wrong = [*_check_lateness(shift, figures), *_check_load(shift, figures), *_check_end(shift, figures)]
    if progress is None:
        wrong += _check_claims(route, figures)
    return replace(figures, violations=tuple(wrong))


def _whats_ahead(route: Route, progress: Progress | None) -> tuple[Location, datetime, list[Stop]]:
    if progress is None:
        return route.shift.start, route.shift.starts_at, [visit.stop for visit in route.visits]
    begun = {*progress.done_stop_ids, progress.current_stop_id}
    ahead = [visit.stop for visit in route.visits if visit.stop.stop_id not in begun]
    return progress.location, progress.free_at, ahead


def _drive(
    stops: Sequence[Stop], place: Location, leaves_at: datetime, travel: TravelTimes
) -> tuple[tuple[VisitEvaluation, ...], float, datetime]:
    """The visits, the metres driven to reach them, and when the last one is left."""
    visits: list[VisitEvaluation] = []
    now_at, distance_m = leaves_at, 0.0
    for stop in stops:
        leg_m, leg_s = travel.leg(place, stop.location, now_at)
        arrive_at = now_at + timedelta(seconds=leg_s)
        early_s = late_s = 0.0
        if stop.window is not None:
            early_s = max(0.0, (stop.window.opens_at - arrive_at).total_seconds())
            late_s = max(0.0, (arrive_at - stop.window.closes_at).total_seconds())
        begin_at = arrive_at + timedelta(seconds=early_s)
        now_at = begin_at + timedelta(seconds=stop.service_s)
        visits.append(VisitEvaluation(stop.stop_id, arrive_at, early_s, begin_at, now_at, late_s))
        place, distance_m = stop.location, distance_m + leg_m
    return tuple(visits), distance_m, now_at


def _picked_up(route: Route, ahead: Sequence[Stop]) -> list[Stop]:
    """What was picked up where the vehicle has been; it stays on board."""
    been = [visit.stop for visit in route.visits[: len(route.visits) - len(ahead)]]
    return [stop for stop in been if stop.kind is not StopKind.DELIVER]


def _peak_load(stops: Sequence[Stop], on_board: Sequence[Stop]) -> tuple[int, float]:
    """The most packages and kilograms on board at once: deliveries leave, everything else joins."""
    loaded = [*on_board, *(stop for stop in stops if stop.kind is StopKind.DELIVER)]
    signs = [-1 if stop.kind is StopKind.DELIVER else 1 for stop in stops]
    packages = [sign * stop.packages for sign, stop in zip(signs, stops, strict=True)]
    kg = [sign * stop.weight_kg for sign, stop in zip(signs, stops, strict=True)]
    return (
        max(accumulate(packages, initial=sum(stop.packages for stop in loaded))),
        max(accumulate(kg, initial=fsum(stop.weight_kg for stop in loaded))),
    )


def _check_lateness(shift: Shift, figures: RouteEvaluation) -> list[Violation]:
    return [
        Violation(
            ViolationKind.LATE,
            f"shift {shift.shift_id} is {in_words(visit.lateness_s)} late at stop {visit.stop_id}",
            shift.shift_id,
            visit.stop_id,
        )
        for visit in figures.visits
        if visit.lateness_s > TOLERANCE_S
    ]


def _check_load(shift: Shift, figures: RouteEvaluation) -> list[Violation]:
    vehicle, kind = shift.vehicle, ViolationKind.OVER_CAPACITY
    who = f"shift {shift.shift_id} carries"
    wrong: list[Violation] = []
    if figures.peak_packages > vehicle.capacity_packages:
        words = f"{who} {figures.peak_packages} packages in a vehicle for {vehicle.capacity_packages}"
        wrong.append(Violation(kind, words, shift.shift_id))
    if figures.peak_kg > vehicle.capacity_kg + TOLERANCE_KG:
        words = f"{who} {figures.peak_kg:g} kg in a vehicle for {vehicle.capacity_kg:g} kg"
        wrong.append(Violation(kind, words, shift.shift_id))
    return wrong


def _check_end(shift: Shift, figures: RouteEvaluation) -> list[Violation]:
    if figures.overrun_s <= TOLERANCE_S:
        return []
    words = f"shift {shift.shift_id} is back {in_words(figures.overrun_s)} after its end"
    return [Violation(ViolationKind.PAST_SHIFT_END, words, shift.shift_id)]


def _check_claims(route: Route, figures: RouteEvaluation) -> list[Violation]:
    """A plan must not promise to be anywhere before it can be."""
    shift, wrong = route.shift, list[Violation]()
    for planned, possible in zip(route.visits, figures.visits, strict=True):
        where = (shift.shift_id, possible.stop_id)
        if planned.arrive_at < shift.starts_at:
            words = f"shift {shift.shift_id} is said to reach stop {possible.stop_id} before it starts"
            wrong.append(Violation(ViolationKind.BEFORE_SHIFT_START, words, *where))
        early_s = (possible.arrive_at - planned.arrive_at).total_seconds()
        early_s = max(early_s, (possible.begin_at - planned.begin_at).total_seconds())
        if early_s > TOLERANCE_S:
            words = f"stop {possible.stop_id} is promised {in_words(early_s)} before it can be served"
            wrong.append(Violation(ViolationKind.TOO_EARLY_CLAIM, words, *where))
    return wrong


def _check_shifts(routes: Sequence[Route]) -> list[Violation]:
    counts = Counter(route.shift.shift_id for route in routes)
    return [
        Violation(ViolationKind.SHIFT_TWICE, f"shift {shift_id} has {count} routes", shift_id)
        for shift_id, count in counts.items()
        if count > 1
    ]


def _check_stops(
    served: Sequence[str], left_out: Sequence[str], stops: Sequence[Stop] | None
) -> list[Violation]:
    counts = Counter([*served, *left_out])
    wrong = [
        Violation(ViolationKind.STOP_TWICE, f"stop {stop_id} is planned {count} times", stop_id=stop_id)
        for stop_id, count in counts.items()
        if count > 1
    ]
    if stops is None:
        return wrong
    wanted = {stop.stop_id for stop in stops}
    wrong += [
        Violation(ViolationKind.STOP_MISSING, f"stop {stop_id} is neither served nor listed", stop_id=stop_id)
        for stop_id in sorted(wanted - set(counts))
    ]
    wrong += [
        Violation(ViolationKind.STOP_UNKNOWN, f"stop {stop_id} was not asked for", stop_id=stop_id)
        for stop_id in sorted(set(counts) - wanted)
    ]
    return wrong
