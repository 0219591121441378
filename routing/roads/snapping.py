"""The place on the roads that is nearest to a place of the plan."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from routing.geometry import EARTH_RADIUS_M
from routing.plan import Location
from routing.roads.graph import NO_TWIN, RoadGraph
from routing.roads.tags import ROAD_CLASSES, RoadClass

SPACING_M: Final = 40.0
"""Every piece of road is looked up by samples that stand at most so far apart."""

AS_NEAR_M: Final = 0.001
"""Roads whose distances differ by less are equally near."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where places stand on the roads, and in which directions they can be left and reached.

    Place p has the rows ``first[p]`` to ``first[p + 1]``: one a direction, and those of every road that
    is as near, which at a corner are several. A row stands on a shape, ``share`` of the way from
    ``point`` to the next. ``away_m`` is how far each place is from there.
    """

    first: NDArray[np.int32]
    shape: NDArray[np.int32]
    point: NDArray[np.intp]
    share: NDArray[np.float64]
    away_m: NDArray[np.float64]


class RoadIndex:
    """Finds the nearest of a graph's roads. Nobody stops on a motorway: it counts only where all are such."""

    def __init__(self, graph: RoadGraph) -> None:
        self._graph = graph
        self._shape_of = np.repeat(np.arange(graph.n_shapes, dtype=np.int32), np.diff(graph.first_point))
        lengths_m = graph.piece_m()
        is_first = (graph.twin == NO_TWIN) | (np.arange(graph.n_shapes) < graph.twin)
        is_piece = is_first[self._shape_of]
        is_piece[graph.first_point[1:] - 1] = False
        is_street = graph.road_class != ROAD_CLASSES.index(RoadClass.MOTORWAY)
        if np.any(is_piece & is_street):
            is_piece &= is_street
        starts = np.flatnonzero(is_piece)
        counts = np.maximum(1, np.ceil(lengths_m[starts] / SPACING_M)).astype(np.intp)
        self._piece = np.repeat(starts, counts)
        nth = np.arange(len(self._piece)) - np.repeat(np.cumsum(counts) - counts, counts)
        share = (nth + 0.5) / np.repeat(counts, counts)
        self._tree = cKDTree(_on_sphere(*self._along(self._piece, share)))

    def snap(self, places: Sequence[Location]) -> Standing:
        """The nearest point of the roads to each place, exactly."""
        lat = np.array([place.lat_deg for place in places])
        lon = np.array([place.lon_deg for place in places])
        at = _on_sphere(lat, lon)
        sample_m, _ = self._tree.query(at)
        # The nearest piece has a sample no further than this; a thousandth more for what a plane bends.
        found = self._tree.query_ball_point(at, sample_m * 1.001 + SPACING_M / 2 + 0.01)
        place = np.repeat(np.arange(len(places)), [len(each) for each in found])
        piece = self._piece[np.concatenate(found).astype(np.intp)]
        share, away_m = self._project(lat[place], lon[place], piece)
        nearest_m = np.full(len(places), np.inf)
        np.minimum.at(nearest_m, place, away_m)
        near = np.flatnonzero(away_m <= nearest_m[place] + AS_NEAR_M)
        near = near[np.lexsort((piece[near], place[near]))]
        return self._both_ways(place[near], piece[near], share[near], at)

    def _both_ways(
        self,
        place: NDArray[np.intp],
        piece: NDArray[np.intp],
        share: NDArray[np.float64],
        at: NDArray[np.float64],
    ) -> Standing:
        """Rows for the roads that the pieces are of, and for the same roads the other way."""
        graph, shape = self._graph, self._shape_of[piece]
        twin = graph.twin[shape]
        mirrored = graph.first_point[twin] + graph.first_point[shape + 1] - 2 - piece
        rows = np.column_stack((np.ones(len(twin), dtype=np.bool_), twin != NO_TWIN)).ravel()
        apart_m = np.linalg.norm(_on_sphere(*self._along(piece, share)) - at[place], axis=1)
        away_m = np.zeros(len(at))
        away_m[place] = 2 * EARTH_RADIUS_M * np.arcsin(np.minimum(1.0, apart_m / (2 * EARTH_RADIUS_M)))
        return Standing(
            first=np.searchsorted(np.repeat(place, 2)[rows], np.arange(len(at) + 1)).astype(np.int32),
            shape=np.column_stack((shape, twin)).ravel()[rows],
            point=np.column_stack((piece, mirrored)).ravel()[rows],
            share=np.column_stack((share, 1.0 - share)).ravel()[rows],
            away_m=away_m,
        )

    def position(self, standing: Standing, row: int) -> Location:
        """Where a row stands."""
        lat, lon = self._along(standing.point[row : row + 1], standing.share[row : row + 1])
        return Location(float(lat[0]), float(lon[0]))

    def _along(
        self, piece: NDArray[np.intp], share: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        lat, lon = self._graph.lat_deg, self._graph.lon_deg
        return (
            lat[piece] + share * (lat[piece + 1] - lat[piece]),
            lon[piece] + share * (lon[piece + 1] - lon[piece]),
        )

    def _project(
        self, lat: NDArray[np.float64], lon: NDArray[np.float64], piece: NDArray[np.intp]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Where on a piece a place is nearest, and how far that is, on a plane that touches the place."""
        metres = np.radians(1.0) * EARTH_RADIUS_M
        widths = metres * np.cos(np.radians(lat))
        begin_x = ((self._graph.lon_deg[piece] - lon + 180.0) % 360.0 - 180.0) * widths
        begin_y = (self._graph.lat_deg[piece] - lat) * metres
        along_x = (self._graph.lon_deg[piece + 1] - self._graph.lon_deg[piece]) * widths
        along_y = (self._graph.lat_deg[piece + 1] - self._graph.lat_deg[piece]) * metres
        square = along_x**2 + along_y**2
        share = -(begin_x * along_x + begin_y * along_y) / np.where(square > 0, square, 1.0)
        share = np.clip(share, 0.0, 1.0)
        return share, np.hypot(begin_x + share * along_x, begin_y + share * along_y)


def _on_sphere(lat_deg: NDArray[np.float64], lon_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres from the Earth's centre (n, 3); between near places a straight line is as long as the ground."""
    lat, lon = np.radians(lat_deg), np.radians(lon_deg)
    axes = (np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat))
    return EARTH_RADIUS_M * np.column_stack(axes)
