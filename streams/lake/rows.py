"""Kafka's records to one Arrow table: the same contract check as the judges', then column by column."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter

import h3
import msgspec
import pyarrow as pa

from streams.dead_letters import Origin
from streams.events.base import Event
from streams.judge import DeadLetter, Record
from streams.lake.chunk import Chunk
from streams.lake.instants import event_instant, utc_date
from streams.lake.schema import H3_RESOLUTION, PLACE, arrow_schema, event_fields
from streams.topics import DEAD_LETTERS, Topic
from streams.validate import appended_at, read


@dataclass(frozen=True, slots=True)
class Rows:
    """What records come to: a table, how many of their elements broke the contract, rows per UTC date."""

    table: pa.Table
    rejected: int
    event_dates: tuple[tuple[date, int], ...]


@dataclass(frozen=True, slots=True)
class _Placed:
    """One valid event and where it stood."""

    record: Record
    index: int
    event: Event


def to_rows(topic: Topic, chunk: Chunk) -> Rows:
    """The table of ``topic`` for a chunk, in the order of its records."""
    if topic is DEAD_LETTERS:
        return _letter_rows(chunk)
    assert topic.event is not None
    placed: list[_Placed] = []
    rejected = 0
    for record in chunk.records():
        for element in read(record, topic.event):
            if isinstance(element, DeadLetter):
                rejected += 1
            else:
                placed.append(_Placed(record, element.index, element.event))
    return Rows(_event_table(topic, placed), rejected, _event_dates(placed))


def _event_table(topic: Topic, placed: list[_Placed]) -> pa.Table:
    assert topic.event is not None
    schema = arrow_schema(topic)
    events = [one.event for one in placed]
    columns = _place_columns([one.record for one in placed], [one.index for one in placed])
    for field in event_fields(topic.event):
        values = list(map(attrgetter(field.name), events))
        columns.append(pa.array(msgspec.to_builtins(values, builtin_types=(datetime, date)), field.type))
    if "h3_cell" in schema.names:
        columns.append(pa.array([_h3_cell(event) for event in events], pa.string()))
    return pa.Table.from_arrays(columns, schema=schema)


def _place_columns(records: list[Record], indexes: list[int]) -> list[pa.Array]:
    values: list[list[object]] = [
        [record.topic for record in records],
        [record.partition for record in records],
        [record.offset for record in records],
        list(indexes),
        [record.appended_at_ms * 1000 for record in records],
    ]
    return [pa.array(column, field.type) for column, field in zip(values, PLACE, strict=True)]


def _h3_cell(event: Event) -> str | None:
    lat_deg, lon_deg = getattr(event, "lat_deg", None), getattr(event, "lon_deg", None)
    if lat_deg is None or lon_deg is None:
        return None
    cell: str = h3.latlng_to_cell(lat_deg, lon_deg, H3_RESOLUTION)
    return cell


def _event_dates(placed: list[_Placed]) -> tuple[tuple[date, int], ...]:
    dates = Counter(utc_date(event_instant(one.event) or appended_at(one.record)) for one in placed)
    return tuple(sorted(dates.items()))


def _letter_rows(chunk: Chunk) -> Rows:
    records = chunk.records()
    origins = [Origin.from_headers(headers) for headers in chunk.headers]
    schema = arrow_schema(DEAD_LETTERS)
    values: list[list[object]] = [
        [origin.reason for origin in origins],
        [origin.topic for origin in origins],
        [origin.partition for origin in origins],
        [origin.offset for origin in origins],
        [origin.index for origin in origins],
        [origin.file for origin in origins],
        [origin.row for origin in origins],
        [record.value for record in records],
        [origin.rule for origin in origins],
    ]
    own = [
        pa.array(column, schema.field(len(PLACE) + position).type) for position, column in enumerate(values)
    ]
    table = pa.Table.from_arrays([*_place_columns(records, [0] * len(records)), *own], schema=schema)
    dates = Counter(appended_at(record).date() for record in records)
    return Rows(table, 0, tuple(sorted(dates.items())))
