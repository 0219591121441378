"""H3 cells of many positions: most are told by the edges of cells known so far, the others by the library.

A cell that lies within one face of H3's icosahedron is a convex hexagon whose edges are great circles.
At this size an edge is straight in degrees to less than ``MARGIN_DEG``; so a position that far inside
all six edges is certainly in the cell. All other positions are given to the library.
"""

from collections.abc import Sequence

import h3
import h3.api.numpy_int as h3_numbers
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from streams.columns.compiled import compiled
from streams.lake.schema import H3_RESOLUTION
from streams.lake.texts import hex_texts

MARGIN_DEG = 2e-6
"""Between 85 degrees south and north a great circle of 600 m leaves the straight line by 1e-6 at most."""

MOST_LAT_DEG, MOST_LON_DEG = 85.0, 179.5
"""Beyond, where parallels are too round or degrees of longitude jump, only the library is asked."""

BOXES_A_DEGREE = 200
CELLS_A_BOX = 8
"""A box of 0.005 degrees touches two or three cells where people live, and more of them far north."""

MOST_CELLS, BOX_SLOTS = 1 << 15, 1 << 17
"""What is known is forgotten when there is more: 24,000 km2 in cells."""

LEARNS_OF = 16
"""One position in so many is learned from at most, so that learning never costs more than it saves."""

NO_BOX = -1
NO_CELL = np.uint64(0)


class CellTable:
    """Cells of positions at ``H3_RESOLUTION``; it learns as it goes. For one thread."""

    def __init__(self) -> None:
        self._edges = np.zeros((MOST_CELLS, 6, 3))
        self._numbers = np.zeros(MOST_CELLS, np.uint64)
        self._boxes = np.full(BOX_SLOTS, NO_BOX, np.int64)
        self._cells_of_boxes = np.full((BOX_SLOTS, CELLS_A_BOX), -1, np.int32)
        self._forget()

    def texts(self, lat_deg: NDArray[np.float64], lon_deg: NDArray[np.float64]) -> pa.Array:
        """The cells as H3 writes them, in the positions' order."""
        return hex_texts(self.numbers(lat_deg, lon_deg))

    def numbers(self, lat_deg: NDArray[np.float64], lon_deg: NDArray[np.float64]) -> NDArray[np.uint64]:
        """The cells as numbers."""
        cells = np.empty(len(lat_deg), np.uint64)
        _find(lat_deg, lon_deg, self._boxes, self._cells_of_boxes, self._edges, self._numbers, cells)
        left = np.flatnonzero(cells == NO_CELL)
        positions = list(zip(lat_deg[left].tolist(), lon_deg[left].tolist(), strict=True))
        asked = [int(h3_numbers.latlng_to_cell(lat, lon, H3_RESOLUTION)) for lat, lon in positions]
        cells[left] = asked
        for (lat, lon), cell in zip(positions[: len(cells) // LEARNS_OF], asked, strict=False):
            if abs(lat) < MOST_LAT_DEG and abs(lon) < MOST_LON_DEG:
                self._learn(lat, lon, cell)
        return cells

    def _learn(self, lat_deg: float, lon_deg: float, cell: int) -> None:
        if len(self._places) >= MOST_CELLS or self._used >= BOX_SLOTS // 2:
            self._forget()
        if cell not in self._places:
            self._places[cell] = self._add(cell)
        place = self._places[cell]
        box = int(_box(lat_deg, lon_deg))
        slot = int(_slot(self._boxes, box))
        known: list[int] = self._cells_of_boxes[slot].tolist()
        if place is None or place in known or -1 not in known:
            return
        self._used += self._boxes[slot] == NO_BOX
        self._boxes[slot] = box
        self._cells_of_boxes[slot, known.index(-1)] = place

    def _add(self, cell: int) -> int | None:
        """Keep a cell's edges; ``None`` for one that is not known to be a convex hexagon."""
        name = h3.int_to_str(cell)
        corners = h3.cell_to_boundary(name)
        if len(corners) != 6 or len(h3.get_icosahedron_faces(name)) > 1:
            return None
        place = len(self._places)
        self._edges[place] = _edges(corners)
        self._numbers[place] = cell
        return place

    def _forget(self) -> None:
        self._places: dict[int, int | None] = {}
        self._used = 0
        self._boxes[:] = NO_BOX
        self._cells_of_boxes[:] = -1


def _edges(corners: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
    """For each edge (a, b, c): a * lat + b * lon + c is how far inside a position lies, in degrees."""
    lat, lon = np.array(corners).T
    along_lat, along_lon = np.roll(lat, -1) - lat, np.roll(lon, -1) - lon
    length = np.hypot(along_lat, along_lon)
    a, b = along_lon / length, -along_lat / length
    c = -(a * lat + b * lon)
    inwards = np.sign(a * lat.mean() + b * lon.mean() + c)
    return np.column_stack([a * inwards, b * inwards, c * inwards])


@compiled
def _box(lat_deg: float, lon_deg: float) -> int:
    south = np.int64(np.floor(lat_deg * BOXES_A_DEGREE)) + 90 * BOXES_A_DEGREE
    west = np.int64(np.floor(lon_deg * BOXES_A_DEGREE)) + 180 * BOXES_A_DEGREE
    return int(south * 1_000_000 + west)


@compiled
def _slot(boxes: NDArray[np.int64], box: int) -> int:
    """Where a box stands, or the free place where it would."""
    slot = ((box * 0x9E3779B1) >> 15) & (BOX_SLOTS - 1)
    while boxes[slot] != NO_BOX and boxes[slot] != box:
        slot = (slot + 1) & (BOX_SLOTS - 1)
    return slot


@compiled
def _is_inside(edges: NDArray[np.float64], lat_deg: float, lon_deg: float) -> bool:
    for edge in range(6):
        if edges[edge, 0] * lat_deg + edges[edge, 1] * lon_deg + edges[edge, 2] < MARGIN_DEG:
            return False
    return True


@compiled
def _find(
    lat_deg: NDArray[np.float64],
    lon_deg: NDArray[np.float64],
    boxes: NDArray[np.int64],
    cells_of_boxes: NDArray[np.int32],
    edges: NDArray[np.float64],
    numbers: NDArray[np.uint64],
    cells: NDArray[np.uint64],
) -> None:
    """Each position's cell, ``NO_CELL`` where none is certain."""
    for i in range(len(lat_deg)):
        lat, lon = lat_deg[i], lon_deg[i]
        cells[i] = NO_CELL
        if not (-MOST_LAT_DEG < lat < MOST_LAT_DEG and -MOST_LON_DEG < lon < MOST_LON_DEG):
            continue
        slot = _slot(boxes, _box(lat, lon))
        for candidate in range(CELLS_A_BOX):
            place = cells_of_boxes[slot, candidate]
            if place < 0:
                break
            if _is_inside(edges[place], lat, lon):
                cells[i] = numbers[place]
                break
