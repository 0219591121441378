"""Which route a vehicle drives: revisions of its shift, the next shift, the end of one."""

from datetime import datetime

import numpy as np

from streams.events.dispatch import RouteAssignment
from streams.fleet.columns import NEVER
from streams.fleet.delays import clear_all, clear_gone
from streams.fleet.driven import DrivenRoute, drive
from streams.fleet.instants import micros, moment
from streams.fleet.moves import end_stay
from streams.fleet.outlook import NO_OUTLOOK, OUTLOOK
from streams.fleet.packing import PackedRoute, pack
from streams.fleet.shift_alerts import end_watch
from streams.fleet.silence import end_silence
from streams.fleet.state import FleetState, ShiftState, VehicleState
from streams.fleet.stop_table import CARRIED
from streams.fleet.turn import Turn, elapsed_s


def receive_route(state: FleetState, vehicle: VehicleState, assignment: RouteAssignment) -> None:
    """Keep a route until its time has come; a revision that is not newer than the known one is old news.

    So is one of a shift that ended with it, or was withdrawn.
    """
    known = max(_known_revision(vehicle, assignment.shift_id), state.ended.revision_of(assignment))
    if assignment.revision <= known:
        return
    state.shifts[assignment.shift_id] = vehicle.vehicle_id
    vehicle.record["has_route"] = True
    vehicle.record["attention_us"] = NEVER  # looked at with what comes next
    others = [route for route in vehicle.upcoming if route.shift_id != assignment.shift_id]
    in_order = sorted([*others, pack(assignment)], key=lambda route: (route.starts_at, route.shift_id))
    vehicle.upcoming = tuple(in_order)


def _known_revision(vehicle: VehicleState, shift_id: str) -> int:
    routes: list[PackedRoute | DrivenRoute] = [
        *vehicle.upcoming,
        *([vehicle.shift.route] if vehicle.shift else []),
    ]
    return max((route.revision for route in routes if route.shift_id == shift_id), default=0)


def take_due_routes(turn: Turn, state: FleetState, vehicle: VehicleState) -> None:
    """Put the routes in force whose time has come."""
    for coming in [route for route in vehicle.upcoming if _is_due(vehicle, route, turn.now_at)]:
        shift, is_new = vehicle.shift, not _is_driven(vehicle, coming)
        if is_new and not _is_due(vehicle, coming, turn.now_at):
            continue
        if is_new and shift is not None:
            end_shift(turn, state, vehicle, f"shift {coming.shift_id} has begun")
        assignment = coming.unpack()
        driven = drive(assignment)
        if is_new or shift is None:
            vehicle.shift = shift = ShiftState(driven, first_revision=coming.revision)
            vehicle.record["track_row"] = state.tracks.add(vehicle.record["position_us"])
        vehicle.upcoming = tuple(route for route in vehicle.upcoming if route is not coming)
        _adopt(turn, state, vehicle, shift, assignment, driven)


def _is_driven(vehicle: VehicleState, route: PackedRoute) -> bool:
    """Whether it is a revision of the shift under way."""
    return vehicle.shift is not None and vehicle.shift.route.shift_id == route.shift_id


def _is_due(vehicle: VehicleState, route: PackedRoute, now_at: datetime) -> bool:
    """In force from ``effective_at``; another shift waits until this one is done or its own has begun."""
    if now_at < route.effective_at:
        return False
    shift = vehicle.shift
    if shift is None or _is_driven(vehicle, route) or not shift.remaining:
        return True
    return now_at >= route.starts_at


def _adopt(
    turn: Turn,
    state: FleetState,
    vehicle: VehicleState,
    shift: ShiftState,
    assignment: RouteAssignment,
    driven: DrivenRoute,
) -> None:
    """Put a route in force: as text for what is told of it, as records for what is followed."""
    before = _known_stops(state, vehicle, shift)
    stop_ids = assignment.route.stop_ids
    staying = set(stop_ids)
    gone = {stop_id: stop for stop_id, stop in before.items() if stop_id not in staying}
    clear_gone(turn, vehicle, shift, gone, assignment.revision)
    if gone:
        told = {stop_id: int(stop["notices_told"]) for stop_id, stop in gone.items()}
        planned_us = {stop_id: int(stop["planned_us"]) for stop_id, stop in gone.items()}
        shift.left_notices = shift.left_notices | told
        shift.left_planned_us = shift.left_planned_us | planned_us
    shift.route = driven
    _put_on_record(state, vehicle, shift, assignment, before)
    if tuple(before) != stop_ids:
        numbers = {at: stop_ids.index(stop_id) for at, stop_id in enumerate(before) if stop_id in staying}
        state.tracks.renumber(vehicle.record["track_row"], numbers)
    shift.note_remaining()


def _known_stops(state: FleetState, vehicle: VehicleState, shift: ShiftState) -> dict[str, np.void]:
    """The records of the route before this one, by stop."""
    begin, count = vehicle.record["first_stop"], vehicle.record["stop_count"]
    stop_ids = shift.route.stop_ids if count else ()
    return {stop_id: state.stops.records[begin + at].copy() for at, stop_id in enumerate(stop_ids)}


def _put_on_record(
    state: FleetState,
    vehicle: VehicleState,
    shift: ShiftState,
    assignment: RouteAssignment,
    before: dict[str, np.void],
) -> None:
    record, route = vehicle.record, assignment.route
    state.stops.free(record["stop_count"])
    record["first_stop"], record["stop_count"] = state.stops.add(route.visits), len(route.visits)
    record["depot_lat_deg"], record["depot_lon_deg"] = route.shift.start.lat_deg, route.shift.start.lon_deg
    record["end_lat_deg"], record["end_lon_deg"] = route.shift.end.lat_deg, route.shift.end.lon_deg
    record["shift_starts_us"] = micros(route.shift.starts_at)
    record["shift_ends_us"] = micros(route.shift.ends_at)
    record["is_on_shift"] = True
    record["travel_row"] = state.travels.row_of(assignment.travel)
    for name in ("delays_due_us", "notices_due_us", "quiet_until_us"):
        record[name] = NEVER
    state.tracks.watches[record["track_row"]]["expected_from_us"] = NEVER
    for at, visit in enumerate(route.visits, record["first_stop"]):
        stop, stop_id = state.stops.records[at], visit.stop.stop_id
        stop["is_done"] = stop["was_done"] = stop_id in shift.done
        stop["is_added"] = assignment.revision != shift.first_revision
        if assignment.service is not None:
            stop["service_s"] = assignment.service.expected_s(visit.stop)
        if stop_id in before:
            for name in CARRIED:
                stop[name] = before[stop_id][name]
        elif stop_id in shift.done:
            stop["over_us"] = micros(shift.done[stop_id])
        if stop_id not in before:
            stop["notices_told"] = shift.left_notices.get(stop_id, 0)
            stop["planned_us"] = shift.left_planned_us.get(stop_id, stop["planned_us"])
        stop["has_customer"] = visit.stop.has_customer
    if state.stops.is_sparse:
        _pack_stops(state)


def _pack_stops(state: FleetState) -> None:
    on_shift = [vehicle for vehicle in state.vehicles.values() if vehicle.record["stop_count"]]
    spans = [(vehicle.record["first_stop"], vehicle.record["stop_count"]) for vehicle in on_shift]

    def move(place: int, begin: int) -> None:
        on_shift[place].record["first_stop"] = begin

    state.stops.pack(spans, move)


def has_due_route(vehicle: VehicleState, now_at: datetime) -> bool:
    """Whether a route waits that may come into force at once."""
    return any(_is_due(vehicle, route, now_at) for route in vehicle.upcoming)


def is_overrun(turn: Turn, vehicle: VehicleState) -> bool:
    """Whether its shift is so long past its end that nothing more is expected of it."""
    if vehicle.shift is None:
        return False
    ends_at = moment(vehicle.record["shift_ends_us"])
    return elapsed_s(ends_at, turn.now_at) > turn.rules.shift_overrun_s


def end_shift(turn: Turn, state: FleetState, vehicle: VehicleState, why: str) -> None:
    """Forget the vehicle's shift; what is open is closed, with the reason."""
    shift = vehicle.shift
    assert shift is not None
    end_stay(turn, state, vehicle, shift)
    state.tracks.free(vehicle.record["track_row"])
    clear_all(turn, state, vehicle, shift, why)
    end_silence(turn, vehicle, shift, why)
    end_watch(turn, state, vehicle, shift, why)
    state.shifts.pop(shift.route.shift_id, None)
    state.ended.note(shift.route, turn.now_us)
    state.stops.free(vehicle.record["stop_count"])
    vehicle.record["stop_count"] = 0
    vehicle.record["is_on_shift"] = False
    for name in OUTLOOK.names or ():
        vehicle.record[name] = NO_OUTLOOK[name]
    vehicle.shift = None


def withdraw_route(turn: Turn, state: FleetState, shift_id: str) -> None:
    """The shift was deleted: its vehicle has no such route any more."""
    vehicle_id = state.shifts.pop(shift_id, None)
    if vehicle_id is None:
        return
    vehicle = state.vehicle(vehicle_id)
    for route in vehicle.upcoming:
        if route.shift_id == shift_id:
            state.ended.note(route, turn.now_us)
    vehicle.upcoming = tuple(route for route in vehicle.upcoming if route.shift_id != shift_id)
    if vehicle.shift is not None and vehicle.shift.route.shift_id == shift_id:
        end_shift(turn, state, vehicle, f"shift {shift_id} was withdrawn")
