"""Every fix, telemetry and scan, in columns: what needs no words is done here, the rest wakes Python.

The screen takes rows in judged order and goes on until a row has a consequence: a verdict, a
position that a visit may hang on, a vehicle heard again, a look that is due. It says which by bits
and stops there; called again, it goes on with the next row.
"""

import numpy as np
from numpy.typing import NDArray

from streams.columns.compiled import compiled
from streams.fleet.clocks import JUMP, judge_clock, judge_unknown_clock
from streams.fleet.columns import FIX, MOTION_FIELDS, NEVER, ROUTE_FIELDS, SCAN, SECOND_US, Fields
from streams.fleet.device_clocks import CLOCK_FIELDS
from streams.fleet.intervals import INTERVAL_FIELDS, silence_limit_s
from streams.fleet.notice_watch import NOTICE_FIELDS, waits_for
from streams.fleet.outlook import OUTLOOK_FIELDS, has_drifted
from streams.fleet.pages import Pages, Tracks, has_free_page
from streams.fleet.positions import POSITION_FIELDS, UNUSABLE_BITS, flag_position
from streams.fleet.ring import move
from streams.fleet.seen import Counts, Keys, is_seen
from streams.fleet.shift_watch import note_news, watch_leg
from streams.fleet.telemetry.driving import is_rest_due
from streams.fleet.telemetry.watch import TELEMETRY_FIELDS, watch_fix, watch_telemetry
from streams.fleet.track_fields import LATE

ATTENTION_FIELDS: Fields = [
    ("attention_us", np.int64),
    ("has_route", np.bool_),
    ("is_silent", np.bool_),
    ("may_be_silent", np.bool_),
    ("reference_us", np.int64),
]
"""When Python has to look next whatever happens; whether a route is under way or waits for its time.

``reference_us`` is when the newest reference data of the vehicle came into force."""

VEHICLE = np.dtype(
    MOTION_FIELDS
    + ROUTE_FIELDS
    + ATTENTION_FIELDS
    + INTERVAL_FIELDS
    + OUTLOOK_FIELDS
    + CLOCK_FIELDS
    + POSITION_FIELDS
    + TELEMETRY_FIELDS
    + NOTICE_FIELDS
)

DUPLICATE, REPEAT, HEARD_AGAIN, SCANNED, LOOK, DRIFTED = (1 << bit for bit in range(6))
"""``LOOK`` is a look that is due by time, before the fix is followed; ``DRIFTED`` an estimate that moved."""
TRACK_SHIFT = 6
TRACK = 0x3F << TRACK_SHIFT
"""What `streams.fleet.ring` says of where the vehicle stands, shifted."""
POSITION_SHIFT, CLOCK_SHIFT, MACHINE_SHIFT = 16, 24, 32
FLAGGED, CLOCK = 0xFF << POSITION_SHIFT, 0xFF << CLOCK_SHIFT
MACHINE = ((1 << 24) - 1) << MACHINE_SHIFT
"""What `streams.fleet.positions`, `clocks` and `telemetry` say of the event and the machine, shifted."""
UNUSABLE = UNUSABLE_BITS << POSITION_SHIFT
ROOM_NEEDED = 1 << 62
"""Nothing was judged: a table of what was seen, or the rings' pages, have to grow first."""


@compiled
def screen(
    rows: NDArray[np.void],
    begin: int,
    end: int,
    vehicles: NDArray[np.void],
    event_ids: Keys,
    event_counts: Counts,
    event_room: int,
    fix_times: Keys,
    fix_counts: Counts,
    fix_room: int,
    retention_us: NDArray[np.int64],
    heads: Tracks,
    bases: Tracks,
    rings: Tracks,
    pages: Pages,
    watches: NDArray[np.void],
    stops: NDArray[np.void],
    travels: NDArray[np.float64],
    partition_now_us: int,
    limits: NDArray[np.void],
) -> int:
    """Judge ``rows[begin:end]`` up to the first with consequences, which are in its ``said``; where it is.

    ``end`` where there is none. ``retention_us`` is by kind of row.
    """
    rules = limits[0]
    for at in range(begin, end):
        row = rows[at]
        is_full = event_counts[-1] >= event_room or fix_counts[-1] >= fix_room
        if is_full or not has_free_page(rings):
            row.said = ROOM_NEEDED
            return at
        row.at_us = NEVER
        row.said = _intake(row, vehicles, event_ids, event_counts, fix_times, fix_counts, retention_us, rules)
        if row.vehicle >= 0 and row.kind != SCAN and row.said & DUPLICATE == 0:
            row.said |= _note_heard(row, vehicles[row.vehicle])
        if row.at_us != NEVER and row.vehicle >= 0:
            if row.kind != SCAN:
                row.said |= _watch(row, vehicles[row.vehicle], partition_now_us, rules) << MACHINE_SHIFT
            said, now_us = _follow(row, vehicles[row.vehicle], watches, partition_now_us, rules)
            row.said |= said
            if vehicles[row.vehicle].is_on_shift and not row.said & LOOK:
                if row.kind == FIX and not row.said & UNUSABLE:
                    row.said |= _move(row, vehicles, heads, bases, rings, pages, stops, rules) << TRACK_SHIFT
                if has_drifted(vehicles, row.vehicle, watches, stops, travels, now_us, limits):
                    row.said |= DRIFTED
        row.said = _put_off(rows, at, end, vehicles, heads)
        if row.said:
            return at
    return end


@compiled
def _put_off(rows: NDArray[np.void], at: int, end: int, vehicles: NDArray[np.void], heads: Tracks) -> int:
    """What is said of a row, where a late fix alone waits for the end of its message.

    A device that was out of reach sends many at once, and each derived by itself would cost as much as all.
    """
    row, late = rows[at], LATE << TRACK_SHIFT
    if row.vehicle < 0 or not vehicles[row.vehicle].is_on_shift:
        return int(row.said)
    goes_on = at + 1 < end and rows[at + 1].place == row.place and rows[at + 1].vehicle == row.vehicle
    if row.said == late and goes_on:
        return 0
    is_waiting = heads[vehicles[row.vehicle].track_row].late_us != NEVER
    return int(row.said | late) if is_waiting and (row.said != 0 or not goes_on) else int(row.said)


@compiled
def _intake(
    row: np.void,
    vehicles: NDArray[np.void],
    event_ids: Keys,
    event_counts: Counts,
    fix_times: Keys,
    fix_counts: Counts,
    retention_us: NDArray[np.int64],
    rules: np.void,
) -> int:
    """What is said of an event by itself; where it is to be judged, ``at_us`` says as of when."""
    if is_seen(event_ids, event_counts, row.id_high, row.id_low):
        return DUPLICATE
    retention = retention_us[row.kind]
    if row.vehicle < 0 or (row.kind == SCAN and row.device == 0):
        clock, row.at_us = judge_unknown_clock(row.happened_us, row.received_us, retention, rules)
        return clock << CLOCK_SHIFT
    vehicle = vehicles[row.vehicle]
    clock, row.at_us = judge_clock(
        vehicle, row.device, row.device_seq, row.happened_us, row.received_us, retention, rules
    )
    if row.kind != FIX:
        return clock << CLOCK_SHIFT
    if row.at_us != NEVER and _is_repeat(row, vehicle, fix_times, fix_counts):
        row.at_us = NEVER
        return REPEAT | (clock & JUMP) << CLOCK_SHIFT
    flags = flag_position(
        vehicle,
        row.at_us,
        row.lat_deg,
        row.lon_deg,
        row.speed_mps,
        row.accuracy_m,
        row.odometer_m,
        row.ignition,
        rules,
    )
    return flags << POSITION_SHIFT | clock << CLOCK_SHIFT


@compiled
def _is_repeat(row: np.void, vehicle: np.void, fix_times: Keys, fix_counts: Counts) -> bool:
    """Whether a fix of the vehicle was judged that told the same time; from now on one was.

    Its own time, since the corrected one changes with what is learned of the skew, and since a clock of the
    vehicle was set: a clock that was wrong takes no places of right ones to come.
    """
    setting = np.int64(vehicle.clock_settings) << 32
    return is_seen(fix_times, fix_counts, setting + row.vehicle, row.happened_us)


@compiled
def _watch(row: np.void, vehicle: np.void, partition_now_us: int, rules: np.void) -> int:
    """What a judged event tells of the vehicle as a machine."""
    judged_us = max(vehicle.now_us, row.at_us, partition_now_us)
    if row.kind == FIX:
        return watch_fix(vehicle, row, row.said & UNUSABLE == 0, judged_us, rules)
    return watch_telemetry(vehicle, row, judged_us, rules)


@compiled
def _note_heard(row: np.void, vehicle: np.void) -> int:
    """A vehicle is heard by what is received of it, whatever its clock says and though it says it again."""
    if row.received_us <= vehicle.heard_us:
        return 0
    vehicle.heard_device = row.device
    if vehicle.is_silent:
        return HEARD_AGAIN
    vehicle.heard_us = row.received_us
    return 0


@compiled
def _follow(
    row: np.void, vehicle: np.void, watches: NDArray[np.void], partition_now_us: int, rules: np.void
) -> tuple[int, int]:
    """What a judged event means for its vehicle, and the vehicle's time."""
    said = 0
    vehicle.now_us = max(vehicle.now_us, row.at_us)
    now_us = max(vehicle.now_us, partition_now_us)
    if not vehicle.has_route:
        return said, now_us
    is_to_look = False
    if row.kind == SCAN:
        said |= SCANNED
    if vehicle.is_on_shift:
        watch = watches[vehicle.track_row]
        is_to_look = note_news(watch, row.kind == SCAN, row.at_us)
        if row.kind == FIX and row.at_us > watch.watched_us and not row.said & UNUSABLE:
            is_to_look |= waits_for(vehicle, row.at_us, now_us, rules)
            is_to_look |= watch_leg(vehicle, watch, row.lat_deg, row.lon_deg, row.at_us, rules)
    if is_to_look or now_us >= vehicle.attention_us:
        said |= LOOK
    return said, now_us


@compiled
def _move(
    row: np.void,
    vehicles: NDArray[np.void],
    heads: Tracks,
    bases: Tracks,
    rings: Tracks,
    pages: Pages,
    stops: NDArray[np.void],
    rules: np.void,
) -> int:
    """Where a fix has the vehicle."""
    return move(
        vehicles[row.vehicle],
        heads,
        bases,
        rings,
        pages,
        stops,
        rules,
        row.lat_deg,
        row.lon_deg,
        row.speed_mps,
        row.at_us,
    )


@compiled
def find_due(
    vehicles: NDArray[np.void],
    count: int,
    watches: NDArray[np.void],
    stops: NDArray[np.void],
    travels: NDArray[np.float64],
    now_us: int,
    limits: NDArray[np.void],
    due: NDArray[np.int64],
) -> int:
    """Put into ``due`` the numbers of vehicles that time alone has something for; how many there are."""
    found, rules = 0, limits[0]
    for number in range(count):
        vehicle = vehicles[number]
        if not vehicle.has_route:
            continue
        moment_us = max(vehicle.now_us, now_us)
        silent_us = moment_us - max(vehicle.heard_us, vehicle.departed_us)
        is_overdue = vehicle.departed_us != NEVER and silent_us > silence_limit_s(vehicle, rules) * SECOND_US
        is_overdue = is_overdue and not vehicle.is_silent and not vehicle.may_be_silent
        is_due = moment_us >= vehicle.attention_us or is_overdue or is_rest_due(vehicle, moment_us)
        if is_due or has_drifted(vehicles, number, watches, stops, travels, moment_us, limits):
            due[found] = number
            found += 1
    return found
