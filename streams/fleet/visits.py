"""Visits from positions: arrival by standing inside a circle, departure by leaving a wider one."""

from datetime import datetime

from routing.geometry import haversine_m
from routing.plan import Location, Stop
from streams.events.base import derived_id
from streams.events.judgements import KnownBy, StopVisit, VisitPhase
from streams.fleet.geofence import Place, place_at
from streams.fleet.rules import FleetRules
from streams.fleet.state import Approach, ShiftState, VehicleState, Visit
from streams.fleet.turn import SOURCE, Turn, elapsed_s
from streams.topics import VISITS


def follow(
    turn: Turn, vehicle: VehicleState, location: Location, speed_mps: float | None, at: datetime
) -> None:
    """Move the vehicle of a shift to a usable fix, newer than all before."""
    shift = vehicle.shift
    assert shift is not None
    is_slow = _is_slow(vehicle, location, speed_mps, at, turn.rules)
    vehicle.location, vehicle.position_at = location, at
    if not is_slow:
        vehicle.still_since_at = None
    elif vehicle.still_since_at is None:
        vehicle.still_since_at = at
    visit = shift.visit
    if visit is not None:
        if not _has_left(visit, location, at, turn.rules):
            return
        close_visit(turn, vehicle, shift, visit.last_inside_at)
    _note_leaving_depot(turn, shift, location, at)
    _approach(turn, vehicle, shift, location, is_slow, at)


def _is_slow(
    vehicle: VehicleState, location: Location, speed_mps: float | None, at: datetime, rules: FleetRules
) -> bool:
    if speed_mps is None:
        if vehicle.location is None or vehicle.position_at is None:
            return False
        speed_mps = haversine_m(vehicle.location, location) / elapsed_s(vehicle.position_at, at)
    return speed_mps < rules.slow_speed_mps


def _has_left(visit: Visit, location: Location, at: datetime, rules: FleetRules) -> bool:
    """Whether this is the second fix in a row outside: a single one may be a stray."""
    if haversine_m(location, visit.location) <= visit.radius_m * rules.exit_factor:
        visit.last_inside_at = max(visit.last_inside_at, at)
        visit.is_outside = False
        return False
    was_outside, visit.is_outside = visit.is_outside, True
    return was_outside


def _note_leaving_depot(turn: Turn, shift: ShiftState, location: Location, at: datetime) -> None:
    """Seen outside after it was seen inside, or once the shift has begun, a vehicle has departed."""
    if shift.departed_at is not None:
        return
    start = shift.assignment.route.shift
    distance_m = haversine_m(location, start.start)
    if distance_m <= turn.rules.depot_radius_m:
        shift.has_been_at_depot = True
    elif distance_m > turn.rules.depot_radius_m * turn.rules.exit_factor and (
        shift.has_been_at_depot or at >= start.starts_at
    ):
        depart(shift, at)


def _approach(
    turn: Turn, vehicle: VehicleState, shift: ShiftState, location: Location, is_slow: bool, at: datetime
) -> None:
    place = place_at(shift, location, turn.rules) if is_slow else None
    if place is None:
        shift.approach = None
    elif shift.approach is None or shift.approach.stop_id != place.stop_id:
        shift.approach = Approach(place.stop_id, at)
    elif elapsed_s(shift.approach.since_at, at) >= turn.rules.arrival_dwell_s:
        arrived = begin_visit(shift, place, shift.approach.since_at, KnownBy.GPS)
        arrived.last_inside_at = at
        tell_visit(turn, vehicle, shift, arrived, VisitPhase.ARRIVED)


def depart(shift: ShiftState, at: datetime) -> None:
    """The vehicle has left the depot for its stops."""
    shift.departed_at = at
    shift.is_eta_due = True


def make_visit(shift: ShiftState, place: Place, arrived_at: datetime, known_by: KnownBy) -> Visit:
    """The shift's next visit at that place, with an id that follows from shift, place and count."""
    count = shift.visit_counts.get(place.stop_id, 0) + 1
    shift.visit_counts[place.stop_id] = count
    return Visit(
        visit_id=str(derived_id("visit", shift.assignment.shift_id, place.stop_id, count)),
        stop_id=place.stop_id,
        is_depot=place.is_depot,
        location=place.location,
        radius_m=place.radius_m,
        arrived_at=arrived_at,
        known_by=known_by,
        last_inside_at=arrived_at,
    )


def begin_visit(shift: ShiftState, place: Place, arrived_at: datetime, known_by: KnownBy) -> Visit:
    """Open a visit; none is open before. Coming back to the depot from no stop undoes a departure."""
    assert shift.visit is None
    visit = make_visit(shift, place, arrived_at, known_by)
    shift.visit, shift.approach, shift.is_eta_due = visit, None, True
    if place.is_depot:
        shift.has_been_at_depot = True
        if not shift.visits and not shift.done:
            shift.departed_at = None
    elif shift.departed_at is None:
        depart(shift, arrived_at)
    return visit


def close_visit(turn: Turn, vehicle: VehicleState, shift: ShiftState, departed_at: datetime) -> None:
    """End the open visit."""
    visit = shift.visit
    assert visit is not None
    visit.departed_at = max(departed_at, visit.arrived_at)
    shift.visit, shift.is_eta_due, shift.quiet_around = None, True, None
    if not visit.is_depot:
        keep_visit(shift, visit, turn.rules)
    elif shift.departed_at is None:
        depart(shift, visit.departed_at)
    tell_visit(turn, vehicle, shift, visit, VisitPhase.DEPARTED)


def keep_visit(shift: ShiftState, visit: Visit, rules: FleetRules) -> None:
    """Remember the visit that ended at a stop, so that a late scan can repair it.

    The next stop in sequence, left unscanned after a real stay, is taken as done; so is any stop
    where some orders were scanned.
    """
    assert visit.departed_at is not None
    shift.visits[visit.stop_id] = visit
    if visit.is_confirmed_by_scan is None:
        visit.is_confirmed_by_scan = False
    stop = shift.find_stop(visit.stop_id, None)
    if stop is None:
        return
    dwell_s = elapsed_s(visit.arrived_at, visit.departed_at)
    is_next = bool(shift.remaining) and shift.stop_at(shift.remaining[0]).stop_id == visit.stop_id
    is_open = visit.stop_id not in shift.done
    if is_open and dwell_s >= rules.inferred_dwell_s and (is_next or visit.scans):
        mark_done(shift, visit.stop_id, visit.departed_at)
    if visit.stop_id in shift.done and dwell_s > 0:
        shift.service_over_s += elapsed_s(service_began_at(visit, stop), visit.departed_at) - stop.service_s


def service_began_at(visit: Visit, stop: Stop) -> datetime:
    """When service began: at arrival, or when the window opened."""
    return visit.arrived_at if stop.window is None else max(visit.arrived_at, stop.window.opens_at)


def mark_done(shift: ShiftState, stop_id: str, at: datetime) -> None:
    """Nothing is left to do at the stop."""
    shift.done[stop_id] = at
    if shift.visit is not None and shift.visit.stop_id == stop_id:
        shift.visit.done_at = at
    shift.forget_done()


def tell_visit(turn: Turn, vehicle: VehicleState, shift: ShiftState, visit: Visit, phase: VisitPhase) -> None:
    """Emit what is known of a visit; the dwell of one that is known by a single scan is not."""
    departed_at = None if phase is VisitPhase.ARRIVED else visit.departed_at
    dwell_s = None if departed_at is None else elapsed_s(visit.arrived_at, departed_at)
    told = StopVisit(
        event_id=turn.derived_id("visit", visit.visit_id, phase),
        source=SOURCE,
        correlation_id=turn.correlation_id,
        causation_id=turn.cause.event_id,
        visit_id=visit.visit_id,
        vehicle_id=vehicle.vehicle_id,
        depot_id=shift.depot_id,
        stop_id=visit.stop_id,
        phase=phase,
        arrived_at=visit.arrived_at,
        known_by=visit.known_by,
        is_depot=visit.is_depot,
        shift_id=shift.assignment.shift_id,
        departed_at=departed_at,
        dwell_s=None if visit.known_by is KnownBy.SCAN and dwell_s == 0 else dwell_s,
        scans=tuple(visit.scans),
        is_confirmed_by_scan=visit.is_confirmed_by_scan,
        contradiction=visit.contradiction,
    )
    turn.say(VISITS, vehicle.vehicle_id, told)
