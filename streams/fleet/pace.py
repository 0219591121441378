"""What the shift so far teaches of its pace: legs driven and services given, against the model."""

from streams.fleet.columns import NEVER, SECOND_US
from streams.fleet.instants import micros
from streams.fleet.outlook import learn_leg, leave_stop
from streams.fleet.state import FleetState, ShiftState, VehicleState, Visit
from streams.fleet.stay_list import Stay


def learn_pace(state: FleetState, vehicle: VehicleState, shift: ShiftState) -> None:
    """Take note of what was left or reached since the last time. Only what GPS saw counts.

    A leg in which a break was due is not held against the model.
    """
    record, last, stay = vehicle.record, shift.left_last, shift.stay
    if last is not None:
        _leave_stop(state, vehicle, shift, last)
    elif shift.departed_at is not None and record["paced_us"] == NEVER:
        record["paced_us"] = micros(shift.departed_at)
        record["paced_lat_deg"], record["paced_lon_deg"] = record["depot_lat_deg"], record["depot_lon_deg"]
    if stay is not None and not stay.is_depot and stay.since_us != record["paced_arrival_us"]:
        _reach_stop(state, vehicle, shift, stay)


def _leave_stop(state: FleetState, vehicle: VehicleState, shift: ShiftState, last: Visit) -> None:
    assert last.departed_at is not None
    left_us = micros(last.departed_at)
    place = shift.place_of(last.stop_id) if left_us > vehicle.record["paced_us"] else None
    if place is not None:
        is_seen = last.stop_id in shift.done and _was_seen(shift, last.stop_id, left_us)
        arrived_us, stops = micros(last.arrived_at), state.stops.records
        leave_stop(state.records, vehicle.number, stops, place, arrived_us, left_us, is_seen)


def _was_seen(shift: ShiftState, stop_id: str, left_us: int) -> bool:
    """Whether GPS saw that departure: no scan alone, and not inferred."""
    for stay in reversed(shift.stays_at(stop_id)):
        if stay.until_us == left_us:
            return not stay.is_inferred
    return False


def _reach_stop(state: FleetState, vehicle: VehicleState, shift: ShiftState, stay: Stay) -> None:
    place = shift.place_of(stay.stop_id)
    if place is None:
        return
    vehicle.record["paced_arrival_us"] = stay.since_us
    if not _had_break(shift, vehicle.record["paced_us"], stay.since_us):
        stops, travels = state.stops.records, state.travels.rows
        learn_leg(state.records, vehicle.number, stops, place, stay.since_us, travels)


def _had_break(shift: ShiftState, from_us: int, until_us: int) -> bool:
    for due in shift.route.breaks:
        due_us = micros(due.earliest_at)
        if due_us < until_us and due_us + due.duration_s * SECOND_US > from_us:
            return True
    return False
