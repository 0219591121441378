"""When each remaining stop will be reached; estimated anew only where something changed."""

from datetime import datetime, timedelta

from routing.eta import estimate_etas
from routing.plan import Location
from streams.events.judgements import EtaUpdate, StopEta
from streams.fleet.state import ShiftState, VehicleState
from streams.fleet.turn import SOURCE, Turn, elapsed_s
from streams.fleet.visits import service_began_at
from streams.topics import ETAS


def free_from(vehicle: VehicleState, shift: ShiftState, now_at: datetime) -> tuple[Location, datetime]:
    """Where the vehicle can leave for its next stop, and when.

    Before departure: the depot, at the shift's start or now if that is later. While serving: the
    stop, at the expected end of service or now if that is later. Else: where it is, now.
    """
    start = shift.assignment.route.shift
    if shift.departed_at is None:
        return start.start, max(start.starts_at, now_at)
    serving = shift.serving
    stop = None if serving is None else shift.find_stop(serving.stop_id, None)
    if serving is not None and stop is not None:
        end_at = service_began_at(serving, stop) + timedelta(seconds=stop.service_s)
        return stop.location, max(end_at, now_at)
    return vehicle.location or start.start, now_at


def refresh_etas(turn: Turn, vehicle: VehicleState, shift: ShiftState) -> bool:
    """Estimate anew if due, tell it unless told within the last minute; whether it was estimated."""
    is_changed = shift.is_eta_due or _has_shifted(turn, vehicle, shift)
    is_to_tell = (is_changed or shift.is_eta_untold) and _may_tell(turn, shift)
    if is_changed or is_to_tell:
        _estimate(turn, vehicle, shift)
    if is_to_tell:
        _tell(turn, vehicle, shift)
    return is_changed or is_to_tell


def _has_shifted(turn: Turn, vehicle: VehicleState, shift: ShiftState) -> bool:
    """Whether the next stop's P50 has moved: one leg, whatever the number of stops."""
    place = shift.next_place()
    if place is None or not shift.etas:
        return False
    origin, ready_at = free_from(vehicle, shift, turn.now_at)
    _, leg_s = shift.assignment.travel.leg(origin, shift.stop_at(place).location, ready_at)
    estimated_s = elapsed_s(shift.etas[0].p50_at, ready_at) + leg_s
    return abs(estimated_s) > turn.rules.eta_shift_s


def _estimate(turn: Turn, vehicle: VehicleState, shift: ShiftState) -> None:
    origin, ready_at = free_from(vehicle, shift, turn.now_at)
    stops = [shift.stop_at(place) for place in shift.ahead()]
    estimated = estimate_etas(stops, origin, ready_at, shift.assignment.travel)
    shift.etas = tuple(
        StopEta(stop_id=eta.stop_id, p50_at=eta.p50_at, p90_at=eta.p90_at, slack_s=eta.slack_s)
        for eta in estimated
    )
    shift.is_eta_due, shift.is_eta_untold = False, True


def _may_tell(turn: Turn, shift: ShiftState) -> bool:
    if shift.eta_told_at is None:
        return True
    return elapsed_s(shift.eta_told_at, turn.now_at) >= turn.rules.eta_interval_s


def _tell(turn: Turn, vehicle: VehicleState, shift: ShiftState) -> None:
    shift.is_eta_untold, shift.eta_told_at = False, turn.now_at
    told = EtaUpdate(
        event_id=turn.derived_id("eta", vehicle.vehicle_id),
        source=SOURCE,
        correlation_id=turn.correlation_id,
        causation_id=turn.cause.event_id,
        vehicle_id=vehicle.vehicle_id,
        depot_id=shift.depot_id,
        shift_id=shift.assignment.shift_id,
        plan_revision=shift.assignment.revision,
        estimated_at=turn.now_at,
        stops=shift.etas,
        basis=_basis(shift),
    )
    turn.say(ETAS, vehicle.vehicle_id, told)


def _basis(shift: ShiftState) -> str:
    if shift.departed_at is None:
        origin = "from the depot, not departed"
    elif shift.serving is not None:
        origin = "from the stop being served"
    else:
        origin = "from the last position"
    detour = shift.assignment.travel.detour
    return f"{origin}; great circle x {detour:g} at the hour's speed; windows waited for; service as planned"
