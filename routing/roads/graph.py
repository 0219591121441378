"""The contracted road graph: junctions, and between them shapes that carry all bends on the way."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from routing.geometry import EARTH_RADIUS_M
from routing.roads.tags import ROAD_CLASSES

NO_TWIN: Final = -1

FURTHEST_M: Final = 500.0
"""A place further from every road is taken for a wrong position, or one off the map."""


@dataclass(frozen=True, slots=True)
class RoadGraph:
    """A strongly connected network in arrays: every place on it can be reached from every other.

    A *shape* is a one-way stretch between two junctions: the points ``first_point[s]`` to
    ``first_point[s + 1]``, each with the speed and class of the piece that begins there (those of the
    last point mean nothing). ``twin[s]`` is the same stretch the other way, or ``NO_TWIN``.
    ``shape_head[s]`` is the junction where it ends.

    An *edge* says that from junction ``edge_tail[e]`` one may drive ``edge_shape[e]``. Junctions with
    turn restrictions stand once for each road by which a turn is not free, so that several edges may
    share a shape. Edges are sorted by their tail.
    """

    n_junctions: int
    edge_tail: NDArray[np.int32]
    edge_shape: NDArray[np.int32]
    shape_head: NDArray[np.int32]
    first_point: NDArray[np.int32]
    twin: NDArray[np.int32]
    lat_deg: NDArray[np.float64]
    lon_deg: NDArray[np.float64]
    speed_mps: NDArray[np.float64]
    road_class: NDArray[np.uint8]

    def __post_init__(self) -> None:
        self._check_lengths()
        _require_within("junction", self.edge_tail, 0, self.n_junctions)
        _require_within("junction", self.shape_head, 0, self.n_junctions)
        _require_within("shape", self.edge_shape, 0, self.n_shapes)
        _require_within("twin", self.twin, NO_TWIN, self.n_shapes)
        _require_within("road class", self.road_class, 0, len(ROAD_CLASSES))
        if np.any(np.diff(self.edge_tail) < 0):
            raise ValueError("RoadGraph has edges that are not sorted by their tail")
        if not np.all((self.speed_mps > 0) & np.isfinite(self.speed_mps)):
            raise ValueError("RoadGraph has a speed that is not positive, or none")
        if not np.all((np.abs(self.lat_deg) <= 90) & (np.abs(self.lon_deg) <= 180)):
            raise ValueError("RoadGraph has a position off the Earth")

    def _check_lengths(self) -> None:
        n_points, n_shapes = len(self.lat_deg), len(self.shape_head)
        lengths = {len(self.lon_deg), len(self.speed_mps), len(self.road_class)}
        if lengths != {n_points} or len(self.edge_tail) != len(self.edge_shape):
            raise ValueError("RoadGraph has arrays of different lengths for its points or edges")
        if len(self.first_point) != n_shapes + 1 or len(self.twin) != n_shapes:
            raise ValueError("RoadGraph has arrays of different lengths for its shapes")
        if not len(self.edge_tail):
            raise ValueError("RoadGraph has no roads")
        if self.first_point[0] != 0 or self.first_point[-1] != n_points or np.any(self.pieces_of() < 1):
            raise ValueError("RoadGraph has shapes of less than two points")

    @property
    def n_shapes(self) -> int:
        """How many one-way stretches."""
        return len(self.shape_head)

    def pieces_of(self) -> NDArray[np.int32]:
        """How many straight pieces each shape has."""
        return np.diff(self.first_point) - 1

    def piece_m(self) -> NDArray[np.float64]:
        """Length of the piece that begins at each point, metres; 0 at the last point of a shape."""
        lengths_m = great_circles_m(self.lat_deg, self.lon_deg)
        lengths_m[self.first_point[1:] - 1] = 0.0
        return lengths_m


def great_circles_m(lat_deg: NDArray[np.float64], lon_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres from each point to the next; 0 at the last."""
    lat, lon = np.radians(lat_deg), np.radians(lon_deg)
    half_dlat, half_dlon = np.diff(lat) / 2, np.diff(lon) / 2
    chord = np.sin(half_dlat) ** 2 + np.cos(lat[:-1]) * np.cos(lat[1:]) * np.sin(half_dlon) ** 2
    return np.append(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(chord)), 0.0)


def _require_within(noun: str, numbers: NDArray[np.integer], least: int, beyond: int) -> None:
    if len(numbers) and not (least <= numbers.min() and numbers.max() < beyond):
        raise ValueError(
            f"RoadGraph names a {noun} that it does not have: {numbers.min()} to {numbers.max()}, "
            f"where {least} to {beyond - 1} would be right"
        )
