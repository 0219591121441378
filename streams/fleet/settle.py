"""What follows from a vehicle's new state, and when it has to be looked at next."""

from streams.fleet.columns import NEVER, SECOND_US
from streams.fleet.delays import judge_delays
from streams.fleet.etas import break_looks_us, refresh_etas
from streams.fleet.instants import micros, micros_or_never
from streams.fleet.notices import judge_notices
from streams.fleet.progress import tell_progress
from streams.fleet.routes import has_due_route
from streams.fleet.rules import FleetRules
from streams.fleet.shift_alerts import judge_shift
from streams.fleet.silence import is_on_its_round
from streams.fleet.state import FleetState, ShiftState, VehicleState
from streams.fleet.turn import Turn


def settle(turn: Turn, state: FleetState, vehicle: VehicleState) -> None:
    """Judge ETAs, delays, the shift, notices and progress anew; a vehicle without any route is forgotten."""
    shift = vehicle.shift
    if shift is None and not vehicle.upcoming:
        state.forget(vehicle)
        return
    vehicle.record["departed_us"] = micros_or_never(None if shift is None else shift.departed_at)
    if shift is not None:
        now_us = micros(turn.now_at)
        is_to_look = refresh_etas(turn, state, vehicle, shift)
        is_to_judge = is_to_look or now_us >= int(vehicle.record["delays_due_us"])
        is_raised = is_to_judge and judge_delays(turn, state, vehicle, shift)
        if is_to_look or now_us >= int(vehicle.record["shift_due_us"]):
            judge_shift(turn, state, vehicle, shift)
        if is_to_look or now_us >= int(vehicle.record["notices_due_us"]):
            judge_notices(turn, state, vehicle, shift)
        tell_progress(turn, state, vehicle, shift, is_asked_for=is_raised)
    _put_on_record(turn, vehicle)


def _put_on_record(turn: Turn, vehicle: VehicleState) -> None:
    record, shift = vehicle.record, vehicle.shift
    record["has_route"] = True
    record["may_be_silent"] = shift is None or not is_on_its_round(turn, shift)
    record["attention_us"] = _next_look_us(turn, vehicle)


def _next_look_us(turn: Turn, vehicle: VehicleState) -> int:
    """The first moment after now at which time alone may change something.

    What `streams.fleet.screen.find_due` sees by itself, a drifting ETA or a silence, is not among them.
    """
    now_us, rules = micros(turn.now_at), turn.rules
    if has_due_route(vehicle, turn.now_at):
        return now_us
    looks_us = [now_us + round(rules.look_interval_s * SECOND_US)]
    for route in vehicle.upcoming:
        looks_us += [micros(route.effective_at), micros(route.route.shift.starts_at)]
    if vehicle.shift is not None:
        looks_us += _looks_at_shift_us(rules, vehicle, vehicle.shift)
    return min(at_us for at_us in looks_us if at_us > now_us)


def _looks_at_shift_us(rules: FleetRules, vehicle: VehicleState, shift: ShiftState) -> list[int]:
    """Held back ETAs and progress, the break under way, delays, what goes wrong, notices, the shift's end."""
    record = vehicle.record
    over_us = int(record["shift_ends_us"]) + round(rules.shift_overrun_s * SECOND_US) + 1
    dues_us = [int(record[name]) for name in ("delays_due_us", "shift_due_us", "notices_due_us")]
    looks_us = [*dues_us, over_us]
    if shift.is_eta_untold and shift.eta_told_at is not None:
        looks_us.append(micros(shift.eta_told_at) + round(rules.eta_interval_s * SECOND_US))
    if shift.progress_due_at is not None:
        looks_us.append(micros(shift.progress_due_at))
    if shift.progress_told_at is not None:
        looks_us.append(micros(shift.progress_told_at) + round(rules.progress_interval_s * SECOND_US))
    if int(record["break_us"]) != NEVER:
        looks_us += break_looks_us(rules, vehicle)
    return looks_us
