"""Scans: they confirm a visit, contradict it, repair it, or are all that is known of it."""

from datetime import datetime, timedelta

from routing.geometry import haversine_m
from routing.plan import Location, Stop, StopKind
from streams.events.delivery import ScanEvent, ScanKind
from streams.events.judgements import KnownBy, VisitPhase
from streams.fleet.geofence import Place
from streams.fleet.state import ShiftState, VehicleState, Visit
from streams.fleet.turn import Turn, clock_text, distance_text, elapsed_s, span_text
from streams.fleet.visits import (
    begin_visit,
    close_visit,
    depart,
    keep_visit,
    make_visit,
    mark_done,
    tell_visit,
)


def take_scan(turn: Turn, vehicle: VehicleState, scan: ScanEvent, at: datetime) -> None:
    """Take a scan made at ``at`` into the shift; one about no stop of its route changes nothing."""
    shift = vehicle.shift
    assert shift is not None
    if scan.kind is ScanKind.DEPARTED:
        if shift.departed_at is None:
            depart(shift, at)
        return
    stop = shift.find_stop(scan.stop_id, scan.order_id)
    if stop is None:
        return
    if scan.kind is ScanKind.LOADED and stop.kind is not StopKind.PICK_UP:
        _load(turn, shift, stop)
    elif scan.kind is not ScanKind.RETURNED or stop.kind is StopKind.RETURN:
        _visit_by_scan(turn, vehicle, shift, stop, scan, at)
        _finish_order(shift, stop, scan, at)


def _load(turn: Turn, shift: ShiftState, stop: Stop) -> None:
    if stop.stop_id in shift.loaded_stop_ids:
        return
    shift.loaded_stop_ids.append(stop.stop_id)
    if shift.progress_due_at is None:
        shift.progress_due_at = turn.now_at + timedelta(seconds=turn.rules.loaded_debounce_s)


def _finish_order(shift: ShiftState, stop: Stop, scan: ScanEvent, at: datetime) -> None:
    if scan.kind is ScanKind.ARRIVED or scan.order_id is None:
        return
    shift.scanned_order_ids.add(scan.order_id)
    if stop.stop_id not in shift.done and shift.scanned_order_ids.issuperset(stop.order_ids):
        mark_done(shift, stop.stop_id, at)


def _visit_by_scan(
    turn: Turn, vehicle: VehicleState, shift: ShiftState, stop: Stop, scan: ScanEvent, at: datetime
) -> None:
    contradiction = _place_contradiction(turn, vehicle, stop, scan, at)
    visit, closed = shift.visit, shift.visits.get(stop.stop_id)
    if visit is not None and visit.stop_id == stop.stop_id:
        _note(visit, scan, contradiction)
    elif closed is not None and _belongs_to(turn, closed, at):
        _note(closed, scan, contradiction or _time_contradiction(turn, closed, at))
        _widen(closed, at)
        tell_visit(turn, vehicle, shift, closed, VisitPhase.CORRECTED)
    elif _stands_at(turn, vehicle, shift, stop, at):
        _move_visit(turn, vehicle, shift, stop, scan, at)
    else:
        _visit_from_afar(turn, vehicle, shift, stop, scan, at, contradiction)


def _note(visit: Visit, scan: ScanEvent, contradiction: str | None) -> None:
    if scan.kind is not ScanKind.ARRIVED:
        visit.scans.append(scan.kind)
    visit.is_confirmed_by_scan = True
    visit.contradiction = contradiction or visit.contradiction


def _widen(closed: Visit, at: datetime) -> None:
    """Several scans are all that is known of a visit: it lasted from the first to the last."""
    assert closed.departed_at is not None
    if closed.known_by is KnownBy.SCAN:
        closed.arrived_at, closed.departed_at = min(closed.arrived_at, at), max(closed.departed_at, at)


def _belongs_to(turn: Turn, closed: Visit, at: datetime) -> bool:
    assert closed.departed_at is not None
    return elapsed_s(closed.departed_at, at) <= turn.rules.late_scan_s


def _time_contradiction(turn: Turn, closed: Visit, at: datetime) -> str | None:
    """A scan clearly before or after the visit it speaks of."""
    assert closed.departed_at is not None
    before_s, after_s = elapsed_s(at, closed.arrived_at), elapsed_s(closed.departed_at, at)
    if closed.known_by is KnownBy.SCAN or max(before_s, after_s) <= turn.rules.scan_position_age_s:
        return None
    if before_s > 0:
        return f"scanned {span_text(before_s)} before the arrival at {clock_text(closed.arrived_at)}"
    return f"scanned {span_text(after_s)} after the departure at {clock_text(closed.departed_at)}"


def _place_contradiction(
    turn: Turn, vehicle: VehicleState, stop: Stop, scan: ScanEvent, at: datetime
) -> str | None:
    """A scan clearly not made at its stop: by the scanner's own position, else by the vehicle's."""
    if scan.lat_deg is not None and scan.lon_deg is not None:
        distance_m = haversine_m(Location(scan.lat_deg, scan.lon_deg), stop.location)
        if distance_m > turn.rules.scan_distance_m:
            return f"scanned {distance_text(distance_m)} from the stop, by the scanner's own position"
        return None
    if vehicle.location is None or not _is_position_of(turn, vehicle, at):
        return None
    distance_m = haversine_m(vehicle.location, stop.location)
    if distance_m > turn.rules.scan_distance_m:
        return f"scanned while GPS had the vehicle {distance_text(distance_m)} from the stop"
    return None


def _is_position_of(turn: Turn, vehicle: VehicleState, at: datetime) -> bool:
    """Whether the vehicle's last fix is near enough in time to speak of that moment."""
    return (
        vehicle.position_at is not None
        and abs(elapsed_s(vehicle.position_at, at)) <= turn.rules.scan_position_age_s
    )


def _stands_at(turn: Turn, vehicle: VehicleState, shift: ShiftState, stop: Stop, at: datetime) -> bool:
    """Whether the vehicle is at the stop, or was driving up to it when it was seen last."""
    if vehicle.location is None or vehicle.position_at is None or not _is_position_of(turn, vehicle, at):
        return False
    distance_m = haversine_m(vehicle.location, stop.location)
    if distance_m <= turn.rules.stop_radius_m * turn.rules.exit_factor:
        return True
    was_driving = shift.visit is None and vehicle.still_since_at is None and vehicle.position_at < at
    return was_driving and distance_m <= turn.rules.scan_distance_m


def _move_visit(
    turn: Turn, vehicle: VehicleState, shift: ShiftState, stop: Stop, scan: ScanEvent, at: datetime
) -> None:
    """The vehicle stands here, and the scan says for which stop: the visit before it ends."""
    arrived_at = min(vehicle.still_since_at or at, at)
    if shift.visit is not None:
        arrived_at = _end_before(turn, vehicle, shift, stop, shift.visit, arrived_at, at)
    visit = begin_visit(shift, _place(turn, stop), arrived_at, KnownBy.SCAN)
    visit.last_inside_at = at
    _note(visit, scan, None)
    tell_visit(turn, vehicle, shift, visit, VisitPhase.ARRIVED)


def _end_before(
    turn: Turn,
    vehicle: VehicleState,
    shift: ShiftState,
    stop: Stop,
    before: Visit,
    still_since_at: datetime,
    at: datetime,
) -> datetime:
    """End the open visit for one at ``stop``, and return when that one began.

    With several stops in one building it began when the one before was done. A visit without any
    scan since the vehicle came to stand was mistaken for this one: it is left with no dwell.
    """
    if not before.scans and not before.is_depot and still_since_at <= before.arrived_at:
        before.contradiction = f"the vehicle stood here for stop {stop.stop_id}, by its scan"
        close_visit(turn, vehicle, shift, before.arrived_at)
        return before.arrived_at
    arrived_at = min(max(still_since_at, before.done_at or before.arrived_at), at)
    close_visit(turn, vehicle, shift, arrived_at)
    return max(arrived_at, before.arrived_at)


def _visit_from_afar(
    turn: Turn,
    vehicle: VehicleState,
    shift: ShiftState,
    stop: Stop,
    scan: ScanEvent,
    at: datetime,
    contradiction: str | None,
) -> None:
    """A visit that GPS knows nothing of: the driver walked, or there was no signal.

    It is told once, as ended. The vehicle's own visit, wherever that is, goes on.
    """
    visit = make_visit(shift, _place(turn, stop), at, KnownBy.SCAN)
    visit.departed_at = at
    _note(visit, scan, contradiction)
    if shift.departed_at is None:
        depart(shift, at)
    keep_visit(shift, visit, turn.rules)
    tell_visit(turn, vehicle, shift, visit, VisitPhase.DEPARTED)
    if contradiction is None and (vehicle.position_at is None or at > vehicle.position_at):
        vehicle.location = stop.location


def _place(turn: Turn, stop: Stop) -> Place:
    return Place(stop.stop_id, stop.location, turn.rules.stop_radius_m)
