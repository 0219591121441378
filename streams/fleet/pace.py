"""What the shift so far teaches of its pace: legs driven and services given, against the model."""

from streams.fleet.columns import NEVER, SECOND_US
from streams.fleet.instants import micros
from streams.fleet.outlook import learn_leg
from streams.fleet.state import FleetState, ShiftState, VehicleState, Visit
from streams.fleet.turn import elapsed_s
from streams.fleet.visits import service_began_at


def learn_pace(state: FleetState, vehicle: VehicleState, shift: ShiftState) -> None:
    """Take note of what was left or reached since the last time. Only what GPS saw counts.

    A leg in which a break was due is not held against the model.
    """
    record = vehicle.record
    last = shift.left_last
    if shift.departed_at is not None and last is None and record["paced_us"] == NEVER:
        _leave(vehicle, record["depot_lat_deg"], record["depot_lon_deg"], micros(shift.departed_at))
    if last is not None and last.departed_at is not None:
        departed_us = micros(last.departed_at)
        place = shift.place_of(last.stop_id) if departed_us > record["paced_us"] else None
        if place is not None:
            if last.stop_id in shift.done and _was_seen(shift, last.stop_id, departed_us):
                _learn_service(state, vehicle, place, last)
            left = state.stops.records[record["first_stop"] + place]
            _leave(vehicle, left["lat_deg"], left["lon_deg"], departed_us)
    stay = shift.stay
    if stay is None or stay.is_depot or stay.since_us == record["paced_arrival_us"]:
        return
    place = shift.place_of(stay.stop_id)
    if place is not None:
        record["paced_arrival_us"] = stay.since_us
        if not _had_break(shift, record["paced_us"], stay.since_us):
            at = state.stops.records[record["first_stop"] + place]
            lat_deg, lon_deg = float(at["lat_deg"]), float(at["lon_deg"])
            learn_leg(state.records, vehicle.number, lat_deg, lon_deg, stay.since_us, state.travels.rows)


def _leave(vehicle: VehicleState, lat_deg: float, lon_deg: float, at_us: int) -> None:
    record = vehicle.record
    record["paced_us"], record["paced_lat_deg"], record["paced_lon_deg"] = at_us, lat_deg, lon_deg


def _was_seen(shift: ShiftState, stop_id: str, departed_us: int) -> bool:
    """Whether GPS saw that departure: no scan alone, and not inferred."""
    for stay in reversed(shift.stays_at(stop_id)):
        if stay.until_us == departed_us:
            return not stay.is_inferred
    return False


def _learn_service(state: FleetState, vehicle: VehicleState, place: int, visit: Visit) -> None:
    record = vehicle.record
    assert visit.departed_at is not None
    stop = state.stops.records[record["first_stop"] + place]
    taken_s = elapsed_s(service_began_at(visit, stop["opens_us"]), visit.departed_at)
    if taken_s > 0:
        record["service_expected_s"] += stop["service_s"]
        record["service_taken_s"] += taken_s


def _had_break(shift: ShiftState, from_us: int, until_us: int) -> bool:
    for due in shift.route.breaks:
        due_us = micros(due.earliest_at)
        if due_us < until_us and due_us + due.duration_s * SECOND_US > from_us:
            return True
    return False
