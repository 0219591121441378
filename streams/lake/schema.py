"""The lake's columns: Arrow schemas derived from the events' contracts.

A row is one event: its place on Kafka (``topic``, ``partition``, ``offset``, ``index`` in the record's
array, ``appended_at``), the event's own fields, and ``h3_cell`` where it has a position. A verdict's
own ``topic``, ``partition``, ``offset`` and ``index`` speak of the record that was judged; they are
the columns ``judged_topic``, ``judged_partition``, ``judged_offset`` and ``judged_index``.
"""

from functools import cache

import msgspec.inspect as inspect
import pyarrow as pa

from streams.events.base import Event
from streams.fields import bare_type, contract_fields
from streams.topics import CHECKPOINTS, DEAD_LETTERS, TOPICS, Topic

LANDED: tuple[Topic, ...] = tuple(topic for topic in TOPICS if topic is not CHECKPOINTS)
"""The topics that land: all but the judges' checkpoints."""

H3_RESOLUTION = 8
"""About 0.7 km2 a cell: a neighbourhood."""

TIMESTAMP = pa.timestamp("us", tz="UTC")

PLACE = (
    pa.field("topic", pa.string(), nullable=False),
    pa.field("partition", pa.int32(), nullable=False),
    pa.field("offset", pa.int64(), nullable=False),
    pa.field("index", pa.int32(), nullable=False),
    pa.field("appended_at", TIMESTAMP, nullable=False),
)
"""Where a row stood on Kafka; of ``dead.letters``: where the letter stands, not what it is about."""

_DEAD_LETTER = (
    pa.field("reason", pa.string(), nullable=False),
    pa.field("source_topic", pa.string()),
    pa.field("source_partition", pa.int64()),
    pa.field("source_offset", pa.int64()),
    pa.field("source_index", pa.int64()),
    pa.field("source_file", pa.string()),
    pa.field("source_row", pa.int64()),
    pa.field("raw", pa.binary(), nullable=False),
    pa.field("rule", pa.string()),
)

_H3_CELL = pa.field("h3_cell", pa.string())
_SCALARS: dict[type[inspect.Type], pa.DataType] = {
    inspect.StrType: pa.string(),
    inspect.EnumType: pa.string(),
    inspect.UUIDType: pa.string(),
    inspect.IntType: pa.int64(),
    inspect.FloatType: pa.float64(),
    inspect.BoolType: pa.bool_(),
    inspect.DateTimeType: TIMESTAMP,
    inspect.DateType: pa.date32(),
}


@cache
def arrow_schema(topic: Topic) -> pa.Schema:
    """The columns of a landed topic. Raises ``ValueError`` for a topic that is not landed."""
    if topic is DEAD_LETTERS:
        return pa.schema([*PLACE, *_DEAD_LETTER])
    if topic.event is None:
        raise ValueError(f"{topic.name} is not landed: its values are no events")
    own = [field.with_name(column_name(field.name)) for field in event_fields(topic.event)]
    has_position = {"lat_deg", "lon_deg"} <= {field.name for field in own}
    return pa.schema([*PLACE, *own, *([_H3_CELL] if has_position else [])])


def column_name(field: str) -> str:
    """The lake's name of an event's field."""
    return f"judged_{field}" if any(field == place.name for place in PLACE) else field


def event_fields(event_type: type[Event]) -> list[pa.Field]:
    """An event's fields under their own names, in the order of the contract."""
    return [_arrow_field(field) for field in contract_fields(event_type)]


def _arrow_field(field: inspect.Field) -> pa.Field:
    bare, is_nullable = bare_type(field.type)
    return pa.field(field.name, _arrow_type(bare), nullable=is_nullable)


def _arrow_type(info: inspect.Type) -> pa.DataType:
    if type(info) in _SCALARS:
        return _SCALARS[type(info)]
    if isinstance(info, inspect.StructType | inspect.DataclassType):
        return pa.struct([_arrow_field(field) for field in info.fields])
    if isinstance(info, inspect.VarTupleType):
        bare, is_nullable = bare_type(info.item_type)
        return pa.list_(pa.field("element", _arrow_type(bare), nullable=is_nullable))
    raise TypeError(f"no column type is known for {info}")
