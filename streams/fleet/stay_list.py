"""A shift's stays as objects: what its track says, by the names of the stops."""

from collections.abc import Callable
from datetime import datetime
from itertools import pairwise

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from streams.events.judgements import KnownBy
from streams.fleet.columns import NEVER
from streams.fleet.instants import moment
from streams.fleet.track_fields import BY_GPS, BY_INFERENCE, BY_SCAN, DEPOT, GONE

Stretch = tuple[int, int, int, int, int, int, int, int, int, bool]
"""The fields of a `streams.fleet.ring.STRETCH`, in their order."""

KNOWN = {BY_GPS: KnownBy.GPS, BY_SCAN: KnownBy.SCAN, BY_INFERENCE: KnownBy.INFERRED}


class Stay(Struct):
    """Being at a stop or the depot, open while ``until_us`` is ``NEVER``.

    ``number`` counts a shift's stays; stops that were passed together have one. An inferred stay was
    not before ``after_us`` and not after ``before_us``. ``mistaken_for`` is the stop in the same
    building at which the vehicle really was.
    """

    number: int
    stop_id: str
    is_depot: bool
    known_by: KnownBy
    since_us: int
    until_us: int = NEVER
    after_us: int = NEVER
    before_us: int = NEVER
    mistaken_for: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether the vehicle is still there."""
        return self.until_us == NEVER

    @property
    def is_inferred(self) -> bool:
        """Whether nothing but inference knows of it."""
        return self.known_by is KnownBy.INFERRED

    @property
    def arrived_at(self) -> datetime:
        """When it began."""
        return moment(self.since_us)


def read_stretches(
    found: list[Stretch],
    name_of: Callable[[int], str],
    depot_id: str,
    stops: NDArray[np.void],
    first_stop: int,
    old: list[Stay],
) -> list[Stay]:
    """The stays that the stretches are; ``old`` are those of before, for the names of stops that are gone."""
    names = {stay.number: stay.stop_id for stay in old}
    stays: list[Stay] = []
    for row in found:
        number, place, last_place, since_us, until_us, _, _, known, _, is_mistaken = row
        if last_place > place or known == BY_INFERENCE:
            stays += _passed(row, name_of, stops, first_stop)
            continue
        stop_id = depot_id
        if place != DEPOT:
            stop_id = names[number] if place == GONE else name_of(place - 1)
        stay = Stay(number, stop_id, place == DEPOT, KNOWN[known], since_us, until_us)
        stay.mistaken_for = "" if is_mistaken else None
        stays.append(stay)
    for stay, after in pairwise(stays):
        if stay.mistaken_for is not None:
            stay.mistaken_for = after.stop_id
    return stays


def _passed(
    row: Stretch, name_of: Callable[[int], str], stops: NDArray[np.void], first_stop: int
) -> list[Stay]:
    """Stops passed between two fixes, those that were not over: each has its share of the time."""
    number, first, last, since_us, until_us, after_us, before_us, _, _, _ = row
    places = range(first - 1, last)
    open_places = [place for place in places if not _was_over(stops[first_stop + place], since_us)]
    share_us = (until_us - since_us) // max(1, len(open_places))
    return [
        Stay(
            number,
            name_of(place),
            False,
            KnownBy.INFERRED,
            since_us + share_us * at,
            since_us + share_us * (at + 1),
            after_us,
            before_us,
        )
        for at, place in enumerate(open_places)
    ]


def _was_over(stop: np.void, at_us: int) -> bool:
    return any(stop[name] != NEVER and stop[name] < at_us for name in ("over_us", "scanned_us"))
