"""What follows from a vehicle's new state, and when it has to be looked at next."""

import numpy as np

from streams.fleet.columns import FAR_US, NEVER, SECOND_US
from streams.fleet.delays import tell_delays
from streams.fleet.etas import break_looks_us, breaks_left, look_around, may_tell, pass_breaks, tell_etas
from streams.fleet.instants import micros, micros_or_never
from streams.fleet.look import DELAY_PHASES, DELAY_PLACES, NOTICE_KINDS, NOTICE_PLACES, look
from streams.fleet.notices import know_quiet_hours, tell_ahead
from streams.fleet.progress import tell_progress
from streams.fleet.routes import has_due_route
from streams.fleet.rules import FleetRules
from streams.fleet.shift_alerts import tell_shift
from streams.fleet.silence import is_on_its_round
from streams.fleet.state import FleetState, ShiftState, VehicleState
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
    if shift.is_eta_due:
        look_around(state, vehicle, shift)
    know_quiet_hours(turn, vehicle, shift)
    found = np.empty((4, vehicle.record["stop_count"]), np.int64)
    is_estimated, is_news, delays, alerts, notices, due_us = look(
        state.records,
        vehicle.number,
        state.tracks.watches,
        state.stops.records,
        state.travels.rows,
        breaks_left(vehicle, shift),
        shift.is_eta_due,
        shift.is_eta_untold and may_tell(turn, shift),
        shift.stay is not None,
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
        places, phases = found[DELAY_PLACES, :delays].tolist(), found[DELAY_PHASES, :delays].tolist()
        is_raised = tell_delays(turn, state, vehicle, shift, places, phases)
    if alerts:
        tell_shift(turn, state, vehicle, shift, alerts)
    if notices:
        places, kinds = found[NOTICE_PLACES, :notices].tolist(), found[NOTICE_KINDS, :notices].tolist()
        tell_ahead(turn, state, vehicle, shift, places, kinds)
    tell_progress(turn, state, vehicle, shift, is_asked_for=is_raised)
    return due_us


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
    return min(at_us for at_us in looks_us if at_us > now_us)


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
