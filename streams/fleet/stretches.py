"""Stays as told of a head: from when to when it was where, and how that is known."""

import numpy as np
from numpy.typing import NDArray

from streams.columns.compiled import compiled
from streams.fleet.columns import NEVER, Fields
from streams.fleet.pages import RING_SIZE, Tracks
from streams.fleet.track_fields import ARRIVED, BY_INFERENCE, CROSSED, LEFT

STRETCH_FIELDS: Fields = [
    ("number", np.int64),
    ("place", np.int64),
    ("last_place", np.int64),
    ("since_us", np.int64),
    ("until_us", np.int64),
    ("after_us", np.int64),
    ("before_us", np.int64),
    ("known", np.int64),
    ("trip", np.int64),
    ("is_mistaken", np.bool_),
]
STRETCH = np.dtype(STRETCH_FIELDS)
"""A stay, open while ``until_us`` is ``NEVER``; an inferred one may be at several stops, up to the last,
not before ``after_us`` and not after ``before_us``. ``number`` is in the order of the shift."""

MOST_STRETCHES = 2 * RING_SIZE + 2


@compiled
def tell_one(heads: Tracks, row: int, said: int, found: NDArray[np.void]) -> int:
    """Put what the bits say of a head into ``found``; how many stretches they are."""
    return tell(heads[row], said, found, 0)


@compiled
def tell(head: np.void, said: int, found: NDArray[np.void], count: int) -> int:
    """Put what the bits say into ``found``: an end is told of the last stretch, if that is open."""
    number = head.stay_count
    if said & ARRIVED:
        number -= 1
    if said & CROSSED:
        number -= 1
    if said & LEFT:
        is_known = count > 0 and found[count - 1].until_us == NEVER
        if not is_known:
            count += 1
            _stretch(found[count - 1], number, head, head.left_place, head.left_since_us, head.left_known)
        found[count - 1].until_us = head.left_until_us
        found[count - 1].is_mistaken = head.left_is_mistaken
    if said & CROSSED:
        crossed = found[count]
        number += 1
        _stretch(crossed, number, head, head.crossed_first + 1, head.crossed_since_us, BY_INFERENCE)
        crossed.last_place = head.crossed_last + 1
        crossed.until_us = head.crossed_until_us
        crossed.after_us = head.crossed_after_us
        crossed.before_us = head.crossed_before_us
        count += 1
    if said & ARRIVED:
        _stretch(found[count], head.stay_count, head, head.stay_place, head.stay_since_us, head.stay_known)
        count += 1
    return count


@compiled
def _stretch(stretch: np.void, number: int, head: np.void, place: int, since_us: int, known: int) -> None:
    stretch.number = number
    stretch.place = place
    stretch.last_place = place
    stretch.since_us = since_us
    stretch.until_us = NEVER
    stretch.after_us = NEVER
    stretch.before_us = NEVER
    stretch.known = known
    stretch.trip = head.trip_number
    stretch.is_mistaken = False
