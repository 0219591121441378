"""A vehicle that says nothing while it should. Standing still is not silence."""

from datetime import datetime

from streams.events.judgements import AlertKind, AlertPhase
from streams.fleet.alerts import tell_alert
from streams.fleet.instants import micros
from streams.fleet.intervals import expected_interval_s, silence_limit_s
from streams.fleet.state import FleetState, ShiftState, VehicleState
from streams.fleet.turn import Turn, clock_text, elapsed_s, span_text


def hear_again(turn: Turn, vehicle: VehicleState, received_at: datetime) -> None:
    """The vehicle that was silent was heard at ``received_at``: the length of its silence is told."""
    silent_since_at = vehicle.silent_since_at
    if silent_since_at is not None and vehicle.shift is not None:
        gap = span_text(elapsed_s(silent_since_at, received_at))
        evidence = f"heard again at {clock_text(received_at)}, after {gap}"
        _tell(turn, vehicle, vehicle.shift, silent_since_at, AlertPhase.CLEARED, evidence)
    vehicle.silent_since_at = None
    vehicle.record["is_silent"] = False
    vehicle.record["heard_us"] = micros(received_at)


def judge_silence(turn: Turn, state: FleetState, vehicle: VehicleState, shift: ShiftState) -> None:
    """Raise an alert where a vehicle on its round has not been heard for too long."""
    if vehicle.silent_since_at is not None or shift.departed_at is None:
        return
    if not is_on_its_round(turn, vehicle, shift):
        return
    heard_at = max(vehicle.heard_at or shift.departed_at, shift.departed_at)
    silent_s = elapsed_s(heard_at, turn.now_at)
    if silent_s <= turn.rules.silent_after_s:
        return
    record = state.records[vehicle.number]
    allowed_s = silence_limit_s(record, state.limits[0])
    if silent_s <= allowed_s:
        return
    vehicle.silent_since_at = heard_at
    vehicle.record["is_silent"] = True
    evidence = (
        f"no fix or telemetry for {span_text(silent_s)}, last heard at {clock_text(heard_at)}; one was "
        f"expected every {span_text(expected_interval_s(record))}, the limit is {span_text(allowed_s)}"
    )
    _tell(turn, vehicle, shift, heard_at, AlertPhase.RAISED, evidence)


def end_silence(turn: Turn, vehicle: VehicleState, shift: ShiftState, why: str) -> None:
    """Clear the alert of a vehicle that need not be heard any more."""
    if vehicle.silent_since_at is not None:
        _tell(turn, vehicle, shift, vehicle.silent_since_at, AlertPhase.CLEARED, why)
        vehicle.silent_since_at = None
        vehicle.record["is_silent"] = False


def is_on_its_round(turn: Turn, vehicle: VehicleState, shift: ShiftState) -> bool:
    """Whether the vehicle has to be heard: neither at its depot nor done for the day."""
    stay = shift.stay
    if stay is not None and stay.is_depot:
        return False
    return bool(shift.remaining) or turn.now_us <= vehicle.record["shift_ends_us"]


def _tell(
    turn: Turn, vehicle: VehicleState, shift: ShiftState, since_at: datetime, phase: AlertPhase, evidence: str
) -> None:
    since = since_at.isoformat()
    tell_alert(turn, shift.depot_id, vehicle.vehicle_id, AlertKind.SILENT, phase, since, evidence)
