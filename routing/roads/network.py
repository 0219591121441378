"""A road graph made ready: places snap to it, and legs and paths are found on it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.plan import Location
from routing.roads.graph import FURTHEST_M, RoadGraph
from routing.roads.search import Anchors, Arcs, Bench, fill_legs, last_edge, spread
from routing.roads.snapping import RoadIndex, Standing
from routing.roads.tags import ROAD_CLASSES


@dataclass(frozen=True, slots=True)
class RoadLegs:
    """Fastest legs between places at the roads' own speeds: metres and seconds (n, n), row = origin.

    ``group_s`` (n, n, groups) splits the seconds by groups of road classes, where they were asked for.
    """

    distances_m: NDArray[np.float64]
    durations_s: NDArray[np.float64]
    group_s: NDArray[np.float64]


class RoadNetwork:
    """Legs and paths on the roads of ``graph``; places may be ``furthest_m`` away from them."""

    def __init__(self, graph: RoadGraph, furthest_m: float = FURTHEST_M) -> None:
        if not furthest_m > 0:
            raise ValueError(f"RoadNetwork has a furthest_m that is not positive: {furthest_m}")
        self._graph, self._furthest_m = graph, furthest_m
        self._index = RoadIndex(graph)
        lengths_m = graph.piece_m()
        piece_s = lengths_m / graph.speed_mps
        by_class = np.zeros((len(piece_s), len(ROAD_CLASSES)))
        by_class[np.arange(len(piece_s)), graph.road_class] = piece_s
        # Seconds, metres, seconds by class: of each piece, from its shape's start to it, of each shape.
        self._pieces = np.column_stack((piece_s, lengths_m, by_class))
        self._ahead = _from_start(self._pieces, graph.first_point)
        self._whole = self._ahead[graph.first_point[1:] - 1]
        self._edges_of = np.argsort(graph.edge_shape, kind="stable").astype(np.int32)
        self._ungrouped = self._arcs_with(_measures(()))

    def distances_to_road_m(self, places: Sequence[Location]) -> NDArray[np.float64]:
        """How far each place is from the point of the roads that it snaps to, without any limit."""
        return self._index.snap(places).away_m

    def legs(self, places: Sequence[Location], groups: Sequence[int] = ()) -> RoadLegs:
        """Fastest legs between all places. Raises ``ValueError`` that names a place too far from any road.

        ``groups`` numbers the group of each of ``ROAD_CLASSES`` from 0 on; without, none is told apart.
        """
        n_places, n_groups = len(places), max(groups, default=-1) + 1
        durations_s, distances_m = np.zeros((n_places, n_places)), np.zeros((n_places, n_places))
        group_s = np.zeros((n_places, n_places, n_groups))
        if places:
            standing, measures = self._stand(places), _measures(groups)
            anchors, wanted = self._anchors(standing, measures), self._wanted(standing.shape)
            bench = self._bench(standing, len(measures.T))
            arcs = self._arcs_with(measures) if groups else self._ungrouped
            fill_legs(anchors, arcs, wanted, int(wanted.sum()), bench, durations_s, distances_m, group_s)
        return RoadLegs(distances_m, durations_s, group_s)

    def path(self, origin: Location, destination: Location) -> tuple[Location, ...]:
        """The fastest way as a line, with every bend; its ends lie on the roads beside the two places.

        Raises ``ValueError`` that names a place too far from any road.
        """
        standing, measures = self._stand((origin, destination)), _measures(())
        anchors, arcs, bench = (
            self._anchors(standing, measures),
            self._ungrouped,
            self._bench(standing, 1),
        )
        wanted = self._wanted(standing.shape[standing.first[1] :])
        spread(0, anchors, arcs, wanted, int(wanted.sum()), bench)
        _, row, by = last_edge(0, 1, anchors, arcs, bench)
        shapes = [int(standing.shape[row])]
        while by >= 0:
            by = int(bench.came_by[arcs.tail[by]])
            shapes.append(int(self._graph.edge_shape[by] if by >= 0 else standing.shape[-1 - by]))
        return self._line(standing, -1 - by, shapes[::-1], row)

    def _line(self, standing: Standing, begin: int, shapes: list[int], end: int) -> tuple[Location, ...]:
        """Along the shapes, from where row ``begin`` stands on the first to row ``end`` on the last."""
        first = self._graph.first_point
        points = [point for shape in shapes for point in range(first[shape] + 1, first[shape + 1])]
        n_behind = standing.point[begin] - first[shapes[0]]
        n_beyond = first[shapes[-1] + 1] - 1 - standing.point[end]
        points = points[n_behind : max(0, len(points) - n_beyond)]
        lat, lon = self._graph.lat_deg[points], self._graph.lon_deg[points]
        line = [Location(*each) for each in zip(lat.tolist(), lon.tolist(), strict=True)]
        line = [self._index.position(standing, begin), *line, self._index.position(standing, end)]
        return tuple(here for here, before in zip(line, [None, *line], strict=False) if here != before)

    def _stand(self, places: Sequence[Location]) -> Standing:
        standing = self._index.snap(places)
        furthest = int(np.argmax(standing.away_m))
        if standing.away_m[furthest] > self._furthest_m:
            place = places[furthest]
            raise ValueError(
                f"no road within {self._furthest_m:g} m of {place.lat_deg}, {place.lon_deg}: "
                f"the nearest is {standing.away_m[furthest] / 1000:.1f} km away"
            )
        return standing

    def _anchors(self, standing: Standing, measures: NDArray[np.float64]) -> Anchors:
        before = self._ahead[standing.point] + standing.share[:, None] * self._pieces[standing.point]
        after = np.maximum(self._whole[standing.shape] - before, 0.0)
        return Anchors(
            first=standing.first,
            shape=standing.shape,
            head=self._graph.shape_head[standing.shape],
            before=np.ascontiguousarray(before[:, 0]),
            after=np.ascontiguousarray(after[:, 0]),
            measures_before=before[:, 1:] @ measures,
            measures_after=after[:, 1:] @ measures,
        )

    def _arcs_with(self, measures: NDArray[np.float64]) -> Arcs:
        graph, edges = self._graph, self._whole[self._graph.edge_shape]
        return Arcs(
            first=_offsets(graph.edge_tail, graph.n_junctions),
            tail=graph.edge_tail,
            head=graph.shape_head[graph.edge_shape],
            cost=np.ascontiguousarray(edges[:, 0]),
            measures=edges[:, 1:] @ measures,
            of_shape_first=_offsets(graph.edge_shape[self._edges_of], graph.n_shapes),
            of_shape=self._edges_of,
        )

    def _wanted(self, shapes: NDArray[np.int32]) -> NDArray[np.bool_]:
        """The junctions from which the shapes are entered."""
        wanted = np.zeros(self._graph.n_junctions, dtype=np.bool_)
        is_shape = np.zeros(self._graph.n_shapes, dtype=np.bool_)
        is_shape[shapes] = True
        wanted[self._graph.edge_tail[is_shape[self._graph.edge_shape]]] = True
        return wanted

    def _bench(self, standing: Standing, n_measures: int) -> Bench:
        n_junctions = self._graph.n_junctions
        n_pushes = len(self._graph.edge_tail) + int(np.diff(standing.first).max())
        return Bench(
            cost=np.empty(n_junctions),
            came_by=np.empty(n_junctions, dtype=np.int32),
            measures=np.empty((n_junctions, n_measures)),
            heap_cost=np.empty(n_pushes),
            heap_junction=np.empty(n_pushes, dtype=np.int32),
        )


def _from_start(pieces: NDArray[np.float64], first_point: NDArray[np.int32]) -> NDArray[np.float64]:
    """What lies between each point and the start of its shape."""
    ahead = np.zeros_like(pieces)
    np.cumsum(pieces[:-1], axis=0, out=ahead[1:])
    return ahead - np.repeat(ahead[first_point[:-1]], np.diff(first_point), axis=0)


def _measures(groups: Sequence[int]) -> NDArray[np.float64]:
    """What is counted along a way, as columns over (metres, seconds by class): metres, seconds by group."""
    measures = np.zeros((1 + len(ROAD_CLASSES), 2 + max(groups, default=-1)))
    measures[0, 0] = 1.0
    for road_class, group in enumerate(groups):
        measures[1 + road_class, 1 + group] = 1.0
    return measures


def _offsets(keys: NDArray[np.int32], n_keys: int) -> NDArray[np.int32]:
    """Where the entries of each key begin in a sorted array; one more for the end."""
    return np.searchsorted(keys, np.arange(n_keys + 1)).astype(np.int32)
