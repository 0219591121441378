"""Which customers are to be told something now: all stops of a route in one compiled pass.

What a stop's customers were told is on its record: that they are on the round, that they are next, and
the ETA that they know. Nobody is told anything in quiet hours; what is still true after them is told then,
and so is what is found while the vehicle was neither seen nor scanned for: by then it may be over.
"""

import numpy as np
from numpy.typing import NDArray

from streams.columns.compiled import compiled
from streams.fleet.columns import FAR_US, NEVER, SECOND_US, Fields
from streams.fleet.intervals import expected_interval_s

NOTICE_FIELDS: Fields = [
    ("quiet_from_us", np.int64),
    ("quiet_until_us", np.int64),
    ("notices_due_us", np.int64),
]
"""Of a vehicle: its depot's quiet hours, under way or next to come; until ``notices_due_us`` time alone
has nobody told, and while it is ``NEVER`` something waits for the vehicle to be seen or scanned for."""

STOP_NOTICE_FIELDS: Fields = [
    ("has_customer", np.bool_),
    ("notices_told", np.int8),
    ("notice_p50_us", np.int64),
    ("notice_p90_us", np.int64),
    ("notice_told_us", np.int64),
]
"""Of a stop: whether somebody waits for a delivery; which notices were told; the last ETA told, and when."""

OUT, NEXT, CHANGED = 1, 2, 4


@compiled
def find_notices(
    vehicles: NDArray[np.void],
    number: int,
    stops: NDArray[np.void],
    known_us: int,
    now_us: int,
    limits: NDArray[np.void],
    notices: NDArray[np.int64],
) -> int:
    """Put down whose customers are told something now: places in the route, bits of what, P50 and P90.

    Returns how many they are; neither P50 nor P90 is before now. Somebody is told of the round once the
    vehicle has departed. ``known_us`` is its newest fix or scan: of a vehicle that is only reckoned to be
    somewhere nobody is told.
    """
    vehicle, rules, found = vehicles[number], limits[0], 0
    vehicle.notices_due_us = FAR_US
    if vehicle.departed_us == NEVER:
        return 0
    if vehicle.quiet_from_us <= now_us < vehicle.quiet_until_us:
        vehicle.notices_due_us = vehicle.quiet_until_us
        return 0
    is_held = _is_reckoned(vehicle, known_us, now_us, rules)
    for place in range(vehicle.stop_count):
        stop = stops[vehicle.first_stop + place]
        if not stop.has_customer or stop.is_done or place + 1 == vehicle.served_stop or stop.p50_us == NEVER:
            continue
        told = 0
        if not stop.notices_told & OUT:
            told |= OUT
        if vehicle.served_stop == 0 and place + 1 == vehicle.next_stop and not stop.notices_told & NEXT:
            told |= NEXT
        if told == 0 and _is_changed(vehicle, stop, now_us, rules):
            told = CHANGED
        if told != 0 and is_held:
            vehicle.notices_due_us = NEVER
        elif told != 0:
            stop.notices_told |= told
            stop.notice_p50_us, stop.notice_p90_us, stop.notice_told_us = stop.p50_us, stop.p90_us, now_us
            notices[0, found], notices[1, found] = place, told
            notices[2, found] = max(stop.p50_us, now_us)
            notices[3, found] = max(notices[2, found], stop.p90_us)
            found += 1
    return found


@compiled
def waits_for(vehicle: np.void, at_us: int, now_us: int, rules: np.void) -> bool:
    """Whether a usable fix as of ``at_us`` lets customers be told what was held back from them.

    Time alone does not: a vehicle that nobody hears of would be looked at in vain at each tick.
    """
    return bool(vehicle.notices_due_us == NEVER and not _is_reckoned(vehicle, at_us, now_us, rules))


@compiled
def _is_reckoned(vehicle: np.void, known_us: int, now_us: int, rules: np.void) -> bool:
    """Whether the newest fix or scan, ``known_us``, is too old to say where the vehicle is."""
    known_s = max(rules.notice_known_s, rules.notice_known_intervals * expected_interval_s(vehicle))
    return bool(now_us - known_us > known_s * SECOND_US)


@compiled
def _is_changed(vehicle: np.void, stop: np.void, now_us: int, rules: np.void) -> bool:
    """Whether the arrival has moved from what was told; an estimate that only got surer has not."""
    shift_us = rules.notice_shift_s * SECOND_US
    is_moved = abs(stop.p50_us - stop.notice_p50_us) > shift_us or stop.p90_us - stop.notice_p90_us > shift_us
    if not is_moved:
        return False
    again_us = stop.notice_told_us + np.int64(rules.notice_interval_s * SECOND_US)
    if now_us < again_us:
        vehicle.notices_due_us = min(vehicle.notices_due_us, again_us)
        return False
    return True
