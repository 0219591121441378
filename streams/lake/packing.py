"""How a column is packed into Parquet: repeated values by a dictionary, numbers that grow by differences."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import msgspec.inspect as inspect
import pyarrow as pa

from streams.fields import bare_type, contract_fields
from streams.lake.schema import arrow_schema, column_name
from streams.topics import Topic

DIFFERENCES = "DELTA_BINARY_PACKED"
_CONSTANT = ("topic", "partition", "index", "appended_at", "schema_version")
"""Mostly one value in a file, or few."""


@dataclass(frozen=True, slots=True)
class Packing:
    """Columns by a dictionary, and columns with the name of their encoding; all others stand plainly.

    Looking for repetitions where there are none, as in ids, is half of the time that writing takes.
    """

    by_dictionary: list[str]
    by_difference: dict[str, str]


def packing_of(topic: Topic, names: Iterable[str]) -> Packing:
    """How the columns ``names`` of a topic's table are packed."""
    known = _packing(topic)
    there = set(names)
    return Packing(
        [name for name in known.by_dictionary if name in there],
        {name: encoding for name, encoding in known.by_difference.items() if name in there},
    )


@cache
def _packing(topic: Topic) -> Packing:
    ids = _ids(topic)
    dictionary, differences = [], {}
    for field in arrow_schema(topic):
        is_text = pa.types.is_string(field.type) and field.name not in ids
        if field.name in _CONSTANT or is_text:
            dictionary.append(field.name)
        elif pa.types.is_timestamp(field.type) or pa.types.is_int64(field.type):
            differences[field.name] = DIFFERENCES
    return Packing(dictionary, differences)


def _ids(topic: Topic) -> set[str]:
    """The columns that hold UUIDs, of which hardly two are the same."""
    if topic.event is None:
        return set()
    fields = contract_fields(topic.event)
    return {
        column_name(field.name) for field in fields if isinstance(bare_type(field.type)[0], inspect.UUIDType)
    }
