"""A run's fixes, telemetry and scans as one array of rows in judged order, however they were read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import repeat
from math import nan
from struct import Struct
from typing import NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from streams.columns.messages import Rows, Scanner
from streams.events.base import ObservedEvent, uuid_of
from streams.events.delivery import ScanEvent
from streams.events.telematics import GpsFix, Telemetry
from streams.fleet.clocks import device_hashes, device_number
from streams.fleet.columns import FIX, NEVER, SCAN, TELEMETRY_KIND
from streams.fleet.instants import micros
from streams.fleet.row import FieldViews, Row
from streams.judge import DeadLetter, Run
from streams.topics import GPS_FIXES, SCANS, TELEMETRY
from streams.validate import read

ROW = np.dtype(
    [
        ("place", np.int64),
        ("index", np.int64),
        ("vehicle", np.int64),
        ("id_high", np.int64),
        ("id_low", np.int64),
        ("happened_us", np.int64),
        ("received_us", np.int64),
        ("device", np.int64),
        ("device_seq", np.int64),
        ("lat_deg", np.float64),
        ("lon_deg", np.float64),
        ("speed_mps", np.float64),
        ("accuracy_m", np.float64),
        ("odometer_m", np.float64),
        ("fuel_used_l", np.float64),
        ("energy_used_kwh", np.float64),
        ("fuel_level_share", np.float64),
        ("idle_s", np.float64),
        ("engine_rpm", np.float64),
        ("cargo_temperature_c", np.float64),
        ("source", np.int64),
        ("at_us", np.int64),
        ("said", np.int64),
        ("kind", np.int8),
        ("ignition", np.int8),
        ("has_lists", np.bool_),
    ],
    align=True,
)
"""``place`` in the run and ``index`` in its message; ``vehicle`` is the vehicle's number, -1 is none.

``device`` stands for the device's id, 0 for none; ``device_seq`` is -1 where there is none.
``ignition`` is 1, 0, or -1 unknown; ``has_lists`` is for fault codes or harsh manoeuvres; numbers
that an event doesn't have are NaN.
``source`` says where the whole event is: row of the columns, or place among the decoded ones. The
screen writes ``at_us``, the event's corrected time, and ``said``, a bit for each thing it found.
"""

NUMBERS = (
    "lat_deg",
    "lon_deg",
    "speed_mps",
    "accuracy_m",
    "odometer_m",
    "fuel_used_l",
    "energy_used_kwh",
    "fuel_level_share",
    "idle_s",
    "engine_rpm",
    "cargo_temperature_c",
)

PLACES = {
    event: [(place, name) for place, name in enumerate(NUMBERS) if name in event.__struct_fields__]
    for event in (GpsFix, Telemetry, ScanEvent)
}
"""By kind of event, which of the numbers it may have, and their places."""

HALF_BITS = 2**64 - 1
_HALVES = Struct(">qq")

Observed = GpsFix | Telemetry | ScanEvent


class _Kind(NamedTuple):
    """How one topic's events become rows."""

    number: int
    topic: str
    event: type[ObservedEvent]
    instant: str
    scanner: Scanner | None


KINDS = (
    _Kind(FIX, GPS_FIXES.name, GpsFix, "fix_at", Scanner(GpsFix, "vehicle_id", "fix_at")),
    _Kind(
        TELEMETRY_KIND,
        TELEMETRY.name,
        Telemetry,
        "measured_at",
        Scanner(Telemetry, "vehicle_id", "measured_at"),
    ),
    _Kind(SCAN, SCANS.name, ScanEvent, "scanned_at", None),
)


class Numbers(NamedTuple):
    """The vehicles' numbers by id; ``make`` also gives one to a vehicle that is new."""

    known: Mapping[bytes, int]
    make: Callable[[bytes], int]


@dataclass(frozen=True, slots=True)
class Observations:
    """``rows`` in judged order; ``letters`` with place and index, of elements that break the contract."""

    rows: NDArray[np.void]
    letters: list[tuple[int, int, DeadLetter]]
    _views: FieldViews
    _columns: dict[int, Rows]
    _decoded: dict[int, list[Observed]]
    _run: Run

    def row(self, at: int) -> Row:
        """The row at a place, by the names of its fields."""
        return Row(self._views, at)

    def event(self, at: int) -> Observed:
        """The whole event of a row."""
        row = self.row(at)
        kind: int = row["kind"]
        source: int = row["source"]
        if source < 0:
            return self._decoded[kind][-1 - source]
        record = self._run.record(row["place"])
        element = read(record, KINDS[kind].event)[row["index"]]
        assert not isinstance(element, DeadLetter)
        event: Observed = element.event
        return event

    def ids(self, at: int) -> tuple[UUID, UUID]:
        """The event's own id, and what joins all that its first cause set off."""
        row = self.row(at)
        kind, source = row["kind"], row["source"]
        if source < 0:
            event = self._decoded[kind][-1 - source]
            return event.event_id, event.correlation_id or event.event_id
        own = _whole(row["id_high"], row["id_low"])
        columns = self._columns[kind]
        if not columns.present.item(source) & columns.layout.bit("correlation_id"):
            return own, own
        high, low = columns.cells[source, columns.layout.cell("correlation_id") :][:2].tolist()
        return own, _whole(high, low)


def observe(run: Run, numbers: Numbers) -> Observations:
    """Read what a run observed."""
    parts: list[NDArray[np.void]] = []
    letters: list[tuple[int, int, DeadLetter]] = []
    columns: dict[int, Rows] = {}
    decoded: dict[int, list[Observed]] = {}
    for kind in KINDS:
        if kind.topic not in run.topics:
            continue
        places = np.flatnonzero(run.ranks == run.topics.index(kind.topic)).astype(np.int64)
        if not len(places):
            continue
        unread = places
        if kind.scanner is not None:
            rows = columns[kind.number] = _scan(run, places, kind.scanner)
            parts.append(_from_columns(run, places, rows, kind, numbers))
            unread = places[rows.unread]
        if len(unread):
            parts.append(_decode(run, unread, kind, numbers, decoded, letters))
    rows_in_order = _in_order(parts)
    letters.sort(key=lambda letter: letter[:2])
    return Observations(rows_in_order, letters, FieldViews(rows_in_order), columns, decoded, run)


def _scan(run: Run, places: NDArray[np.int64], scanner: Scanner) -> Rows:
    if len(places) == len(run):
        return scanner.scan(run.values, run.keys, run.appended_ms)
    chosen = places.tolist()
    values, keys = [run.values[place] for place in chosen], [run.keys[place] for place in chosen]
    return scanner.scan(values, keys, run.appended_ms[places])


def _from_columns(
    run: Run, places: NDArray[np.int64], columns: Rows, kind: _Kind, numbers: Numbers
) -> NDArray[np.void]:
    rows = np.empty(len(columns), ROW)
    rows["place"] = places[columns.messages]
    rows["index"] = columns.indexes
    rows["kind"] = kind.number
    rows["source"] = np.arange(len(columns))
    cell = columns.layout.cell("event_id")
    rows["id_high"], rows["id_low"] = columns.cells[:, cell], columns.cells[:, cell + 1]
    rows["happened_us"], rows["received_us"] = columns.ints(kind.instant), columns.ints("received_at")
    devices, has_device = columns.ints("device_id"), columns.has("device_id")
    device_hashes(columns.buffer, devices, has_device, rows["device"])
    rows["device_seq"] = np.where(columns.has("device_seq"), columns.ints("device_seq"), -1)
    for name in NUMBERS:
        rows[name] = columns.floats(name) if name in columns.layout.places else np.nan
    rows["ignition"] = -1
    rows["has_lists"] = False  # the scanner leaves messages with lists to the slow way
    if "ignition_on" in columns.layout.places:
        rows["ignition"] = np.where(columns.has("ignition_on"), columns.ints("ignition_on"), -1)
    rows["vehicle"] = _vehicles(run, rows["place"], numbers)
    return rows


def _vehicles(run: Run, places: NDArray[np.int64], numbers: Numbers) -> NDArray[np.int64]:
    """The vehicle of each place, which its key names."""
    known = map(numbers.known.get, run.keys, repeat(-1))  # type: ignore[arg-type]
    vehicles: NDArray[np.int64] = np.fromiter(known, np.int64, len(run))[places]
    for row in np.flatnonzero(vehicles < 0).tolist():
        vehicles[row] = numbers.make(run.keys[places[row]] or b"")
    return vehicles


def _decode(
    run: Run,
    places: NDArray[np.int64],
    kind: _Kind,
    numbers: Numbers,
    decoded: dict[int, list[Observed]],
    letters: list[tuple[int, int, DeadLetter]],
) -> NDArray[np.void]:
    """The slow way: msgspec knows the whole contract, and says what is wrong."""
    found: list[tuple[int, int, Observed]] = []
    for place in places.tolist():
        for index, element in enumerate(read(run.record(place), kind.event)):
            if isinstance(element, DeadLetter):
                letters.append((place, index, element))
            else:
                found.append((place, index, element.event))  # type: ignore[arg-type]
    decoded[kind.number] = [event for _, _, event in found]
    return np.array(
        [
            _row(place, index, kind.number, -1 - at, event, numbers)
            for at, (place, index, event) in enumerate(found)
        ],
        ROW,
    )


def _row(
    place: int, index: int, kind: int, source: int, event: Observed, numbers: Numbers
) -> tuple[int | float | bool, ...]:
    """A decoded event as a row."""
    ignition_on = event.ignition_on if isinstance(event, GpsFix) else None
    return (
        place,
        index,
        -1 if event.vehicle_id is None else numbers.make(event.vehicle_id.encode()),
        *_halves(event.event_id),
        micros(event.happened_at),
        micros(event.received_at),
        device_number(event.device_id),
        -1 if event.device_seq is None else event.device_seq,
        *_numbers(event),
        source,
        NEVER,
        0,
        kind,
        -1 if ignition_on is None else ignition_on,
        isinstance(event, Telemetry) and bool(event.fault_codes or event.harsh_events),
    )


def _numbers(event: Observed) -> list[float]:
    """The event's `NUMBERS`, NaN where it has none."""
    found = [nan] * len(NUMBERS)
    for place, name in PLACES[type(event)]:
        value = getattr(event, name)
        if value is not None:
            found[place] = value
    return found


def _halves(event_id: UUID) -> tuple[int, int]:
    high, low = _HALVES.unpack(event_id.bytes)
    return high, low


def _whole(high: int, low: int) -> UUID:
    return uuid_of((high & HALF_BITS) << 64 | low & HALF_BITS)


def _in_order(parts: list[NDArray[np.void]]) -> NDArray[np.void]:
    if not parts:
        return np.empty(0, ROW)
    if len(parts) == 1:
        return parts[0]
    rows, at = np.empty(sum(map(len, parts)), ROW), 0
    for part in parts:  # numpy's own way works out their common type, field by field
        rows[at : at + len(part)] = part
        at += len(part)
    return rows[np.argsort(rows["place"], kind="stable")]  # all rows of a place are in one part, in order
