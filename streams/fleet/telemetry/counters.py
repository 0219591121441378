"""Running totals of devices that are replaced, begin anew, roll over, and now and then send nonsense.

A reading that the last one can't have become is set aside and not counted. When the next reading
follows from it, the counter did begin anew there; when that follows from the last one, it was nonsense.
"""

import numpy as np

from streams.columns.compiled import compiled
from streams.fleet.columns import NEVER, SECOND_US, Fields

COUNTERS = ("fuel", "energy", "odometer", "idle")
COUNTER_FIELDS: Fields = [
    (f"{counter}_{field}", kind)
    for counter in COUNTERS
    for field, kind in (
        ("us", np.int64),
        ("last", np.float64),
        ("suspect_us", np.int64),
        ("suspect", np.float64),
        ("before", np.float64),
        ("total", np.float64),
    )
]
"""For each counter: its last good reading and when; the one set aside; the reading before the counter
last began anew; and what was used in all since the vehicle is known, whatever its counter did."""

STEADY, OUTLIER, RESET, ROLLED = range(4)


@compiled
def advance(
    reading: float,
    now_us: int,
    last: float,
    last_us: int,
    suspect: float,
    suspect_us: int,
    most_per_s: float,
    slack: float,
) -> tuple[int, float]:
    """What the counter did and by how much it went on, in its unit; ``last_us`` is ``NEVER`` at first.

    ``most_per_s`` and ``slack`` are the most that can be used by the second, and by rounding beside.
    """
    if last_us == NEVER:
        return STEADY, 0.0
    most = slack + most_per_s * (now_us - last_us) / SECOND_US
    used = reading - last
    if 0.0 <= used <= most:
        return STEADY, used
    if suspect_us != NEVER:
        since = reading - suspect
        if 0.0 <= since <= slack + most_per_s * (now_us - suspect_us) / SECOND_US:
            return RESET, since + (suspect if suspect <= most else 0.0)
    if used < 0.0:
        rolled = _rolled(reading, last, most)
        if rolled >= 0.0:
            return ROLLED, rolled
    return OUTLIER, 0.0


@compiled
def _rolled(reading: float, last: float, most: float) -> float:
    """What was used if the counter went past its end; negative where no end explains it.

    Ends of 16, 24 and 32 bits in the resolutions that vehicle buses have: 1, a half (fuel, SAE J1939),
    a tenth, a hundredth, a thousandth.
    """
    for bits in (16, 24, 32):
        for steps in (1.0, 2.0, 10.0, 100.0, 1000.0):
            used = 2.0**bits / steps - last + reading
            if 0.0 <= used <= most:
                return used
    return -1.0


@compiled
def count_fuel(vehicle: np.void, reading: float, now_us: int, rules: np.void) -> int:
    """Take in litres used; what the counter did."""
    did, used = advance(
        reading,
        now_us,
        vehicle.fuel_last,
        vehicle.fuel_us,
        vehicle.fuel_suspect,
        vehicle.fuel_suspect_us,
        rules.fuel_most_l_per_h / 3600.0,
        rules.fuel_slack_l,
    )
    if did == OUTLIER:
        vehicle.fuel_suspect, vehicle.fuel_suspect_us = reading, now_us
        return did
    if did != STEADY:
        vehicle.fuel_before = vehicle.fuel_last
    vehicle.fuel_total += used
    vehicle.fuel_last, vehicle.fuel_us, vehicle.fuel_suspect_us = reading, now_us, NEVER
    return did


@compiled
def count_energy(vehicle: np.void, reading: float, now_us: int, rules: np.void) -> int:
    """Take in kilowatt hours used; what the counter did."""
    did, used = advance(
        reading,
        now_us,
        vehicle.energy_last,
        vehicle.energy_us,
        vehicle.energy_suspect,
        vehicle.energy_suspect_us,
        rules.energy_most_kw / 3600.0,
        rules.energy_slack_kwh,
    )
    if did == OUTLIER:
        vehicle.energy_suspect, vehicle.energy_suspect_us = reading, now_us
        return did
    if did != STEADY:
        vehicle.energy_before = vehicle.energy_last
    vehicle.energy_total += used
    vehicle.energy_last, vehicle.energy_us, vehicle.energy_suspect_us = reading, now_us, NEVER
    return did


@compiled
def count_odometer(vehicle: np.void, reading: float, now_us: int, rules: np.void) -> int:
    """Take in metres driven; what the counter did."""
    did, used = advance(
        reading,
        now_us,
        vehicle.odometer_last,
        vehicle.odometer_us,
        vehicle.odometer_suspect,
        vehicle.odometer_suspect_us,
        rules.jump_speed_mps,
        rules.odometer_slack_m,
    )
    if did == OUTLIER:
        vehicle.odometer_suspect, vehicle.odometer_suspect_us = reading, now_us
        return did
    if did != STEADY:
        vehicle.odometer_before = vehicle.odometer_last
    vehicle.odometer_total += used
    vehicle.odometer_last, vehicle.odometer_us, vehicle.odometer_suspect_us = reading, now_us, NEVER
    return did


@compiled
def count_idle(vehicle: np.void, reading: float, now_us: int, rules: np.void) -> int:
    """Take in seconds idled; what the counter did."""
    did, used = advance(
        reading,
        now_us,
        vehicle.idle_last,
        vehicle.idle_us,
        vehicle.idle_suspect,
        vehicle.idle_suspect_us,
        1.0,
        rules.idle_slack_s,
    )
    if did == OUTLIER:
        vehicle.idle_suspect, vehicle.idle_suspect_us = reading, now_us
        return did
    if did != STEADY:
        vehicle.idle_before = vehicle.idle_last
    vehicle.idle_total += used
    vehicle.idle_last, vehicle.idle_us, vehicle.idle_suspect_us = reading, now_us, NEVER
    return did
