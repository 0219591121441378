"""Where a vehicle with a shift stands, fix by fix in time order: compiled, and free while nothing is near.

A *stay* is being at a stop or the depot. It begins with the first fix inside the radius, once the
vehicle has been there for ``arrival_dwell_s``, and it ends with the last fix inside the wider circle
(radius x ``exit_factor``), once two fixes in a row were outside of that and the vehicle is clearly away
(radius x ``away_factor``) or has been out for ``exit_dwell_s``. A scan (a *claim*) begins one at once.
Places are numbers: 0 is nowhere, ``DEPOT`` the depot, n + 1 the shift's stop n.
"""

from math import cos, hypot, isnan, radians

import numpy as np
from numpy.typing import NDArray

from streams.columns.compiled import compiled
from streams.fleet.columns import NEVER, Fields
from streams.fleet.distance import distance_m

NOWHERE, DEPOT, GONE = 0, -1, -2
"""``GONE`` is a stop that the route had when the vehicle came to stand at it, and has no longer."""

LEFT, ARRIVED, CROSSED, DEPARTED = (1 << bit for bit in range(4))
BY_GPS, BY_SCAN, BY_INFERENCE = range(3)
SECOND_US = 1_000_000
M_PER_DEG = 111_195.08
"""Metres in a degree of latitude, on the sphere that distances are measured on."""

STAY_FIELDS: Fields = [
    # The newest fix that was followed, since when the vehicle is slow, the newest fix or claim.
    ("track_us", np.int64),
    ("track_lat_deg", np.float64),
    ("track_lon_deg", np.float64),
    ("track_is_slow", np.bool_),
    ("track_seen_us", np.int64),
    # The stay under way; how it is known, its last fix inside, and how many in a row were outside since.
    ("stay_place", np.int64),
    ("stay_lat_deg", np.float64),
    ("stay_lon_deg", np.float64),
    ("stay_radius_m", np.float64),
    ("stay_since_us", np.int64),
    ("stay_known", np.int64),
    ("stay_inside_us", np.int64),
    ("stay_outside_us", np.int64),
    ("stay_outside_fixes", np.int64),
    ("stay_claims", np.int64),
    ("stay_claimed_us", np.int64),
    # A stay that may begin: inside a radius, not yet for long enough.
    ("near_place", np.int64),
    ("near_since_us", np.int64),
    ("near_inside_us", np.int64),
    ("near_outside_fixes", np.int64),
    ("near_is_slow", np.bool_),
    # No place lies within ``quiet_m`` of here; NaN is none.
    ("quiet_lat_deg", np.float64),
    ("quiet_lon_deg", np.float64),
    ("quiet_m", np.float64),
    # Stops passed between two fixes with time for a stay, to be believed if the next fix is not back again.
    ("passed_first", np.int64),
    ("passed_last", np.int64),
    ("passed_count", np.int64),
    ("passed_since_us", np.int64),
    ("passed_until_us", np.int64),
    ("passed_after_us", np.int64),
    ("passed_before_us", np.int64),
    ("passed_lat_deg", np.float64),
    ("passed_lon_deg", np.float64),
    # Trips: how many have begun, how many stops this one has had, when the first began.
    ("trip_number", np.int64),
    ("trip_stops", np.int64),
    ("trip_departed_us", np.int64),
    ("is_on_trip", np.bool_),
    ("has_been_at_depot", np.bool_),
    ("away_us", np.int64),
    # The stay that ended last, for whoever is told that one did.
    ("left_place", np.int64),
    ("left_since_us", np.int64),
    ("left_until_us", np.int64),
    ("left_known", np.int64),
    ("left_is_mistaken", np.bool_),
    # The stops that were told last as passed with time for a stay, as they were noted.
    ("crossed_first", np.int64),
    ("crossed_last", np.int64),
    ("crossed_since_us", np.int64),
    ("crossed_until_us", np.int64),
    ("crossed_after_us", np.int64),
    ("crossed_before_us", np.int64),
]

STOP_STAY_FIELDS: Fields = [("left_us", np.int64), ("over_us", np.int64), ("scanned_us", np.int64)]
"""Of a stop: when its last stay ended; since when nothing is left to do there, by a stay and by scans.

All of it holds from that moment on, so that a fix of before it is followed as it was.
"""

Stops = NDArray[np.void]


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
        is_at_rest = bool(
            stay.is_on_trip
            and stay.passed_count == 0
            and stay.near_place == NOWHERE
            and distance_m(lat_deg, lon_deg, stay.quiet_lat_deg, stay.quiet_lon_deg) < stay.quiet_m
        )
    if not is_at_rest:
        if stay.stay_place == NOWHERE:
            said |= _pass(stay, route, stops, rules, lat_deg, lon_deg, gap_us, at_us)
            said |= _depart_unseen(stay, route, rules, lat_deg, lon_deg, at_us)
        said |= _approach(stay, route, stops, rules, lat_deg, lon_deg, is_slow, at_us)
    stay.track_us = at_us
    stay.track_lat_deg = lat_deg
    stay.track_lon_deg = lon_deg
    stay.track_is_slow = is_slow
    stay.track_seen_us = at_us
    return said


@compiled
def claim(stay: np.void, route: np.void, stops: Stops, rules: np.void, stop: int, at_us: int) -> int:
    """Take a scan at the shift's stop, or with -1 one that says the vehicle has departed; as ``follow``.

    A scan made where the vehicle can't be begins no stay.
    """
    stay.track_seen_us = at_us
    if stop < 0:
        if stay.trip_departed_us != NEVER:
            return 0
        _begin_trip(stay, at_us)
        return DEPARTED
    if stay.stay_place == stop + 1:
        stay.stay_claims += 1
        stay.stay_claimed_us = at_us
        return 0
    scanned = stops[route.first_stop + stop]
    if 0 <= at_us - scanned.left_us <= rules.late_scan_s * SECOND_US:
        return 0
    if abs(at_us - stay.track_us) > rules.scan_position_age_s * SECOND_US:
        return 0
    away_m = distance_m(stay.track_lat_deg, stay.track_lon_deg, scanned.lat_deg, scanned.lon_deg)
    is_driving_up = stay.stay_place == NOWHERE and not stay.track_is_slow and away_m <= rules.scan_distance_m
    if not is_driving_up and not away_m <= rules.stop_radius_m * rules.exit_factor:
        return 0
    since_us, said = at_us, 0
    if stay.near_place == stop + 1:
        since_us = stay.near_since_us
    if stay.stay_place != NOWHERE:
        said = LEFT
        since_us = _end_for_claim(stay, route, stops, rules, stop, since_us, at_us)
    _begin(stay, route, stops, rules, stop + 1, since_us, at_us, BY_SCAN)
    stay.stay_claims = 1
    stay.stay_claimed_us = at_us
    return said | ARRIVED


@compiled
def _end_for_claim(
    stay: np.void, route: np.void, stops: Stops, rules: np.void, stop: int, since_us: int, at_us: int
) -> int:
    """End the stay under way for one at ``stop``; when that began.

    Of stops in one building the next began with the last scan of the one before; one without any
    scan was mistaken for the one that is scanned, unless the vehicle has moved on since.
    """
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
    place = _find(stay, route, stops, rules, lat_deg, lon_deg, at_us)
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
def _find(
    stay: np.void, route: np.void, stops: Stops, rules: np.void, lat_deg: float, lon_deg: float, at_us: int
) -> int:
    """The place that a position lies at, other than where the vehicle stays; with none, how far none is.

    On a trip a stop counts before the depot, else the depot before a stop. Of stops about equally
    far (one building) the one that may be stayed at already counts, then the next in sequence.
    """
    nearest_m = np.inf
    near_m = np.inf
    for number in range(route.stop_count):
        stop = stops[route.first_stop + number]
        if abs(stop.lat_deg - lat_deg) * M_PER_DEG > nearest_m + rules.same_place_m:
            continue
        if number + 1 == stay.stay_place or _is_over(stop, at_us):
            continue
        away_m = distance_m(lat_deg, lon_deg, stop.lat_deg, stop.lon_deg)
        nearest_m = min(nearest_m, away_m)
        if number + 1 == stay.near_place:
            near_m = away_m
    depot_m = np.inf
    if stay.stay_place != DEPOT:
        depot_m = min(
            distance_m(lat_deg, lon_deg, route.depot_lat_deg, route.depot_lon_deg),
            distance_m(lat_deg, lon_deg, route.end_lat_deg, route.end_lon_deg),
        )
    is_at_depot = depot_m <= rules.depot_radius_m
    edge_m = rules.depot_radius_m * rules.exit_factor
    if stay.near_place == DEPOT and depot_m <= edge_m:
        is_at_depot = True
    if is_at_depot:
        stay.has_been_at_depot = True
    if is_at_depot and not stay.is_on_trip:
        return DEPOT
    widest_m = rules.stop_radius_m * rules.exit_factor
    if near_m <= min(nearest_m + rules.same_place_m, widest_m):
        return int(stay.near_place)
    if nearest_m <= rules.stop_radius_m:
        reach_m = min(nearest_m + rules.same_place_m, rules.stop_radius_m)
        for number in range(route.stop_count):
            stop = stops[route.first_stop + number]
            if number + 1 == stay.stay_place or _is_over(stop, at_us):
                continue
            if distance_m(lat_deg, lon_deg, stop.lat_deg, stop.lon_deg) <= reach_m:
                return number + 1
    if is_at_depot:
        return DEPOT
    stay.quiet_lat_deg = lat_deg
    stay.quiet_lon_deg = lon_deg
    stay.quiet_m = min(nearest_m - rules.stop_radius_m, depot_m - rules.depot_radius_m)
    return NOWHERE


@compiled
def _pass(
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
    stay.crossed_first = stay.passed_first
    stay.crossed_last = stay.passed_last
    stay.crossed_since_us = stay.passed_since_us
    stay.crossed_until_us = stay.passed_until_us
    stay.crossed_after_us = stay.passed_after_us
    stay.crossed_before_us = stay.passed_before_us
    for number in range(stay.passed_first, stay.passed_last + 1):
        stop = stops[route.first_stop + number]
        if not _is_over(stop, stay.passed_since_us):
            stop.left_us = max(stop.left_us, stay.passed_until_us)
            if stop.over_us == NEVER or stop.over_us > stay.passed_until_us:
                stop.over_us = stay.passed_until_us
    if not stay.is_on_trip:
        _begin_trip(stay, stay.passed_after_us)
    stay.trip_stops += noted


@compiled
def _note_passed(
    stay: np.void, route: np.void, stops: Stops, rules: np.void, lat_deg: float, lon_deg: float, at_us: int
) -> None:
    """Note which of the next stops the straight line from the last fix passes, if time allows a stay."""
    count, begun_m, ended_m, first, last = 0, 0.0, 0.0, 0, 0
    for number in range(route.stop_count):
        stop = stops[route.first_stop + number]
        if _is_over(stop, at_us):
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


@compiled
def _depart_unseen(
    stay: np.void, route: np.void, rules: np.void, lat_deg: float, lon_deg: float, at_us: int
) -> int:
    """Twice in a row outside after it was seen inside, or once the shift has begun, it has departed."""
    if stay.is_on_trip:
        return 0
    away_m = distance_m(lat_deg, lon_deg, route.depot_lat_deg, route.depot_lon_deg)
    is_under_way = stay.has_been_at_depot or at_us >= route.shift_starts_us
    if away_m <= rules.depot_radius_m * rules.exit_factor or not is_under_way:
        stay.away_us = NEVER
        return 0
    if stay.away_us == NEVER:
        stay.away_us = at_us
        return 0
    _begin_trip(stay, stay.away_us)
    return DEPARTED


@compiled
def _begin_trip(stay: np.void, at_us: int) -> None:
    stay.is_on_trip = True
    stay.trip_number += 1
    stay.trip_stops = 0
    stay.away_us = NEVER
    if stay.trip_departed_us == NEVER:
        stay.trip_departed_us = at_us


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
            _begin_trip(stay, since_us)
        stay.trip_stops += 1
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
    stay.quiet_m = 0.0
    if place == DEPOT:
        _begin_trip(stay, until_us)
    elif place > 0:
        stop = stops[route.first_stop + place - 1]
        stop.left_us = max(stop.left_us, until_us)
        is_real = until_us - stay.stay_since_us >= rules.inferred_dwell_s * SECOND_US
        if is_real and (stay.stay_claims > 0 or _is_next(route, stops, place - 1, until_us)):
            if stop.over_us == NEVER or stop.over_us > until_us:
                stop.over_us = until_us


@compiled
def _is_next(route: np.void, stops: Stops, number: int, at_us: int) -> bool:
    """Whether nothing is left to do at the stops before in sequence."""
    for before in range(number):
        if not _is_over(stops[route.first_stop + before], at_us + 1):
            return False
    return True


@compiled
def _is_over(stop: np.void, at_us: int) -> bool:
    """Whether nothing was left to do at the stop before that moment."""
    return (stop.over_us != NEVER and stop.over_us < at_us) or (
        stop.scanned_us != NEVER and stop.scanned_us < at_us
    )
