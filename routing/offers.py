"""Which windows can be promised to a new customer, and what each of them costs."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from routing.changes import Changes, Progress
from routing.day import Rates, rates_of
from routing.eta import Spread
from routing.evaluation import RouteEvaluation
from routing.lateness import chance_of_harm, chances_of_lateness
from routing.plan import PlannedVisit, Route, RoutePlan, Stop, TimeWindow
from routing.promises import keeps_promises
from routing.ride import TOLERANCE_US, Point, Ride, judge_route, micros
from routing.standing import leftovers, waiting_stops
from routing.task import Vantage, kind_of, vantage_of
from routing.travel import TravelTimes

USUAL_SPREAD = Spread()


@dataclass(frozen=True, slots=True)
class Offer:
    """A window that can be promised: who then comes, and what that changes, after minus before.

    ``stop`` is the new customer's, with that window; ``route`` is what the shift drives if the customer
    takes it, its driven part in front. Costs are in the vehicle's currency. ``own_lateness_risk`` is the
    probability that the new customer is served late, ``lateness_risk`` that this customer or one
    promised before becomes so. One offer of all is the cheapest, one the greenest: the least CO2e, then
    the fewest kilometres.
    """

    stop: Stop
    route: Route
    extra_duration_s: float
    extra_distance_m: float
    extra_cost: float
    extra_co2e_kg: float
    own_lateness_risk: float
    lateness_risk: float
    is_cheapest: bool = False
    is_greenest: bool = False

    @property
    def shift_id(self) -> str:
        """Whose shift it is."""
        return self.route.shift.shift_id

    @property
    def position(self) -> int:
        """The place of the new stop in the whole route, counted from 0."""
        return self.route.stop_ids.index(self.stop.stop_id)

    @property
    def visit(self) -> PlannedVisit:
        """The new customer's visit, as planned."""
        return self.route.visits[self.position]


def offers(
    plan: RoutePlan,
    progress: Sequence[Progress],
    order: Stop,
    windows: Sequence[TimeWindow],
    travel: TravelTimes,
    spread: Spread = USUAL_SPREAD,
) -> list[Offer]:
    """The ``windows`` in which ``order`` can join the plan under way, in their order, each at least cost.

    What is driven and frozen stays, every other stop keeps its vehicle and its place in the order, and
    no promise is broken for the new customer: all windows, breaks, shift ends and loads hold, and where
    the plan is beyond one already, that gets no worse. Of equally cheap places the first is taken.
    Where no vehicle costs anything, the least distance is the cheapest. The window of ``order`` itself
    does not matter. Raises ``ValueError`` where the plan has the order already, or it is half of a pair.
    """
    _check(plan, order)
    rests = leftovers(plan, progress)
    rates = rates_of([rest.shift.vehicle for rest in rests])
    rides = [
        (Ride(rest, [order], travel), rate)
        for rest, rate in zip(rests, rates, strict=True)
        if rest.may_take(order, None)
    ]
    joins = _joins(_worth_trying(rides), order, windows)
    trials = _Trials(travel)
    found = (
        _first_kept(sorted(tried), replace(order, window=window), trials, spread)
        for window, tried in zip(windows, joins, strict=True)
    )
    return _marked([offer for offer in found if offer is not None])


class _Join(NamedTuple):
    """An order in a gap of a ride, served until ``free_us``; ``number`` is that of the gap."""

    price: float
    number: int
    free_us: int
    ride: Ride
    gap: int


def _check(plan: RoutePlan, order: Stop) -> None:
    waiting_stops(plan, Changes(new_stops=(order,)))
    stops = [visit.stop for route in plan.routes for visit in route.visits]
    if order.picked_up_at is not None or any(each.picked_up_at == order.stop_id for each in stops):
        raise ValueError(f"Stop {order.stop_id} is half of a pair: windows are offered to single stops alone")


def _worth_trying(rides: Sequence[tuple[Ride, Rates]]) -> list[tuple[Ride, Rates]]:
    """Of shifts that are alike, have nothing to do and have not begun, the first."""
    seen: set[Vantage] = set()
    chosen = []
    for ride, rates in rides:
        if ride.rest.progress is None and not ride.ahead:
            kind = kind_of(vantage_of(ride.shift))
            if kind in seen:
                continue
            seen.add(kind)
        chosen.append((ride, rates))
    return chosen


def _joins(
    rides: Sequence[tuple[Ride, Rates]], order: Stop, windows: Sequence[TimeWindow]
) -> list[list[_Join]]:
    """For each window the places in which the order breaks nothing, with their prices."""
    opens_closes = [(micros(each.opens_at), micros(each.closes_at) + TOLERANCE_US) for each in windows]
    joins: list[list[_Join]] = [[] for _ in windows]
    number = 0
    for ride, rates in rides:
        fixed = 0.0 if ride.ahead or ride.is_out else rates.fixed
        is_roomy = ride.has_room_anywhere(order)
        for gap in ride.gaps:
            if not is_roomy and not ride.has_room(ride.with_joined(gap, order)):
                continue
            number += 1
            way = fixed + ride.detour_m(gap, ride.n_ahead) * rates.per_m
            for tried, stay in zip(joins, _stays(ride, gap, opens_closes), strict=True):
                if stay is not None:
                    price = way + stay.longer_us * 1e-6 * rates.per_s
                    tried.append(_Join(price, number, stay.free_us, ride, gap))
    return joins


class _Stay(NamedTuple):
    """The order served until ``free_us``, so that the vehicle is back so much later."""

    free_us: int
    longer_us: int


def _stays(ride: Ride, gap: int, opens_closes: Sequence[tuple[int, int]]) -> Iterator[_Stay | None]:
    """By window; ``None`` where somebody's promise would be broken."""
    place = ride.n_ahead
    arrived = ride.approach(ride.points[gap], place)
    known: dict[Point, _Stay | None] = {}
    for opens_us, limit_us in opens_closes:
        if arrived.arrive_us > limit_us:
            yield None
            continue
        point = ride.serve(arrived, place, opens_us)
        if point not in known:
            known[point] = _stay(ride, point, gap)
        yield known[point]


def _stay(ride: Ride, point: Point, gap: int) -> _Stay | None:
    back = None if point.break_late_us else ride.follow(point, gap)
    if back is None:
        return None
    ends_us, break_late_us = back
    is_broken = break_late_us > 0 or ends_us > ride.end_limit_us
    return None if is_broken else _Stay(point.free_us, ends_us - ride.ends_us)


class _Trials:
    """Routes with an order in them, and the evaluator's word on each.

    Windows in which the vehicle would come and go at the same moments share a trial.
    """

    def __init__(self, travel: TravelTimes) -> None:
        self._travel = travel
        self._known: dict[tuple[int, int], tuple[Route, RouteEvaluation]] = {}

    def trial(self, join: _Join, stop: Stop) -> tuple[Route, RouteEvaluation]:
        """The shift's whole route with ``stop`` in its gap."""
        key = (join.number, join.free_us)
        if key in self._known:
            route, judged = self._known[key]
            return _with_window(route, stop), judged
        ride = join.ride
        route = ride.rest.route(ride.with_joined(join.gap, stop)[ride.n_frozen :], self._travel)
        self._known[key] = route, judge_route(route, ride.rest.progress, self._travel)
        return self._known[key]


def _with_window(route: Route, stop: Stop) -> Route:
    visits = tuple(
        replace(each, stop=stop) if each.stop.stop_id == stop.stop_id else each for each in route.visits
    )
    return replace(route, visits=visits)


def _first_kept(joins: Iterable[_Join], stop: Stop, trials: _Trials, spread: Spread) -> Offer | None:
    """The cheapest, if the evaluator agrees that it breaks nothing; else the next."""
    for join in joins:
        route, after = trials.trial(join, stop)
        if keeps_promises(join.ride.shift, join.ride.judged, after):
            return _offer(join, stop, route, after, spread)
    return None


def _offer(join: _Join, stop: Stop, route: Route, after: RouteEvaluation, spread: Spread) -> Offer:
    before = join.ride.judged
    ahead = join.ride.with_joined(join.gap, stop)
    chances = chances_of_lateness(after, ahead, spread)
    return Offer(
        stop=stop,
        route=route,
        extra_duration_s=after.duration_s - before.duration_s,
        extra_distance_m=after.distance_m - before.distance_m,
        extra_cost=after.cost - before.cost,
        extra_co2e_kg=after.co2e_kg - before.co2e_kg,
        own_lateness_risk=chances[stop.stop_id],
        lateness_risk=chance_of_harm(chances_of_lateness(before, join.ride.ahead, spread), chances),
    )


def _marked(found: list[Offer]) -> list[Offer]:
    if not found:
        return []
    cheapest = min(found, key=lambda each: (each.extra_cost, each.extra_distance_m))
    greenest = min(found, key=lambda each: (each.extra_co2e_kg, each.extra_distance_m))
    return [replace(each, is_cheapest=each is cheapest, is_greenest=each is greenest) for each in found]
