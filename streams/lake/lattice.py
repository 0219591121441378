"""H3's lattice by arithmetic: a position's face of the icosahedron, its hexagon there, and its digits.

H3 lays hexagons on each face of an icosahedron, as it is seen from the Earth's centre. A finer lattice
has seven cells for each coarser one and is turned a little, to one side and to the other by turns; a
cell's digits say which of the seven it is, level by level. Only the number of a base cell, and by how
much its digits are turned, can't be computed; ``streams.lake.cells`` asks for them.
"""

import numpy as np
from numpy.typing import NDArray

from streams.columns.compiled import compiled
from streams.lake.schema import H3_RESOLUTION

MARGIN = 1e-6
"""In widths of a cell, about a millimetre: more than two ways of computing can be apart."""

CLEARLY_NEAREST = 0.935
"""Cosine: the nearest edge of a face lies 20.9 degrees from its middle."""

BASE_SHIFT, MODE_AND_RESOLUTION = 45, (1 << 59) | (H3_RESOLUTION << 52)
UNUSED_BITS = 3 * (15 - H3_RESOLUTION)
UNUSED_DIGITS = (1 << UNUSED_BITS) - 1

TURNS, REACH = 6, 5
"""A sixth of a circle each; a face's coarsest lattice has its places from -2 to 2 on both axes."""

NOT_KNOWN, NO_CELL = -1, np.uint64(0)

_AROUND = (4, 6, 2, 3, 1, 5)
"""The digits of the six cells around a centre, from the first axis on against the clock."""

_STEPS = ((1, 0), (1, 1), (0, 1), (-1, 0), (-1, -1), (0, -1))
"""Where these cells are, on axes that are 120 degrees apart."""

TURNED = np.zeros((TURNS, 8), np.int64)
"""A digit after so many turns against the clock."""

_DIGIT_AT = np.zeros((3, 3), np.int64)
for _place, (_digit, (_i, _j)) in enumerate(zip(_AROUND, _STEPS, strict=True)):
    _DIGIT_AT[_i + 1, _j + 1] = _digit
    TURNED[:, _digit] = [_AROUND[(_place + turns) % TURNS] for turns in range(TURNS)]


@compiled
def _face_of(vectors: NDArray[np.float64], x: float, y: float, z: float, guess: int) -> tuple[int, bool]:
    """The face whose middle is nearest, and whether no other is about as near."""
    toward = vectors[guess, 0, 0] * x + vectors[guess, 0, 1] * y + vectors[guess, 0, 2] * z
    if toward > CLEARLY_NEAREST:
        return guess, True
    best, face, second = -2.0, 0, -2.0
    for each in range(len(vectors)):
        toward = vectors[each, 0, 0] * x + vectors[each, 0, 1] * y + vectors[each, 0, 2] * z
        if toward > best:
            best, second, face = toward, best, each
        elif toward > second:
            second = toward
    return face, best - second > 1e-9


@compiled
def _nearest(i: float, j: float) -> tuple[int, int, bool]:
    """The lattice's place that is nearest to a point, and whether no other is about as near.

    The axes are 120 degrees apart. Distances to the six sides are differences of coordinates on three
    axes that add up to 0.
    """
    a, b = i - j, j
    c = -a - b
    near_a, near_b, near_c = np.round(a), np.round(b), np.round(c)
    off_a, off_b, off_c = abs(near_a - a), abs(near_b - b), abs(near_c - c)
    if off_a > off_b and off_a > off_c:
        near_a = -near_b - near_c
    elif off_b > off_c:
        near_b = -near_a - near_c
    da, db = a - near_a, b - near_b
    dc = -da - db
    widest = max(abs(da - db), abs(db - dc), abs(dc - da))
    return int(near_a + near_b), int(near_b), bool(widest < 1.0 - MARGIN)


@compiled
def _digits(i: int, j: int) -> tuple[int, int, int]:
    """All digits of a cell, and its place on the coarsest lattice."""
    digits = 0
    for level in range(H3_RESOLUTION):
        if (H3_RESOLUTION - level) % 2 == 1:
            up_i, up_j = (3 * i - j + 3) // 7, (i + 2 * j + 3) // 7
            middle_i, middle_j = 2 * up_i + up_j, 3 * up_j - up_i
        else:
            up_i, up_j = (2 * i + j + 3) // 7, (3 * j - i + 3) // 7
            middle_i, middle_j = 3 * up_i - up_j, up_i + 2 * up_j
        digits |= _DIGIT_AT[i - middle_i + 1, j - middle_j + 1] << (3 * level)
        i, j = up_i, up_j
    return digits, i, j


@compiled
def find_cells(
    vectors: NDArray[np.float64],
    bases: NDArray[np.int64],
    lat_deg: NDArray[np.float64],
    lon_deg: NDArray[np.float64],
    cells: NDArray[np.uint64],
    places: NDArray[np.int64],
) -> None:
    """Each position's cell, ``NO_CELL`` where none is certain, and its place on the coarsest lattice.

    ``vectors`` and ``bases`` are those of ``streams.lake.cells.Faces``.
    """
    face = 0
    for n in range(len(lat_deg)):
        cells[n] = NO_CELL
        places[n] = 0
        lat, lon = lat_deg[n] * (np.pi / 180.0), lon_deg[n] * (np.pi / 180.0)
        x, y, z = np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)
        face, is_clear = _face_of(vectors, x, y, z, face)
        if not is_clear:
            continue
        depth = vectors[face, 0, 0] * x + vectors[face, 0, 1] * y + vectors[face, 0, 2] * z
        along = vectors[face, 1, 0] * x + vectors[face, 1, 1] * y + vectors[face, 1, 2] * z
        across = vectors[face, 2, 0] * x + vectors[face, 2, 1] * y + vectors[face, 2, 2] * z
        i, j, is_clear = _nearest(along / depth, across / depth)
        if not is_clear:
            continue
        digits, i, j = _digits(i, j)
        if not (-2 <= i <= 2 and -2 <= j <= 2):
            continue
        places[n] = (face * REACH + i + 2) * REACH + j + 2
        base = bases[places[n]]
        if base == NOT_KNOWN:
            continue
        turned = 0
        for level in range(H3_RESOLUTION):
            turned |= TURNED[base & 7, (digits >> (3 * level)) & 7] << (3 * level)
        rest = (turned << UNUSED_BITS) | UNUSED_DIGITS
        cells[n] = np.uint64(MODE_AND_RESOLUTION | ((base >> 3) << BASE_SHIFT) | rest)
