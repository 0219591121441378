"""PyVRP: iterated local search, the finder of short plans."""

import warnings
from collections.abc import Iterator
from itertools import groupby
from math import floor

import numpy as np
import pyvrp
from numpy.typing import NDArray
from pyvrp.exceptions import PenaltyBoundWarning
from pyvrp.search import NeighbourhoodParams, PerturbationParams
from pyvrp.solve import SolveParams
from pyvrp.stop import MaxIterations, MaxRuntime, MultipleCriteria, StoppingCriterion

from routing.problem import StopCriterion
from routing.solvers.model import Model, Tariff, Tour
from routing.solvers.solver import Found
from routing.task import Tours

SMALL_STEPS = SolveParams(
    neighbourhood=NeighbourhoodParams(num_neighbours=30),
    perturbation=PerturbationParams(1, 15),
)
"""Smaller steps than PyVRP's own: on days of a hundred stops or two they find cheaper plans in the same
few seconds; on larger ones they gain nothing."""


SEEDS = 2**32
"""PyVRP knows as many seeds."""

PARTS_OF_A_STOP = 1000
"""PyVRP prices what is too much by the unit, and no higher than it may: a stop has to be many."""


class PyVrp:
    """Least cost by iterated local search with late acceptance.

    It knows no breaks: for it a shift with breaks ends so much earlier. A stop with several windows, or
    lockers beside its door, is a group of which one is served; one of a pair is open for it from its
    first window to its last. Without ``has_small_steps`` it searches as it comes.
    """

    name = "PyVRP"

    def __init__(self, has_small_steps: bool = True) -> None:
        self._has_small_steps = has_small_steps

    def find(self, model: Model, stop: StopCriterion, seed: int, start: Tours | None = None) -> Found:
        """Search from ``start``, else from a random plan."""
        translation = _Translation(model)
        initial = None if start is None else translation.solution(start)
        with warnings.catch_warnings():
            # PyVRP warns where its penalties are at their bound; the evaluator judges the outcome.
            warnings.simplefilter("ignore", PenaltyBoundWarning)
            result = pyvrp.solve(
                translation.data,
                _criterion(stop),
                seed % SEEDS,
                collect_stats=False,
                params=SMALL_STEPS if self._has_small_steps else SolveParams(),
                initial_solution=initial,
            )
        return Found(translation.sequences(result.best), result.num_iterations)


class _Translation:
    """A model in PyVRP's words: tours that are alike are one kind, stops of a pair are one shipment."""

    def __init__(self, model: Model) -> None:
        self._model = model
        members: dict[Tour, list[int]] = {}
        for index, tour in enumerate(model.tours):
            members.setdefault(tour, []).append(index)
        self._kinds, self._members = list(members), list(members.values())
        visits = model.visits
        # One client for each window; those of a stop, its door and lockers, are a group.
        self._clients = [
            (index, window)
            for index, visit in enumerate(visits)
            if visit.mate < 0
            for window in visit.windows
        ]
        first = {index: rivals[0] for rivals in model.rivals for index in rivals}
        self._groups: dict[int, list[int]] = {}
        for place, (index, _) in enumerate(self._clients):
            if visits[index].gaps or index in first:
                self._groups.setdefault(first.get(index, index), []).append(place)
        number = {index: number for number, index in enumerate(self._groups)}
        self._group_of = {
            index: number[first.get(index, index)]
            for index, _ in self._clients
            if first.get(index, index) in number
        }
        self._pairs = [
            (index, visit.mate)
            for index, visit in enumerate(visits)
            if visit.mate >= 0 and not visit.is_delivery
        ]
        self._activity: dict[tuple[int, tuple[int, int] | None], pyvrp.Activity] = {
            client: pyvrp.Activity(pyvrp.ActivityType.CLIENT, place)
            for place, client in enumerate(self._clients)
        }
        for place, (pick_up, delivery) in enumerate(self._pairs):
            self._activity[pick_up, None] = pyvrp.Activity(pyvrp.ActivityType.PICKUP, place)
            self._activity[delivery, None] = pyvrp.Activity(pyvrp.ActivityType.DELIVERY, place)
        self.data = self._data()

    def solution(self, start: Tours) -> pyvrp.Solution:
        """The tours as a start for PyVRP."""
        routes = [
            pyvrp.Route(self.data, list(self._activities(self._model.tours[index], start[index])), kind)
            for kind, same in enumerate(self._members)
            for index in same
            if start[index]
        ]
        return pyvrp.Solution(self.data, routes)

    def _activities(self, tour: Tour, sequence: tuple[int, ...]) -> Iterator[pyvrp.Activity]:
        """The stops of a start, each in the first of its windows that is not over."""
        visits, durations = self._model.visits, self._model.durations
        place, now = tour.start, max([tour.leaves, *(visits[index].released for index in sequence)])
        for index in sequence:
            visit = visits[index]
            now += int(durations[place, index])
            window = next((each for each in visit.windows if each[1] >= now), visit.windows[-1])
            yield self._activity[index, window if visit.mate < 0 else None]
            place, now = index, max(now, window[0]) + round(visit.service * tour.pace)

    def sequences(self, best: pyvrp.Solution) -> Tours:
        """The routes of each kind go to its tours in the order of their first stops."""
        found: list[tuple[int, ...]] = [()] * len(self._model.tours)
        routes = [
            (route.vehicle_type(), tuple(self._visit(each) for each in route if not each.is_depot()))
            for route in best.routes()
        ]
        for kind, group in groupby(sorted(routes), key=lambda item: item[0]):
            for index, (_, sequence) in zip(self._members[kind], group, strict=False):
                found[index] = sequence
        return tuple(found)

    def _visit(self, activity: pyvrp.Activity) -> int:
        if activity.is_client():
            return self._clients[activity.idx][0]
        return self._pairs[activity.idx][0 if activity.is_pickup() else 1]

    def _data(self) -> pyvrp.ProblemData:
        of_profile = {_profile(tour): tour for tour in self._kinds}
        profiles = {key: index for index, key in enumerate(of_profile)}
        ends = sorted({place for tour in self._kinds for place in (tour.start, tour.end)})
        matrices = [self._matrices(tour) for tour in of_profile.values()]
        return pyvrp.ProblemData(
            locations=[pyvrp.Location(0, 0) for _ in self._model.distances],
            clients=[self._client(*each) for each in self._clients],
            depots=[pyvrp.Depot(location=place) for place in ends],
            vehicle_types=[
                self._vehicles(tour, len(same), ends, profiles[_profile(tour)])
                for tour, same in zip(self._kinds, self._members, strict=True)
            ],
            # PyVRP's stubs ask for arrays whose shape is an int, which no array has.
            distance_matrices=[costs for costs, _ in matrices],  # type: ignore[misc]
            duration_matrices=[spans for _, spans in matrices],  # type: ignore[misc]
            groups=[pyvrp.ClientGroup(each, required=False) for each in self._groups.values()],
            shipments=[self._shipment(*pair) for pair in self._pairs],
        )

    def _vehicles(self, tour: Tour, count: int, ends: list[int], profile: int) -> pyvrp.VehicleType:
        latest = max(tour.leaves, tour.returns - sum(rest.lasts for rest in tour.rests))
        kind = pyvrp.VehicleType(
            num_available=count,
            capacity=self._capacity(tour),
            start_depot=ends.index(tour.start),
            end_depot=ends.index(tour.end),
            fixed_cost=tour.tariff.fixed,
            tw_early=tour.leaves,
            tw_late=latest + tour.overtime,
            start_late=min(self._latest_start(tour), latest + tour.overtime),
            unit_distance_cost=0 if _counts_metres(tour) else 1,
            unit_duration_cost=tour.tariff.per_tick,
            profile=profile,
        )
        if (most := _most_distance(tour)) is not None:
            kind = kind.replace(max_distance=most)
        if not tour.overtime:
            return kind
        return kind.replace(
            shift_duration=latest - tour.leaves,
            max_overtime=tour.overtime,
            unit_overtime_cost=tour.per_overtime_tick,
        )

    def _latest_start(self, tour: Tour) -> int:
        """When the shift starts, but for what is released later.

        PyVRP counts the hours from when a tour leaves, so a wait for a release is cheaper there than it is.
        """
        waits_until = self._model.last_release if tour.can_wait or tour.at_once else 0
        return max(tour.leaves, waits_until)

    def _matrices(self, tour: Tour) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        costs = self._model.metres(tour.tariff) if _counts_metres(tour) else self._model.costs(tour.tariff)
        return costs, self._model.spans(tour)

    def _capacity(self, tour: Tour) -> list[int]:
        """Where some tour's stops are counted, that is one more kind of load."""
        most = len(self._model.visits) if tour.most_stops is None else tour.most_stops
        return [*tour.capacity, *self._counted(most * PARTS_OF_A_STOP)]

    def _counted(self, amount: int) -> list[int]:
        return [amount] if any(tour.most_stops is not None for tour in self._kinds) else []

    def _client(self, index: int, window: tuple[int, int]) -> pyvrp.Client:
        visit = self._model.visits[index]
        load, nothing = list(visit.load), [0] * len(visit.load)
        return pyvrp.Client(
            location=index,
            delivery=[*(load if visit.is_from_depot else nothing), *self._counted(PARTS_OF_A_STOP)],
            pickup=[*(nothing if visit.is_delivery else load), *self._counted(0)],
            tw_early=window[0],
            tw_late=window[1],
            prize=visit.prize,
            required=False,
            release_time=min(visit.released, window[1]),
            group=self._group_of.get(index),
        )

    def _shipment(self, pick_up: int, delivery: int) -> pyvrp.Shipment:
        first, second = self._model.visits[pick_up], self._model.visits[delivery]
        return pyvrp.Shipment(
            pickup_location=pick_up,
            delivery_location=delivery,
            pickup_tw_early=first.opens,
            pickup_tw_late=first.closes,
            delivery_tw_early=second.opens,
            delivery_tw_late=second.closes,
            amount=[*first.load, *self._counted(0)],
            prize=first.prize + second.prize,
            required=False,
        )


def _profile(tour: Tour) -> tuple[Tariff, float, bool, bool]:
    """What legs depend on: tours that share it share a profile."""
    tariff = Tariff(per_m=tour.tariff.per_m, surcharges=tour.tariff.surcharges)
    return tariff, tour.pace, tour.at_once, _counts_metres(tour)


def _counts_metres(tour: Tour) -> bool:
    """Whether metres are limited and cost nothing, so that PyVRP's distances can't be costs."""
    return tour.most_m is not None and not tour.tariff.per_m and not any(tour.tariff.surcharges)


def _most_distance(tour: Tour) -> int | None:
    """The limit in PyVRP's distances; it has none beside surcharges, where distances are no way's."""
    if tour.most_m is None or any(tour.tariff.surcharges):
        return None
    return floor(tour.most_m * (100 if _counts_metres(tour) else tour.tariff.per_m))


def _criterion(stop: StopCriterion) -> MultipleCriteria:
    criteria: list[StoppingCriterion] = []
    if stop.iterations is not None:
        criteria.append(MaxIterations(stop.iterations))
    if stop.seconds is not None:
        criteria.append(MaxRuntime(stop.seconds))
    return MultipleCriteria(criteria)
