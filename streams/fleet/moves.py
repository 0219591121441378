"""What a vehicle's moves lead to: stays, visits, stops that are done, the departure."""

import numpy as np
from numpy.typing import NDArray

from streams.fleet.claims import away_from_stop
from streams.fleet.columns import NEVER
from streams.fleet.contradictions import gps_contradiction
from streams.fleet.instants import micros_or_never, moment, moment_or_none
from streams.fleet.pages import Pages
from streams.fleet.places import take_stock
from streams.fleet.ring import derive_one
from streams.fleet.state import FleetState, ShiftState, StopScan, VehicleState, own
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
    places, done_us = np.empty((2, vehicle.record["stop_count"]), np.int64)
    departed_us, found = take_stock(
        state.records, vehicle.number, state.tracks.heads, state.stops.records, places, done_us
    )
    _note_departure(shift, departed_us)
    done = _note_done(shift, dict(zip(places[:found].tolist(), done_us[:found].tolist(), strict=True)))
    if stop_ids or scanned or done:
        at_stops = dict.fromkeys((*stop_ids, *scanned, *done))
        shift.over_s = own(shift.over_s)
        for stop_id in at_stops:
            shift.over_s[stop_id] = _service_over_s(state, vehicle, shift, stop_id)
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
        first = found["number"].item(0)
    else:
        return []
    at = len(shift.stays)
    while at > 0 and shift.stays[at - 1].number >= first:
        at -= 1
    old = list(shift.stays[at:])
    stops, begin = state.stops.records, vehicle.record["first_stop"]
    new = read_stretches(found[:count].tolist(), shift.name_of, shift.depot_id, stops, begin, old)
    if new == old:
        return []
    shift.replace_stays(at, new)
    return [stay.stop_id for stay in (*old, *new)]


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
    row, stop_ids, of_vehicle = vehicle.record["track_row"], list[str](), where(state, vehicle)
    reach_us = int(state.tracks.bases[row]["track_seen_us"])
    for stop_id, scans in shift.scans.items():
        in_reach = [scan for scan in scans if scan.at_us > reach_us and not scan.has_own_position]
        place = shift.place_of(stop_id) if in_reach else None
        if place is None:
            continue
        for scan in in_reach:
            words = gps_contradiction(turn.rules, *away_from_stop(*of_vehicle, place, scan.at_us))
            if words != scan.contradiction:
                scan.contradiction = words
                _forget_place(state.tracks.watches[row], scan)
                stop_ids.append(stop_id)
    return stop_ids


def _forget_place(watch: np.void, scan: StopScan) -> None:
    """What had the vehicle at a stop is contradicted now: where it was is its newest fix's to say."""
    if scan.contradiction is not None and watch["placed_us"] == scan.at_us:
        watch["placed_us"] = NEVER


def _note_departure(shift: ShiftState, departed_us: int) -> None:
    if departed_us != micros_or_never(shift.departed_at):
        shift.departed_at, shift.is_eta_due = moment_or_none(departed_us), True


def _note_done(shift: ShiftState, changed: dict[int, int]) -> list[str]:
    """Take note of stops, by place, that are done since, and of those that turn out not to be; their ids."""
    stop_ids = [shift.name_of(place) for place in changed]
    for stop_id, (place, done_us) in zip(stop_ids, changed.items(), strict=True):
        if done_us != NEVER:
            shift.done = own(shift.done)
            shift.done[stop_id] = moment(done_us)
            shift.note_one_done(place)
        else:
            shift.done.pop(stop_id, None)
            shift.note_remaining()
    return stop_ids
