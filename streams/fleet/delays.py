"""Delays raised, updated and cleared, with hysteresis, so that one cause makes one alert and no storm."""

from routing.plan import Stop
from streams.events.base import derived_id
from streams.events.judgements import DelayEvent, DelayPhase, DelayRule, StopEta
from streams.fleet.causes import find_cause
from streams.fleet.state import OpenDelay, ShiftState, VehicleState
from streams.fleet.turn import SOURCE, Turn, clock_text, elapsed_s, span_text
from streams.topics import DELAYS


def judge_delays(turn: Turn, vehicle: VehicleState, shift: ShiftState) -> bool:
    """Hold the estimates against the windows; whether a delay was raised.

    Before the shift starts nothing is known but the plan, and nobody is late yet.
    """
    if shift.departed_at is None and turn.now_at < shift.assignment.route.shift.starts_at:
        _clear_settled(turn, vehicle, shift)
        return False
    raised, shift.is_delay_due = False, False
    ahead = {shift.stop_at(place).stop_id: shift.stop_at(place) for place in shift.ahead()}
    for estimate in shift.etas:
        stop = ahead.get(estimate.stop_id)
        if stop is None or stop.window is None:
            continue
        delay = shift.delays.get(stop.stop_id)
        if delay is None:
            raised = _raise(turn, vehicle, shift, stop, estimate) or raised
        else:
            delay.estimate, delay.closes_at = estimate, stop.window.closes_at
            _follow(turn, vehicle, shift, delay)
    _clear_settled(turn, vehicle, shift)
    return raised


def clear_all(turn: Turn, vehicle: VehicleState, shift: ShiftState, why: str) -> None:
    """Clear every open delay of a shift."""
    for stop_id in list(shift.delays):
        _clear(turn, vehicle, shift, stop_id, why)


def _past_close_s(rule: DelayRule, delay: OpenDelay) -> float:
    """Seconds from the close to P50 (``late``) or to P90 (``at_risk``)."""
    at = delay.estimate.p50_at if rule is DelayRule.LATE else delay.estimate.p90_at
    return elapsed_s(delay.closes_at, at)


def _raise(turn: Turn, vehicle: VehicleState, shift: ShiftState, stop: Stop, estimate: StopEta) -> bool:
    assert stop.window is not None
    closes_at = stop.window.closes_at
    late_s, risk_s = elapsed_s(closes_at, estimate.p50_at), elapsed_s(closes_at, estimate.p90_at)
    if risk_s < turn.rules.delay_raise_s:
        return False
    rule, delay_s = DelayRule.AT_RISK, risk_s
    if late_s >= turn.rules.delay_raise_s:
        rule, delay_s = DelayRule.LATE, late_s
    count = shift.delay_counts.get(stop.stop_id, 0) + 1
    shift.delay_counts[stop.stop_id] = count
    alert_id = str(derived_id("delay", shift.assignment.shift_id, stop.stop_id, count))
    delay = OpenDelay(alert_id, rule, delay_s, turn.now_at, estimate, closes_at, stop.order_ids, cause="")
    shift.delays[stop.stop_id] = delay
    _tell(turn, vehicle, shift, delay, DelayPhase.RAISED)
    return True


def _follow(turn: Turn, vehicle: VehicleState, shift: ShiftState, delay: OpenDelay) -> None:
    """Escalate, ease, update or clear an open delay by its newest estimate."""
    rules = turn.rules
    if _past_close_s(delay.rule, delay) > rules.delay_clear_s:
        delay.fine_since_at = None
    elif delay.fine_since_at is None:
        delay.fine_since_at = turn.now_at
    is_fine = (
        delay.fine_since_at is not None
        and elapsed_s(delay.fine_since_at, turn.now_at) >= rules.delay_clear_after_s
    )
    if is_fine and _past_close_s(DelayRule.AT_RISK, delay) <= rules.delay_clear_s:
        why = f"P90 has been before the close for {span_text(rules.delay_clear_after_s)}"
        _clear(turn, vehicle, shift, delay.estimate.stop_id, why)
        return
    if delay.fine_since_at is not None and not is_fine:
        return
    rule = delay.rule
    if is_fine:
        rule = DelayRule.AT_RISK
    elif _past_close_s(DelayRule.LATE, delay) >= rules.delay_raise_s:
        rule = DelayRule.LATE
    delay_s = _past_close_s(rule, delay)
    has_changed = rule is not delay.rule or abs(delay_s - delay.delay_s) > rules.delay_update_s
    if has_changed and elapsed_s(delay.told_at, turn.now_at) >= rules.delay_interval_s:
        if rule is not delay.rule:
            delay.fine_since_at = None
        delay.rule, delay.delay_s, delay.told_at = rule, delay_s, turn.now_at
        _tell(turn, vehicle, shift, delay, DelayPhase.UPDATED)


def _clear_settled(turn: Turn, vehicle: VehicleState, shift: ShiftState) -> None:
    """Clear the delays of stops that are done or no longer on the route."""
    if not shift.delays:
        return
    remaining = {shift.stop_at(place).stop_id for place in shift.remaining}
    for stop_id in [stop_id for stop_id in shift.delays if stop_id not in remaining]:
        done_at = shift.done.get(stop_id)
        if done_at is None:
            why = f"no longer on this route since plan revision {shift.assignment.revision}"
        else:
            why = f"done at {clock_text(done_at)}"
        _clear(turn, vehicle, shift, stop_id, why)


def _clear(turn: Turn, vehicle: VehicleState, shift: ShiftState, stop_id: str, why: str) -> None:
    delay = shift.delays.pop(stop_id)
    delay.delay_s = _past_close_s(delay.rule, delay)
    _tell(turn, vehicle, shift, delay, DelayPhase.CLEARED, why)


def _tell(
    turn: Turn, vehicle: VehicleState, shift: ShiftState, delay: OpenDelay, phase: DelayPhase, why: str = ""
) -> None:
    estimate = delay.estimate
    evidence = why
    if phase is not DelayPhase.CLEARED:
        delay.cause, figures = find_cause(shift, estimate.stop_id, estimate.p50_at, turn.now_at, turn.rules)
        evidence = f"{_estimate_text(delay)}; {figures}"
    told = DelayEvent(
        event_id=turn.derived_id("delay", delay.alert_id, phase),
        source=SOURCE,
        correlation_id=turn.correlation_id,
        causation_id=turn.cause.event_id,
        alert_id=delay.alert_id,
        depot_id=shift.depot_id,
        vehicle_id=vehicle.vehicle_id,
        shift_id=shift.assignment.shift_id,
        stop_id=estimate.stop_id,
        rule=delay.rule,
        phase=phase,
        judged_at=turn.now_at,
        delay_s=delay.delay_s,
        cause=delay.cause,
        evidence=evidence,
        p50_at=estimate.p50_at,
        p90_at=estimate.p90_at,
        closes_at=delay.closes_at,
        order_ids=delay.order_ids,
    )
    turn.say(DELAYS, shift.depot_id, told)


def _estimate_text(delay: OpenDelay) -> str:
    name, at = "P90", delay.estimate.p90_at
    if delay.rule is DelayRule.LATE:
        name, at = "P50", delay.estimate.p50_at
    past_close = f"{span_text(delay.delay_s)} past the close at {clock_text(delay.closes_at)}"
    return f"{name} {clock_text(at)} is {past_close}"
