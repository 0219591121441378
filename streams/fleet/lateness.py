"""Each stop's lateness as a state with hysteresis, for all stops of a route in one compiled pass.

Nothing (0) becomes ``AT_RISK`` by P90, so long ahead at most as the rules say, ``LATE`` by P50 and
``MISSED`` once the window has closed on a stop that is neither done nor being served; a stop that is
being served is ``EARLY`` from an arrival well before its window opens until that moment. Each change that
is to be told is one of ``RAISED``, ``UPDATED`` and ``CLEARED``; an open one is updated at most once in
``delay_interval_s``.
"""

import numpy as np
from numpy.typing import NDArray

from streams.columns.compiled import compiled
from streams.fleet.columns import FAR_US, NEVER, SECOND_US, Fields

AT_RISK, LATE, MISSED, EARLY = 1, 2, 3, 4
RAISED, UPDATED, CLEARED = range(3)

LATENESS_FIELDS: Fields = [
    ("delay_rule", np.int8),
    ("delay_cause", np.int8),
    ("delay_s", np.float64),
    ("delay_closes_us", np.int64),
    ("delay_told_us", np.int64),
    ("delay_fine_us", np.int64),
    ("delay_arrived_us", np.int64),
]
"""A stop's open delay as it was last told; ``delay_fine_us`` is since when the estimate has been fine,
``delay_arrived_us`` the arrival that was early."""


@compiled
def past_close_us(stop: np.void, rule: int) -> int:
    """From the close to P90 (``AT_RISK``), else to P50; positive is late."""
    return (stop.p90_us if rule == AT_RISK else stop.p50_us) - stop.closes_us


@compiled
def judge_lateness(
    vehicles: NDArray[np.void],
    number: int,
    stops: NDArray[np.void],
    now_us: int,
    limits: NDArray[np.void],
    places: NDArray[np.int64],
    phases: NDArray[np.int64],
) -> int:
    """Move the state of all stops on; the route's ``places`` with something to tell, and its phase.

    Returns how many they are. ``delays_due_us`` of the vehicle says until when time alone changes
    nothing. Before the shift starts nobody is late yet.
    """
    found, vehicle, rules = 0, vehicles[number], limits[0]
    vehicle.delays_due_us = FAR_US
    is_before_shift = vehicle.departed_us == NEVER and now_us < vehicle.shift_starts_us
    if is_before_shift:
        vehicle.delays_due_us = vehicle.shift_starts_us
    for place in range(vehicle.stop_count):
        stop = stops[vehicle.first_stop + place]
        phase = -1
        if stop.is_done or stop.closes_us == NEVER:
            if stop.delay_rule != 0:
                phase = CLEARED
        elif place + 1 == vehicle.served_stop:
            phase = _judge_arrival(vehicle, stop, now_us, rules)
        elif stop.delay_rule == EARLY:
            phase = CLEARED
        elif not is_before_shift and stop.p50_us != NEVER:
            phase = _judge_stop(vehicle, stop, now_us, rules)
        if phase >= 0:
            places[found], phases[found] = place, phase
            found += 1
    return found


@compiled
def _judge_stop(vehicle: np.void, stop: np.void, now_us: int, rules: np.void) -> int:
    raise_us = rules.delay_raise_s * SECOND_US
    missed_us = stop.closes_us + np.int64(rules.missed_after_s * SECOND_US)
    is_missed = now_us > missed_us
    if not is_missed:
        vehicle.delays_due_us = min(vehicle.delays_due_us, missed_us + 1)
    if stop.delay_rule != 0:
        return _follow(vehicle, stop, now_us, is_missed, rules)
    rule = 0
    if is_missed:
        rule = MISSED
    elif past_close_us(stop, LATE) >= raise_us:
        rule = LATE
    elif past_close_us(stop, AT_RISK) >= raise_us:
        rule = AT_RISK if _is_near(vehicle, stop, now_us, rules) else 0
    if rule == 0:
        return -1
    _note(stop, rule, now_us)
    stop.delay_fine_us = NEVER
    return RAISED


@compiled
def _is_near(vehicle: np.void, stop: np.void, now_us: int, rules: np.void) -> bool:
    """Whether the stop is so little ahead that it may be at risk; if not, it is judged again then."""
    from_us = stop.p50_us - np.int64(rules.at_risk_ahead_s * SECOND_US)
    if now_us < from_us:
        vehicle.delays_due_us = min(vehicle.delays_due_us, from_us)
    return now_us >= from_us


@compiled
def _judge_arrival(vehicle: np.void, stop: np.void, now_us: int, rules: np.void) -> int:
    """Of a stop that is being served: whether its window will open only long after the arrival."""
    is_over = (
        now_us >= stop.opens_us or stop.opens_us - vehicle.served_since_us < rules.early_after_s * SECOND_US
    )
    if stop.delay_rule == EARLY and is_over:
        return CLEARED
    if is_over:
        return -1
    vehicle.delays_due_us = min(vehicle.delays_due_us, stop.opens_us)
    if stop.delay_rule == EARLY:
        return -1
    told_us = np.int64(stop.delay_told_us + rules.delay_interval_s * SECOND_US)
    if stop.delay_rule != 0 and now_us < told_us:
        vehicle.delays_due_us = min(vehicle.delays_due_us, told_us)
        return -1
    phase = RAISED if stop.delay_rule == 0 else UPDATED
    stop.delay_rule = EARLY
    stop.delay_s = (vehicle.served_since_us - stop.opens_us) / SECOND_US
    stop.delay_closes_us = stop.closes_us
    stop.delay_told_us = now_us
    stop.delay_arrived_us = vehicle.served_since_us
    stop.delay_fine_us = NEVER
    return phase


@compiled
def _note(stop: np.void, rule: int, now_us: int) -> None:
    stop.delay_rule = rule
    stop.delay_s = past_close_us(stop, rule) / SECOND_US
    stop.delay_closes_us = stop.closes_us
    stop.delay_told_us = now_us


@compiled
def _follow(vehicle: np.void, stop: np.void, now_us: int, is_missed: bool, rules: np.void) -> int:
    """Escalate, ease, update or clear an open delay by its newest estimate."""
    clear_us = rules.delay_clear_s * SECOND_US
    settle_us = np.int64(rules.delay_clear_after_s * SECOND_US)
    interval_us = np.int64(rules.delay_interval_s * SECOND_US)
    if is_missed or past_close_us(stop, stop.delay_rule) > clear_us:
        stop.delay_fine_us = NEVER
    elif stop.delay_fine_us == NEVER:
        stop.delay_fine_us = now_us
    rule = stop.delay_rule
    if stop.delay_fine_us != NEVER:
        fine_us = stop.delay_fine_us + settle_us
        if now_us < fine_us:
            vehicle.delays_due_us = min(vehicle.delays_due_us, fine_us)
            return -1
        if past_close_us(stop, AT_RISK) <= clear_us or not _is_near(vehicle, stop, now_us, rules):
            return CLEARED
        rule = AT_RISK
    elif is_missed:
        rule = MISSED
    elif rule == MISSED or past_close_us(stop, LATE) >= rules.delay_raise_s * SECOND_US:
        rule = LATE
    changed_s = abs(past_close_us(stop, rule) / SECOND_US - stop.delay_s)
    if rule == stop.delay_rule and changed_s <= rules.delay_update_s:
        return -1
    if now_us - stop.delay_told_us < interval_us:
        vehicle.delays_due_us = min(vehicle.delays_due_us, stop.delay_told_us + interval_us)
        return -1
    if rule != stop.delay_rule:
        stop.delay_fine_us = NEVER
    _note(stop, rule, now_us)
    return UPDATED
