"""What follows from a vehicle's new state, and when it has to be looked at next."""

from datetime import datetime, timedelta

from streams.fleet.delays import judge_delays
from streams.fleet.etas import refresh_etas
from streams.fleet.instants import micros, micros_or_never, moment
from streams.fleet.lateness import FAR_US
from streams.fleet.progress import tell_progress
from streams.fleet.silence import is_on_its_round
from streams.fleet.state import FleetState, ShiftState, VehicleState
from streams.fleet.turn import Turn


def settle(turn: Turn, state: FleetState, vehicle: VehicleState) -> None:
    """Judge ETAs, delays and progress anew; a vehicle without any route is forgotten."""
    shift = vehicle.shift
    if shift is None and not vehicle.upcoming:
        state.forget(vehicle)
        return
    if shift is not None:
        is_to_judge = refresh_etas(turn, state, vehicle, shift)
        is_to_judge = is_to_judge or micros(turn.now_at) >= int(vehicle.record["delays_due_us"])
        is_raised = is_to_judge and judge_delays(turn, state, vehicle, shift)
        tell_progress(turn, state, vehicle, shift, is_asked_for=is_raised)
    _put_on_record(turn, vehicle)


def _put_on_record(turn: Turn, vehicle: VehicleState) -> None:
    record, shift = vehicle.record, vehicle.shift
    record["has_route"] = True
    record["departed_us"] = micros_or_never(None if shift is None else shift.departed_at)
    record["may_be_silent"] = shift is None or not is_on_its_round(turn, shift)
    record["attention_us"] = micros_or_never(_next_look_at(turn, vehicle))


def _next_look_at(turn: Turn, vehicle: VehicleState) -> datetime:
    """The first moment after now at which time alone may change something."""
    looks = [turn.now_at + timedelta(seconds=turn.rules.look_interval_s)]
    for route in vehicle.upcoming:
        looks += [at for at in (route.effective_at, route.route.shift.starts_at) if at > turn.now_at]
    if vehicle.shift is not None:
        looks += [at for at in _looks_at_shift(turn, vehicle, vehicle.shift) if at > turn.now_at]
    return min(looks)


def _looks_at_shift(turn: Turn, vehicle: VehicleState, shift: ShiftState) -> list[datetime]:
    looks = []
    if shift.is_eta_untold and shift.eta_told_at is not None:
        looks.append(shift.eta_told_at + timedelta(seconds=turn.rules.eta_interval_s))
    if shift.progress_due_at is not None:
        looks.append(shift.progress_due_at)
    if int(vehicle.record["next_stop"]):
        looks.append(_drifts_at(turn, vehicle))
    if int(vehicle.record["delays_due_us"]) < FAR_US:
        looks.append(moment(vehicle.record["delays_due_us"]))
    return looks


def _drifts_at(turn: Turn, vehicle: VehicleState) -> datetime:
    """When the next stop's estimate has moved enough, if the vehicle just stays where it is."""
    counts_from_us = max(int(vehicle.record["estimated_us"]), int(vehicle.record["free_us"]))
    return moment(counts_from_us) + timedelta(seconds=turn.rules.eta_shift_s, microseconds=1)
