"""From a map to the contracted graph: bends go into shapes, turn rules into junctions, islands out.

A node is a *junction* where a driver can choose, has to turn, or meets a turn rule; all others are bends.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from routing.roads.graph import NO_TWIN, RoadGraph, great_circles_m
from routing.roads.map import RoadMap

Arc = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Edge:
    tail: int
    head: int
    shape: int


def contract(roads: RoadMap) -> RoadGraph:
    """The largest part of the map in which every place can be reached from every other."""
    chains = _chains(roads)
    edges, n_junctions = _edges(chains, roads)
    kept, junctions = _largest_part(edges, n_junctions, _lengths_m(chains, roads))
    return _graph(roads, chains, kept, junctions)


def _chains(roads: RoadMap) -> list[list[int]]:
    """The nodes of every one-way stretch between two junctions, bends included."""
    onward: dict[int, list[int]] = {}
    for tail, head in zip(roads.tail.tolist(), roads.head.tolist(), strict=True):
        onward.setdefault(tail, []).append(head)
    junctions = _junctions(roads)
    chains = [
        _chain(tail, head, onward, junctions)
        for tail in [node for node, is_junction in enumerate(junctions) if is_junction]
        for head in onward.get(tail, ())
    ]
    return chains + list(_rings(chains, onward, junctions))


def _junctions(roads: RoadMap) -> list[bool]:
    n_nodes = len(roads.lat_deg)
    ends = np.sort(np.column_stack((roads.tail, roads.head)), axis=1)
    neighbours = np.bincount(np.unique(ends, axis=0).ravel(), minlength=n_nodes)
    out = np.bincount(roads.tail, minlength=n_nodes)
    into = np.bincount(roads.head, minlength=n_nodes)
    junctions: NDArray[np.bool_] = (neighbours != 2) | (out != into)
    junctions[roads.banned_turns[:, 1]] = True
    return list(junctions.tolist())


def _chain(tail: int, head: int, onward: dict[int, list[int]], junctions: list[bool]) -> list[int]:
    chain = [tail, head]
    while not junctions[chain[-1]]:
        before, here = chain[-2:]
        chain.append(next(each for each in onward[here] if each != before))
    return chain


def _rings(
    chains: list[list[int]], onward: dict[int, list[int]], junctions: list[bool]
) -> Iterator[list[int]]:
    """Roads in a circle with nothing but bends: one of these becomes a junction."""
    seen = {arc for chain in chains for arc in _arcs(chain)}
    for tail, heads in onward.items():
        if any((tail, head) not in seen for head in heads) and not junctions[tail]:
            junctions[tail] = True
            for head in heads:
                ring = _chain(tail, head, onward, junctions)
                seen |= set(_arcs(ring))
                yield ring


def _arcs(chain: list[int]) -> Iterator[Arc]:
    return pairwise(chain)


def _edges(chains: list[list[int]], roads: RoadMap) -> tuple[list[_Edge], int]:
    """What may be driven after what: a junction stands once more for each arc that is not free to turn."""
    bans: dict[Arc, set[int]] = {}
    for before, via, after in roads.banned_turns.tolist():
        bans.setdefault((before, via), set()).add(after)
    copies = {arc: len(roads.lat_deg) + index for index, arc in enumerate(bans)}
    heads = [copies.get((chain[-2], chain[-1]), chain[-1]) for chain in chains]
    leaving: dict[int, list[int]] = {}
    for shape, chain in enumerate(chains):
        leaving.setdefault(chain[0], []).append(shape)
    edges = [_Edge(chain[0], heads[shape], shape) for shape, chain in enumerate(chains)]
    edges += [
        _Edge(copies[before, via], heads[shape], shape)
        for (before, via), banned in bans.items()
        for shape in leaving.get(via, ())
        if chains[shape][1] not in banned
    ]
    return edges, len(roads.lat_deg) + len(copies)


def _lengths_m(chains: list[list[int]], roads: RoadMap) -> NDArray[np.float64]:
    nodes = np.array([node for chain in chains for node in chain])
    begins = np.cumsum([0, *map(len, chains)])
    pieces_m = great_circles_m(roads.lat_deg[nodes], roads.lon_deg[nodes])
    pieces_m[begins[1:] - 1] = 0.0
    lengths_m: NDArray[np.float64] = np.add.reduceat(pieces_m, begins[:-1])
    return lengths_m


def _largest_part(
    edges: list[_Edge], n_junctions: int, lengths_m: NDArray[np.float64]
) -> tuple[list[_Edge], dict[int, int]]:
    """The edges of the strongly connected part with most metres, and its junctions' new numbers."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    tails, heads = np.array([edge.tail for edge in edges]), np.array([edge.head for edge in edges])
    links = csr_array((np.ones(len(edges)), (tails, heads)), shape=(n_junctions, n_junctions))
    _, parts = connected_components(links, connection="strong")
    is_inside = parts[tails] == parts[heads]
    if not is_inside.any():
        raise ValueError("the map has no two places that can be reached from each other")
    metres = np.bincount(
        parts[tails[is_inside]],
        weights=lengths_m[[edge.shape for edge in edges]][is_inside],
    )
    largest = metres.argmax()
    kept = [
        edge
        for edge, part in zip(edges, np.where(is_inside, parts[tails], -1), strict=True)
        if part == largest
    ]
    junctions = {junction: number for number, junction in enumerate(sorted({edge.tail for edge in kept}))}
    return sorted(kept, key=lambda edge: edge.tail), junctions


def _graph(
    roads: RoadMap, chains: list[list[int]], edges: list[_Edge], junctions: dict[int, int]
) -> RoadGraph:
    arcs = {
        arc: index for index, arc in enumerate(zip(roads.tail.tolist(), roads.head.tolist(), strict=True))
    }
    shapes = {shape: number for number, shape in enumerate(sorted({edge.shape for edge in edges}))}
    kept = [chains[shape] for shape in shapes]
    heads = {edge.shape: junctions[edge.head] for edge in edges}
    by_start = {(chain[0], chain[1]): number for number, chain in enumerate(kept)}
    nodes = np.array([node for chain in kept for node in chain])
    # The last point's piece is that of the point before: it means nothing, but is a sound one.
    pieces = np.array([arcs[arc] for chain in kept for arc in (*_arcs(chain), (chain[-2], chain[-1]))])
    return RoadGraph(
        n_junctions=len(junctions),
        edge_tail=np.array([junctions[edge.tail] for edge in edges], dtype=np.int32),
        edge_shape=np.array([shapes[edge.shape] for edge in edges], dtype=np.int32),
        shape_head=np.array([heads[shape] for shape in shapes], dtype=np.int32),
        first_point=np.cumsum([0, *(len(chain) for chain in kept)], dtype=np.int32),
        twin=np.array([by_start.get((chain[-1], chain[-2]), NO_TWIN) for chain in kept], dtype=np.int32),
        lat_deg=roads.lat_deg[nodes],
        lon_deg=roads.lon_deg[nodes],
        speed_mps=roads.speed_mps[pieces],
        road_class=roads.road_class[pieces],
    )
