"""OR-Tools: constraint programming with guided local search."""

from collections.abc import Sequence

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from routing.problem import StopCriterion
from routing.solvers.model import FOREVER, Model, Tariff
from routing.solvers.solver import Found
from routing.task import Tours

FAILURES_PER_ITERATION = 10
"""Guided local search never ends by itself, and where there is nothing to improve it finds no further
solution either: its failures have to be counted as well."""

NO_TIME_LIMIT_S = 86_400
"""OR-Tools warns of a search without any; iterations end it long before."""


class OrTools:
    """Cheapest insertion, then guided local search; it draws no random number, so the seed is unused.

    For an accepted solution it tries to move every stop, so each counts as an iteration per stop.
    """

    name = "OR-Tools"

    def find(self, model: Model, stop: StopCriterion, seed: int, start: Tours | None = None) -> Found:
        """Search from ``start``, else from cheapest insertion; an unusable start is not used."""
        manager = pywrapcp.RoutingIndexManager(
            len(model.distances),
            len(model.tours),
            [tour.start for tour in model.tours],
            [tour.end for tour in model.tours],
        )
        routing = pywrapcp.RoutingModel(manager)
        _add_costs(routing, manager, model)
        _add_time(routing, manager, model)
        _add_loads(routing, manager, model)
        _allow_leaving_out(routing, manager, model)
        search = _parameters(stop, len(model.visits))
        routing.CloseModelWithParameters(search)
        if stop.iterations is not None:
            routing.AddSearchMonitor(
                routing.solver().FailuresLimit(FAILURES_PER_ITERATION * (1 + stop.iterations))
            )
        best = None
        if start is not None:
            warm = routing.ReadAssignmentFromRoutes([list(sequence) for sequence in start], True)
            best = None if warm is None else routing.SolveFromAssignmentWithParameters(warm, search)
        best = best or routing.SolveWithParameters(search)
        if best is None:
            return Found(tuple(() for _ in model.tours), 0)
        return Found(
            _sequences(routing, manager, best, model), routing.solver().Solutions() * len(model.visits)
        )


def _add_costs(routing: pywrapcp.RoutingModel, manager: pywrapcp.RoutingIndexManager, model: Model) -> None:
    evaluators: dict[Tariff, int] = {}
    for index, tour in enumerate(model.tours):
        if tour.tariff not in evaluators:
            evaluators[tour.tariff] = routing.RegisterTransitMatrix(model.costs(tour.tariff).tolist())
        routing.SetArcCostEvaluatorOfVehicle(evaluators[tour.tariff], index)
        routing.SetFixedCostOfVehicle(tour.tariff.fixed, index)


def _add_time(routing: pywrapcp.RoutingModel, manager: pywrapcp.RoutingIndexManager, model: Model) -> None:
    spent = model.durations.copy()
    for index, visit in enumerate(model.visits):
        spent[index, :] += visit.service
    transit = routing.RegisterTransitMatrix(spent.tolist())
    routing.AddDimension(transit, FOREVER, FOREVER, False, "time")
    time = routing.GetDimensionOrDie("time")
    for index, visit in enumerate(model.visits):
        time.CumulVar(manager.NodeToIndex(index)).SetRange(visit.opens, visit.closes)
    for index, tour in enumerate(model.tours):
        time.CumulVar(routing.Start(index)).SetRange(tour.leaves, tour.leaves)
        time.CumulVar(routing.End(index)).SetRange(tour.leaves, tour.returns)
        time.SetSpanCostCoefficientForVehicle(tour.tariff.per_tick, index)


def _add_loads(routing: pywrapcp.RoutingModel, manager: pywrapcp.RoutingIndexManager, model: Model) -> None:
    """A vehicle starts with what it delivers and takes on what it picks up, all within its capacity."""
    for which, name in enumerate(("packages", "grams")):
        room = [tour.capacity[which] for tour in model.tours]
        change = _by_node(model, [_signed(visit.is_delivery, visit.load[which]) for visit in model.visits])
        brought = _by_node(model, [visit.load[which] * visit.is_delivery for visit in model.visits])
        on_board = routing.RegisterUnaryTransitVector(change)
        delivered = routing.RegisterUnaryTransitVector(brought)
        routing.AddDimensionWithVehicleCapacity(on_board, 0, room, False, name)
        routing.AddDimensionWithVehicleCapacity(delivered, 0, room, True, f"{name} delivered")
        load, total = routing.GetDimensionOrDie(name), routing.GetDimensionOrDie(f"{name} delivered")
        for index in range(len(model.tours)):
            loaded = load.CumulVar(routing.Start(index)) == total.CumulVar(routing.End(index))
            routing.solver().Add(loaded)


def _signed(is_delivery: bool, amount: int) -> int:
    return -amount if is_delivery else amount


def _by_node(model: Model, amounts: Sequence[int]) -> list[int]:
    return [*amounts, *[0] * (len(model.distances) - len(amounts))]


def _allow_leaving_out(
    routing: pywrapcp.RoutingModel, manager: pywrapcp.RoutingIndexManager, model: Model
) -> None:
    for visit in range(len(model.visits)):
        index = manager.NodeToIndex(visit)
        routing.AddDisjunction([index], model.prize)
        for vehicle, tour in enumerate(model.tours):
            if tour.tariff.surcharges and tour.tariff.surcharges[visit] is None:
                routing.VehicleVar(index).RemoveValue(vehicle)


def _parameters(stop: StopCriterion, n_stops: int) -> "pywrapcp.RoutingSearchParameters":
    search = pywrapcp.DefaultRoutingSearchParameters()
    search.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    search.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    if stop.iterations is not None:
        search.solution_limit = 1 + stop.iterations // n_stops
    seconds = NO_TIME_LIMIT_S if stop.seconds is None else stop.seconds
    search.time_limit.FromMilliseconds(round(seconds * 1000))
    return search


def _sequences(
    routing: pywrapcp.RoutingModel,
    manager: pywrapcp.RoutingIndexManager,
    best: pywrapcp.Assignment,
    model: Model,
) -> Tours:
    found: list[tuple[int, ...]] = []
    for vehicle in range(len(model.tours)):
        index, sequence = best.Value(routing.NextVar(routing.Start(vehicle))), list[int]()
        while not routing.IsEnd(index):
            sequence.append(manager.IndexToNode(index))
            index = best.Value(routing.NextVar(index))
        found.append(tuple(sequence))
    return tuple(found)
