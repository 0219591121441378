"""What a vehicle's moves lead to: stays, visits, stops that are done, the departure."""

import numpy as np
from numpy.typing import NDArray

from streams.fleet.columns import NEVER
from streams.fleet.contradictions import gps_contradiction
from streams.fleet.instants import moment, moment_or_none
from streams.fleet.pages import Pages
from streams.fleet.places import find_changed
from streams.fleet.ring import derive_one
from streams.fleet.state import FleetState, ShiftState, StopScan, VehicleState
from streams.fleet.stay_list import read_stretches
from streams.fleet.stretches import MOST_STRETCHES, STRETCH, tell_one
from streams.fleet.track_fields import ARRIVED, CROSSED, LATE, LEFT, NOWHERE
from streams.fleet.turn import Turn
from streams.fleet.visit_words import retell
from streams.fleet.visits import service_over_s

Records = NDArray[np.void]
MOST_AT_ONCE = 3
"""Stretches that one fix can speak of: one that ended, one that was passed, one that began."""


def take_move(
    turn: Turn,
    state: FleetState,
    vehicle: VehicleState,
    shift: ShiftState,
    bits: int,
    scanned: tuple[str, ...] = (),
) -> list[str]:
    """Tell what a fix or a scan (of the stops ``scanned``) showed; in words, how visits changed."""
    stop_ids = _note_stays(state, vehicle, shift, bits)
    if bits & LATE:
        stop_ids += _review_scans(turn, state, vehicle, shift)
    changes = retell(turn, vehicle, shift, (*stop_ids, *scanned))
    shift.is_eta_due = shift.is_eta_due or bool(stop_ids)
    _note_departure(state, vehicle, shift)
    done = _note_done(state, vehicle, shift)
    if stop_ids or scanned or done:
        at_stops = dict.fromkeys((*stop_ids, *scanned, *done))
        over_s = {stop_id: _service_over_s(state, vehicle, shift, stop_id) for stop_id in at_stops}
        shift.over_s = {**shift.over_s, **over_s}
    return changes


def _service_over_s(state: FleetState, vehicle: VehicleState, shift: ShiftState, stop_id: str) -> float:
    place = shift.place_of(stop_id) if stop_id in shift.done else None
    if place is None:
        return 0.0
    return service_over_s(shift, place, state.stops.records[vehicle.record["first_stop"] + place]["opens_us"])


def end_stay(turn: Turn, state: FleetState, vehicle: VehicleState, shift: ShiftState) -> None:
    """The shift is over: so is the stay under way, as of the last fix inside."""
    stay = shift.stay
    if stay is not None:
        head = state.tracks.heads[vehicle.record["track_row"]]
        stay.until_us = max(int(head["stay_inside_us"]), stay.since_us)
        retell(turn, vehicle, shift, (stay.stop_id,))


def _note_stays(state: FleetState, vehicle: VehicleState, shift: ShiftState, bits: int) -> list[str]:
    """Put what the track says in the place of what was known; the stops that it concerns."""
    row = vehicle.record["track_row"]
    if bits & LATE:
        base = state.tracks.bases[row]
        first = int(base["stay_count"]) + (1 if base["stay_place"] == NOWHERE else 0)
        found = np.zeros(MOST_STRETCHES, STRETCH)
        count = derive_one(*where(state, vehicle), found)
    elif bits & (LEFT | CROSSED | ARRIVED):
        found = np.zeros(MOST_AT_ONCE, STRETCH)
        count = tell_one(state.tracks.heads, row, bits, found)
        first = int(found[0]["number"])
    else:
        return []
    at = len(shift.stays)
    while at > 0 and shift.stays[at - 1].number >= first:
        at -= 1
    old = list(shift.stays[at:])
    begin, stop_count = vehicle.record["first_stop"], vehicle.record["stop_count"]
    stops = state.stops.records[begin : begin + stop_count]
    new = read_stretches(found[:count], shift.name_of, shift.depot_id, stops, old)
    shift.replace_stays(at, new)
    return [] if new == old else [stay.stop_id for stay in (*old, *new)]


def where(
    state: FleetState, vehicle: VehicleState
) -> tuple[Records, int, Records, Records, Records, Pages, Records, Records]:
    """What the ring is handed of a vehicle, with room for one more."""
    tracks, stops = state.tracks, state.stops.records
    tracks.make_room()
    rings, pages = tracks.rings, tracks.pages
    return state.records, vehicle.number, tracks.heads, tracks.bases, rings, pages, stops, state.limits


def _review_scans(turn: Turn, state: FleetState, vehicle: VehicleState, shift: ShiftState) -> list[str]:
    """Hold the scans that the ring reaches back to against the late fix; the stops of those it changed."""
    row, stop_ids = vehicle.record["track_row"], list[str]()
    reach_us = int(state.tracks.bases[row]["track_seen_us"])
    for stop_id, scans in shift.scans.items():
        place = shift.place_of(stop_id)
        for scan in scans if place is not None else ():
            if scan.has_own_position or scan.at_us <= reach_us or place is None:
                continue
            at = state.stops.location(vehicle.record["first_stop"] + place)
            words = gps_contradiction(turn.rules, state.tracks, row, at, scan.at_us)
            if words != scan.contradiction:
                scan.contradiction = words
                _forget_place(state.tracks.watches[row], scan)
                stop_ids.append(stop_id)
    return stop_ids


def _forget_place(watch: np.void, scan: StopScan) -> None:
    """What had the vehicle at a stop is contradicted now: where it was is its newest fix's to say."""
    if scan.contradiction is not None and watch["placed_us"] == scan.at_us:
        watch["placed_us"] = NEVER


def _note_departure(state: FleetState, vehicle: VehicleState, shift: ShiftState) -> None:
    head = state.tracks.heads[vehicle.record["track_row"]]
    departed_at = moment_or_none(int(head["trip_departed_us"]))
    if departed_at != shift.departed_at:
        shift.departed_at, shift.is_eta_due = departed_at, True


def _note_done(state: FleetState, vehicle: VehicleState, shift: ShiftState) -> list[str]:
    """Stops that are done since, and those that turn out not to be; which they are."""
    begin, count = vehicle.record["first_stop"], vehicle.record["stop_count"]
    stops, changed = state.stops.records, np.empty(count, np.int64)
    places = changed[: find_changed(stops, begin, count, changed)].tolist()
    stop_ids = [shift.name_of(place) for place in places]
    for place, stop_id in zip(places, stop_ids, strict=True):
        stop = stops[begin + place]
        if stop["is_done"]:
            moments_us = (int(stop["over_us"]), int(stop["scanned_us"]))
            done_at = moment(min(us for us in moments_us if us != NEVER))
            shift.done = {**shift.done, stop_id: done_at}
            shift.remaining = tuple(left for left in shift.remaining if left != place)
            shift.is_eta_due = True
        else:
            shift.done = {known: done_at for known, done_at in shift.done.items() if known != stop_id}
            shift.note_remaining()
    return stop_ids
