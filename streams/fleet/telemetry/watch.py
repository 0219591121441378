"""What a fix or a telemetry message means for the vehicle as a machine, by bits; nearly always nothing."""

import numpy as np

from streams.columns.compiled import compiled
from streams.fleet.columns import NEVER, Fields
from streams.fleet.telemetry.counters import (
    COUNTER_FIELDS,
    count_energy,
    count_fuel,
    count_idle,
    count_odometer,
)
from streams.fleet.telemetry.driving import (
    DRIVES,
    DRIVING_FIELDS,
    IDLES,
    UNTOLD,
    idles_by_engine,
    idles_by_fix,
    is_rest_due,
    watch_fix_speed,
    watch_idling,
    watch_speeding,
    watch_wheels,
)
from streams.fleet.telemetry.levels import LEVEL_FIELDS, watch_level
from streams.fleet.telemetry.limits import LIMIT_FIELDS, compare_distances, watch_cargo

TELEMETRY_FIELDS: Fields = [
    *COUNTER_FIELDS,
    *DRIVING_FIELDS,
    *LEVEL_FIELDS,
    *LIMIT_FIELDS,
    ("has_depot", np.bool_),
    ("faults_due_us", np.int64),
    ("cornering_told_us", np.int64),
    ("cornering_untold", np.int32),
    ("cornering_worst_mps2", np.float32),
]
"""Alerts go to a depot: without one, nothing is watched. ``faults_due_us`` is when a fault code may be
cleared next."""

IDLING, SPEEDING, CARGO, ODOMETER = (2 * place for place in range(4))
"""Where the two bits of a phase stand."""
HARSH, LEVEL = 8, 10
"""Two bits: acceleration and braking; refuelled and drained."""
FUEL, ENERGY, METRES, IDLE = (12 + 2 * place for place in range(4))
"""Two bits: what a counter did."""
LISTS = 1 << 20
"""The message has fault codes or harsh manoeuvres, or a fault code may be over."""
HARSH_REST = 1 << 21
"""Harsh manoeuvres that were only counted are to be told."""


@compiled
def watch_fix(vehicle: np.void, row: np.void, is_usable: bool, judged_us: int, rules: np.void) -> int:
    """Follow the machine by a fix; ``is_usable`` is whether its position is."""
    if not vehicle.has_depot:
        return 0
    said = HARSH_REST if is_rest_due(vehicle, row.at_us) else 0
    if row.speed_mps == row.speed_mps and row.speed_mps <= rules.jump_speed_mps:
        said |= watch_fix_speed(vehicle, row.speed_mps, row.at_us, rules) << HARSH
        said |= watch_speeding(vehicle, row.speed_mps, row.at_us, judged_us, rules) << SPEEDING
    idles = idles_by_fix(vehicle, row.speed_mps, row.ignition, row.at_us, rules)
    said |= watch_idling(vehicle, idles, row.at_us, judged_us, rules) << IDLING
    if is_usable and not vehicle.is_odometer_wired and row.odometer_m >= 0.0:
        said |= _count_metres(vehicle, row, rules)
    return said


@compiled
def _count_metres(vehicle: np.void, row: np.void, rules: np.void) -> int:
    if row.at_us <= vehicle.odometer_us:
        return 0
    did = count_odometer(vehicle, row.odometer_m, row.at_us, rules)
    return did << METRES | compare_distances(vehicle, did, row.at_us, rules) << ODOMETER


@compiled
def watch_telemetry(vehicle: np.void, row: np.void, judged_us: int, rules: np.void) -> int:
    """Follow the machine by its counters and sensors. A counter that is late counts nothing."""
    if not vehicle.has_depot:
        return 0
    now_us, said = row.at_us, HARSH_REST if is_rest_due(vehicle, row.at_us) else 0
    if row.has_lists or (vehicle.faults_due_us != NEVER and now_us >= vehicle.faults_due_us):
        said |= LISTS
    if row.fuel_used_l >= 0.0 and now_us > vehicle.fuel_us:
        said |= count_fuel(vehicle, row.fuel_used_l, now_us, rules) << FUEL
    if row.energy_used_kwh >= 0.0 and now_us > vehicle.energy_us:
        said |= count_energy(vehicle, row.energy_used_kwh, now_us, rules) << ENERGY
    if row.odometer_m >= 0.0:
        if not vehicle.is_odometer_wired:
            # The dashboard's odometer, not what the tracker reckons: it begins a count of its own.
            vehicle.is_odometer_wired = True
            vehicle.odometer_us = vehicle.odometer_suspect_us = NEVER
        said |= _count_metres(vehicle, row, rules)
    idles = _idles_by_counter(vehicle, row, rules)
    if row.idle_s >= 0.0 and now_us > vehicle.idle_us:
        said |= count_idle(vehicle, row.idle_s, now_us, rules) << IDLE
    if row.speed_mps == row.speed_mps:
        said |= watch_wheels(vehicle, row.speed_mps, now_us, rules) << HARSH
        said |= watch_speeding(vehicle, row.speed_mps, now_us, judged_us, rules) << SPEEDING
    by_engine = idles_by_engine(vehicle, row.speed_mps, row.engine_rpm, now_us, rules)
    idles = by_engine if by_engine != UNTOLD else idles
    said |= watch_idling(vehicle, idles, now_us, judged_us, rules) << IDLING
    if row.fuel_level_share == row.fuel_level_share:
        driven_m = max(vehicle.odometer_total, vehicle.gps_m, vehicle.wheel_m)
        said |= watch_level(vehicle, row.fuel_level_share, driven_m, now_us, rules) << LEVEL
    if row.cargo_temperature_c == row.cargo_temperature_c:
        said |= watch_cargo(vehicle, row.cargo_temperature_c, now_us, judged_us, rules) << CARGO
    return said


@compiled
def _idles_by_counter(vehicle: np.void, row: np.void, rules: np.void) -> int:
    """Whether it idled since its last message, by the counter of that."""
    passed_s = (row.at_us - vehicle.idle_us) / 1e6
    if not row.idle_s >= 0.0 or vehicle.idle_us == NEVER or passed_s <= 0.0 or passed_s > rules.watch_gap_s:
        return UNTOLD
    return IDLES if row.idle_s - vehicle.idle_last >= rules.idle_counter_share * passed_s else DRIVES
