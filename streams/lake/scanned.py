"""Fixes and telemetry to Arrow without an object an event: the scanner's cells become columns as they are.

The table is the one that ``streams.lake.rows`` makes of the same records, which also takes in what the
scanner leaves unread.
"""

from datetime import date, timedelta

import msgspec.inspect as inspect
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from streams.columns.layout import Cell
from streams.columns.messages import Rows as Scanned
from streams.columns.messages import Scanner
from streams.events.base import ObservedEvent
from streams.fields import contract_fields
from streams.lake.cells import cell_texts, faces
from streams.lake.chunk import Chunk
from streams.lake.instants import instant_field
from streams.lake.rows import Rows, to_rows
from streams.lake.schema import PLACE, arrow_schema, event_fields
from streams.lake.texts import bits_of, placed_texts, uuid_texts
from streams.topics import GPS_FIXES, TELEMETRY, Topic

DAY_US = 86_400_000_000
EPOCH = date(1970, 1, 1)

SCANNED = (GPS_FIXES.name, TELEMETRY.name)


class Tables:
    """Makes the tables of chunks, of ``SCANNED`` topics by the scanner. For one thread."""

    def __init__(self) -> None:
        self._scanners: dict[Topic, Scanner] = {}

    def compile(self) -> None:
        """Make machine code where there is none yet: seconds after an installation, and once only.

        It is to be done before there is something to write, which somebody may wait for.
        """
        faces()
        nothing = Chunk(GPS_FIXES.name, 0, np.zeros(1, np.int64), np.zeros(1, np.int64), [None], [b"{}"], [])
        self.rows(GPS_FIXES, nothing)

    def rows(self, topic: Topic, chunk: Chunk) -> Rows:
        """The table of ``topic`` for a chunk, in the order of its records."""
        if topic.name not in SCANNED or not len(chunk):
            return to_rows(topic, chunk)
        if topic not in self._scanners:
            self._scanners[topic] = _scanner(topic)
        scanned = self._scanners[topic].scan(chunk.values, chunk.keys, chunk.appended_ms)
        read = Rows(self._table(topic, scanned, chunk), 0, _event_dates(topic, scanned))
        if not len(scanned.unread):
            return read
        return _together(read, to_rows(topic, chunk.take(scanned.unread)))

    def _table(self, topic: Topic, scanned: Scanned, chunk: Chunk) -> pa.Table:
        assert topic.event is not None
        schema = arrow_schema(topic)
        columns = _place_columns(scanned, chunk)
        for field, own in zip(contract_fields(topic.event), event_fields(topic.event), strict=True):
            columns.append(_column(scanned, field, own.type))
        if "h3_cell" in schema.names:
            lat_deg, lon_deg = scanned.floats("lat_deg"), scanned.floats("lon_deg")
            columns.append(cell_texts(lat_deg, lon_deg))
        return pa.Table.from_arrays(columns, schema=schema)


def _scanner(topic: Topic) -> Scanner:
    assert topic.event is not None
    assert issubclass(topic.event, ObservedEvent)
    instant = instant_field(topic.event)
    assert instant is not None
    return Scanner(topic.event, "vehicle_id", instant)


def _together(read: Rows, slowly: Rows) -> Rows:
    """Rows of both in the order of their records."""
    table = pa.concat_tables([read.table, slowly.table]).sort_by(
        [("offset", "ascending"), ("index", "ascending")]
    )
    dates = dict(read.event_dates)
    for day, rows in slowly.event_dates:
        dates[day] = dates.get(day, 0) + rows
    return Rows(table, slowly.rejected, tuple(sorted(dates.items())))


def _event_dates(topic: Topic, scanned: Scanned) -> tuple[tuple[date, int], ...]:
    assert topic.event is not None
    instant = instant_field(topic.event)
    assert instant is not None
    if not len(scanned):
        return ()
    days = scanned.ints(instant) // DAY_US
    counts = np.bincount(days - days.min())
    first = EPOCH + timedelta(days=int(days.min()))
    return tuple((first + timedelta(days=int(day)), int(counts[day])) for day in np.flatnonzero(counts))


def _place_columns(scanned: Scanned, chunk: Chunk) -> list[pa.Array]:
    rows = len(scanned)
    return [
        pa.repeat(pa.scalar(chunk.topic, pa.string()), rows),
        pa.repeat(pa.scalar(chunk.partition, pa.int32()), rows),
        pa.array(chunk.offsets[scanned.messages]),
        pa.array(scanned.indexes.astype(np.int32)),
        _numbers(PLACE[-1].type, chunk.appended_ms[scanned.messages] * 1000, None),
    ]


def _column(scanned: Scanned, field: inspect.Field, kind: pa.DataType) -> pa.Array:
    """One field's column. Raises ``TypeError`` for a field that is absent and has a value all the same."""
    layout, has = scanned.layout, scanned.has(field.name)
    place = layout.places[field.name]
    cell = Cell(layout.kinds[place])
    if cell is Cell.EMPTY:
        ends = pa.array(np.zeros(len(scanned) + 1, np.int32))
        return pa.ListArray.from_arrays(ends, pa.array([], kind.value_type), type=kind)
    if cell is Cell.INT and not field.required and field.default is not None:
        return _numbers(kind, np.where(has, scanned.ints(field.name), field.default), None)
    if not field.required and field.default is not None:
        raise TypeError(f"{layout.event.__name__}.{field.name} has a default that no column is made for")
    return _given(scanned, field.name, cell, kind, has)


def _given(scanned: Scanned, name: str, cell: Cell, kind: pa.DataType, has: NDArray[np.bool_]) -> pa.Array:
    """A column of the values that are there; null where there is none."""
    match cell:
        case Cell.UUID:
            first = scanned.layout.cell(name)
            return uuid_texts(scanned.cells[:, first], scanned.cells[:, first + 1], has)
        case Cell.TEXT:
            return placed_texts(scanned.buffer, scanned.ints(name), has)
        case Cell.FLAG:
            flags = np.packbits(scanned.ints(name) == 1, bitorder="little")
            return pa.Array.from_buffers(kind, len(has), [bits_of(has), pa.py_buffer(flags)])
        case Cell.FLOAT:
            return _numbers(kind, scanned.floats(name), has)
        case _:
            return _numbers(kind, scanned.ints(name), has)


def _numbers(
    kind: pa.DataType,
    numbers: NDArray[np.int64] | NDArray[np.float64],
    has: NDArray[np.bool_] | None,
) -> pa.Array:
    validity = None if has is None else bits_of(has)
    data = pa.py_buffer(np.ascontiguousarray(numbers))
    return pa.Array.from_buffers(kind, len(numbers), [validity, data])
