"""How far a shift is, told to its depot's dispatcher when it changes and from time to time."""

from routing.plan import Location
from streams.events.judgements import VehicleProgress
from streams.fleet.columns import SECOND_US
from streams.fleet.instants import moment
from streams.fleet.outlook import set_out
from streams.fleet.state import FleetState, ProgressMark, ShiftState, VehicleState
from streams.fleet.stay_list import Stay
from streams.fleet.turn import SOURCE, Turn, elapsed_s
from streams.topics import PROGRESS


def tell_progress(
    turn: Turn,
    state: FleetState,
    vehicle: VehicleState,
    shift: ShiftState,
    serving: Stay | None,
    is_asked_for: bool,
) -> None:
    """Emit the shift's progress where it changed, is asked for, or has not been told for long."""
    mark = _mark(vehicle, shift, serving)
    if mark == shift.progress and not is_asked_for and not _is_due(turn, vehicle, shift):
        return
    shift.progress, shift.progress_told_at, shift.progress_due_at = mark, turn.now_at, None
    lat_deg, lon_deg, free_us, breaks_taken, behind_us = set_out(
        state.records,
        vehicle.number,
        state.tracks.watches,
        state.stops.records,
        state.travels.rows,
        turn.now_us,
        state.limits,
    )
    told = VehicleProgress(
        event_id=turn.derived_id("progress", vehicle.vehicle_id),
        source=SOURCE,
        correlation_id=turn.correlation_id,
        causation_id=turn.cause.event_id,
        vehicle_id=vehicle.vehicle_id,
        depot_id=shift.depot_id,
        shift_id=shift.route.shift_id,
        plan_revision=mark.plan_revision,
        judged_at=turn.now_at,
        location=Location(lat_deg, lon_deg),
        free_at=moment(free_us),
        has_departed=mark.has_departed,
        done_stop_ids=tuple(shift.done),
        current_stop_id=mark.current_stop_id,
        next_stop_id=mark.next_stop_id,
        loaded_stop_ids=shift.loaded_stop_ids,
        breaks_taken=breaks_taken,
        delay_s=behind_us / SECOND_US,
    )
    turn.say(PROGRESS, shift.depot_id, told)


def _mark(vehicle: VehicleState, shift: ShiftState, serving: Stay | None) -> ProgressMark:
    """Before departure nothing is being driven to yet, so any stop may still become the first."""
    has_departed = shift.departed_at is not None
    place = vehicle.record["next_stop"] - 1 if has_departed else -1
    return ProgressMark(
        shift.route.revision,
        has_departed,
        len(shift.done),
        None if serving is None else serving.stop_id,
        None if place < 0 else shift.name_of(place),
    )


def _is_due(turn: Turn, vehicle: VehicleState, shift: ShiftState) -> bool:
    if shift.progress_due_at is not None and turn.now_at >= shift.progress_due_at:
        return True
    is_under_way = bool(shift.remaining) and turn.now_us >= vehicle.record["shift_starts_us"]
    return (
        is_under_way
        and shift.progress_told_at is not None
        and elapsed_s(shift.progress_told_at, turn.now_at) >= turn.rules.progress_interval_s
    )
