"""How it is driven: distance by speed, speeding, idling, and how hard it speeds up and brakes."""

import numpy as np

from streams.columns.compiled import compiled
from streams.fleet.columns import NEVER, SECOND_US, Fields
from streams.fleet.telemetry.phases import follow

DRIVING_FIELDS: Fields = [
    ("fix_speed_us", np.int64),
    ("fix_speed_mps", np.float32),
    ("wheel_speed_us", np.int64),
    ("wheel_speed_mps", np.float32),
    ("wheel_m", np.float64),
    ("engine_us", np.int64),
    ("is_engine_on", np.bool_),
    ("idle_seen_us", np.int64),
    ("is_idle", np.bool_),
    ("is_engine_off", np.bool_),
    ("idled_s", np.float64),
    ("idling_since_us", np.int64),
    ("idling_raised_us", np.int64),
    ("idling_told_us", np.int64),
    ("idling_fine_us", np.int64),
    ("speed_limit_mps", np.float64),
    ("speeding_seen_us", np.int64),
    ("speeding_since_us", np.int64),
    ("speeding_raised_us", np.int64),
    ("speeding_told_us", np.int64),
    ("speeding_fine_us", np.int64),
    ("speeding_top_mps", np.float32),
    ("harsh_mps2", np.float32),
    ("acceleration_told_us", np.int64),
    ("acceleration_untold", np.int32),
    ("acceleration_worst_mps2", np.float32),
    ("braking_told_us", np.int64),
    ("braking_untold", np.int32),
    ("braking_worst_mps2", np.float32),
    ("harsh_due_us", np.int64),
]
"""The last speed of a fix and of the wheels; the distance that the wheels' speed makes; whether the
engine ran when it was last heard of; whether it idled, or its engine was off, when last seen to; time
idled, as seen; the vehicle's own limit, 0 for none; of harsh manoeuvres when one was told, how many were
not since, how hard the hardest of those was, and when they are told, of whichever kind."""

ACCELERATION, BRAKING = 1, 2
UNTOLD, DRIVES, IDLES, OFF = -1, 0, 1, 2
"""What one look tells of idling."""


@compiled
def watch_speeding(vehicle: np.void, speed_mps: float, now_us: int, judged_us: int, rules: np.void) -> int:
    """The phase of speeding after one more speed, from a fix or the wheels."""
    if now_us < vehicle.speeding_seen_us or speed_mps > rules.jump_speed_mps:
        return 0
    limit_mps = vehicle.speed_limit_mps if vehicle.speed_limit_mps > 0.0 else rules.speed_limit_mps
    is_over = speed_mps > limit_mps
    phase, since_us, raised_us, told_us, fine_us = follow(
        is_over,
        now_us,
        judged_us,
        vehicle.speeding_seen_us,
        vehicle.speeding_since_us,
        vehicle.speeding_raised_us,
        vehicle.speeding_told_us,
        vehicle.speeding_fine_us,
        rules.speeding_after_s * SECOND_US,
        rules.speeding_clear_s * SECOND_US,
        rules.alert_interval_s * SECOND_US,
        rules.watch_gap_s * SECOND_US,
    )
    if is_over:
        is_first = since_us == now_us
        vehicle.speeding_top_mps = speed_mps if is_first else max(vehicle.speeding_top_mps, speed_mps)
    vehicle.speeding_since_us, vehicle.speeding_raised_us = since_us, raised_us
    vehicle.speeding_told_us, vehicle.speeding_fine_us = told_us, fine_us
    vehicle.speeding_seen_us = now_us
    return phase


@compiled
def idles_by_fix(vehicle: np.void, speed_mps: float, ignition: int, now_us: int, rules: np.void) -> int:
    """Whether it idles, by ignition and speed. The newest word on the engine itself counts for more."""
    if ignition == 0:
        return OFF
    if speed_mps >= rules.slow_speed_mps:
        return DRIVES
    if ignition == 1 and speed_mps < rules.slow_speed_mps:
        is_known = now_us - vehicle.engine_us <= rules.watch_gap_s * SECOND_US
        return IDLES if vehicle.is_engine_on or not is_known else OFF
    return UNTOLD


@compiled
def idles_by_engine(
    vehicle: np.void, speed_mps: float, engine_rpm: float, now_us: int, rules: np.void
) -> int:
    """As `idles_by_fix`, from the engine's own speed; wheels are exact, so nearly still isn't still."""
    if engine_rpm != engine_rpm or speed_mps != speed_mps:
        return UNTOLD
    if now_us >= vehicle.engine_us:
        vehicle.engine_us, vehicle.is_engine_on = now_us, engine_rpm > 0.0
    if not engine_rpm > 0.0:
        return OFF
    return IDLES if speed_mps < rules.still_speed_mps else DRIVES


@compiled
def watch_idling(vehicle: np.void, idles: int, now_us: int, judged_us: int, rules: np.void) -> int:
    """The phase of idling after one more look, and the time idled: that from one look to the next."""
    if idles == UNTOLD or now_us < vehicle.idle_seen_us:
        return 0
    passed_us = now_us - vehicle.idle_seen_us
    if vehicle.is_idle and passed_us <= rules.watch_gap_s * SECOND_US:
        vehicle.idled_s += passed_us / SECOND_US
    phase, since_us, raised_us, told_us, fine_us = follow(
        idles == IDLES,
        now_us,
        judged_us,
        vehicle.idle_seen_us,
        vehicle.idling_since_us,
        vehicle.idling_raised_us,
        vehicle.idling_told_us,
        vehicle.idling_fine_us,
        rules.idling_after_s * SECOND_US,
        0 if idles == OFF else rules.idling_clear_s * SECOND_US,
        rules.alert_interval_s * SECOND_US,
        rules.watch_gap_s * SECOND_US,
    )
    vehicle.idling_since_us, vehicle.idling_raised_us = since_us, raised_us
    vehicle.idling_told_us, vehicle.idling_fine_us = told_us, fine_us
    vehicle.idle_seen_us, vehicle.is_idle, vehicle.is_engine_off = now_us, idles == IDLES, idles == OFF
    return phase


@compiled
def watch_wheels(vehicle: np.void, speed_mps: float, now_us: int, rules: np.void) -> int:
    """Distance and harsh driving by the wheels' speed; ``ACCELERATION`` or ``BRAKING`` where it was harsh."""
    passed_us = now_us - vehicle.wheel_speed_us
    if passed_us <= 0:
        return 0
    harsh = 0
    if vehicle.wheel_speed_us != NEVER:
        if passed_us <= rules.wheel_gap_s * SECOND_US:
            vehicle.wheel_m += (speed_mps + vehicle.wheel_speed_mps) / 2.0 * passed_us / SECOND_US
        harsh = _harsh(vehicle, speed_mps - vehicle.wheel_speed_mps, passed_us, now_us, rules)
    vehicle.wheel_speed_us, vehicle.wheel_speed_mps = now_us, speed_mps
    return harsh


@compiled
def watch_fix_speed(vehicle: np.void, speed_mps: float, now_us: int, rules: np.void) -> int:
    """As `watch_wheels`, by the speed of fixes: harsh driving alone."""
    passed_us = now_us - vehicle.fix_speed_us
    if passed_us <= 0:
        return 0
    harsh = 0
    if vehicle.fix_speed_us != NEVER:
        harsh = _harsh(vehicle, speed_mps - vehicle.fix_speed_mps, passed_us, now_us, rules)
    vehicle.fix_speed_us, vehicle.fix_speed_mps = now_us, speed_mps
    return harsh


@compiled
def _harsh(vehicle: np.void, change_mps: float, passed_us: int, now_us: int, rules: np.void) -> int:
    """What is harsh between two speeds that are about a second apart, told at most once in a while."""
    if passed_us < SECOND_US // 2 or passed_us > 3 * SECOND_US // 2:
        return 0
    rate_mps2 = change_mps * SECOND_US / passed_us
    if abs(rate_mps2) > rules.harsh_most_mps2:
        return 0
    interval_us = np.int64(rules.alert_interval_s * SECOND_US)
    if rate_mps2 >= rules.harsh_acceleration_mps2:
        if now_us - vehicle.acceleration_told_us < interval_us:
            vehicle.acceleration_untold += 1
            vehicle.acceleration_worst_mps2 = max(vehicle.acceleration_worst_mps2, rate_mps2)
            _tell_rest_at(vehicle, vehicle.acceleration_told_us + interval_us)
            return 0
        vehicle.acceleration_told_us, vehicle.harsh_mps2 = now_us, rate_mps2
        return ACCELERATION
    if -rate_mps2 >= rules.harsh_braking_mps2:
        if now_us - vehicle.braking_told_us < interval_us:
            vehicle.braking_untold += 1
            vehicle.braking_worst_mps2 = max(vehicle.braking_worst_mps2, -rate_mps2)
            _tell_rest_at(vehicle, vehicle.braking_told_us + interval_us)
            return 0
        vehicle.braking_told_us, vehicle.harsh_mps2 = now_us, -rate_mps2
        return BRAKING
    return 0


@compiled
def _tell_rest_at(vehicle: np.void, at_us: int) -> None:
    if vehicle.harsh_due_us == NEVER or at_us < vehicle.harsh_due_us:
        vehicle.harsh_due_us = at_us


@compiled
def is_rest_due(vehicle: np.void, now_us: int) -> bool:
    """Whether harsh manoeuvres that were only counted are to be told now."""
    return bool(vehicle.harsh_due_us != NEVER and now_us >= vehicle.harsh_due_us)
