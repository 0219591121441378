"""Stops passed between two sparse fixes with time for a stay: compiled."""

from math import cos, hypot, radians

import numpy as np

from streams.columns.compiled import compiled
from streams.fleet.columns import NEVER, SECOND_US
from streams.fleet.distance import M_PER_DEG, distance_m
from streams.fleet.places import Stops, is_over
from streams.fleet.track_fields import CROSSED
from streams.fleet.trips import begin_trip


@compiled
def look_between(
    stay: np.void,
    route: np.void,
    stops: Stops,
    rules: np.void,
    lat_deg: float,
    lon_deg: float,
    gap_us: int,
    at_us: int,
) -> int:
    """Stops between two sparse fixes: those noted at the last fix are told now, those of this one noted.

    A lone stray fix makes two segments that pass anything: the vehicle is back where it was after it.
    """
    said = 0
    if stay.passed_count > 0:
        stay.passed_count, noted = 0, stay.passed_count
        back_m = distance_m(lat_deg, lon_deg, stay.passed_lat_deg, stay.passed_lon_deg)
        if back_m < distance_m(lat_deg, lon_deg, stay.track_lat_deg, stay.track_lon_deg):
            return 0
        _tell_passed(stay, route, stops, noted)
        said = CROSSED
    if stay.track_us != NEVER and gap_us >= rules.arrival_dwell_s * SECOND_US:
        _note_passed(stay, route, stops, rules, lat_deg, lon_deg, at_us)
    return said


@compiled
def _tell_passed(stay: np.void, route: np.void, stops: Stops, noted: int) -> None:
    stay.stay_count += 1
    stay.crossed_first = stay.passed_first
    stay.crossed_last = stay.passed_last
    stay.crossed_since_us = stay.passed_since_us
    stay.crossed_until_us = stay.passed_until_us
    stay.crossed_after_us = stay.passed_after_us
    stay.crossed_before_us = stay.passed_before_us
    for number in range(stay.passed_first, stay.passed_last + 1):
        stop = stops[route.first_stop + number]
        if not is_over(stop, stay.passed_since_us):
            stop.left_us = max(stop.left_us, stay.passed_until_us)
            if stop.over_us == NEVER or stop.over_us > stay.passed_until_us:
                stop.over_us = stay.passed_until_us
    if not stay.is_on_trip:
        begin_trip(stay, stay.passed_after_us)
    stay.trip_stops += noted


@compiled
def _note_passed(
    stay: np.void, route: np.void, stops: Stops, rules: np.void, lat_deg: float, lon_deg: float, at_us: int
) -> None:
    """Note which of the next stops the straight line from the last fix passes, if time allows a stay."""
    count, begun_m, ended_m, first, last = 0, 0.0, 0.0, 0, 0
    for number in range(route.stop_count):
        stop = stops[route.first_stop + number]
        if is_over(stop, at_us):
            continue
        end_m = distance_m(lat_deg, lon_deg, stop.lat_deg, stop.lon_deg)
        if end_m <= rules.stop_radius_m * rules.exit_factor:
            break
        passes = passing_m(stop, stay.track_lat_deg, stay.track_lon_deg, lat_deg, lon_deg)
        if not passes <= rules.stop_radius_m:
            break
        if count == 0:
            first = number
            begun_m = distance_m(stay.track_lat_deg, stay.track_lon_deg, stop.lat_deg, stop.lon_deg)
        last = number
        ended_m = end_m
        count += 1
    if count == 0:
        return
    since_us = stay.track_us + int(begun_m / rules.crossing_speed_mps * SECOND_US)
    until_us = at_us - int(ended_m / rules.crossing_speed_mps * SECOND_US)
    if until_us - since_us < rules.arrival_dwell_s * SECOND_US * count:
        return
    stay.passed_first = first
    stay.passed_last = last
    stay.passed_count = count
    stay.passed_since_us = since_us
    if stay.near_place == first + 1:
        stay.passed_since_us = stay.near_since_us
    stay.passed_until_us = until_us
    stay.passed_after_us = stay.track_us
    stay.passed_before_us = at_us
    stay.passed_lat_deg = stay.track_lat_deg
    stay.passed_lon_deg = stay.track_lon_deg


@compiled
def passing_m(stop: np.void, lat_a_deg: float, lon_a_deg: float, lat_b_deg: float, lon_b_deg: float) -> float:
    """How near the straight line from a to b comes to the stop, metres; on the plane that touches it."""
    east_m = M_PER_DEG * cos(radians(stop.lat_deg))
    ax_m, ay_m = (lon_a_deg - stop.lon_deg) * east_m, (lat_a_deg - stop.lat_deg) * M_PER_DEG
    bx_m, by_m = (lon_b_deg - stop.lon_deg) * east_m, (lat_b_deg - stop.lat_deg) * M_PER_DEG
    dx_m, dy_m = bx_m - ax_m, by_m - ay_m
    length2 = dx_m * dx_m + dy_m * dy_m
    share = 0.0
    if length2 > 0:
        share = min(max(-(ax_m * dx_m + ay_m * dy_m) / length2, 0.0), 1.0)
    return hypot(ax_m + share * dx_m, ay_m + share * dy_m)
