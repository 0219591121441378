"""What has to stay within limits: the cargo's temperature, and the odometer beside GPS."""

from math import inf

import numpy as np

from streams.columns.compiled import compiled
from streams.fleet.columns import NEVER, SECOND_US, Fields
from streams.fleet.telemetry.counters import OUTLIER, RESET
from streams.fleet.telemetry.phases import CLEARED, NOTHING, RAISED, UPDATED, follow

LIMIT_FIELDS: Fields = [
    ("has_band", np.bool_),
    ("cargo_min_c", np.float64),
    ("cargo_max_c", np.float64),
    ("cargo_seen_us", np.int64),
    ("cargo_c", np.float32),
    ("cargo_worst_c", np.float32),
    ("cargo_since_us", np.int64),
    ("cargo_raised_us", np.int64),
    ("cargo_told_us", np.int64),
    ("cargo_fine_us", np.int64),
    ("is_odometer_wired", np.bool_),
    ("pair_odometer_m", np.float64),
    ("pair_gps_m", np.float64),
    ("pair_gps_gaps", np.int32),
    ("span_odometer_m", np.float64),
    ("span_gps_m", np.float64),
    ("told_odometer_m", np.float64),
    ("told_gps_m", np.float64),
    ("disagree_since_us", np.int64),
    ("disagree_raised_us", np.int64),
]
"""The band and the cargo's temperature beside it; odometer and GPS distance when they were last read
together, over the span that is being compared, and over the last that was."""

NO_PAIR = -1
"""GPS was away when the odometer was read: where the next pair begins."""


@compiled
def watch_cargo(vehicle: np.void, temperature_c: float, now_us: int, judged_us: int, rules: np.void) -> int:
    """The phase of a temperature outside the band after one more reading.

    However long ago the last reading was: cargo warms and cools slowly, and a gap must not excuse it.
    """
    if now_us < vehicle.cargo_seen_us:
        return NOTHING
    seen_us, vehicle.cargo_seen_us, vehicle.cargo_c = vehicle.cargo_seen_us, now_us, temperature_c
    is_outside = vehicle.has_band and not vehicle.cargo_min_c <= temperature_c <= vehicle.cargo_max_c
    phase, since_us, raised_us, told_us, fine_us = follow(
        is_outside,
        now_us,
        judged_us,
        seen_us,
        vehicle.cargo_since_us,
        vehicle.cargo_raised_us,
        vehicle.cargo_told_us,
        vehicle.cargo_fine_us,
        rules.cargo_after_s * SECOND_US,
        rules.cargo_clear_s * SECOND_US,
        rules.alert_interval_s * SECOND_US,
        inf,
    )
    if is_outside:
        is_first = since_us == now_us
        if is_first or _outside_c(vehicle, temperature_c) > _outside_c(vehicle, vehicle.cargo_worst_c):
            vehicle.cargo_worst_c = temperature_c
    vehicle.cargo_since_us, vehicle.cargo_raised_us = since_us, raised_us
    vehicle.cargo_told_us, vehicle.cargo_fine_us = told_us, fine_us
    return phase


@compiled
def _outside_c(vehicle: np.void, temperature_c: float) -> float:
    """How far outside the band, kelvin."""
    return max(vehicle.cargo_min_c - temperature_c, temperature_c - vehicle.cargo_max_c)


@compiled
def compare_distances(vehicle: np.void, did: int, now_us: int, rules: np.void) -> int:
    """The phase of an odometer that disagrees with GPS, once a span of ``odometer_span_m`` is complete.

    Distances add up from reading to reading; a stretch over which GPS has a gap, or the odometer
    began anew, counts for neither. ``did`` is what the odometer did. One span decides alone: to be
    raised and cleared again takes twice its length.
    """
    if now_us - vehicle.place_us > rules.gps_gap_s * SECOND_US:
        vehicle.pair_gps_gaps = NO_PAIR
        return NOTHING
    if did == OUTLIER:
        return NOTHING
    odometer_m, gps_m = vehicle.odometer_total, vehicle.gps_m
    is_whole = vehicle.pair_gps_gaps == vehicle.gps_gaps and did != RESET
    if is_whole:
        vehicle.span_odometer_m += odometer_m - vehicle.pair_odometer_m
        vehicle.span_gps_m += gps_m - vehicle.pair_gps_m
    vehicle.pair_odometer_m, vehicle.pair_gps_m = odometer_m, gps_m
    vehicle.pair_gps_gaps = vehicle.gps_gaps
    if max(vehicle.span_odometer_m, vehicle.span_gps_m) < rules.odometer_span_m:
        return NOTHING
    apart_m = abs(vehicle.span_odometer_m - vehicle.span_gps_m)
    is_apart = apart_m > rules.odometer_tolerance * max(vehicle.span_odometer_m, vehicle.span_gps_m)
    vehicle.told_odometer_m, vehicle.told_gps_m = vehicle.span_odometer_m, vehicle.span_gps_m
    vehicle.span_odometer_m = vehicle.span_gps_m = 0.0
    if is_apart:
        if vehicle.disagree_raised_us != NEVER:
            return UPDATED
        vehicle.disagree_since_us = vehicle.disagree_raised_us = now_us
        return RAISED
    if vehicle.disagree_raised_us != NEVER:
        vehicle.disagree_raised_us = NEVER
        return CLEARED
    return NOTHING
