"""Fastest ways over a contracted graph, as machine code: Dijkstra with a binary heap, row by row.

Costs are seconds. *Measures* are what is counted along the fastest way beside them: metres, and
seconds by groups of roads. All arrays are the caller's.
"""

from collections.abc import Callable
from typing import Final, NamedTuple, ParamSpec, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

P = ParamSpec("P")
R = TypeVar("R")

Floats = NDArray[np.float64]
Numbers = NDArray[np.int32]


SAME_SPOT_S: Final = 1e-4
"""Who is no further behind on a one-way road is not behind: a millimetre or so, less than positions mean."""


class Arcs(NamedTuple):
    """The edges of a graph, sorted by tail: those of junction j are ``first[j]`` to ``first[j + 1]``.

    ``of_shape[of_shape_first[s]:of_shape_first[s + 1]]`` are the edges that drive shape s.
    """

    first: Numbers
    tail: Numbers
    head: Numbers
    cost: Floats
    measures: Floats
    of_shape_first: Numbers
    of_shape: Numbers


class Anchors(NamedTuple):
    """Where places stand on shapes: place p has the rows ``first[p]`` to ``first[p + 1]``, one a direction.

    ``before`` and ``after`` are the seconds from the shape's start to the place and on to its end
    at the junction ``head``, ``measures_before`` and ``measures_after`` the measures.
    """

    first: Numbers
    shape: Numbers
    head: Numbers
    before: Floats
    after: Floats
    measures_before: Floats
    measures_after: Floats


class Bench(NamedTuple):
    """Room to work in, for each junction: its cost, the edge it was reached by, its measures; and a heap."""

    cost: Floats
    came_by: Numbers
    measures: Floats
    heap_cost: Floats
    heap_junction: Numbers


def _machine_code(function: Callable[P, R]) -> Callable[P, R]:
    return cast("Callable[P, R]", numba.njit(cache=True, nogil=True, error_model="numpy")(function))


@_machine_code
def _push(heap_cost: Floats, heap_junction: Numbers, size: int, cost: float, junction: int) -> int:
    place = size
    while place > 0:
        parent = (place - 1) >> 1
        if heap_cost[parent] <= cost:
            break
        heap_cost[place] = heap_cost[parent]
        heap_junction[place] = heap_junction[parent]
        place = parent
    heap_cost[place] = cost
    heap_junction[place] = junction
    return size + 1


@_machine_code
def _pop(heap_cost: Floats, heap_junction: Numbers, size: int) -> int:
    """Take the first away; the caller has read it."""
    size -= 1
    cost, junction = heap_cost[size], heap_junction[size]
    place = 0
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        if child + 1 < size and heap_cost[child + 1] < heap_cost[child]:
            child += 1
        if heap_cost[child] >= cost:
            break
        heap_cost[place] = heap_cost[child]
        heap_junction[place] = heap_junction[child]
        place = child
    heap_cost[place] = cost
    heap_junction[place] = junction
    return size


@_machine_code
def _count(junction: int, anchors: Anchors, arcs: Arcs, bench: Bench) -> None:
    """Measure the way to a junction that has just been reached for good."""
    by = bench.came_by[junction]
    for each in range(bench.measures.shape[1]):
        if by < 0:
            bench.measures[junction, each] = anchors.measures_after[-1 - by, each]
        else:
            bench.measures[junction, each] = bench.measures[arcs.tail[by], each] + arcs.measures[by, each]


@_machine_code
def spread(
    origin: int, anchors: Anchors, arcs: Arcs, wanted: NDArray[np.bool_], n_wanted: int, bench: Bench
) -> None:
    """Leave in the bench the fastest ways from a place to the wanted junctions.

    ``came_by`` is an edge, or ``-1 - row`` where the way begins with that row of the anchors.
    """
    bench.cost[:] = np.inf
    size = 0
    for row in range(anchors.first[origin], anchors.first[origin + 1]):
        head = anchors.head[row]
        if anchors.after[row] < bench.cost[head]:
            bench.cost[head] = anchors.after[row]
            bench.came_by[head] = -1 - row
            size = _push(bench.heap_cost, bench.heap_junction, size, anchors.after[row], head)
    while size > 0:
        cost, junction = bench.heap_cost[0], bench.heap_junction[0]
        size = _pop(bench.heap_cost, bench.heap_junction, size)
        if cost > bench.cost[junction]:
            continue
        _count(junction, anchors, arcs, bench)
        if wanted[junction]:
            n_wanted -= 1
            if n_wanted == 0:
                break
        for edge in range(arcs.first[junction], arcs.first[junction + 1]):
            head = arcs.head[edge]
            reached = cost + arcs.cost[edge]
            if reached < bench.cost[head]:
                bench.cost[head] = reached
                bench.came_by[head] = edge
                size = _push(bench.heap_cost, bench.heap_junction, size, reached, head)


@_machine_code
def last_edge(
    origin: int, destination: int, anchors: Anchors, arcs: Arcs, bench: Bench
) -> tuple[float, int, int]:
    """How a way ends, after ``spread``: its cost, the destination's row, and the edge that it lies on.

    The edge is ``-1 - row`` where the way never leaves the shape that it begins on at that row.
    """
    cost, at_row, by = np.inf, -1, -1
    for row in range(anchors.first[destination], anchors.first[destination + 1]):
        shape = anchors.shape[row]
        for place in range(arcs.of_shape_first[shape], arcs.of_shape_first[shape + 1]):
            edge = arcs.of_shape[place]
            reached = bench.cost[arcs.tail[edge]] + anchors.before[row]
            if reached < cost:
                cost, at_row, by = reached, row, edge
        for begin in range(anchors.first[origin], anchors.first[origin + 1]):
            along = anchors.before[row] - anchors.before[begin]
            if anchors.shape[begin] == shape and -SAME_SPOT_S <= along <= cost:
                cost, at_row, by = max(along, 0.0), row, -1 - begin
    return cost, at_row, by


@_machine_code
def _counted(measure: int, row: int, by: int, anchors: Anchors, arcs: Arcs, bench: Bench) -> float:
    """A measure of a way that ends as ``last_edge`` says."""
    if by < 0:
        return max(anchors.measures_before[row, measure] - anchors.measures_before[-1 - by, measure], 0.0)
    return bench.measures[arcs.tail[by], measure] + anchors.measures_before[row, measure]


@_machine_code
def fill_legs(
    anchors: Anchors,
    arcs: Arcs,
    wanted: NDArray[np.bool_],
    n_wanted: int,
    bench: Bench,
    costs: Floats,
    metres: Floats,
    groups: Floats,
) -> None:
    """All legs between all places: ``costs`` and ``metres`` (n, n), ``groups`` (n, n, g), row = origin.

    What is on the diagonal stays. The measures are metres, then those of the groups.
    """
    n_places = len(anchors.first) - 1
    for origin in range(n_places):
        spread(origin, anchors, arcs, wanted, n_wanted, bench)
        for destination in range(n_places):
            if destination == origin:
                continue
            cost, row, by = last_edge(origin, destination, anchors, arcs, bench)
            costs[origin, destination] = cost
            metres[origin, destination] = _counted(0, row, by, anchors, arcs, bench)
            for each in range(groups.shape[2]):
                groups[origin, destination, each] = _counted(1 + each, row, by, anchors, arcs, bench)
