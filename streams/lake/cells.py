"""H3 cells of many positions, without a call of the library for each.

What the lattice's arithmetic does not tell, the number of a base cell and how its digits are turned, is
asked of the library once for each place of the coarsest lattice. Positions within a millimetre of
another cell or face are left to the library, and so are the twelve base cells that are pentagons, which
lie in the oceans.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from math import cos, radians, sin

import h3
import h3.api.numpy_int as h3_numbers
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from streams.lake.lattice import (
    BASE_SHIFT,
    NO_CELL,
    NOT_KNOWN,
    REACH,
    TURNED,
    TURNS,
    UNUSED_BITS,
    find_cells,
)
from streams.lake.schema import H3_RESOLUTION
from streams.lake.texts import hex_texts

SAMPLES = 20_000
"""Positions all over the Earth of which the base cells are learned, more than twenty for each place."""

FACES = 20
SCALE = 7.0 ** (H3_RESOLUTION / 2)
"""How many cells of this resolution, which is even, lie along one of resolution 0."""

OWN_DIGITS = np.uint64(((1 << 3 * H3_RESOLUTION) - 1) << UNUSED_BITS)
NEIGHBOURS_COSINE = 0.4
"""Corners of one face are 63 degrees apart, all others more."""

ROOT_3 = 3.0**0.5


@dataclass(frozen=True, slots=True)
class Faces:
    """The icosahedron: of each face three vectors, to its middle and along its axes, as (20, 3, 3).

    The axes are as long as makes their products with a position the lattice's coordinates.
    ``bases`` (20 * 25,) tells the base cell of a place times 8, plus its turns.
    """

    vectors: NDArray[np.float64]
    bases: NDArray[np.int64]


def cell_texts(lat_deg: NDArray[np.float64], lon_deg: NDArray[np.float64]) -> pa.Array:
    """The cells as H3 writes them, in the positions' order."""
    return hex_texts(cell_numbers(lat_deg, lon_deg))


def cell_numbers(lat_deg: NDArray[np.float64], lon_deg: NDArray[np.float64]) -> NDArray[np.uint64]:
    """The cells as numbers."""
    known = faces()
    cells, _ = _found(known.vectors, known.bases, lat_deg, lon_deg)
    left = np.flatnonzero(cells == NO_CELL)
    cells[left] = _asked(lat_deg[left], lon_deg[left])
    return cells


@cache
def faces() -> Faces:
    """All that is known of the faces; a tenth of a second."""
    vectors = np.array(list(_face_vectors()))
    dice = np.random.default_rng(0)
    lat_deg, lon_deg = np.degrees(np.arcsin(dice.uniform(-1, 1, SAMPLES))), dice.uniform(-180, 180, SAMPLES)
    # With all bases taken to be 0 and not turned, the digits are what they are before any turning.
    cells, places = _found(vectors, np.zeros(FACES * REACH * REACH, np.int64), lat_deg, lon_deg)
    return Faces(vectors, _bases(cells, places, _asked(lat_deg, lon_deg)))


def _asked(lat_deg: NDArray[np.float64], lon_deg: NDArray[np.float64]) -> NDArray[np.uint64]:
    positions = zip(lat_deg.tolist(), lon_deg.tolist(), strict=True)
    asked = (h3_numbers.latlng_to_cell(lat, lon, H3_RESOLUTION) for lat, lon in positions)
    return np.fromiter(asked, np.uint64, len(lat_deg))


def _found(
    vectors: NDArray[np.float64],
    bases: NDArray[np.int64],
    lat_deg: NDArray[np.float64],
    lon_deg: NDArray[np.float64],
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    cells, places = np.empty(len(lat_deg), np.uint64), np.empty(len(lat_deg), np.int64)
    find_cells(vectors, bases, lat_deg, lon_deg, cells, places)
    return cells, places


def _face_vectors() -> Iterator[NDArray[np.float64]]:
    """The corners of the icosahedron are where the pentagons are."""
    corners = [_vector(*h3.cell_to_latlng(cell)) for cell in h3.get_pentagons(0)]
    for three in combinations(corners, 3):
        if all(one @ other > NEIGHBOURS_COSINE for one, other in combinations(three, 2)):
            middle = sum(three) / np.linalg.norm(sum(three))
            along = three[0] / (three[0] @ middle) - middle
            # Two cells of resolution 0 lie between a face's middle and its corner.
            x = along / (along @ along) * 2 * SCALE
            y = np.cross(middle, x)
            yield np.array([middle, x + y / ROOT_3, y * 2 / ROOT_3])


def _vector(lat_deg: float, lon_deg: float) -> NDArray[np.float64]:
    lat, lon = radians(lat_deg), radians(lon_deg)
    return np.array([cos(lat) * cos(lon), cos(lat) * sin(lon), sin(lat)])


def _bases(
    unturned: NDArray[np.uint64], places: NDArray[np.int64], cells: NDArray[np.uint64]
) -> NDArray[np.int64]:
    """Of each place the base cell that the library gives it, with the turns that make all digits agree."""
    bases = np.full(FACES * REACH * REACH, NOT_KNOWN, np.int64)
    pentagons = {h3.get_base_cell_number(cell) for cell in h3.get_pentagons(0)}
    for place in np.unique(places[unturned != NO_CELL]).tolist():
        here = np.flatnonzero((places == place) & (unturned != NO_CELL))
        base = int(cells[here[0]]) >> BASE_SHIFT & 127
        fitting = [
            turns
            for turns in range(TURNS)
            if np.array_equal(_turned(unturned[here], turns), cells[here] & OWN_DIGITS)
        ]
        if base not in pentagons and len(fitting) == 1:
            bases[place] = base * 8 + fitting[0]
    return bases


def _turned(cells: NDArray[np.uint64], turns: int) -> NDArray[np.uint64]:
    turned = np.zeros(len(cells), np.uint64)
    for level in range(1, H3_RESOLUTION + 1):
        shift = np.uint64(3 * (15 - level))
        digits = (cells >> shift) & np.uint64(7)
        turned |= TURNED[turns, digits.astype(np.int64)].astype(np.uint64) << shift
    return turned
