"""A tank's level, which sways: the median of the last few readings, taken some time apart.

Only steps between settled medians are told: up is a refuel, down by more than was driven a drain.
What sinks slowly while the vehicle is parked adds up to a step; what rises slowly is a battery's charge.
"""

import numpy as np

from streams.columns.compiled import compiled
from streams.fleet.columns import SECOND_US, Fields

LEVEL_FIELDS: Fields = [
    ("level_us", np.int64),
    ("level_count", np.int32),
    ("level_0_share", np.float32),
    ("level_1_share", np.float32),
    ("level_2_share", np.float32),
    ("level_3_share", np.float32),
    ("level_4_share", np.float32),
    ("level_share", np.float32),
    ("level_base_share", np.float32),
    ("level_from_share", np.float32),
    ("level_base_m", np.float64),
    ("is_level_known", np.bool_),
]
"""The last five readings, newest first; their median; the level that steps are measured from, where the
last step began, and how far the vehicle had driven at that level."""

REFUELLED, DRAINED = 1, 2


@compiled
def watch_level(vehicle: np.void, share: float, driven_m: float, now_us: int, rules: np.void) -> int:
    """``REFUELLED`` or ``DRAINED`` where the settled level made a step; ``driven_m`` is by any count."""
    if now_us - vehicle.level_us < rules.level_interval_s * SECOND_US:
        return 0
    vehicle.level_us = now_us
    vehicle.level_4_share, vehicle.level_3_share = vehicle.level_3_share, vehicle.level_2_share
    vehicle.level_2_share, vehicle.level_1_share = vehicle.level_1_share, vehicle.level_0_share
    vehicle.level_0_share = share
    vehicle.level_count += 1
    if vehicle.level_count < 5:
        return 0
    low, median, high = _middle_three(vehicle)
    vehicle.level_share = median
    if high - low > rules.level_settled_share:
        return 0
    if not vehicle.is_level_known:
        vehicle.is_level_known = True
        vehicle.level_base_share, vehicle.level_base_m = median, driven_m
    explained = (driven_m - vehicle.level_base_m) / 1000.0 * rules.level_share_per_km
    step = median - vehicle.level_base_share
    is_drained = -step - explained >= rules.level_step_share
    if is_drained or step > 0.0 or driven_m - vehicle.level_base_m >= rules.level_parked_m:
        vehicle.level_from_share = vehicle.level_base_share
        vehicle.level_base_share, vehicle.level_base_m = median, driven_m
    if is_drained:
        return DRAINED
    return REFUELLED if step >= rules.level_step_share else 0


@compiled
def _middle_three(vehicle: np.void) -> tuple[float, float, float]:
    """The second, third and fourth of the five readings by size."""
    a, b, c, d, e = (
        vehicle.level_0_share,
        vehicle.level_1_share,
        vehicle.level_2_share,
        vehicle.level_3_share,
        vehicle.level_4_share,
    )
    a, b = min(a, b), max(a, b)
    c, d = min(c, d), max(c, d)
    a, c = min(a, c), max(a, c)
    b, d = min(b, d), max(b, d)
    b, c = min(b, c), max(b, c)
    # a is the least and d the most of four, b and c lie between; e goes where it belongs.
    low = min(b, max(a, e))
    high = max(c, min(d, e))
    return low, max(b, min(c, e)), high
