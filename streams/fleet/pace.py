"""What the shift so far teaches of its pace: legs driven and services given, against the model."""

from routing.plan import Location
from streams.events.judgements import KnownBy
from streams.fleet.columns import NEVER
from streams.fleet.instants import micros
from streams.fleet.outlook import SECOND_US, learn_leg
from streams.fleet.state import FleetState, ShiftState, VehicleState, Visit
from streams.fleet.turn import elapsed_s
from streams.fleet.visits import service_began_at


def learn_pace(state: FleetState, vehicle: VehicleState, shift: ShiftState) -> None:
    """Take note of what was left or reached since the last time. Only what GPS saw counts.

    A leg in which a break was due is not held against the model.
    """
    record = vehicle.record
    if shift.departed_at is not None and not shift.visits and int(record["paced_us"]) == NEVER:
        _leave(vehicle, shift.assignment.route.shift.start, micros(shift.departed_at))
    last = next(reversed(shift.visits.values()), None)
    if last is not None and last.departed_at is not None and micros(last.departed_at) > record["paced_us"]:
        if last.known_by is KnownBy.GPS and last.stop_id in shift.done:
            _learn_service(state, vehicle, shift, last)
        _leave(vehicle, last.location, micros(last.departed_at))
    visit = shift.visit
    if visit is None or visit.is_depot or visit.known_by is not KnownBy.GPS:
        return
    arrived_us = micros(visit.arrived_at)
    if arrived_us != record["paced_arrival_us"]:
        record["paced_arrival_us"] = arrived_us
        if not _had_break(shift, int(record["paced_us"]), arrived_us):
            place = visit.location
            learn_leg(
                state.records, vehicle.number, place.lat_deg, place.lon_deg, arrived_us, state.travels.rows
            )


def _leave(vehicle: VehicleState, place: Location, at_us: int) -> None:
    record = vehicle.record
    record["paced_us"], record["paced_lat_deg"], record["paced_lon_deg"] = at_us, place.lat_deg, place.lon_deg


def _learn_service(state: FleetState, vehicle: VehicleState, shift: ShiftState, visit: Visit) -> None:
    record = vehicle.record
    stop_ids = shift.assignment.route.stop_ids
    if visit.stop_id not in stop_ids or visit.departed_at is None:
        return
    place = stop_ids.index(visit.stop_id)
    taken_s = elapsed_s(service_began_at(visit, shift.stop_at(place)), visit.departed_at)
    if taken_s > 0:
        record["service_expected_s"] += state.stops.records[int(record["first_stop"]) + place]["service_s"]
        record["service_taken_s"] += taken_s


def _had_break(shift: ShiftState, from_us: int, until_us: int) -> bool:
    for due in shift.assignment.route.shift.breaks:
        due_us = micros(due.earliest_at)
        if due_us < until_us and due_us + due.duration_s * SECOND_US > from_us:
            return True
    return False
