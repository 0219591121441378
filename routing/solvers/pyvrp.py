"""PyVRP: iterated local search, the finder of short plans."""

import warnings
from itertools import groupby

import pyvrp
from pyvrp.exceptions import PenaltyBoundWarning
from pyvrp.search import NeighbourhoodParams, PerturbationParams
from pyvrp.solve import SolveParams
from pyvrp.stop import MaxIterations, MaxRuntime, MultipleCriteria, StoppingCriterion

from routing.problem import StopCriterion
from routing.solvers.model import Model, Tariff, Tour
from routing.solvers.solver import Found
from routing.task import Tours

PARAMETERS = SolveParams(
    neighbourhood=NeighbourhoodParams(num_neighbours=30),
    perturbation=PerturbationParams(1, 15),
)
"""Smaller steps than PyVRP's own: at 150 optional stops with windows, plans after 3 s on one core
cost 2% less; at 300 they cost the same on average (measured on made-up days, November 2026)."""


class PyVrp:
    """Least cost by iterated local search with late acceptance."""

    name = "PyVRP"

    def find(self, model: Model, stop: StopCriterion, seed: int, start: Tours | None = None) -> Found:
        """Search from ``start``, else from a random plan."""
        kinds, members = _kinds(model)
        data = _data(model, kinds, members)
        initial = None if start is None else _solution(data, start, members)
        with warnings.catch_warnings():
            # PyVRP warns where its penalties are at their bound; the evaluator judges the outcome.
            warnings.simplefilter("ignore", PenaltyBoundWarning)
            result = pyvrp.solve(
                data,
                _criterion(stop),
                seed,
                collect_stats=False,
                params=PARAMETERS,
                initial_solution=initial,
            )
        return Found(_sequences(result.best, members, len(model.tours)), result.num_iterations)


def _kinds(model: Model) -> tuple[list[Tour], list[list[int]]]:
    """Tours that are alike, and for each kind the indices of its tours: PyVRP searches kinds."""
    members: dict[Tour, list[int]] = {}
    for index, tour in enumerate(model.tours):
        members.setdefault(tour, []).append(index)
    return list(members), list(members.values())


def _data(model: Model, kinds: list[Tour], members: list[list[int]]) -> pyvrp.ProblemData:
    profiles = _profiles(kinds)
    matrices = [model.costs(tariff) for tariff in profiles]
    ends = sorted({place for tour in kinds for place in (tour.start, tour.end)})
    return pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in model.distances],
        clients=[
            pyvrp.Client(
                location=index,
                delivery=list(visit.load) if visit.is_delivery else [0, 0],
                pickup=[0, 0] if visit.is_delivery else list(visit.load),
                service_duration=visit.service,
                tw_early=visit.opens,
                tw_late=visit.closes,
                prize=model.prize,
                required=False,
            )
            for index, visit in enumerate(model.visits)
        ],
        depots=[pyvrp.Depot(location=place) for place in ends],
        vehicle_types=[
            pyvrp.VehicleType(
                num_available=len(same),
                capacity=list(tour.capacity),
                start_depot=ends.index(tour.start),
                end_depot=ends.index(tour.end),
                fixed_cost=tour.tariff.fixed,
                tw_early=tour.leaves,
                tw_late=tour.returns,
                start_late=tour.leaves,
                unit_distance_cost=1,
                unit_duration_cost=tour.tariff.per_tick,
                profile=profiles[_leg_tariff(tour)],
            )
            for tour, same in zip(kinds, members, strict=True)
        ],
        # PyVRP's stubs ask for an array whose shape is an int, which no array has.
        distance_matrices=matrices,  # type: ignore[arg-type]
        duration_matrices=[model.durations] * len(matrices),  # type: ignore[list-item]
    )


def _leg_tariff(tour: Tour) -> Tariff:
    """The part of the tariff that legs have: tours that share it share a profile."""
    return Tariff(per_m=tour.tariff.per_m, surcharges=tour.tariff.surcharges)


def _profiles(kinds: list[Tour]) -> dict[Tariff, int]:
    tariffs = dict.fromkeys(_leg_tariff(tour) for tour in kinds)
    return {tariff: index for index, tariff in enumerate(tariffs)}


def _solution(data: pyvrp.ProblemData, start: Tours, members: list[list[int]]) -> pyvrp.Solution:
    routes = [
        pyvrp.Route(data, list(start[index]), kind)
        for kind, same in enumerate(members)
        for index in same
        if start[index]
    ]
    return pyvrp.Solution(data, routes)


def _sequences(best: pyvrp.Solution, members: list[list[int]], n_tours: int) -> Tours:
    """The routes of each kind go to its tours in the order of their first stops."""
    found: list[tuple[int, ...]] = [()] * n_tours
    routes = [
        (route.vehicle_type(), tuple(activity.idx for activity in route if activity.is_client()))
        for route in best.routes()
    ]
    for kind, group in groupby(sorted(routes), key=lambda item: item[0]):
        for index, (_, sequence) in zip(members[kind], group, strict=False):
            found[index] = sequence
    return tuple(found)


def _criterion(stop: StopCriterion) -> MultipleCriteria:
    criteria: list[StoppingCriterion] = []
    if stop.iterations is not None:
        criteria.append(MaxIterations(stop.iterations))
    if stop.seconds is not None:
        criteria.append(MaxRuntime(stop.seconds))
    return MultipleCriteria(criteria)
