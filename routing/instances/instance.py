"""A problem of numbered customers around one depot, as benchmark files have it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import ceil, inf

import numpy as np
from numpy.typing import NDArray

from routing.matrix import TravelMatrix
from routing.plan import Location, RoutePlan, Shift, Stop, StopKind, TimeWindow, Vehicle
from routing.problem import Problem

DAY = date(2026, 1, 1)
MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)
"""Files count time from nought; it is put here."""

LATEST_S = 50 * 365 * 86_400.0
"""Files write a large number where there is no end: later than this is never."""

FURTHEST = 1e9
"""Coordinates are read up to so many units."""

WITHOUT_END = timedelta(days=100)
"""How long the depot is open where the file does not say."""


@dataclass(frozen=True, slots=True)
class Units:
    """What one of the file's units of distance and of time is."""

    distance_m: float
    time_s: float


@dataclass(frozen=True, slots=True)
class Node:
    """A line of the file, in its own units; node 0 is the depot. ``due`` is infinite where it has none.

    ``pick_up`` is the number of the node where what is delivered here is picked up, 0 is the depot; a
    negative ``demand`` says that something is delivered that was picked up there.
    """

    number: int
    x: float
    y: float
    demand: int
    ready: float = 0.0
    due: float = inf
    service: float = 0.0
    pick_up: int = 0
    delivery: int = 0


@dataclass(frozen=True, slots=True)
class Instance:
    """A file's problem; its stops are named by their customers' numbers."""

    name: str
    problem: Problem
    units: Units

    def distance(self, distance_m: float) -> float:
        """Metres in the file's unit."""
        return distance_m / self.units.distance_m


def instance_of(
    name: str,
    nodes: Sequence[Node],
    capacity: int,
    n_vehicles: int | None,
    distances: NDArray[np.float64],
    units: Units,
) -> Instance:
    """The instance of ``nodes`` with legs of ``distances`` (n, n), which take as long as they are far.

    Without ``n_vehicles`` there are twice as many as the customers' demand fills, and five.
    Raises ``ValueError`` for what can't be a problem, with the customer's number.
    """
    if not nodes:
        raise ValueError(f"{name} has no depot")
    for node in nodes:
        if max(abs(node.x), abs(node.y)) > FURTHEST:
            who = f"customer {node.number}" if node.number else "the depot"
            raise ValueError(f"{who} lies at {node.x:g}, {node.y:g}: coordinates are read up to {FURTHEST:g}")
    places = _places(nodes)
    travel = TravelMatrix(places, distances * units.distance_m, distances * units.time_s)
    depot, customers = nodes[0], nodes[1:]
    stops = tuple(
        _stop(node, place, units, capacity) for node, place in zip(customers, places[1:], strict=True)
    )
    demand = sum(max(0, node.demand) for node in customers)
    fleet = 5 + 2 * ceil(demand / max(1, capacity)) if n_vehicles is None else n_vehicles
    shifts = tuple(
        Shift(
            shift_id=f"vehicle {index + 1}",
            vehicle=Vehicle(f"{index + 1}", capacity_packages=capacity),
            driver_id=f"driver {index + 1}",
            start=places[0],
            end=places[0],
            starts_at=_moment(depot.ready, units),
            ends_at=_moment(depot.due, units),
        )
        for index in range(fleet)
    )
    return Instance(name, Problem(name, DAY, shifts, stops, travel), units)


def euclidean(nodes: Sequence[Node]) -> NDArray[np.float64]:
    """Straight lines between the nodes, not rounded: (n, n)."""
    x, y = np.array([node.x for node in nodes]), np.array([node.y for node in nodes])
    straight: NDArray[np.float64] = np.hypot(x[:, None] - x[None, :], y[:, None] - y[None, :])
    return straight


def customers(plan: RoutePlan) -> list[list[str]]:
    """The customers' numbers of each vehicle that goes out."""
    return [list(route.stop_ids) for route in plan.routes if route.visits]


def _stop(node: Node, place: Location, units: Units, capacity: int) -> Stop:
    if node.due < node.ready:
        raise ValueError(f"customer {node.number} closes before it opens: {node.ready:g} > {node.due:g}")
    window = None
    if node.ready > 0 or node.due < inf:
        window = TimeWindow(_moment(node.ready, units), _moment(node.due, units))
    is_pick_up = node.delivery > 0
    if (is_pick_up or node.pick_up == 0) and node.demand < 0:
        raise ValueError(f"customer {node.number} has a negative demand: {node.demand}")
    return Stop(
        stop_id=str(node.number),
        location=place,
        service_s=node.service * units.time_s,
        window=window,
        packages=abs(node.demand),
        kind=StopKind.PICK_UP if is_pick_up else StopKind.DELIVER,
        picked_up_at=str(node.pick_up) if node.pick_up else None,
    )


def _moment(figure: float, units: Units) -> datetime:
    """A moment of the file; what is past all plans is taken for the last one that can be in any."""
    if figure == inf:
        return MIDNIGHT + WITHOUT_END
    return MIDNIGHT + timedelta(seconds=min(LATEST_S, figure * units.time_s))


def _places(nodes: Sequence[Node]) -> list[Location]:
    """A point on the globe for each node: its coordinates within a degree, no two the same."""
    span = max(1.0, *(max(abs(node.x), abs(node.y)) for node in nodes))
    return [Location(node.y / span + 1e-9 * index, node.x / span) for index, node in enumerate(nodes)]
