"""The fleet judge's state as bytes: MessagePack around the columns' own bytes."""

from sys import intern

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from streams.fleet.columns import NEVER, blank
from streams.fleet.ended import EndedShifts, Known
from streams.fleet.fitted import fitted_devices
from streams.fleet.instants import micros_or_never, moment_or_none
from streams.fleet.packing import PackedRoute
from streams.fleet.pages import SEEN
from streams.fleet.ring import TRACK
from streams.fleet.rules import FleetRules
from streams.fleet.screen import VEHICLE
from streams.fleet.seen import Seen
from streams.fleet.shift_watch import WATCH
from streams.fleet.state import FEWEST_VEHICLES, FleetState, ShiftState, VehicleState
from streams.fleet.stop_table import STOP, StopTable
from streams.fleet.telemetry.faults import Faults
from streams.fleet.track_table import FEWEST_ROWS, TrackTable
from streams.fleet.travel_table import TravelTable

STATE_FORMAT = 5
"""To be raised when what was saved before can't be read any more, or would be read otherwise.

Fields that are added, with a default here or blank in the records, need no new number.
"""


class SavedRecords(Struct):
    """An array of records with the names and types of its fields, so that fields may be added later.

    ``data`` are the array's own bytes, which nobody copies before they are encoded.
    """

    fields: list[tuple[str, str]]
    data: memoryview


class SavedTracks(Struct):
    """The tracks; of the rings what is in use, one after the other."""

    heads: SavedRecords
    bases: SavedRecords
    rings: SavedRecords
    watches: SavedRecords
    free_rows: list[int]


class SavedVehicle(Struct):
    """A vehicle that has a route."""

    vehicle_id: str
    silent_since_us: int
    shift: ShiftState | None
    upcoming: tuple[PackedRoute, ...]


class SavedFleet(Struct):
    """One partition's state; ``vehicle_ids`` by number."""

    partition: int
    now_us: int
    vehicle_ids: list[bytes]
    records: SavedRecords
    stops: SavedRecords
    freed_stops: int
    event_ids: tuple[bytes, bytes]
    fix_times: tuple[bytes, bytes]
    tracks: SavedTracks
    vehicles: list[SavedVehicle]
    shifts: dict[str, str]
    depots: dict[int, str] = {}
    faults: dict[int, Faults] = {}
    travels: bytes = b""
    ended: Known = {}


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(SavedFleet)


def save(state: FleetState) -> bytes:
    """The state as bytes."""
    return _ENCODER.encode(
        SavedFleet(
            partition=state.partition,
            now_us=state.now_us,
            vehicle_ids=list(state.numbers),
            records=_save_records(state.records[: len(state.numbers)]),
            stops=_save_records(state.stops.records[: state.stops.used]),
            freed_stops=state.stops.freed,
            event_ids=state.event_ids.save(),
            fix_times=state.fix_times.save(),
            tracks=_save_tracks(state.tracks),
            vehicles=[_save_vehicle(vehicle) for vehicle in state.vehicles.values()],
            shifts=state.shifts,
            depots=state.depots,
            faults=state.faults,
            travels=state.travels.save(),
            ended=state.ended.known,
        )
    )


def load(data: bytes, rules: FleetRules) -> FleetState:
    """The state that ``save`` wrote."""
    saved = _DECODER.decode(data)
    state = FleetState(saved.partition, rules)
    state.now_us = saved.now_us
    state.event_ids = Seen.load(saved.event_ids, rules.event_ids_remembered)
    state.fix_times = Seen.load(saved.fix_times, rules.fix_times_remembered)
    state.numbers = {vehicle_id: number for number, vehicle_id in enumerate(saved.vehicle_ids)}
    state.put(_load_records(saved.records, VEHICLE, FEWEST_VEHICLES))
    state.fitted = fitted_devices(state.records)
    state.stops = _load_stops(saved)
    state.tracks = _load_tracks(saved.tracks)
    state.travels = TravelTable.load(saved.travels)
    for one in saved.vehicles:
        _load_vehicle(state, one)
    state.shifts = saved.shifts
    state.ended = EndedShifts(saved.ended)
    state.depots = {number: intern(depot_id) for number, depot_id in saved.depots.items()}
    state.faults = saved.faults
    return state


def _save_records(records: NDArray[np.void]) -> SavedRecords:
    names = records.dtype.names or ()
    data = np.ascontiguousarray(records).view(np.uint8).data
    return SavedRecords([(name, records.dtype[name].str) for name in names], data)


def _load_records(saved: SavedRecords, dtype: np.dtype[np.void], fewest: int) -> NDArray[np.void]:
    """The records in an array with room to grow; a field that was not saved is blank."""
    old = np.frombuffer(saved.data, np.dtype(saved.fields))
    records = blank(dtype, max(fewest, len(old) * 9 // 8 + 1))
    for name in set(dtype.names or ()) & set(old.dtype.names or ()):
        records[name][: len(old)] = old[name]
    return records


def _load_stops(saved: SavedFleet) -> StopTable:
    stops = StopTable()
    stops.records = _load_records(saved.stops, STOP, len(stops.records))
    stops.used = len(saved.stops.data) // np.dtype(saved.stops.fields).itemsize
    stops.freed = saved.freed_stops
    return stops


def _save_tracks(tracks: TrackTable) -> SavedTracks:
    used = tracks.used
    return SavedTracks(
        heads=_save_records(tracks.heads[:used]),
        bases=_save_records(tracks.bases[:used]),
        rings=_save_records(tracks.save_rings()),
        watches=_save_records(tracks.watches[:used]),
        free_rows=tracks.free_rows,
    )


def _load_tracks(saved: SavedTracks) -> TrackTable:
    tracks = TrackTable()
    tracks.heads = _load_records(saved.heads, TRACK, FEWEST_ROWS)
    tracks.bases = _load_records(saved.bases, TRACK, FEWEST_ROWS)
    tracks.used = len(saved.heads.data) // np.dtype(saved.heads.fields).itemsize
    tracks.watches = _load_watches(saved.watches)
    tracks.free_rows = saved.free_rows
    tracks.load_rings(_load_records(saved.rings, SEEN, 0)[: int(tracks.bases["ring_count"].sum())])
    return tracks


def _load_watches(saved: SavedRecords) -> NDArray[np.void]:
    """The watches; who stood somewhere by a state without its last fix there did so up to the newest fix."""
    watches = _load_records(saved, WATCH, FEWEST_ROWS)
    is_unknown = (watches["stand_us"] != NEVER) & (watches["stand_inside_us"] == NEVER)
    watches["stand_inside_us"][is_unknown] = watches["watched_us"][is_unknown]
    return watches


def _save_vehicle(vehicle: VehicleState) -> SavedVehicle:
    silent_since_us = micros_or_never(vehicle.silent_since_at)
    return SavedVehicle(vehicle.vehicle_id, silent_since_us, vehicle.shift, vehicle.upcoming)


def _load_vehicle(state: FleetState, saved: SavedVehicle) -> None:
    vehicle = state.vehicle(saved.vehicle_id)
    vehicle.silent_since_at = moment_or_none(saved.silent_since_us)
    vehicle.shift, vehicle.upcoming = saved.shift, saved.upcoming
    if saved.shift is not None:
        saved.shift.share()
