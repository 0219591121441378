"""Which windows can be promised to a new customer, and what each of them costs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from routing.changes import Changes, Progress
from routing.eta import Spread
from routing.evaluation import RouteEvaluation
from routing.joins import Join, joins_of, rides_for
from routing.lateness import Chances, chance_of_harm, chances_of_lateness
from routing.plan import PlannedVisit, Route, RoutePlan, Stop, TimeWindow
from routing.promises import keeps_promises
from routing.ride import ask_for_legs, judge_route
from routing.standing import leftovers, waiting_stops
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
    ask_for_legs(rests, [order], travel)
    joins = joins_of(rides_for(rests, order, travel), order, windows)
    trials = _Trials(travel, spread)
    found = (
        _first_kept(sorted(tried), replace(order, window=window, other_windows=()), trials)
        for window, tried in zip(windows, joins, strict=True)
    )
    return _marked([offer for offer in found if offer is not None])


def _check(plan: RoutePlan, order: Stop) -> None:
    waiting_stops(plan, Changes(new_stops=(order,)))
    stops = [visit.stop for route in plan.routes for visit in route.visits]
    if order.picked_up_at is not None or any(each.picked_up_at == order.stop_id for each in stops):
        raise ValueError(f"Stop {order.stop_id} is half of a pair: windows are offered to single stops alone")


class _Trials:
    """Routes with an order in them, and the evaluator's word on each.

    Windows in which the vehicle would come and go at the same moments share a trial.
    """

    def __init__(self, travel: TravelTimes, spread: Spread) -> None:
        self._travel, self._spread = travel, spread
        self._known: dict[tuple[int, int], tuple[Route, RouteEvaluation]] = {}
        self._chances: dict[str, Chances] = {}

    def trial(self, join: Join, stop: Stop) -> tuple[Route, RouteEvaluation]:
        """The shift's whole route with ``stop`` in its gap."""
        key = (join.number, join.free_us)
        if key in self._known:
            route, judged = self._known[key]
            return _with_window(route, stop), judged
        ride = join.ride
        route = ride.rest.route(ride.with_joined(join.gap, stop)[ride.n_frozen :], self._travel)
        self._known[key] = route, judge_route(route, ride.rest.progress, self._travel)
        return self._known[key]

    def risks(self, join: Join, stop: Stop, after: RouteEvaluation) -> tuple[float, float]:
        """How likely the new customer is late, and how likely anybody becomes so."""
        ride, name = join.ride, join.ride.shift.shift_id
        if name not in self._chances:
            self._chances[name] = chances_of_lateness(ride.judged, ride.ahead, self._spread)
        chances = chances_of_lateness(after, ride.with_joined(join.gap, stop), self._spread)
        return chances[stop.stop_id], chance_of_harm(self._chances[name], chances)


def _with_window(route: Route, stop: Stop) -> Route:
    visits = tuple(
        replace(each, stop=stop) if each.stop.stop_id == stop.stop_id else each for each in route.visits
    )
    return replace(route, visits=visits)


def _first_kept(joins: Iterable[Join], stop: Stop, trials: _Trials) -> Offer | None:
    """The cheapest, if the evaluator agrees that it breaks nothing; else the next."""
    for join in joins:
        route, after = trials.trial(join, stop)
        if keeps_promises(join.ride.shift, join.ride.judged, after):
            return _offer(join.ride.judged, route, stop, after, trials.risks(join, stop, after))
    return None


def _offer(
    before: RouteEvaluation, route: Route, stop: Stop, after: RouteEvaluation, risks: tuple[float, float]
) -> Offer:
    own_lateness_risk, lateness_risk = risks
    return Offer(
        stop=stop,
        route=route,
        extra_duration_s=after.duration_s - before.duration_s,
        extra_distance_m=after.distance_m - before.distance_m,
        extra_cost=after.cost - before.cost,
        extra_co2e_kg=after.co2e_kg - before.co2e_kg,
        own_lateness_risk=own_lateness_risk,
        lateness_risk=lateness_risk,
    )


def _marked(found: list[Offer]) -> list[Offer]:
    if not found:
        return []
    cheapest = min(found, key=lambda each: (each.extra_cost, each.extra_distance_m))
    greenest = min(found, key=lambda each: (each.extra_co2e_kg, each.extra_distance_m))
    return [replace(each, is_cheapest=each is cheapest, is_greenest=each is greenest) for each in found]
