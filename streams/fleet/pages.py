"""Where rings lie: all in one array (pages, PAGE), a page only where something is in it.

Most vehicles' rings are nearly empty. ``own`` names the pages of a ring in order, 0 is none. Page 0
belongs to nobody: its first ``at_us`` is the first free page, whose own says the next.
"""

import numpy as np
from numpy.typing import NDArray

from streams.columns.compiled import compiled
from streams.fleet.columns import Fields

RING_SIZE = 128
HALF = RING_SIZE // 2
PAGE = 16
"""How many lie in a page."""

SEEN_FIELDS: Fields = [
    ("at_us", np.int64),
    ("lat_deg", np.float64),
    ("lon_deg", np.float64),
    ("speed_mps", np.float64),
]
SEEN = np.dtype(SEEN_FIELDS)

Tracks = NDArray[np.void]
Pages = NDArray[np.int32]


@compiled
def put(
    base: np.void,
    rings: Tracks,
    own: Pages,
    place: int,
    at_us: int,
    lat_deg: float,
    lon_deg: float,
    speed_mps: float,
) -> None:
    """Put a fix, or a scan as `ring` has it, at a place of its ring; there is a free page."""
    count = base.ring_count
    if count % PAGE == 0:
        page = rings[0, 0].at_us
        rings[0, 0].at_us = rings[page, 0].at_us
        own[count // PAGE] = page
    for moved in range(count, place, -1):
        rings[own[moved // PAGE], moved % PAGE] = rings[own[(moved - 1) // PAGE], (moved - 1) % PAGE]
    seen = rings[own[place // PAGE], place % PAGE]
    seen.at_us = at_us
    seen.lat_deg = lat_deg
    seen.lon_deg = lon_deg
    seen.speed_mps = speed_mps
    base.ring_count += 1


@compiled
def drop_older_half(base: np.void, rings: Tracks, own: Pages) -> None:
    """The older half of a full ring is gone, its pages are free."""
    for number in range(HALF // PAGE):
        free_page(rings, own[number])
        own[number], own[number + HALF // PAGE] = own[number + HALF // PAGE], 0
    base.ring_count = RING_SIZE - HALF


@compiled
def free_page(rings: Tracks, page: int) -> None:
    """The page belongs to no ring any more."""
    rings[page, 0].at_us = rings[0, 0].at_us
    rings[0, 0].at_us = page


@compiled
def has_free_page(rings: Tracks) -> bool:
    """Whether there is a page that belongs to no ring."""
    return bool(rings[0, 0].at_us != 0)
