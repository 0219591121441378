"""How far a shift is, told to its depot's dispatcher when it changes and from time to time."""

from streams.events.judgements import VehicleProgress
from streams.fleet.columns import SECOND_US
from streams.fleet.etas import free_from
from streams.fleet.state import FleetState, ProgressMark, ShiftState, VehicleState
from streams.fleet.turn import SOURCE, Turn, elapsed_s
from streams.topics import PROGRESS


def tell_progress(
    turn: Turn, state: FleetState, vehicle: VehicleState, shift: ShiftState, is_asked_for: bool
) -> None:
    """Emit the shift's progress where it changed, is asked for, or has not been told for long."""
    mark = _mark(shift)
    if mark == shift.progress and not is_asked_for and not _is_due(turn, vehicle, shift):
        return
    shift.progress, shift.progress_told_at, shift.progress_due_at = mark, turn.now_at, None
    location, free_at, breaks_taken = free_from(state, vehicle, turn.now_us)
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
        location=location,
        free_at=free_at,
        has_departed=mark.has_departed,
        done_stop_ids=tuple(shift.done),
        current_stop_id=mark.current_stop_id,
        next_stop_id=mark.next_stop_id,
        loaded_stop_ids=shift.loaded_stop_ids,
        breaks_taken=breaks_taken,
        delay_s=_behind_plan_s(state, vehicle),
    )
    turn.say(PROGRESS, shift.depot_id, told)


def _mark(shift: ShiftState) -> ProgressMark:
    """Before departure nothing is being driven to yet, so any stop may still become the first."""
    serving, place = shift.serving, shift.next_place()
    is_driving_to = shift.departed_at is not None and place is not None
    return ProgressMark(
        plan_revision=shift.route.revision,
        has_departed=shift.departed_at is not None,
        done=len(shift.done),
        current_stop_id=None if serving is None else serving.stop_id,
        next_stop_id=shift.stop_at(place).stop_id if is_driving_to and place is not None else None,
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


def _behind_plan_s(state: FleetState, vehicle: VehicleState) -> float:
    """Next stop's P50 after its arrival in the plan in force, seconds; 0 where no stop is left."""
    place = vehicle.record["next_stop"] - 1
    if place < 0:
        return 0.0
    stop = state.stops.records[vehicle.record["first_stop"] + place]
    return int(stop["p50_us"] - stop["arrive_us"]) / SECOND_US
