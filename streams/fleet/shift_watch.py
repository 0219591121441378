"""What of a shift goes wrong beside its ETAs: compiled, a few figures a vehicle, no look at all its stops.

Where the vehicle stands and how far off its leg it is follows from each fix (``watch_leg``); the rest
from time, when the shift is looked at (``watch_shift``). Each condition lives as in
`streams.fleet.telemetry.phases`: it is raised, told again, and cleared.
"""

from math import cos, hypot, isnan, radians

import numpy as np
from numpy.typing import NDArray

from streams.columns.compiled import compiled
from streams.fleet.columns import FAR_US, NEVER, SECOND_US, Fields
from streams.fleet.distance import M_PER_DEG
from streams.fleet.intervals import silence_limit_s
from streams.fleet.telemetry.phases import CLEARED, NOTHING, RAISED, follow

CONDITIONS = ("not_departed", "standing", "off_route", "out_of_sequence", "overdue")
NOT_DEPARTED, STANDING, OFF_ROUTE, OUT_OF_SEQUENCE, OVERDUE = (2 * place for place in range(5))
"""Where the two bits of each condition's phase stand."""

WATCH_FIELDS: Fields = [
    *(
        (f"{name}_{moment}_us", np.int64)
        for name in CONDITIONS
        for moment in ("since", "raised", "told", "fine")
    ),
    # The newest fix; the place around which the vehicle has been, since when, until which fix, and since
    # when and where it seems to be elsewhere; when it is there for too long.
    ("watched_us", np.int64),
    ("watched_lat_deg", np.float64),
    ("watched_lon_deg", np.float64),
    ("stand_lat_deg", np.float64),
    ("stand_lon_deg", np.float64),
    ("stand_us", np.int64),
    ("stand_inside_us", np.int64),
    ("stand_out_us", np.int64),
    ("stand_out_lat_deg", np.float64),
    ("stand_out_lon_deg", np.float64),
    ("stand_due_us", np.int64),
    # Breaks that were had while it stands there, and the next one, as they were when last looked at.
    ("stand_break_s", np.float64),
    ("stand_breaks", np.int64),
    ("stand_next_break_s", np.float64),
    # The leg: from where the vehicle was when it began to where the next stop is; NaN is none.
    ("leg_from_lat_deg", np.float64),
    ("leg_from_lon_deg", np.float64),
    ("leg_to_lat_deg", np.float64),
    ("leg_to_lon_deg", np.float64),
    ("leg_excess_m", np.float64),
    ("off_route_phase", np.int8),
    # The newest scan that tells where the vehicle is.
    ("placed_us", np.int64),
    ("placed_lat_deg", np.float64),
    ("placed_lon_deg", np.float64),
    # The last scan; the next stop's P90 as it was when the vehicle was heard last.
    ("worked_us", np.int64),
    ("expected_us", np.int64),
    ("expected_from_us", np.int64),
    # A stop that was served before earlier ones, the first of those, and how many; from 1, 0 is none.
    ("served_first", np.int64),
    ("passed_over", np.int64),
    ("passed_over_count", np.int64),
    ("shift_due_us", np.int64),
]
"""Of a shift under way. Until ``shift_due_us`` time alone changes nothing of it."""

WATCH = np.dtype(WATCH_FIELDS)

STOP_WATCH_FIELDS: Fields = [("was_done", np.bool_)]
"""Of a stop: whether it was done before the plan in force came."""


@compiled
def flat_m(lat_a_deg: float, lon_a_deg: float, lat_b_deg: float, lon_b_deg: float, shrink: float) -> float:
    """Distance on a plane, metres, within a percent up to 100 km; ``shrink`` is the latitude's cosine."""
    return hypot(lat_b_deg - lat_a_deg, (lon_b_deg - lon_a_deg) * shrink) * M_PER_DEG


@compiled
def note_news(watch: np.void, is_scan: bool, at_us: int) -> bool:
    """Take note that something was heard; whether the shift has to be looked at for it."""
    if is_scan:
        watch.worked_us = max(watch.worked_us, at_us)
    if watch.overdue_raised_us == NEVER:
        return False
    watch.shift_due_us = NEVER
    return True


@compiled
def watch_leg(
    vehicle: np.void, watch: np.void, lat_deg: float, lon_deg: float, at_us: int, rules: np.void
) -> bool:
    """Follow a usable fix, newer than all before; whether the shift has to be looked at for it."""
    shrink = cos(radians(lat_deg))
    watch.watched_us, watch.watched_lat_deg, watch.watched_lon_deg = at_us, lat_deg, lon_deg
    is_to_look = _stand(watch, lat_deg, lon_deg, at_us, shrink, rules)
    if not isnan(watch.leg_to_lat_deg):
        phase = _leave_route(vehicle, watch, lat_deg, lon_deg, at_us, shrink, rules)
        if phase != NOTHING:
            watch.off_route_phase = phase
            is_to_look = True
    if is_to_look:
        watch.shift_due_us = NEVER
    return is_to_look


@compiled
def _stand(watch: np.void, lat_deg: float, lon_deg: float, at_us: int, shrink: float, rules: np.void) -> bool:
    """Follow the place that the vehicle is around; one fix elsewhere is not leaving it.

    It is around the next place since it was seen elsewhere, if that was there already.
    """
    away_m = flat_m(watch.stand_lat_deg, watch.stand_lon_deg, lat_deg, lon_deg, shrink)
    if away_m <= rules.standing_radius_m:
        watch.stand_inside_us, watch.stand_out_us = at_us, NEVER
        return at_us >= watch.stand_due_us and watch.standing_raised_us == NEVER
    since_us = at_us
    if not isnan(away_m):
        if watch.stand_out_us == NEVER:
            watch.stand_out_us = at_us
            watch.stand_out_lat_deg, watch.stand_out_lon_deg = lat_deg, lon_deg
        if at_us - watch.stand_out_us < rules.standing_clear_s * SECOND_US:
            return False
        out_m = flat_m(watch.stand_out_lat_deg, watch.stand_out_lon_deg, lat_deg, lon_deg, shrink)
        if out_m <= rules.standing_radius_m:
            since_us = watch.stand_out_us
    watch.stand_us = since_us
    watch.stand_inside_us, watch.stand_out_us = at_us, NEVER
    watch.stand_lat_deg, watch.stand_lon_deg = lat_deg, lon_deg
    watch.stand_due_us = watch.stand_us + np.int64(rules.standing_after_s * SECOND_US)
    watch.stand_break_s = 0.0
    return watch.standing_raised_us != NEVER


@compiled
def _leave_route(
    vehicle: np.void,
    watch: np.void,
    lat_deg: float,
    lon_deg: float,
    at_us: int,
    shrink: float,
    rules: np.void,
) -> int:
    """The phase of being off route: the way so far and the way left are longer than the leg explains."""
    from_lat_deg, from_lon_deg = watch.leg_from_lat_deg, watch.leg_from_lon_deg
    to_lat_deg, to_lon_deg = watch.leg_to_lat_deg, watch.leg_to_lon_deg
    gone_m = flat_m(from_lat_deg, from_lon_deg, lat_deg, lon_deg, shrink)
    left_m = flat_m(lat_deg, lon_deg, to_lat_deg, to_lon_deg, shrink)
    leg_m = flat_m(from_lat_deg, from_lon_deg, to_lat_deg, to_lon_deg, shrink)
    excess_m = gone_m + left_m - rules.off_route_factor * leg_m
    limit_m = rules.off_route_m if watch.off_route_raised_us == NEVER else rules.off_route_clear_m
    has_break = vehicle.break_us != NEVER and vehicle.break_us <= at_us
    phase, since_us, raised_us, told_us, fine_us = follow(
        excess_m > limit_m and not has_break,
        at_us,
        at_us,
        NEVER,
        watch.off_route_since_us,
        watch.off_route_raised_us,
        watch.off_route_told_us,
        watch.off_route_fine_us,
        rules.off_route_after_s * SECOND_US,
        rules.off_route_clear_s * SECOND_US,
        rules.alert_interval_s * SECOND_US,
        FAR_US,
    )
    watch.leg_excess_m = excess_m
    watch.off_route_since_us, watch.off_route_raised_us = since_us, raised_us
    watch.off_route_told_us, watch.off_route_fine_us = told_us, fine_us
    return phase


@compiled
def watch_shift(
    vehicles: NDArray[np.void],
    number: int,
    watches: NDArray[np.void],
    stops: NDArray[np.void],
    is_visiting: bool,
    now_us: int,
    limits: NDArray[np.void],
) -> int:
    """The phases of all conditions, two bits each. ``is_visiting`` is being at a stop or the depot."""
    vehicle, rules = vehicles[number], limits[0]
    watch = watches[vehicle.track_row]
    watch.shift_due_us = FAR_US
    is_between = vehicle.departed_us != NEVER and not is_visiting and vehicle.next_stop > 0
    said = _take_leg(vehicle, watch, stops, is_between) << OFF_ROUTE
    said |= _watch_departure(vehicle, watch, now_us, rules) << NOT_DEPARTED
    said |= _watch_standing(vehicle, watch, stops, is_between, now_us, rules) << STANDING
    said |= _watch_sequence(vehicle, watch, stops, now_us, rules) << OUT_OF_SEQUENCE
    return said | _watch_news(vehicle, watch, stops, now_us, rules) << OVERDUE


@compiled
def _take_leg(vehicle: np.void, watch: np.void, stops: NDArray[np.void], is_between: bool) -> int:
    """Begin the leg to the next stop where that is another one; a new leg isn't left yet."""
    phase = watch.off_route_phase
    watch.off_route_phase = NOTHING
    to_lat_deg, to_lon_deg = np.nan, np.nan
    if is_between:
        stop = stops[vehicle.first_stop + vehicle.next_stop - 1]
        to_lat_deg, to_lon_deg = stop.lat_deg, stop.lon_deg
    is_same = to_lat_deg == watch.leg_to_lat_deg and to_lon_deg == watch.leg_to_lon_deg
    if is_same or (isnan(to_lat_deg) and isnan(watch.leg_to_lat_deg)):
        return phase
    if isnan(watch.leg_to_lat_deg) or isnan(to_lat_deg):
        watch.stand_lat_deg = np.nan
        watch.stand_us = watch.stand_inside_us = watch.stand_out_us = NEVER
        watch.stand_break_s = 0.0
    watch.leg_to_lat_deg, watch.leg_to_lon_deg = to_lat_deg, to_lon_deg
    watch.leg_from_lat_deg, watch.leg_from_lon_deg = watch.watched_lat_deg, watch.watched_lon_deg
    if isnan(watch.watched_lat_deg):
        watch.leg_from_lat_deg, watch.leg_from_lon_deg = vehicle.depot_lat_deg, vehicle.depot_lon_deg
    was_told = watch.off_route_raised_us != NEVER and phase != RAISED
    watch.off_route_raised_us = watch.off_route_fine_us = NEVER
    if was_told or phase == CLEARED:
        return CLEARED
    watch.off_route_since_us = NEVER
    return NOTHING


@compiled
def _watch_departure(vehicle: np.void, watch: np.void, now_us: int, rules: np.void) -> int:
    """A fix away from the depot is a departure if the next one is too: that one is waited for."""
    limit_us = vehicle.shift_starts_us + np.int64(rules.not_departed_after_s * SECOND_US)
    is_waiting = vehicle.departed_us == NEVER and vehicle.next_stop > 0
    is_away = is_waiting and _is_away(vehicle, watch, rules)
    if is_away and watch.not_departed_raised_us == NEVER:
        limit_us = max(limit_us, watch.watched_us + np.int64(silence_limit_s(vehicle, rules) * SECOND_US))
    phase, since_us, raised_us, told_us, fine_us = _live(
        is_waiting and now_us >= limit_us,
        now_us,
        watch.not_departed_since_us,
        watch.not_departed_raised_us,
        watch.not_departed_told_us,
        watch.not_departed_fine_us,
        rules.alert_interval_s * SECOND_US,
    )
    watch.not_departed_since_us, watch.not_departed_raised_us = since_us, raised_us
    watch.not_departed_told_us, watch.not_departed_fine_us = told_us, fine_us
    if is_waiting and raised_us == NEVER:
        _look_again(watch, limit_us)
    elif raised_us != NEVER:
        _look_again(watch, told_us + np.int64(rules.alert_interval_s * SECOND_US))
    return phase


@compiled
def _is_away(vehicle: np.void, watch: np.void, rules: np.void) -> bool:
    """Whether the newest fix is outside the depot, and where the shift ends; without one it is not."""
    lat_deg, lon_deg = watch.watched_lat_deg, watch.watched_lon_deg
    shrink = cos(radians(vehicle.depot_lat_deg))
    from_m = flat_m(vehicle.depot_lat_deg, vehicle.depot_lon_deg, lat_deg, lon_deg, shrink)
    end_m = flat_m(vehicle.end_lat_deg, vehicle.end_lon_deg, lat_deg, lon_deg, shrink)
    return bool(min(from_m, end_m) > rules.depot_radius_m * rules.exit_factor)


@compiled
def _watch_standing(
    vehicle: np.void, watch: np.void, stops: NDArray[np.void], is_between: bool, now_us: int, rules: np.void
) -> int:
    """Standing is known up to the last fix there; a break that is due, or was had there, is no idleness.

    Nor is being back at a stop that is done, for as long again.
    """
    if vehicle.breaks_taken > watch.stand_breaks and watch.stand_us != NEVER:
        watch.stand_break_s += watch.stand_next_break_s
    watch.stand_breaks, watch.stand_next_break_s = vehicle.breaks_taken, vehicle.break_s
    since_us = max(watch.stand_us, watch.worked_us)
    allowed_s = rules.standing_after_s + watch.stand_break_s
    if vehicle.break_us != NEVER and vehicle.break_us <= now_us:
        allowed_s += vehicle.break_s
    due_us = since_us + np.int64(allowed_s * SECOND_US)
    is_idle = is_between and watch.stand_us != NEVER and watch.stand_inside_us >= due_us
    if is_idle and _is_back(vehicle, watch, stops, rules):
        due_us += np.int64(rules.standing_after_s * SECOND_US)
        is_idle = watch.stand_inside_us >= due_us
    phase, raised_since_us, raised_us, told_us, fine_us = _live(
        is_idle,
        now_us,
        watch.standing_since_us,
        watch.standing_raised_us,
        watch.standing_told_us,
        watch.standing_fine_us,
        rules.alert_interval_s * SECOND_US,
    )
    watch.standing_since_us, watch.standing_raised_us = raised_since_us, raised_us
    watch.standing_told_us, watch.standing_fine_us = told_us, fine_us
    watch.stand_due_us = due_us if watch.stand_us != NEVER and is_between else FAR_US
    if raised_us != NEVER:
        _look_again(watch, told_us + np.int64(rules.alert_interval_s * SECOND_US))
    return phase


@compiled
def _is_back(vehicle: np.void, watch: np.void, stops: NDArray[np.void], rules: np.void) -> bool:
    """Whether the place around which the vehicle has been is at a stop that is done."""
    shrink = cos(radians(watch.stand_lat_deg))
    for number in range(vehicle.first_stop, vehicle.first_stop + vehicle.stop_count):
        stop = stops[number]
        away_m = flat_m(watch.stand_lat_deg, watch.stand_lon_deg, stop.lat_deg, stop.lon_deg, shrink)
        if stop.is_done and away_m <= rules.stop_radius_m:
            return True
    return False


@compiled
def _watch_sequence(
    vehicle: np.void, watch: np.void, stops: NDArray[np.void], now_us: int, rules: np.void
) -> int:
    """Whether a stop is done while one before it, not close by, is open; what a plan knew is no matter."""
    served, passed_over, count = 0, 0, 0
    for place in range(vehicle.stop_count, 0, -1):
        stop = stops[vehicle.first_stop + place - 1]
        if stop.is_done:
            if served == 0 and not stop.was_done:
                served = place
        elif served > 0 and place != vehicle.served_stop and _is_apart(stops, vehicle, place, served, rules):
            passed_over = place
            count += 1
    has_more = served != watch.served_first
    phase, since_us, raised_us, told_us, fine_us = _live(
        passed_over > 0,
        now_us,
        watch.out_of_sequence_since_us,
        watch.out_of_sequence_raised_us,
        watch.out_of_sequence_told_us,
        watch.out_of_sequence_fine_us,
        rules.alert_interval_s * SECOND_US if has_more else FAR_US,
    )
    watch.out_of_sequence_since_us, watch.out_of_sequence_raised_us = since_us, raised_us
    watch.out_of_sequence_told_us, watch.out_of_sequence_fine_us = told_us, fine_us
    if phase != NOTHING:
        watch.served_first, watch.passed_over, watch.passed_over_count = served, passed_over, count
    elif raised_us != NEVER and has_more:
        _look_again(watch, told_us + np.int64(rules.alert_interval_s * SECOND_US))
    return phase


@compiled
def _is_apart(stops: NDArray[np.void], vehicle: np.void, place: int, other: int, rules: np.void) -> bool:
    a, b = stops[vehicle.first_stop + place - 1], stops[vehicle.first_stop + other - 1]
    shrink = cos(radians(a.lat_deg))
    return flat_m(a.lat_deg, a.lon_deg, b.lat_deg, b.lon_deg, shrink) > rules.sequence_slack_m


@compiled
def _watch_news(
    vehicle: np.void, watch: np.void, stops: NDArray[np.void], now_us: int, rules: np.void
) -> int:
    """Whether the next stop should have been reached long ago, and nothing has been heard since."""
    news_us = max(vehicle.heard_us, watch.worked_us, vehicle.departed_us)
    is_out = vehicle.departed_us != NEVER and vehicle.next_stop > 0
    if is_out and (news_us > watch.expected_from_us or watch.expected_us == NEVER):
        watch.expected_us = stops[vehicle.first_stop + vehicle.next_stop - 1].p90_us
        watch.expected_from_us = news_us
    limit_us = max(
        watch.expected_us + np.int64(rules.overdue_after_s * SECOND_US),
        news_us + np.int64(rules.overdue_quiet_s * SECOND_US),
    )
    phase, since_us, raised_us, told_us, fine_us = _live(
        is_out and watch.expected_us != NEVER and now_us >= limit_us,
        now_us,
        watch.overdue_since_us,
        watch.overdue_raised_us,
        watch.overdue_told_us,
        watch.overdue_fine_us,
        rules.alert_interval_s * SECOND_US,
    )
    watch.overdue_since_us, watch.overdue_raised_us = since_us, raised_us
    watch.overdue_told_us, watch.overdue_fine_us = told_us, fine_us
    if raised_us != NEVER:
        _look_again(watch, told_us + np.int64(rules.alert_interval_s * SECOND_US))
    elif is_out:
        _look_again(watch, limit_us)
    return phase


@compiled
def _live(
    is_wrong: bool, now_us: int, since_us: int, raised_us: int, told_us: int, fine_us: int, interval_us: int
) -> tuple[int, int, int, int, int]:
    """As `follow`, of a condition that is raised and cleared as soon as it is so."""
    return follow(
        is_wrong, now_us, now_us, NEVER, since_us, raised_us, told_us, fine_us, 0, 0, interval_us, FAR_US
    )


@compiled
def _look_again(watch: np.void, at_us: int) -> None:
    watch.shift_due_us = min(watch.shift_due_us, at_us)
