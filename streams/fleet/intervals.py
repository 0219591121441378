"""How often a vehicle is to be heard: by the device that is fitted to it, else by its own record."""

import numpy as np

from streams.columns.compiled import compiled
from streams.fleet.columns import Fields

INTERVAL_FIELDS: Fields = [
    ("reporting_interval_s", np.float64),
    ("heard_device", np.int64),
    ("fitted_device", np.int64),
    ("fitted_us", np.int64),
    ("fitted_interval_s", np.float64),
]
"""The vehicle's own interval; the device that was heard last; the one whose record came into force last,
when, and its interval, 0 for none. A device's number is that of `streams.fleet.clocks.device_hash`."""


@compiled
def expected_interval_s(vehicle: np.void) -> float:
    """The fitted device's interval, unless another device is what is heard."""
    is_heard = vehicle.heard_device == vehicle.fitted_device or vehicle.heard_device == 0
    if vehicle.fitted_interval_s > 0.0 and is_heard:
        return vehicle.fitted_interval_s
    return vehicle.reporting_interval_s


@compiled
def silence_limit_s(vehicle: np.void, rules: np.void) -> float:
    """How long the vehicle may be unheard before it is silent: some of its intervals, and never shortly."""
    return max(rules.silent_after_s, rules.silent_intervals * expected_interval_s(vehicle))
