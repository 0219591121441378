"""Where a vehicle with a shift stands, fix by fix in time order: compiled, and free while nothing is near.

A *stay* is being at a stop or the depot. It begins with the first fix inside the radius, once the
vehicle has been there for ``arrival_dwell_s``, and it ends with the last fix inside the wider circle
(radius x ``exit_factor``), once two fixes in a row were outside of that and the vehicle is clearly away
(radius x ``away_factor``) or has been out for ``exit_dwell_s``. A scan (a *claim*) begins one at once.
Places are numbers: 0 is nowhere, ``DEPOT`` the depot, n + 1 the shift's stop n.
"""

from math import isnan

import numpy as np

from streams.columns.compiled import compiled
from streams.fleet.columns import NEVER, SECOND_US
from streams.fleet.distance import distance_m
from streams.fleet.passing import look_between
from streams.fleet.places import Stops, find_place, is_next, is_over
from streams.fleet.track_fields import (
    ARRIVED,
    BY_GPS,
    BY_SCAN,
    DEPARTED,
    DEPOT,
    LEFT,
    NOWHERE,
)
from streams.fleet.trips import begin_trip, depart_unseen


@compiled
def follow(
    stay: np.void,
    route: np.void,
    stops: Stops,
    rules: np.void,
    lat_deg: float,
    lon_deg: float,
    speed_mps: float,
    at_us: int,
) -> int:
    """Take a usable fix, newer than all before; bits say what it showed, 0 is nothing.

    ``stay`` has ``STAY_FIELDS``, ``route`` ``ROUTE_FIELDS`` (they may be one record). ``LEFT``: the
    ``left_`` fields say what ended. ``ARRIVED``: the ``stay_`` fields say what began. ``CROSSED``: the
    ``crossed_`` fields. ``DEPARTED``: left the depot for the trip without a stay there.
    """
    moved_m = distance_m(stay.track_lat_deg, stay.track_lon_deg, lat_deg, lon_deg)
    gap_us = at_us - stay.track_us
    if isnan(speed_mps):
        speed_mps = moved_m * SECOND_US / gap_us
    is_slow = speed_mps < rules.slow_speed_mps
    said = 0
    is_at_rest = False
    if stay.stay_place != NOWHERE:
        is_at_rest, said = _stand(stay, route, stops, rules, lat_deg, lon_deg, at_us)
    else:
        _rest(stay, rules, lat_deg, lon_deg, moved_m, at_us)
        is_at_rest = bool(
            stay.is_on_trip
            and stay.passed_count == 0
            and stay.near_place == NOWHERE
            and distance_m(lat_deg, lon_deg, stay.quiet_lat_deg, stay.quiet_lon_deg) < stay.quiet_m
        )
    if not is_at_rest:
        if stay.stay_place == NOWHERE:
            said |= look_between(stay, route, stops, rules, lat_deg, lon_deg, gap_us, at_us)
            said |= depart_unseen(stay, route, rules, lat_deg, lon_deg, at_us)
        said |= _approach(stay, route, stops, rules, lat_deg, lon_deg, is_slow, at_us)
    stay.track_us = at_us
    stay.track_lat_deg = lat_deg
    stay.track_lon_deg = lon_deg
    if not is_slow:
        stay.track_slow_us = NEVER
    elif stay.track_slow_us == NEVER:
        stay.track_slow_us = at_us
    stay.track_seen_us = at_us
    return said


@compiled
def claim(stay: np.void, route: np.void, stops: Stops, rules: np.void, stop: int, at_us: int) -> int:
    """Take a scan at the shift's stop, or with -1 one that says the vehicle has departed; as ``follow``.

    A scan made where the vehicle can't be begins no stay, but says that it has departed.
    """
    stay.track_seen_us = at_us
    if stop < 0:
        return _depart_by_claim(stay, at_us)
    if stay.stay_place == stop + 1:
        stay.stay_claims += 1
        stay.stay_claimed_us = at_us
        return 0
    back_us = _back_since_us(stay, stops[route.first_stop + stop], rules, at_us)
    if back_us == NEVER and not _can_be_at(stay, stops[route.first_stop + stop], rules, at_us):
        return _depart_by_claim(stay, at_us)
    since_us, said = at_us, 0
    if stay.near_place == stop + 1:
        since_us = stay.near_since_us
    elif back_us != NEVER:
        since_us = back_us
    elif stay.stay_place == NOWHERE and stay.near_place > 0:
        # Of stops in one building the nearer one may be the one that will not be scanned.
        if _away_m(stay, stops[route.first_stop + stop]) <= rules.stop_radius_m:
            since_us = stay.near_since_us
    if stay.stay_place != NOWHERE:
        said = LEFT
        since_us = _end_for_claim(stay, route, stops, rules, stop, since_us, at_us)
    _begin(stay, route, stops, rules, stop + 1, since_us, at_us, BY_SCAN)
    stay.stay_claims = 1
    stay.stay_claimed_us = at_us
    return said | ARRIVED


@compiled
def _can_be_at(stay: np.void, stop: np.void, rules: np.void, at_us: int) -> bool:
    """Whether the vehicle is at the stop, or may have driven to it since it was seen.

    Not a scan of a stay that is over, nor at a stop to which the driver may have walked from the stay.
    """
    if 0 <= at_us - stop.left_us <= rules.late_scan_s * SECOND_US:
        return False
    if abs(at_us - stay.track_us) > rules.scan_position_age_s * SECOND_US:
        return False
    away_m = _away_m(stay, stop)
    if stay.stay_place == NOWHERE and stay.track_slow_us == NEVER:
        driven_m = (at_us - stay.track_us) / SECOND_US * rules.scan_reach_mps
        return away_m <= rules.scan_distance_m + driven_m
    driven_m = (at_us - max(stay.track_us, stay.stay_claimed_us)) / SECOND_US * rules.scan_reach_mps
    return away_m <= rules.stop_radius_m * rules.exit_factor or rules.scan_distance_m < away_m <= driven_m


@compiled
def _back_since_us(stay: np.void, stop: np.void, rules: np.void, at_us: int) -> int:
    """Since when the vehicle is back at a stop that was over and left; ``NEVER`` where it isn't.

    Nothing is left to do there, so that no stay begins until a scan says that something was done after all.
    """
    if stay.stay_place != NOWHERE or stop.left_us == NEVER or not is_over(stop, at_us):
        return NEVER
    if stay.rest_us == NEVER or stay.rest_is_out or stay.rest_us <= stop.left_us:
        return NEVER
    if not 0 <= at_us - stay.track_us <= rules.scan_position_age_s * SECOND_US:
        return NEVER
    away_m = distance_m(stay.rest_lat_deg, stay.rest_lon_deg, stop.lat_deg, stop.lon_deg)
    return int(stay.rest_us) if away_m <= rules.stop_radius_m * rules.exit_factor else NEVER


@compiled
def _away_m(stay: np.void, stop: np.void) -> float:
    """How far from the stop the vehicle was seen last."""
    return distance_m(stay.track_lat_deg, stay.track_lon_deg, stop.lat_deg, stop.lon_deg)


@compiled
def _depart_by_claim(stay: np.void, at_us: int) -> int:
    if stay.trip_departed_us != NEVER:
        return 0
    begin_trip(stay, at_us)
    return DEPARTED


@compiled
def _end_for_claim(
    stay: np.void, route: np.void, stops: Stops, rules: np.void, stop: int, since_us: int, at_us: int
) -> int:
    """End the stay under way for one at ``stop``; when that began.

    Of stops in one building the next began with the last scan of the one before; one without any
    scan was mistaken for the one that is scanned, unless the vehicle has moved on since. A stop to which
    the vehicle has driven began with its scan, and the stay ended when it was last known.
    """
    if _away_m(stay, stops[route.first_stop + stop]) > rules.scan_distance_m:
        left_us = max(stay.stay_inside_us, stay.stay_claimed_us, stay.stay_since_us)
        _end(stay, route, stops, rules, left_us, False)
        return at_us
    core_m = distance_m(stay.track_lat_deg, stay.track_lon_deg, stay.stay_lat_deg, stay.stay_lon_deg)
    is_mistaken = (
        stay.stay_place != DEPOT
        and stay.stay_claims == 0
        and stay.near_place != stop + 1
        and core_m <= stay.stay_radius_m
    )
    if is_mistaken:
        since_us = stay.stay_since_us
    elif stay.stay_claims > 0 and stay.near_place != stop + 1:
        since_us = stay.stay_claimed_us
    since_us = min(max(since_us, stay.stay_since_us), at_us)
    _end(stay, route, stops, rules, since_us, is_mistaken)
    return since_us


@compiled
def _rest(stay: np.void, rules: np.void, lat_deg: float, lon_deg: float, moved_m: float, at_us: int) -> None:
    """Follow the place around which the vehicle is; a lone fix elsewhere, soon back, is not leaving it."""
    if stay.rest_us != NEVER:
        away_m = distance_m(stay.rest_lat_deg, stay.rest_lon_deg, lat_deg, lon_deg)
        is_soon = at_us - stay.rest_inside_us <= rules.exit_dwell_s * SECOND_US
        if away_m <= rules.stop_radius_m and (is_soon or not stay.rest_is_out):
            stay.rest_inside_us = at_us
            stay.rest_is_out = False
            return
        if away_m > rules.stop_radius_m and is_soon and not stay.rest_is_out:
            stay.rest_is_out = True
            return
    stay.rest_us = stay.track_us if moved_m <= rules.stop_radius_m else at_us
    stay.rest_lat_deg = lat_deg
    stay.rest_lon_deg = lon_deg
    stay.rest_inside_us = at_us
    stay.rest_is_out = False


@compiled
def _stand(
    stay: np.void, route: np.void, stops: Stops, rules: np.void, lat_deg: float, lon_deg: float, at_us: int
) -> tuple[bool, int]:
    """Follow a stay: whether the vehicle is plainly there, and whether it has left."""
    away_m = distance_m(lat_deg, lon_deg, stay.stay_lat_deg, stay.stay_lon_deg)
    if away_m <= stay.stay_radius_m * rules.exit_factor:
        stay.stay_inside_us = max(stay.stay_inside_us, at_us)
        stay.stay_outside_fixes = 0
        is_there = away_m <= stay.stay_radius_m
        if is_there:
            stay.near_place = NOWHERE
        return is_there, 0
    if stay.stay_outside_fixes == 0:
        stay.stay_outside_us = at_us
    stay.stay_outside_fixes += 1
    is_away = away_m > stay.stay_radius_m * rules.away_factor
    if stay.stay_outside_fixes < 2 or not (
        is_away or at_us - stay.stay_outside_us >= rules.exit_dwell_s * SECOND_US
    ):
        return False, 0
    _end(stay, route, stops, rules, stay.stay_inside_us, False)
    return False, LEFT


@compiled
def _approach(
    stay: np.void,
    route: np.void,
    stops: Stops,
    rules: np.void,
    lat_deg: float,
    lon_deg: float,
    is_slow: bool,
    at_us: int,
) -> int:
    """Look for a place that the vehicle may come to stay at; a lone fix outside doesn't end that."""
    place = find_place(stay, route, stops, rules, lat_deg, lon_deg, at_us)
    patience_us = rules.exit_dwell_s * SECOND_US
    if place == NOWHERE:
        if stay.near_place != NOWHERE:
            stay.near_outside_fixes += 1
            if stay.near_outside_fixes > 1:
                stay.near_place = NOWHERE
        return 0
    if place != stay.near_place or (
        stay.near_outside_fixes > 0 and at_us - stay.near_inside_us > patience_us
    ):
        stay.near_place = place
        stay.near_since_us = at_us
        stay.near_is_slow = False
    stay.near_inside_us = at_us
    stay.near_outside_fixes = 0
    stay.near_is_slow = stay.near_is_slow or is_slow
    if not stay.near_is_slow or at_us - stay.near_since_us < rules.arrival_dwell_s * SECOND_US:
        return 0
    said = ARRIVED
    since_us = stay.near_since_us
    if stay.stay_place != NOWHERE:
        said |= LEFT
        _end(stay, route, stops, rules, max(min(stay.stay_inside_us, since_us), stay.stay_since_us), False)
    _begin(stay, route, stops, rules, place, since_us, at_us, BY_GPS)
    return said


@compiled
def _begin(
    stay: np.void,
    route: np.void,
    stops: Stops,
    rules: np.void,
    place: int,
    since_us: int,
    inside_us: int,
    known: int,
) -> None:
    """Begin a stay. Back at the depot from no stop, the trip has not begun."""
    if place == DEPOT:
        stay.stay_lat_deg = route.depot_lat_deg
        stay.stay_lon_deg = route.depot_lon_deg
        if distance_m(stay.track_lat_deg, stay.track_lon_deg, route.end_lat_deg, route.end_lon_deg) < (
            distance_m(stay.track_lat_deg, stay.track_lon_deg, route.depot_lat_deg, route.depot_lon_deg)
        ):
            stay.stay_lat_deg = route.end_lat_deg
            stay.stay_lon_deg = route.end_lon_deg
        stay.stay_radius_m = rules.depot_radius_m
        stay.has_been_at_depot = True
        if stay.is_on_trip and stay.trip_stops == 0:
            stay.trip_number -= 1
            if stay.trip_number == 0:
                stay.trip_departed_us = NEVER
        stay.is_on_trip = False
    else:
        stop = stops[route.first_stop + place - 1]
        stay.stay_lat_deg = stop.lat_deg
        stay.stay_lon_deg = stop.lon_deg
        stay.stay_radius_m = rules.stop_radius_m
        if not stay.is_on_trip:
            begin_trip(stay, since_us)
        stay.trip_stops += 1
    stay.stay_count += 1
    stay.stay_place = place
    stay.stay_since_us = since_us
    stay.stay_known = known
    stay.stay_inside_us = inside_us
    stay.stay_outside_fixes = 0
    stay.stay_claims = 0
    stay.stay_claimed_us = NEVER
    stay.near_place = NOWHERE


@compiled
def _end(
    stay: np.void, route: np.void, stops: Stops, rules: np.void, until_us: int, is_mistaken: bool
) -> None:
    """End the stay under way. The next stop in sequence, left unscanned after a real stay, is over.

    So is any where something was scanned.
    """
    place = stay.stay_place
    stay.left_place = place
    stay.left_since_us = stay.stay_since_us
    stay.left_until_us = until_us
    stay.left_known = stay.stay_known
    stay.left_is_mistaken = is_mistaken
    stay.stay_place = NOWHERE
    stay.rest_us = NEVER
    stay.quiet_m = 0.0
    if place == DEPOT:
        if not stay.is_on_trip:
            begin_trip(stay, until_us)
    elif place > 0 and not is_mistaken:
        stop = stops[route.first_stop + place - 1]
        stop.left_us = max(stop.left_us, until_us)
        is_real = until_us - stay.stay_since_us >= rules.inferred_dwell_s * SECOND_US
        if is_real and (stay.stay_claims > 0 or is_next(route, stops, place - 1, until_us)):
            if stop.over_us == NEVER or stop.over_us > until_us:
                stop.over_us = until_us
