"""What a vehicle's ETAs hang on, in columns: where it is free from, what was learned of its pace.

A service or a leg that takes longer than the model says makes the rest of the shift slower too. The
factor is estimated from the shift so far, and shrunk: so many seconds as the model has them
(``pace_prior_leg_s``, ``pace_prior_service_s``) count beside what was seen.
"""

import numpy as np
from numpy.typing import NDArray

from routing.eta import Spread, fill_etas, leg_us
from streams.columns.compiled import compiled
from streams.fleet.columns import NEVER, SECOND_US, Fields, blank
from streams.fleet.intervals import expected_interval_s

OUTLOOK_FIELDS: Fields = [
    ("next_stop", np.int32),
    ("served_stop", np.int32),
    ("served_since_us", np.int64),
    ("estimated_us", np.int64),
    ("free_us", np.int64),
    ("free_lat_deg", np.float64),
    ("free_lon_deg", np.float64),
    ("nearing_stop", np.int32),
    ("nearing_us", np.int64),
    ("travel_row", np.int32),
    ("leg_expected_s", np.float64),
    ("leg_taken_s", np.float64),
    ("service_expected_s", np.float64),
    ("service_taken_s", np.float64),
    ("paced_us", np.int64),
    ("paced_lat_deg", np.float64),
    ("paced_lon_deg", np.float64),
    ("paced_arrival_us", np.int64),
    ("breaks_taken", np.int32),
    ("break_us", np.int64),
    ("break_s", np.float64),
    ("delays_due_us", np.int64),
]
"""``next_stop`` and ``served_stop`` count the route's places from 1, 0 is none; served since the arrival.

The vehicle can leave for its next stop at ``free_us`` from that place; ``NEVER`` and NaN are from where
it was last known to be, and from then on; it may just be arriving at ``nearing_stop``, since
``nearing_us``. ``paced_`` is what was left last, and when, and the arrival that was last learned from.
``break_us`` and ``break_s`` are the next break. Until ``delays_due_us`` time alone changes no delay."""

OUTLOOK = np.dtype(OUTLOOK_FIELDS)
NO_OUTLOOK: np.void = blank(OUTLOOK, 1)[0]
"""Before a shift: what one teaches of the pace says nothing of the next."""

STOP_OUTLOOK_FIELDS: Fields = [("told_us", np.int64)]
"""The P50 that was told last; ``NEVER`` is none by the route in force."""

SPREAD = Spread()
LEG_SPREAD, SERVICE_SPREAD, DAY_SPREAD = SPREAD.leg, SPREAD.service, SPREAD.day
SLOWEST_PACE, FASTEST_PACE = 2.0, 0.5


@compiled
def pace(taken_s: float, expected_s: float, prior_s: float) -> float:
    """How today goes against the model, 1.2 is a fifth slower; between half and twice the model."""
    return max(FASTEST_PACE, min(SLOWEST_PACE, (taken_s + prior_s) / (expected_s + prior_s)))


@compiled
def leg_pace(vehicle: np.void, rules: np.void) -> float:
    """The factor of legs."""
    return pace(vehicle.leg_taken_s, vehicle.leg_expected_s, rules.pace_prior_leg_s)


@compiled
def service_pace(vehicle: np.void, rules: np.void) -> float:
    """The factor of services."""
    return pace(vehicle.service_taken_s, vehicle.service_expected_s, rules.pace_prior_service_s)


@compiled
def origin(vehicle: np.void, watch: np.void) -> tuple[float, float]:
    """Where the vehicle leaves from: the depot, the stop it serves, else where fix or scan had it last."""
    lat_deg, lon_deg = vehicle.free_lat_deg, vehicle.free_lon_deg
    if np.isnan(lat_deg) and watch.placed_us > vehicle.position_us:
        lat_deg, lon_deg = watch.placed_lat_deg, watch.placed_lon_deg
    if np.isnan(lat_deg):
        lat_deg, lon_deg = vehicle.lat_deg, vehicle.lon_deg
    if np.isnan(lat_deg):
        lat_deg, lon_deg = vehicle.depot_lat_deg, vehicle.depot_lon_deg
    return lat_deg, lon_deg


@compiled
def ready_us(vehicle: np.void, watch: np.void, now_us: int) -> int:
    """From when on the vehicle drives to its next stop, by what was last heard of it.

    A vehicle that is not heard does not stand still: it is taken to go on as planned from the newest fix
    or scan, see `not_before_us`. One that has not departed is at the depot until it is seen to leave.
    """
    if vehicle.departed_us == NEVER:
        return max(now_us, vehicle.free_us)
    known_us = max(vehicle.position_us, watch.placed_us, vehicle.paced_us, vehicle.departed_us)
    return min(now_us, known_us) if vehicle.free_us == NEVER else max(known_us, vehicle.free_us)


@compiled
def not_before_us(vehicle: np.void, now_us: int) -> int:
    """Before when the next stop was not reached: within a reporting interval it may have been, unheard."""
    return now_us - np.int64(expected_interval_s(vehicle) * SECOND_US)


@compiled
def break_left_us(vehicle: np.void, ready_us: int) -> int:
    """What is left of the next break as of then: a vehicle that stands while it is due is having it."""
    left_us = np.int64(vehicle.break_s * SECOND_US)
    if vehicle.served_stop == 0 and vehicle.still_since_us != NEVER:
        left_us -= max(0, ready_us - max(vehicle.still_since_us, vehicle.break_us))
    return max(0, left_us)


@compiled
def stood_until_us(vehicles: NDArray[np.void], number: int, now_us: int) -> int:
    """Until when a vehicle that stood at its newest fix is taken to stand: for a reporting interval more."""
    vehicle = vehicles[number]
    return min(now_us, vehicle.position_us + np.int64(expected_interval_s(vehicle) * SECOND_US))


@compiled
def paces(vehicles: NDArray[np.void], number: int, limits: NDArray[np.void]) -> tuple[float, float]:
    """The factors of legs and of services."""
    return leg_pace(vehicles[number], limits[0]), service_pace(vehicles[number], limits[0])


@compiled
def set_out(
    vehicles: NDArray[np.void],
    number: int,
    watches: NDArray[np.void],
    stops: NDArray[np.void],
    travels: NDArray[np.float64],
    now_us: int,
    limits: NDArray[np.void],
) -> tuple[float, float, int, int, int]:
    """From where and when the vehicle drives to its next stop, such that it arrives at its P50.

    Before departure: from the depot, at the shift's start or now if that is later. While serving: from the
    stop, at the expected end of service. Else: from where it was seen last, then. Next come the breaks that
    are over by then: a break that is due is had before. Last is how long after its arrival in the plan in
    force that P50 is, microseconds. Without a next stop the vehicle may leave now, and is on time.
    """
    vehicle = vehicles[number]
    watch = watches[vehicle.track_row]
    lat_deg, lon_deg = origin(vehicle, watch)
    free_us = ready_us(vehicle, watch, now_us)
    if vehicle.next_stop == 0:
        return lat_deg, lon_deg, max(now_us, free_us), vehicle.breaks_taken, 0
    taken = vehicle.breaks_taken
    if _is_break_due(vehicle, free_us) and vehicle.departed_us != NEVER:
        free_us += break_left_us(vehicle, free_us)
        taken += 1
    drive_us = _drive_us(vehicle, stops, travels, lat_deg, lon_deg, free_us, limits[0])
    stop = stops[vehicle.first_stop + vehicle.next_stop - 1]
    free_us = max(free_us, not_before_us(vehicle, now_us) - drive_us)
    return lat_deg, lon_deg, free_us, taken, stop.p50_us - stop.arrive_us


@compiled
def _is_break_due(vehicle: np.void, free_us: int) -> bool:
    return vehicle.break_us != NEVER and vehicle.break_us <= free_us


@compiled
def _drive_us(
    vehicle: np.void,
    stops: NDArray[np.void],
    travels: NDArray[np.float64],
    lat_deg: float,
    lon_deg: float,
    free_us: int,
    rules: np.void,
) -> int:
    """How long it takes from there to the next stop."""
    stop = stops[vehicle.first_stop + vehicle.next_stop - 1]
    travel = travels[vehicle.travel_row]
    detour = travel[0] * leg_pace(vehicle, rules)
    return leg_us(lat_deg, lon_deg, stop.lat_deg, stop.lon_deg, free_us, travel[1:], detour)


@compiled
def estimate(
    vehicles: NDArray[np.void],
    number: int,
    watches: NDArray[np.void],
    stops: NDArray[np.void],
    travels: NDArray[np.float64],
    breaks: NDArray[np.int64],
    now_us: int,
    limits: NDArray[np.void],
) -> bool:
    """Write the ETAs of the stops ahead; whether one moved enough to be told. ``breaks`` are those left."""
    vehicle, rules = vehicles[number], limits[0]
    vehicle.estimated_us = now_us
    watch = watches[vehicle.track_row]
    free_us = ready_us(vehicle, watch, now_us)
    if len(breaks):
        breaks[0, 1] = break_left_us(vehicle, free_us)
    lat_deg, lon_deg = origin(vehicle, watch)
    travel = travels[vehicle.travel_row]
    fill_etas(
        stops,
        vehicle.first_stop,
        vehicle.stop_count,
        vehicle.first_stop + vehicle.served_stop - 1 if vehicle.served_stop > 0 else -1,
        lat_deg,
        lon_deg,
        free_us,
        not_before_us(vehicle, now_us),
        now_us,
        travel[1:],
        travel[0],
        leg_pace(vehicle, rules),
        service_pace(vehicle, rules),
        LEG_SPREAD,
        SERVICE_SPREAD,
        DAY_SPREAD,
        breaks,
    )
    return _is_news(vehicle, stops, rules)


@compiled
def _is_news(vehicle: np.void, stops: NDArray[np.void], rules: np.void) -> bool:
    for place in range(vehicle.stop_count):
        stop = stops[vehicle.first_stop + place]
        if stop.is_done or place + 1 == vehicle.served_stop:
            continue
        least_s = rules.eta_shift_s if place + 1 == vehicle.next_stop else rules.eta_later_shift_s
        if abs(stop.p50_us - stop.told_us) > least_s * SECOND_US:
            return True
    return False


@compiled
def has_drifted(
    vehicles: NDArray[np.void],
    number: int,
    watches: NDArray[np.void],
    stops: NDArray[np.void],
    travels: NDArray[np.float64],
    now_us: int,
    limits: NDArray[np.void],
) -> bool:
    """Whether the next stop's P50 has moved by more than ``eta_shift_s``: one leg, whatever the route."""
    vehicle, rules = vehicles[number], limits[0]
    if vehicle.next_stop == 0:
        return False
    stop = stops[vehicle.first_stop + vehicle.next_stop - 1]
    if stop.p50_us == NEVER or _may_be_there(vehicle, now_us, rules):
        return False
    watch = watches[vehicle.track_row]
    lat_deg, lon_deg = origin(vehicle, watch)
    free_us = ready_us(vehicle, watch, now_us)
    if _is_break_due(vehicle, free_us):
        free_us += break_left_us(vehicle, free_us)
    p50_us = free_us + _drive_us(vehicle, stops, travels, lat_deg, lon_deg, free_us, rules)
    return abs(max(p50_us, not_before_us(vehicle, now_us)) - stop.p50_us) > rules.eta_shift_s * SECOND_US


@compiled
def _may_be_there(vehicle: np.void, now_us: int, rules: np.void) -> bool:
    """Whether the vehicle has come to its next stop, not yet for long enough to be an arrival."""
    patience_us = (rules.arrival_dwell_s + rules.eta_shift_s) * SECOND_US
    return vehicle.nearing_stop == vehicle.next_stop and now_us - vehicle.nearing_us <= patience_us


@compiled
def note_work(
    vehicle: np.void, stops: NDArray[np.void], served_stop: int, served_since_us: int, rules: np.void
) -> None:
    """Put on record what is served and next, and where and when the vehicle is free."""
    vehicle.served_stop = served_stop
    vehicle.served_since_us = served_since_us
    vehicle.next_stop = 0
    for place in range(vehicle.stop_count):
        if not stops[vehicle.first_stop + place].is_done and place + 1 != served_stop:
            vehicle.next_stop = place + 1
            break
    vehicle.free_us, vehicle.free_lat_deg, vehicle.free_lon_deg = NEVER, np.nan, np.nan
    if vehicle.departed_us == NEVER:
        vehicle.free_us = vehicle.shift_starts_us
        vehicle.free_lat_deg, vehicle.free_lon_deg = vehicle.depot_lat_deg, vehicle.depot_lon_deg
    elif served_stop > 0:
        stop = stops[vehicle.first_stop + served_stop - 1]
        lasts_us = np.float64(stop.service_s) * service_pace(vehicle, rules) * SECOND_US
        vehicle.free_us = max(served_since_us, stop.opens_us) + np.int64(np.rint(lasts_us))
        vehicle.free_lat_deg, vehicle.free_lon_deg = stop.lat_deg, stop.lon_deg


@compiled
def leave_stop(
    vehicles: NDArray[np.void],
    number: int,
    stops: NDArray[np.void],
    place: int,
    arrived_us: int,
    left_us: int,
    is_service_known: bool,
) -> None:
    """A stop of the route was left, whose service teaches of the pace if ``is_service_known``."""
    vehicle = vehicles[number]
    stop = stops[vehicle.first_stop + place]
    taken_us = left_us - max(arrived_us, stop.opens_us)
    if is_service_known and taken_us > 0:
        vehicle.service_expected_s += np.float64(stop.service_s)
        vehicle.service_taken_s += taken_us / SECOND_US
    vehicle.paced_us, vehicle.paced_lat_deg, vehicle.paced_lon_deg = left_us, stop.lat_deg, stop.lon_deg


@compiled
def learn_leg(
    vehicles: NDArray[np.void],
    number: int,
    stops: NDArray[np.void],
    place: int,
    arrived_us: int,
    travels: NDArray[np.float64],
) -> None:
    """Take note of how long the leg from what was left last to a stop of the route took."""
    vehicle = vehicles[number]
    if vehicle.paced_us == NEVER or arrived_us <= vehicle.paced_us:
        return
    travel, stop = travels[vehicle.travel_row], stops[vehicle.first_stop + place]
    expected_us = leg_us(
        vehicle.paced_lat_deg,
        vehicle.paced_lon_deg,
        stop.lat_deg,
        stop.lon_deg,
        vehicle.paced_us,
        travel[1:],
        travel[0],
    )
    vehicle.leg_expected_s += expected_us / SECOND_US
    vehicle.leg_taken_s += (arrived_us - vehicle.paced_us) / SECOND_US
