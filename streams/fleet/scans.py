"""Scans: they confirm a visit, contradict it, repair it, or are all that is known of it."""

from datetime import datetime, timedelta

from routing.plan import Location, StopKind
from streams.events.delivery import ScanEvent, ScanKind
from streams.fleet.contradictions import gps_contradiction, scanner_contradiction
from streams.fleet.driven import DrivenStop
from streams.fleet.instants import micros
from streams.fleet.moves import take_move, where
from streams.fleet.ring import claim_one
from streams.fleet.rules import FleetRules
from streams.fleet.state import FleetState, ShiftState, StopScan, VehicleState
from streams.fleet.track_fields import NOWHERE
from streams.fleet.track_table import TrackTable
from streams.fleet.turn import Turn

DEPARTURE = -1


def take_scan(turn: Turn, state: FleetState, vehicle: VehicleState, scan: ScanEvent, at: datetime) -> None:
    """Take a scan made at ``at`` into the shift; one about no stop of its route changes nothing."""
    shift = vehicle.shift
    assert shift is not None
    if scan.kind is ScanKind.DEPARTED:
        bits = claim_one(*where(state, vehicle), DEPARTURE, micros(at))
        take_move(turn, state, vehicle, shift, bits)
        return
    place = shift.place_of(scan.stop_id, scan.order_id)
    if place is None:
        return
    stop = shift.stop_at(place)
    if scan.kind is ScanKind.LOADED and stop.kind is not StopKind.PICK_UP:
        _load(turn, shift, stop)
    elif scan.kind is not ScanKind.RETURNED or stop.kind is StopKind.RETURN:
        _scan_at(turn, state, vehicle, shift, place, scan, micros(at))


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
    stop_id, row = shift.name_of(place), vehicle.record["track_row"]
    at = state.stops.location(vehicle.record["first_stop"] + place)
    _finish_order(state, vehicle, shift, place, scan, at_us)
    bits = claim_one(*where(state, vehicle), place, at_us)
    made = _made_at(turn.rules, state.tracks, row, at, scan, at_us)
    scans = sorted((*shift.scans.get(stop_id, ()), made), key=lambda known: known.at_us)
    shift.scans = {**shift.scans, stop_id: tuple(scans)}
    take_move(turn, state, vehicle, shift, bits, (stop_id,))
    _place(state, vehicle, place, at, made)


def _place(state: FleetState, vehicle: VehicleState, place: int, at: Location, made: StopScan) -> None:
    """Where a scan has the vehicle: in its stay there, else at the stop if nothing newer says otherwise."""
    row = vehicle.record["track_row"]
    watch, stay_place = state.tracks.watches[row], state.tracks.heads[row]["stay_place"]
    is_there = stay_place == place + 1 or (stay_place == NOWHERE and made.contradiction is None)
    if is_there and made.at_us > max(vehicle.record["position_us"], watch["placed_us"]):
        watch["placed_us"] = made.at_us
        watch["placed_lat_deg"], watch["placed_lon_deg"] = at.lat_deg, at.lon_deg


def _finish_order(
    state: FleetState, vehicle: VehicleState, shift: ShiftState, place: int, scan: ScanEvent, at_us: int
) -> None:
    """A stop is done when all its orders were scanned, as of the last of them."""
    if scan.kind is ScanKind.ARRIVED or scan.order_id is None:
        return
    scanned_us = {**shift.scanned_us, scan.order_id: min(at_us, shift.scanned_us.get(scan.order_id, at_us))}
    shift.scanned_us = scanned_us
    order_ids = shift.stop_at(place).order_ids
    if all(order_id in scanned_us for order_id in order_ids):
        done_us = max((scanned_us[order_id] for order_id in order_ids), default=at_us)
        state.stops.records[vehicle.record["first_stop"] + place]["scanned_us"] = done_us


def _made_at(
    rules: FleetRules, tracks: TrackTable, row: int, at: Location, scan: ScanEvent, at_us: int
) -> StopScan:
    if scan.lat_deg is not None and scan.lon_deg is not None:
        scanner = Location(scan.lat_deg, scan.lon_deg)
        return StopScan(scan.kind, at_us, scanner_contradiction(rules, scanner, at), True)
    return StopScan(scan.kind, at_us, gps_contradiction(rules, tracks, row, at, at_us), False)
