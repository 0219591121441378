"""Random small plans under way for property tests: some in order, some late already."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import inf
from random import Random

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from routing.changes import Progress
from routing.evaluate import evaluate
from routing.evaluation import Evaluation
from routing.plan import Route, RoutePlan, Shift, Stop, Vehicle
from routing.schedule import Outing, schedule_route
from routing.travel import TravelTimes
from tests.factories import DAY
from tests.routing.strategies import days, drive_somehow, places


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A plan, how far it is, and who was taken out of it so that it breaks nothing."""

    plan: RoutePlan
    progress: tuple[Progress, ...]
    out: tuple[Stop, ...]
    travel: TravelTimes

    def judge(self, *changed: Route) -> Evaluation:
        """The evaluator's word if these routes take the place of their shifts'."""
        return judge(self.plan.routes, self.progress, self.travel, *changed)

    def route(self, shift: Shift, stops: Sequence[Stop]) -> Route:
        """The stops in this order; of several windows those are promised that are kept from here on."""
        (far, *_) = [each for each in self.progress if each.shift_id == shift.shift_id] or [None]
        if far is None:
            return schedule_route(shift, stops, self.travel)
        breaks = far.breaks_ahead(shift.breaks)
        outing = Outing(far.location, far.free_at, self.travel, breaks, shift.service_pace)
        if not far.is_out:
            outing.wait_until(max([far.free_at, *(each.released_at for each in stops if each.released_at)]))
        begun = {*far.done_stop_ids, far.current_stop_id}
        promised = [each if each.stop_id in begun else outing.serve(each).stop for each in stops]
        return schedule_route(shift, promised, self.travel)


def judge(
    routes: tuple[Route, ...], progress: tuple[Progress, ...], travel: TravelTimes, *changed: Route
) -> Evaluation:
    instead = {each.shift.shift_id: each for each in changed}
    return evaluate([instead.get(each.shift.shift_id, each) for each in routes], travel, progress=progress)


def is_out_of_reach(stop: Stop, far: Progress) -> bool:
    """Whether its parcels are at the depot, and the vehicle is not."""
    has_left = far.has_departed or (far.is_out and stop.released_at is not None)
    return has_left and stop.is_loaded_at_start


@st.composite
def plans_under_way(draw: DrawFn, is_in_order: bool | None = None) -> UnderWay:
    """``is_in_order`` plans break nothing; without it, half of them may."""
    day, random = draw(days()), Random(draw(st.integers(0, 1_000)))
    routes = tuple(drive_somehow(day, random))
    progress = tuple(each for route in routes if (each := draw(st.one_of(st.none(), how_far(route)))))
    out: list[Stop] = []
    if draw(st.booleans()) if is_in_order is None else is_in_order:
        routes, out = _without_trouble(routes, progress, day.travel, random)
    asked = {each.stop_id: each for each in day.stops}
    left_out = tuple(asked[each.stop_id] for each in out)
    return UnderWay(RoutePlan("D1", DAY, 1, routes), progress, left_out, day.travel)


@st.composite
def how_far(draw: DrawFn, route: Route) -> Progress:
    n_done = draw(st.integers(0, len(route.visits)))
    n_frozen = draw(st.integers(0, len(route.visits) - n_done))
    ids = route.stop_ids
    free_at = route.shift.starts_at + timedelta(minutes=draw(st.integers(0, 120)))
    current = ids[n_done] if n_frozen and draw(st.booleans()) else None
    return Progress(
        route.shift.shift_id,
        draw(places),
        free_at,
        done_stop_ids=ids[:n_done],
        frozen_stop_ids=ids[n_done : n_done + n_frozen],
        current_stop_id=current,
        has_departed=draw(st.booleans()),
    )


def _without_trouble(
    routes: tuple[Route, ...], progress: tuple[Progress, ...], travel: TravelTimes, random: Random
) -> tuple[tuple[Route, ...], list[Stop]]:
    """Take out one stop after the other until the evaluator is content, or nothing can be taken out."""
    fixed = {name for each in progress for name in (*each.done_stop_ids, *each.frozen_stop_ids)}
    out: list[Stop] = []
    while violations := judge(routes, progress, travel).violations:
        to_blame = {each.shift_id for each in violations}
        open_stops = [
            (number, visit.stop)
            for number, route in enumerate(routes)
            if route.shift.shift_id in to_blame
            for visit in route.visits
            if visit.stop.stop_id not in fixed
        ]
        if not open_stops:
            break
        number, stop = random.choice(open_stops)
        out.append(stop)
        rest = [visit.stop for visit in routes[number].visits if visit.stop is not stop]
        shorter = schedule_route(routes[number].shift, rest, travel)
        routes = (*routes[:number], shorter, *routes[number + 1 :])
    return routes, out


def figures(judged: Evaluation, vehicles: dict[str, Vehicle]) -> dict[tuple[object, ...], float]:
    """How far each promise is broken: seconds, stops, metres; what can't be measured counts 1."""
    found: dict[tuple[object, ...], float] = {}
    for route in judged.routes:
        name = route.shift_id
        found |= {("late", each.stop_id): each.lateness_s for each in route.visits}
        found |= {("break", name, n): each.lateness_s for n, each in enumerate(route.breaks)}
        found[("overrun", name)] = route.overrun_s
        if van := vehicles.get(name):
            most_stops, most_km = (inf if most is None else most for most in (van.most_stops, van.most_km))
            found[("stops", name)] = max(0.0, route.whole_stops - most_stops)
            found[("metres", name)] = max(0.0, route.whole_distance_m - 1000 * most_km - 0.1)
        found |= {
            (each.kind, each.words): 1.0
            for each in route.violations
            if each.kind in ("not_qualified", "no_way")
        }
    return found


def is_no_worse(
    before: Evaluation, after: Evaluation, routes: tuple[Route, ...], tolerance: float = 0.01
) -> bool:
    """Whether no promise is broken further than it was."""
    vehicles = {each.shift.shift_id: each.shift.vehicle for each in routes}
    was, becomes = figures(before, vehicles), figures(after, vehicles)
    has_room = all(
        new.peak_packages <= max(vehicles[new.shift_id].capacity_packages, old.peak_packages)
        and new.peak_kg <= max(vehicles[new.shift_id].capacity_kg, old.peak_kg) + 1e-6
        and new.peak_m3 <= max(vehicles[new.shift_id].capacity_m3, old.peak_m3) + 1e-6
        for old, new in zip(before.routes, after.routes, strict=True)
    )
    return has_room and all(figure <= max(tolerance, was.get(what, 0.0)) for what, figure in becomes.items())
