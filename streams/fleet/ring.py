"""The newest fixes and scans of a vehicle in time order, so that one that comes late finds its place.

``head`` is where the vehicle stands by all of them, ``base`` by all that are no longer in the ring. A
late one is put in its place, and the head is derived anew from the base. A full ring gives its older
half to the base, so it reaches back over the last 64 to 128. A scan (a claim) lies in the ring with a
latitude of NaN, and the number of its stop as longitude. `pages` says where it all lies.
"""

from math import isnan

import numpy as np
from numpy.typing import NDArray

from streams.columns.compiled import compiled
from streams.fleet.columns import NEVER, SECOND_US
from streams.fleet.distance import distance_m
from streams.fleet.pages import HALF, PAGE, RING_SIZE, Pages, Tracks, drop_older_half, put
from streams.fleet.places import Stops
from streams.fleet.stays import claim, follow
from streams.fleet.stretches import tell
from streams.fleet.track_fields import ARRIVED, LATE, NOWHERE, STAY_FIELDS, TOO_LATE

TRACK = np.dtype([*STAY_FIELDS, ("ring_count", np.int64)])
"""Heads and bases; ``ring_count`` of the base says how much of the ring is in use."""


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
        put(base, rings, own, base.ring_count, at_us, lat_deg, lon_deg, speed_mps)
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
    put(base, rings, own, place, at_us, lat_deg, lon_deg, speed_mps)
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
    put(base, rings, own, place, at_us, np.nan, stop, 0.0)
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
    drop_older_half(base, rings, own)
