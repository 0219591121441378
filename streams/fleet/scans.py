"""Scans: they confirm a visit, contradict it, repair it, or are all that is known of it."""

from datetime import timedelta

from routing.plan import Location, StopKind
from streams.events.delivery import ScanEvent, ScanKind
from streams.fleet.claims import claim_stop, place_by_scan
from streams.fleet.columns import NEVER
from streams.fleet.contradictions import gps_contradiction, scanner_contradiction
from streams.fleet.driven import DrivenStop
from streams.fleet.moves import take_move, where
from streams.fleet.ring import claim_one
from streams.fleet.rules import FleetRules
from streams.fleet.state import FleetState, ShiftState, StopScan, VehicleState, own
from streams.fleet.turn import Turn

DEPARTURE = -1


def take_scan(turn: Turn, state: FleetState, vehicle: VehicleState, scan: ScanEvent, at_us: int) -> None:
    """Take a scan made at ``at_us`` into the shift; one about no stop of its route changes nothing."""
    shift = vehicle.shift
    assert shift is not None
    if scan.kind is ScanKind.DEPARTED:
        bits = claim_one(*where(state, vehicle), DEPARTURE, at_us)
        take_move(turn, state, vehicle, shift, bits)
        return
    place = shift.place_of(scan.stop_id, scan.order_id)
    if place is None:
        return
    stop = shift.stop_at(place)
    if scan.kind is ScanKind.LOADED and stop.kind is not StopKind.PICK_UP:
        _load(turn, shift, stop)
    elif scan.kind is not ScanKind.RETURNED or stop.kind is StopKind.RETURN:
        _scan_at(turn, state, vehicle, shift, place, scan, at_us)


def _load(turn: Turn, shift: ShiftState, stop: DrivenStop) -> None:
    if stop.stop_id in shift.loaded_stop_ids:
        return
    shift.loaded_stop_ids = (*shift.loaded_stop_ids, stop.stop_id)
    if shift.progress_due_at is None:
        shift.progress_due_at = turn.now_at + timedelta(seconds=turn.rules.loaded_debounce_s)


def _scan_at(
    turn: Turn,
    state: FleetState,
    vehicle: VehicleState,
    shift: ShiftState,
    place: int,
    scan: ScanEvent,
    at_us: int,
) -> None:
    stop_id = shift.name_of(place)
    done_us = _orders_done_us(shift, place, scan, at_us)
    bits, away_m, age_s = claim_stop(*where(state, vehicle), place, at_us, done_us)
    made = _made_at(turn.rules, state, vehicle, place, scan, at_us, away_m, age_s)
    shift.scans = own(shift.scans)
    shift.scans[stop_id] = tuple(sorted((*shift.scans.get(stop_id, ()), made), key=_made_us))
    take_move(turn, state, vehicle, shift, bits, (stop_id,))
    is_contradicted = made.contradiction is not None
    tracks, stops = state.tracks, state.stops.records
    place_by_scan(
        state.records, vehicle.number, tracks.heads, tracks.watches, stops, place, at_us, is_contradicted
    )


def _made_us(scan: StopScan) -> int:
    return scan.at_us


def _orders_done_us(shift: ShiftState, place: int, scan: ScanEvent, at_us: int) -> int:
    """When the stop's orders were all scanned: as of the last of them; ``NEVER`` while one is not."""
    if scan.kind is ScanKind.ARRIVED or scan.order_id is None:
        return NEVER
    scanned_us = shift.scanned_us = own(shift.scanned_us)
    scanned_us[scan.order_id] = min(at_us, scanned_us.get(scan.order_id, at_us))
    order_ids = shift.stop_at(place).order_ids
    if not scanned_us.keys() >= set(order_ids):
        return NEVER
    return max([scanned_us[order_id] for order_id in order_ids], default=at_us)


def _made_at(
    rules: FleetRules,
    state: FleetState,
    vehicle: VehicleState,
    place: int,
    scan: ScanEvent,
    at_us: int,
    away_m: float,
    age_s: float,
) -> StopScan:
    """A scan, and what contradicts it; GPS had the vehicle ``away_m`` from the stop so long before."""
    if scan.lat_deg is not None and scan.lon_deg is not None:
        scanner = Location(scan.lat_deg, scan.lon_deg)
        stop = state.stops.location(vehicle.record["first_stop"] + place)
        return StopScan(scan.kind, at_us, scanner_contradiction(rules, scanner, stop), True)
    return StopScan(scan.kind, at_us, gps_contradiction(rules, away_m, age_s), False)
