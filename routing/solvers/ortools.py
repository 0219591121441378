"""OR-Tools: constraint programming with guided local search."""

from collections.abc import Sequence
from math import floor

import numpy as np
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
        _add_costs(routing, model)
        _add_time(routing, manager, model)
        _add_loads(routing, model)
        _add_counts(routing, model)
        _add_metres(routing, model)
        _add_rooms(routing, manager, model)
        _add_pairs(routing, manager, model)
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


def _add_costs(routing: pywrapcp.RoutingModel, model: Model) -> None:
    evaluators: dict[Tariff, int] = {}
    for index, tour in enumerate(model.tours):
        if tour.tariff not in evaluators:
            evaluators[tour.tariff] = routing.RegisterTransitMatrix(model.costs(tour.tariff).tolist())
        routing.SetArcCostEvaluatorOfVehicle(evaluators[tour.tariff], index)
        routing.SetFixedCostOfVehicle(tour.tariff.fixed, index)


def _add_time(routing: pywrapcp.RoutingModel, manager: pywrapcp.RoutingIndexManager, model: Model) -> None:
    of_pace = {(tour.pace, tour.at_once): tour for tour in model.tours}
    transits = {
        pace: routing.RegisterTransitMatrix(model.spans(of_pace[pace]).tolist()) for pace in sorted(of_pace)
    }
    by_tour = [transits[tour.pace, tour.at_once] for tour in model.tours]
    routing.AddDimensionWithVehicleTransits(by_tour, FOREVER, FOREVER, False, "time")
    time = routing.GetDimensionOrDie("time")
    for index, visit in enumerate(model.visits):
        begins = time.CumulVar(manager.NodeToIndex(index))
        begins.SetRange(visit.opens, visit.closes)
        if gaps := [(closes + 1, opens - 1) for closes, opens in visit.gaps if opens - closes > 1]:
            # Taking them out of the variable's domain takes far longer.
            routing.solver().Add(routing.solver().NotMemberCt(begins, *map(list, zip(*gaps, strict=True))))
    for index, tour in enumerate(model.tours):
        time.CumulVar(routing.Start(index)).SetRange(tour.leaves, tour.leaves)
        time.CumulVar(routing.End(index)).SetRange(tour.leaves, tour.returns + tour.overtime)
        if tour.overtime:
            time.SetCumulVarSoftUpperBound(routing.End(index), tour.returns, tour.per_overtime_tick)
        time.SetSpanCostCoefficientForVehicle(tour.tariff.per_tick, index)
        if tour.rests:
            _add_rests(routing, manager, model, index)
        if tour.can_wait:
            _add_releases(routing, manager, model, index)


def _add_releases(
    routing: pywrapcp.RoutingModel, manager: pywrapcp.RoutingIndexManager, model: Model, index: int
) -> None:
    """Who takes what is released later waits for it at the start; the wait is part of the tour."""
    solver, leaves = routing.solver(), model.tours[index].leaves
    waits = routing.GetDimensionOrDie("time").SlackVar(routing.Start(index))
    for node, visit in enumerate(model.visits):
        if visit.released > leaves:
            is_taken = solver.IsEqualCstVar(routing.VehicleVar(manager.NodeToIndex(node)), index)
            solver.Add(waits >= is_taken * (visit.released - leaves))


def _add_rests(
    routing: pywrapcp.RoutingModel, manager: pywrapcp.RoutingIndexManager, model: Model, index: int
) -> None:
    """Breaks between services; what is due after the return costs nothing."""
    tour, solver = model.tours[index], routing.solver()
    services = [0] * routing.Size()
    for node, visit in enumerate(model.visits):
        services[manager.NodeToIndex(node)] = round(visit.service * tour.pace)
    intervals = [
        solver.FixedDurationIntervalVar(rest.earliest, rest.latest, rest.lasts, False, f"rest {index} {each}")
        for each, rest in enumerate(tour.rests)
    ]
    routing.GetDimensionOrDie("time").SetBreakIntervalsOfVehicle(intervals, index, services)


def _add_loads(routing: pywrapcp.RoutingModel, model: Model) -> None:
    """A vehicle starts with what it delivers and takes on what it picks up, all within its capacity."""
    for which in range(len(model.tours[0].capacity)):
        room = [tour.capacity[which] for tour in model.tours]
        change = _by_node(model, [_signed(visit.is_delivery, visit.load[which]) for visit in model.visits])
        brought = _by_node(model, [visit.load[which] * visit.is_from_depot for visit in model.visits])
        on_board = routing.RegisterUnaryTransitVector(change)
        delivered = routing.RegisterUnaryTransitVector(brought)
        routing.AddDimensionWithVehicleCapacity(on_board, 0, room, False, f"load {which}")
        routing.AddDimensionWithVehicleCapacity(delivered, 0, room, True, f"delivered {which}")
        load, total = (
            routing.GetDimensionOrDie(f"load {which}"),
            routing.GetDimensionOrDie(f"delivered {which}"),
        )
        for index in range(len(model.tours)):
            loaded = load.CumulVar(routing.Start(index)) == total.CumulVar(routing.End(index))
            routing.solver().Add(loaded)


def _add_counts(routing: pywrapcp.RoutingModel, model: Model) -> None:
    """No tour serves more stops than it may."""
    limits = [len(model.visits) if tour.most_stops is None else tour.most_stops for tour in model.tours]
    if min(limits) < len(model.visits):
        one = routing.RegisterUnaryTransitVector(_by_node(model, [1] * len(model.visits)))
        routing.AddDimensionWithVehicleCapacity(one, 0, limits, True, "stops")


def _add_rooms(routing: pywrapcp.RoutingModel, manager: pywrapcp.RoutingIndexManager, model: Model) -> None:
    """What all vehicles together drop at a locker fits in."""
    solver = routing.solver()
    for room in model.rooms:
        dropped = [routing.ActiveVar(manager.NodeToIndex(node)) * model.packages[node] for node in room.drops]
        solver.Add(solver.Sum(dropped) <= room.most_packages)


def _add_metres(routing: pywrapcp.RoutingModel, model: Model) -> None:
    """No tour drives farther than it may; in centimetres."""
    if all(tour.most_m is None for tour in model.tours):
        return
    way = routing.RegisterTransitMatrix(np.ceil(model.distances * 100 - 1e-6).astype(np.int64).tolist())
    nowhere = routing.RegisterTransitMatrix(np.zeros_like(model.durations).tolist())
    ways = [nowhere if tour.most_m is None else way for tour in model.tours]
    limits = [FOREVER if tour.most_m is None else floor(tour.most_m * 100) for tour in model.tours]
    routing.AddDimensionWithVehicleTransitAndCapacity(ways, 0, limits, True, "metres")


def _add_pairs(routing: pywrapcp.RoutingModel, manager: pywrapcp.RoutingIndexManager, model: Model) -> None:
    """What is picked up on the way is delivered later by the same vehicle."""
    time, solver = routing.GetDimensionOrDie("time"), routing.solver()
    for node, visit in enumerate(model.visits):
        if visit.mate >= 0 and not visit.is_delivery:
            pick_up, delivery = manager.NodeToIndex(node), manager.NodeToIndex(visit.mate)
            routing.AddPickupAndDelivery(pick_up, delivery)
            solver.Add(routing.VehicleVar(pick_up) == routing.VehicleVar(delivery))
            solver.Add(time.CumulVar(pick_up) <= time.CumulVar(delivery))


def _signed(is_delivery: bool, amount: int) -> int:
    return -amount if is_delivery else amount


def _by_node(model: Model, amounts: Sequence[int]) -> list[int]:
    return [*amounts, *[0] * (len(model.distances) - len(amounts))]


def _allow_leaving_out(
    routing: pywrapcp.RoutingModel, manager: pywrapcp.RoutingIndexManager, model: Model
) -> None:
    rivals = {node: each for each in model.rivals for node in each}
    for node, visit in enumerate(model.visits):
        index = manager.NodeToIndex(node)
        group = rivals.get(node, (node,))
        if node == group[0]:
            routing.AddDisjunction([manager.NodeToIndex(each) for each in group], visit.prize)
        for vehicle, tour in enumerate(model.tours):
            if tour.tariff.surcharges and tour.tariff.surcharges[node] is None:
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
