"""Delays told as they are raised, updated and cleared; which are is judged in `streams.fleet.lateness`."""

import numpy as np

from streams.events.base import derived_id
from streams.events.judgements import DelayEvent, DelayPhase, DelayRule
from streams.fleet.causes import CAUSES, find_cause, find_early_cause
from streams.fleet.columns import NEVER, SECOND_US
from streams.fleet.instants import moment
from streams.fleet.lateness import AT_RISK, EARLY
from streams.fleet.state import FleetState, ShiftState, VehicleState, own
from streams.fleet.turn import SOURCE, Turn, clock_text, span_text
from streams.topics import DELAYS

_RULES = (None, DelayRule.AT_RISK, DelayRule.LATE, DelayRule.MISSED, DelayRule.EARLY)
_PHASES = (DelayPhase.RAISED, DelayPhase.UPDATED, DelayPhase.CLEARED)


def tell_delays(
    turn: Turn,
    state: FleetState,
    vehicle: VehicleState,
    shift: ShiftState,
    places: list[int],
    phases: list[int],
) -> bool:
    """Tell what `judge_lateness` found at ``places`` of the route; whether a delay was raised."""
    stops, begin, is_raised = state.stops.records, vehicle.record["first_stop"], False
    for place, code in zip(places, phases, strict=True):
        phase, stop, stop_id = _PHASES[code], stops[begin + place], shift.stop_at(place).stop_id
        if phase is DelayPhase.CLEARED:
            _clear(turn, vehicle, shift, stop_id, stop, _why_cleared(turn, shift, stop_id, stop))
            continue
        if phase is DelayPhase.RAISED:
            count = shift.delay_counts.get(stop_id, 0) + 1
            shift.delay_counts = own(shift.delay_counts)
            shift.delay_counts[stop_id] = count
            is_raised = True
        if stop["delay_rule"] == EARLY:
            cause, figures = find_early_cause(turn, stop)
        else:
            cause, figures = find_cause(turn, state, vehicle, shift, place)
        stop["delay_cause"] = CAUSES.index(cause)
        _tell(turn, vehicle, shift, stop_id, stop, phase, f"{_estimate_text(stop)}; {figures}")
    return is_raised


def clear_all(turn: Turn, state: FleetState, vehicle: VehicleState, shift: ShiftState, why: str) -> None:
    """Clear every open delay of a shift."""
    begin, count = vehicle.record["first_stop"], vehicle.record["stop_count"]
    stops = state.stops.records[begin : begin + count]
    for place in np.flatnonzero(stops["delay_rule"]).tolist():
        _clear(turn, vehicle, shift, shift.stop_at(place).stop_id, stops[place], why)


def clear_gone(
    turn: Turn, vehicle: VehicleState, shift: ShiftState, gone: dict[str, np.void], revision: int
) -> None:
    """Clear the delays of stops that the route of ``revision``, not yet in force, no longer has."""
    for stop_id, stop in gone.items():
        if stop["delay_rule"]:
            why = f"no longer on this route since plan revision {revision}"
            _clear(turn, vehicle, shift, stop_id, stop, why)


def _why_cleared(turn: Turn, shift: ShiftState, stop_id: str, stop: np.void) -> str:
    done_at = shift.done.get(stop_id)
    if done_at is not None:
        return f"done at {clock_text(done_at)}"
    if stop["closes_us"] == NEVER:
        return f"without a window since plan revision {shift.route.revision}"
    if stop["delay_rule"] == EARLY:
        return _why_early_no_more(turn, stop)
    estimate = "P90" if stop["p90_us"] <= stop["closes_us"] else "P50, far ahead,"
    return f"{estimate} has been before the close for {span_text(turn.rules.delay_clear_after_s)}"


def _why_early_no_more(turn: Turn, stop: np.void) -> str:
    opens_at = clock_text(moment(stop["opens_us"]))
    if turn.now_us >= stop["opens_us"]:
        return f"the window has opened at {opens_at}"
    return f"the vehicle has left, or arrived later than was known; the window opens at {opens_at}"


def _clear(
    turn: Turn, vehicle: VehicleState, shift: ShiftState, stop_id: str, stop: np.void, why: str
) -> None:
    if stop["closes_us"] != NEVER and stop["delay_rule"] != EARLY:
        estimated_us = stop["p90_us"] if stop["delay_rule"] == AT_RISK else stop["p50_us"]
        stop["delay_s"] = int(estimated_us - stop["closes_us"]) / SECOND_US
        stop["delay_closes_us"] = stop["closes_us"]
    _tell(turn, vehicle, shift, stop_id, stop, DelayPhase.CLEARED, why)
    stop["delay_rule"], stop["delay_fine_us"] = 0, NEVER


def _tell(
    turn: Turn,
    vehicle: VehicleState,
    shift: ShiftState,
    stop_id: str,
    stop: np.void,
    phase: DelayPhase,
    evidence: str,
) -> None:
    count = shift.delay_counts.get(stop_id, 0)
    alert_id = str(derived_id("delay", shift.route.shift_id, stop_id, count))
    rule = _RULES[int(stop["delay_rule"])]
    p50_us, p90_us = stop["p50_us"], stop["p90_us"]
    if rule is DelayRule.EARLY:
        p50_us = p90_us = stop["delay_arrived_us"]
    known = shift.find_stop(stop_id, None)
    assert rule is not None
    told = DelayEvent(
        event_id=turn.derived_id("delay", alert_id, phase),
        source=SOURCE,
        correlation_id=turn.correlation_id,
        causation_id=turn.cause.event_id,
        alert_id=alert_id,
        depot_id=shift.depot_id,
        vehicle_id=vehicle.vehicle_id,
        shift_id=shift.route.shift_id,
        stop_id=stop_id,
        rule=rule,
        phase=phase,
        judged_at=turn.now_at,
        delay_s=float(stop["delay_s"]),
        cause=CAUSES[int(stop["delay_cause"])],
        evidence=evidence,
        p50_at=moment(p50_us),
        p90_at=moment(p90_us),
        closes_at=moment(stop["delay_closes_us"]),
        order_ids=() if known is None else known.order_ids,
    )
    turn.say(DELAYS, shift.depot_id, told)


def _estimate_text(stop: np.void) -> str:
    if stop["delay_rule"] == EARLY:
        before = span_text(-float(stop["delay_s"]))
        opens = f"{before} before the window opens at {clock_text(moment(stop['opens_us']))}"
        return f"arrived at {clock_text(moment(stop['delay_arrived_us']))}, {opens}"
    name, at_us = ("P90", stop["p90_us"]) if stop["delay_rule"] == AT_RISK else ("P50", stop["p50_us"])
    past_close = (
        f"{span_text(float(stop['delay_s']))} past the close at {clock_text(moment(stop['delay_closes_us']))}"
    )
    return f"{name} {clock_text(moment(at_us))} is {past_close}"
