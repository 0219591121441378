"""Which shifts matter when something happens in a large fleet: those in trouble, and who drives near them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import cos, radians

import numpy as np
from numpy.typing import NDArray

from routing.changes import Progress
from routing.evaluate import evaluate
from routing.evaluation import RouteEvaluation
from routing.plan import Location, Route, RoutePlan, Stop
from routing.standing import Leftover, unlike
from routing.travel import TravelTimes

MOST_STOPS = 300
"""A fleet with so many open stops or fewer is re-planned whole."""

ENOUGH_STOPS, MOST_TROUBLED_STOPS = 200, 100
"""Shifts are added until they have so many open stops; those in trouble, worst first, take half of it."""

MOST_IDLE = 5
"""So many shifts without an open stop stand by."""

N_NEAR, N_NEAR_IN_ALL = 12, 240
"""Around each place of the trouble so many stops vote for their shifts; where there are few places, more."""

N_TAKERS = 3
"""For each new stop so many shifts that may take it are planned with it, be they far off."""

TROUBLE_S = 1.0
"""Less lateness than this is none."""


@dataclass(frozen=True, slots=True)
class Focus:
    """The shifts that are planned anew; what is wrong in the others' plans stays as it is, in words."""

    rests: tuple[Leftover, ...]
    violations_aside: tuple[str, ...] = ()


def focus_of(
    plan: RoutePlan,
    progress: Sequence[Progress],
    rests: tuple[Leftover, ...],
    new: Sequence[Stop],
    cancelled: Collection[str],
    travel: TravelTimes,
) -> Focus:
    """All of ``rests``, which are the plan's; of a large fleet those that matter, in their order.

    In trouble is who is late or loses a stop; where nobody is and nothing is new, who is furthest from
    its plan. The others wait until they are in trouble. Who loses a stop, and for each new stop some who
    may take it, are among them however far off.
    """
    if sum(len(rest.planned) for rest in rests) + len(new) <= MOST_STOPS:
        return Focus(rests)
    routes = [rest.route(rest.planned, travel) for rest in rests]
    before = evaluate(routes, travel, progress=progress).routes
    losing = {index for index, rest in enumerate(rests) if rest.is_over or _has_any(rest, cancelled)}
    chosen = _in_trouble(before, losing)
    if not chosen and not new:
        chosen = [max(range(len(rests)), key=lambda index: _off_plan_s(plan.routes[index], before[index]))]
    chosen = _first_with(MOST_TROUBLED_STOPS, chosen, rests)
    places = [stop.location for stop in new]
    places += [stop.location for index in chosen for stop in rests[index].planned]
    places = places or [_where(rests[index]) for index in chosen]
    others = {index: rest for index, rest in enumerate(rests) if index not in chosen}
    chosen = _first_with(ENOUGH_STOPS, [*chosen, *_nearest_first(others, places)], rests)
    within = {*chosen, *losing, *_takers(rests, new), *_idle(rests, places)}
    aside = [route for index, route in enumerate(routes) if index not in within]
    return Focus(
        tuple(rest for index, rest in enumerate(rests) if index in within),
        tuple(each.words for each in evaluate(aside, travel, progress=progress).violations),
    )


def _has_any(rest: Leftover, stop_ids: Collection[str]) -> bool:
    return any(stop.stop_id in stop_ids for stop in rest.planned)


def _in_trouble(before: Sequence[RouteEvaluation], losing: Collection[int]) -> list[int]:
    """The worst first."""
    late_s = [_late_s(route) for route in before]
    found = [index for index, each_s in enumerate(late_s) if each_s > TROUBLE_S or index in losing]
    return sorted(found, key=lambda index: -late_s[index])


def _late_s(judged: RouteEvaluation) -> float:
    return judged.lateness_s + judged.overrun_s + sum(each.lateness_s for each in judged.breaks)


def _off_plan_s(planned: Route, judged: RouteEvaluation) -> float:
    """How much earlier or later than planned the vehicle comes to its next stop."""
    arrive_at = {visit.stop.stop_id: visit.arrive_at for visit in planned.visits}
    ahead = next((each for each in judged.visits if each.stop_id in arrive_at), None)
    return 0.0 if ahead is None else abs((ahead.arrive_at - arrive_at[ahead.stop_id]).total_seconds())


def _first_with(n_stops: int, indices: Sequence[int], rests: Sequence[Leftover]) -> list[int]:
    """As many as have ``n_stops`` open stops together, at least one."""
    taken, count = list[int](), 0
    for index in indices:
        if taken and count + len(rests[index].planned) > n_stops:
            break
        taken.append(index)
        count += len(rests[index].planned)
    return taken


def _nearest_first(rests: Mapping[int, Leftover], places: Sequence[Location]) -> list[int]:
    """Shifts by the votes of their open stops: the nearest ones to each place, a nearer one more."""
    stops = [(index, stop.location) for index, rest in rests.items() for stop in rest.planned]
    if not stops:
        return []
    owners = np.array([index for index, _ in stops])
    there = _flat([place for _, place in stops], places[0])
    n_near = min(len(stops), max(N_NEAR, N_NEAR_IN_ALL // len(places)))
    votes = np.zeros(max(rests) + 1)
    weights = 1.0 / np.arange(1, n_near + 1)
    for place in _flat(places, places[0]):
        near = np.argsort(np.hypot(*(there - place).T), kind="stable")[:n_near]
        np.add.at(votes, owners[near], weights)
    ranked: list[int] = np.argsort(-votes, kind="stable").tolist()
    return [index for index in ranked if votes[index] > 0]


def _takers(rests: Sequence[Leftover], new: Sequence[Stop]) -> Iterator[int]:
    """For each new stop the nearest shifts that may take it, by their vehicle or any of their open stops.

    Those that are out while it is open come first.
    """
    for stop in new:
        able = [index for index, rest in enumerate(rests) if rest.may_take(stop, None)]
        ranked = [
            (not _is_out(rests[index], stop), _away(rests[index], stop.location), index) for index in able
        ]
        yield from (index for _, _, index in sorted(ranked)[:N_TAKERS])


def _is_out(rest: Leftover, stop: Stop) -> bool:
    """Whether the shift goes on while the stop is open."""
    return not stop.windows or any(
        window.opens_at < rest.shift.latest_end_at and rest.shift.starts_at < window.closes_at
        for window in stop.windows
    )


def _away(rest: Leftover, place: Location) -> float:
    """From ``place`` to the nearest that the shift comes by, in degrees of latitude."""
    theirs = _flat([_where(rest), *(stop.location for stop in rest.planned)], place)
    return float(np.hypot(*(theirs - _flat([place], place)).T).min())


def _idle(rests: Sequence[Leftover], places: Sequence[Location]) -> Iterator[int]:
    """Shifts without an open stop, of those that are alike the first, the nearest to the first place."""
    number = {rest.shift.shift_id: index for index, rest in enumerate(rests)}
    idle = [number[rest.shift.shift_id] for rest in unlike(rests) if not rest.planned and not rest.is_over]
    if idle:
        here = _flat([_where(rests[index]) for index in idle], places[0])
        away = np.hypot(*(here - _flat(places[:1], places[0])).T)
        idle = [idle[index] for index in np.argsort(away, kind="stable")]
    yield from idle[:MOST_IDLE]


def _where(rest: Leftover) -> Location:
    return rest.shift.start if rest.progress is None else rest.progress.location


def _flat(places: Sequence[Location], middle: Location) -> NDArray[np.float64]:
    """(n, 2), in degrees of latitude around ``middle``; good enough to say who is near."""
    shrink = cos(radians(middle.lat_deg))
    return np.array([(place.lat_deg, place.lon_deg * shrink) for place in places])
