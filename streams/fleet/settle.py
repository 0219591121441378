"""What follows from a vehicle's new state, and when it has to be looked at next."""

import numpy as np

from streams.fleet.columns import FAR_US, NEVER, SECOND_US
from streams.fleet.delays import tell_delays
from streams.fleet.etas import break_looks_us, breaks_left, may_tell, pass_breaks, tell_etas
from streams.fleet.instants import micros, micros_or_never
from streams.fleet.look import DELAYS, NOTICES, look
from streams.fleet.notices import know_quiet_hours, tell_ahead
from streams.fleet.pace import learn_pace
from streams.fleet.progress import tell_progress
from streams.fleet.routes import has_due_route
from streams.fleet.rules import FleetRules
from streams.fleet.shift_alerts import tell_shift
from streams.fleet.silence import is_on_its_round
from streams.fleet.state import FleetState, ShiftState, VehicleState
from streams.fleet.stay_list import Stay
from streams.fleet.turn import Turn


def settle(turn: Turn, state: FleetState, vehicle: VehicleState) -> None:
    """Judge ETAs, delays, the shift, notices and progress anew; a vehicle without any route is forgotten."""
    shift, due_us = vehicle.shift, FAR_US
    if shift is None and not vehicle.upcoming:
        state.forget(vehicle)
        return
    vehicle.record["departed_us"] = micros_or_never(None if shift is None else shift.departed_at)
    if shift is not None:
        due_us = _look(turn, state, vehicle, shift)
    _put_on_record(turn, vehicle, due_us)


def _look(turn: Turn, state: FleetState, vehicle: VehicleState, shift: ShiftState) -> int:
    """Tell what there is to tell of a shift; when time alone changes any of it."""
    pass_breaks(turn, state, vehicle, shift)
    stay, serving, is_due = shift.stay, shift.serving, shift.is_eta_due
    if is_due:
        learn_pace(state, vehicle, shift)
    know_quiet_hours(turn, vehicle, shift)
    found = np.empty((6, vehicle.record["stop_count"]), np.int64)
    is_estimated, is_news, delays, alerts, notices, due_us = look(
        state.records,
        vehicle.number,
        state.tracks.watches,
        state.stops.records,
        state.travels.rows,
        breaks_left(vehicle, shift),
        is_due,
        shift.is_eta_untold and may_tell(turn, shift),
        stay is not None,
        0 if serving is None else 1 + _place_of(shift, serving),
        NEVER if serving is None else serving.since_us,
        turn.now_us,
        state.limits,
        found,
    )
    if is_estimated:
        shift.is_eta_due, shift.is_eta_untold = False, is_news
        if is_news and may_tell(turn, shift):
            tell_etas(turn, state, vehicle, shift)
    is_raised = False
    if delays:
        is_raised = tell_delays(turn, state, vehicle, shift, *found[DELAYS, :delays].tolist())
    if alerts:
        tell_shift(turn, state, vehicle, shift, alerts)
    if notices:
        tell_ahead(turn, shift, *found[NOTICES, :notices].tolist())
    tell_progress(turn, state, vehicle, shift, serving, is_asked_for=is_raised)
    return due_us


def _place_of(shift: ShiftState, serving: Stay) -> int:
    """The place in the route of the stop being served; -1 if the route has it no longer."""
    place = shift.place_of(serving.stop_id)
    return -1 if place is None else place


def _put_on_record(turn: Turn, vehicle: VehicleState, due_us: int) -> None:
    record, shift = vehicle.record, vehicle.shift
    record["has_route"] = True
    record["may_be_silent"] = shift is None or not is_on_its_round(turn, vehicle, shift)
    record["attention_us"] = _next_look_us(turn, vehicle, due_us)


def _next_look_us(turn: Turn, vehicle: VehicleState, due_us: int) -> int:
    """The first moment after now at which time alone may change something.

    What `streams.fleet.screen.find_due` sees by itself, a drifting ETA or a silence, is not among them.
    """
    now_us, rules = turn.now_us, turn.rules
    looks_us = [due_us, now_us + round(rules.look_interval_s * SECOND_US)]
    if vehicle.upcoming:
        if has_due_route(vehicle, turn.now_at):
            return now_us
        for route in vehicle.upcoming:
            looks_us += [micros(route.effective_at), micros(route.starts_at)]
    if vehicle.shift is not None:
        looks_us += _looks_at_shift_us(rules, vehicle, vehicle.shift)
    return min(filter(now_us.__lt__, looks_us))


def _looks_at_shift_us(rules: FleetRules, vehicle: VehicleState, shift: ShiftState) -> list[int]:
    """Held back ETAs and progress, and the break under way."""
    looks_us = []
    if shift.is_eta_untold and shift.eta_told_at is not None:
        looks_us.append(micros(shift.eta_told_at) + round(rules.eta_interval_s * SECOND_US))
    if shift.progress_due_at is not None:
        looks_us.append(micros(shift.progress_due_at))
    if shift.progress_told_at is not None:
        looks_us.append(micros(shift.progress_told_at) + round(rules.progress_interval_s * SECOND_US))
    if vehicle.record["break_us"] != NEVER:
        looks_us += break_looks_us(rules, vehicle)
    return looks_us
