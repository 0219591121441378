"""All that a shift is looked at for, in one go of compiled code: ETAs, delays, the shift, notices."""

import numpy as np
from numpy.typing import NDArray

from streams.columns.compiled import compiled
from streams.fleet.columns import FAR_US, SECOND_US
from streams.fleet.lateness import judge_lateness
from streams.fleet.notice_watch import find_notices
from streams.fleet.outlook import estimate, has_drifted, note_work
from streams.fleet.shift_watch import watch_shift

DELAYS, NOTICES = slice(0, 2), slice(2, 6)
"""Rows of what `look` finds: places and phases of delays, and what `find_notices` puts down."""


@compiled
def look(
    vehicles: NDArray[np.void],
    number: int,
    watches: NDArray[np.void],
    stops: NDArray[np.void],
    travels: NDArray[np.float64],
    breaks: NDArray[np.int64],
    is_due: bool,
    is_held_back: bool,
    is_visiting: bool,
    served_stop: int,
    served_since_us: int,
    now_us: int,
    limits: NDArray[np.void],
    found: NDArray[np.int64],
) -> tuple[bool, bool, int, int, int, int]:
    """Estimate anew if ``is_due`` or the next stop's ETA drifted, and judge what that or time changes.

    ``is_held_back`` has ETAs estimated that may be told now. Returns whether it was estimated and
    whether that moved an ETA enough to be told; how many delays were found; the phases of
    `watch_shift`; how many notices; the next moment at which time alone changes any of it.
    ``found`` (6, stops at least) has the delays and notices. The stop being served, and since when, are asked
    for if ``is_due``.
    """
    vehicle, rules = vehicles[number], limits[0]
    watch = watches[vehicle.track_row]
    if is_due:
        note_work(vehicle, stops, served_stop, served_since_us, rules)
    is_news = False
    is_estimated = (
        is_due or is_held_back or has_drifted(vehicles, number, watches, stops, travels, now_us, limits)
    )
    if is_estimated:
        is_news = estimate(vehicles, number, watches, stops, travels, breaks, now_us, limits)
    delays, alerts, notices = 0, 0, 0
    if is_estimated or now_us >= vehicle.delays_due_us:
        delays = judge_lateness(vehicles, number, stops, now_us, limits, found[0], found[1])
    if is_estimated or now_us >= watch.shift_due_us:
        alerts = watch_shift(vehicles, number, watches, stops, is_visiting, now_us, limits)
    if is_estimated or now_us >= vehicle.notices_due_us:
        known_us = max(vehicle.position_us, watch.worked_us)
        notices = find_notices(vehicles, number, stops, known_us, now_us, limits, found[NOTICES])
    return is_estimated, is_news, delays, alerts, notices, _next_due_us(vehicle, watch, now_us, rules)


@compiled
def _next_due_us(vehicle: np.void, watch: np.void, now_us: int, rules: np.void) -> int:
    """Of delays, alerts and notices, and when the shift is over for too long; ``FAR_US`` is never."""
    due_us = np.int64(FAR_US)
    over_us = vehicle.shift_ends_us + np.int64(rules.shift_overrun_s * SECOND_US) + 1
    for at_us in (vehicle.delays_due_us, watch.shift_due_us, vehicle.notices_due_us, over_us):
        if now_us < at_us < due_us:
            due_us = at_us
    return due_us
