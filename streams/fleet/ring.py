"""The newest fixes and scans of a vehicle in time order, so that one that comes late finds its place.

``head`` is where the vehicle stands by all of them, ``base`` by all that are no longer in the ring. A
late one is put in its place, and the head is derived anew from the base. A full ring gives its older
half to the base, so it reaches back over the last 64 to 128. A scan (a claim) lies in the ring with a
latitude of NaN, and the number of its stop as longitude.

All rings lie in one array (pages, PAGE), a page only where something is in it: most vehicles' rings are
nearly empty. ``pages`` names those of each ring in order, 0 is none. Page 0 belongs to nobody: its first
``at_us`` is the first free page, whose own says the next.
"""

from math import isnan

import numpy as np
from numpy.typing import NDArray

from streams.columns.compiled import compiled
from streams.fleet.columns import NEVER, SECOND_US, Fields
from streams.fleet.distance import distance_m
from streams.fleet.places import Stops
from streams.fleet.stays import claim, follow
from streams.fleet.track_fields import (
    ARRIVED,
    BY_INFERENCE,
    CROSSED,
    LATE,
    LEFT,
    NOWHERE,
    STAY_FIELDS,
    TOO_LATE,
)

RING_SIZE = 128
HALF = RING_SIZE // 2
PAGE = 16
"""How many lie in a page."""

TRACK = np.dtype([*STAY_FIELDS, ("ring_count", np.int64)])
"""Heads and bases; ``ring_count`` of the base says how much of the ring is in use."""

SEEN_FIELDS: Fields = [
    ("at_us", np.int64),
    ("lat_deg", np.float64),
    ("lon_deg", np.float64),
    ("speed_mps", np.float64),
]
SEEN = np.dtype(SEEN_FIELDS)

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

Tracks = NDArray[np.void]
Pages = NDArray[np.int32]


@compiled
def move(
    vehicle: np.void,
    heads: Tracks,
    bases: Tracks,
    rings: Tracks,
    pages: Pages,
    stops: Stops,
    rules: np.void,
    lat_deg: float,
    lon_deg: float,
    speed_mps: float,
    at_us: int,
) -> int:
    """Take a usable fix of a vehicle on its shift; bits as of `keep_fix`."""
    head, base, own = heads[vehicle.track_row], bases[vehicle.track_row], pages[vehicle.track_row]
    said = keep_fix(head, base, rings, own, vehicle, stops, rules, lat_deg, lon_deg, speed_mps, at_us)
    if not said & (LATE | TOO_LATE):
        _put_position(vehicle, head)
    return said


@compiled
def move_one(
    vehicles: NDArray[np.void],
    number: int,
    heads: Tracks,
    bases: Tracks,
    rings: Tracks,
    pages: Pages,
    stops: Stops,
    limits: NDArray[np.void],
    rows: NDArray[np.void],
    at: int,
) -> int:
    """As `move`, for a row of observations."""
    row, rules = rows[at], limits[0]
    lat_deg, lon_deg = row.lat_deg, row.lon_deg
    return move(
        vehicles[number], heads, bases, rings, pages, stops, rules, lat_deg, lon_deg, row.speed_mps, row.at_us
    )


@compiled
def claim_one(
    vehicles: NDArray[np.void],
    number: int,
    heads: Tracks,
    bases: Tracks,
    rings: Tracks,
    pages: Pages,
    stops: Stops,
    limits: NDArray[np.void],
    stop: int,
    at_us: int,
) -> int:
    """Take a scan of a vehicle on its shift; bits as of `keep_claim`."""
    row, rules = vehicles[number].track_row, limits[0]
    return keep_claim(heads[row], bases[row], rings, pages[row], vehicles[number], stops, rules, stop, at_us)


@compiled
def derive_one(
    vehicles: NDArray[np.void],
    number: int,
    heads: Tracks,
    bases: Tracks,
    rings: Tracks,
    pages: Pages,
    stops: Stops,
    limits: NDArray[np.void],
    found: NDArray[np.void],
) -> int:
    """Derive a vehicle's head anew, as `derive`; its position follows from it."""
    vehicle = vehicles[number]
    row = vehicle.track_row
    count = derive(heads, bases, row, rings, pages[row], vehicle, stops, limits[0], found)
    if heads[row].track_us != NEVER:
        _put_position(vehicle, heads[row])
    return count


@compiled
def away_one_m(
    heads: Tracks,
    bases: Tracks,
    rings: Tracks,
    pages: Pages,
    row: int,
    at_us: int,
    age_us: int,
    lat_deg: float,
    lon_deg: float,
) -> tuple[float, float]:
    """How far from a place the newest fix up to ``at_us`` was, and its age, seconds.

    NaN if none was in ``age_us``.
    """
    seen_us, seen_lat_deg = heads[row].track_us, heads[row].track_lat_deg
    seen_lon_deg = heads[row].track_lon_deg
    if seen_us > at_us:
        seen_us = NEVER
        for at in range(bases[row].ring_count - 1, -1, -1):
            seen = rings[pages[row, at // PAGE], at % PAGE]
            if seen.at_us <= at_us and not isnan(seen.lat_deg):
                seen_us, seen_lat_deg, seen_lon_deg = seen.at_us, seen.lat_deg, seen.lon_deg
                break
    if seen_us == NEVER or at_us - seen_us > age_us:
        return np.nan, np.nan
    return distance_m(seen_lat_deg, seen_lon_deg, lat_deg, lon_deg), (at_us - seen_us) / SECOND_US


@compiled
def tell_one(heads: Tracks, row: int, said: int, found: NDArray[np.void]) -> int:
    """Put what the bits say of a head into ``found``; how many stretches they are."""
    return tell(heads[row], said, found, 0)


@compiled
def _put_position(vehicle: np.void, head: np.void) -> None:
    vehicle.position_us = head.track_us
    vehicle.lat_deg = head.track_lat_deg
    vehicle.lon_deg = head.track_lon_deg
    vehicle.still_since_us = head.track_slow_us
    vehicle.nearing_stop = head.near_place
    vehicle.nearing_us = head.near_since_us


@compiled
def keep_fix(
    head: np.void,
    base: np.void,
    rings: Tracks,
    own: Pages,
    route: np.void,
    stops: Stops,
    rules: np.void,
    lat_deg: float,
    lon_deg: float,
    speed_mps: float,
    at_us: int,
) -> int:
    """Take a usable fix; bits as of `follow`, or ``LATE`` (in its place, to be derived), ``TOO_LATE``.

    There is a free page, as for a scan; ``own`` are those of the ring.
    What comes after a late one in its message waits with it: the head knows nothing of either yet.
    """
    if at_us > head.track_seen_us and head.late_us == NEVER:
        _make_room(base, rings, own, route, stops, rules)
        _put(base, rings, own, base.ring_count, at_us, lat_deg, lon_deg, speed_mps)
        return follow(head, route, stops, rules, lat_deg, lon_deg, speed_mps, at_us)
    _make_room(base, rings, own, route, stops, rules)
    if at_us <= base.track_seen_us:
        return TOO_LATE
    place = base.ring_count
    while place > 0:
        before = rings[own[(place - 1) // PAGE], (place - 1) % PAGE]
        if before.at_us < at_us:
            break
        if before.at_us == at_us and not isnan(before.lat_deg):
            return 0
        place -= 1
    _put(base, rings, own, place, at_us, lat_deg, lon_deg, speed_mps)
    head.late_us = at_us if head.late_us == NEVER else min(head.late_us, at_us)
    return LATE


@compiled
def keep_claim(
    head: np.void,
    base: np.void,
    rings: Tracks,
    own: Pages,
    route: np.void,
    stops: Stops,
    rules: np.void,
    stop: int,
    at_us: int,
) -> int:
    """Take a scan, as `keep_fix`; of one moment the fix comes before the scans."""
    _make_room(base, rings, own, route, stops, rules)
    if at_us < head.track_seen_us and at_us <= base.track_seen_us:
        return TOO_LATE
    place = base.ring_count
    while place > 0:
        before = rings[own[(place - 1) // PAGE], (place - 1) % PAGE]
        is_claim_after = before.at_us == at_us and isnan(before.lat_deg) and before.lon_deg > stop
        if before.at_us <= at_us and not is_claim_after:
            break
        place -= 1
    is_newest = place == base.ring_count
    _put(base, rings, own, place, at_us, np.nan, stop, 0.0)
    if not is_newest:
        return LATE
    return claim(head, route, stops, rules, stop, at_us)


@compiled
def derive(
    heads: Tracks,
    bases: Tracks,
    slot: int,
    rings: Tracks,
    own: Pages,
    route: np.void,
    stops: Stops,
    rules: np.void,
    found: NDArray[np.void],
) -> int:
    """Derive the head anew from base and ring; how many of ``found`` are the stretches since the base."""
    heads[slot] = bases[slot]
    head = heads[slot]
    settled_us = max(head.left_until_us, head.crossed_until_us)
    for number in range(route.first_stop, route.first_stop + route.stop_count):
        stop = stops[number]
        if stop.over_us > settled_us:
            stop.over_us = NEVER
        if stop.left_us > settled_us:
            stop.left_us = NEVER
    count = 0
    kept = head.ring_count
    head.ring_count = 0
    if head.stay_place != NOWHERE:
        count = tell(head, ARRIVED, found, count)
    for place in range(kept):
        seen = rings[own[place // PAGE], place % PAGE]
        count = tell(head, _take(head, seen, route, stops, rules), found, count)
    return count


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


@compiled
def _take(track: np.void, seen: np.void, route: np.void, stops: Stops, rules: np.void) -> int:
    if isnan(seen.lat_deg):
        return claim(track, route, stops, rules, int(seen.lon_deg), seen.at_us)
    return follow(track, route, stops, rules, seen.lat_deg, seen.lon_deg, seen.speed_mps, seen.at_us)


@compiled
def _make_room(
    base: np.void, rings: Tracks, own: Pages, route: np.void, stops: Stops, rules: np.void
) -> None:
    if base.ring_count < RING_SIZE:
        return
    for place in range(HALF):
        seen = rings[own[place // PAGE], place % PAGE]
        _take(base, seen, route, stops, rules)
        base.track_seen_us = seen.at_us
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


@compiled
def _put(
    base: np.void,
    rings: Tracks,
    own: Pages,
    place: int,
    at_us: int,
    lat_deg: float,
    lon_deg: float,
    speed_mps: float,
) -> None:
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
