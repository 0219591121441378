"""One value of somebody's file to a list of ids, or of things that an id names."""

from collections.abc import Callable

import msgspec.inspect as inspect

from streams.fields import bare_type
from streams.ingest.values import Unmappable, is_empty, to_text, to_whole_number

MOST_NUMBERED = 10_000
"""A column that counts more of one row's things counts something else."""

Ids = tuple[str, ...]


def split(value: object, separator: str) -> Ids:
    """The values between the separators, or those of a list, each once; empty ones are left out."""
    parts = value if isinstance(value, list) else str(value).split(separator)
    return tuple(dict.fromkeys(to_text(part) for part in parts if not is_empty(part)))


def numbered(value: object, name: str) -> Ids:
    """``name-1`` to ``name-n``, for a column that says n."""
    count = to_whole_number(value)
    if not 0 <= count <= MOST_NUMBERED:
        rule = f"not a count from 0 to {MOST_NUMBERED:,}"
        raise Unmappable(rule, f"{rule}: {count}")
    return tuple(f"{name}-{number}" for number in range(1, count + 1))


def element_maker(kind: inspect.VarTupleType) -> Callable[[str], object] | None:
    """An id to an element of such a list; ``None`` where an element takes more than an id."""
    item, _ = bare_type(kind.item_type)
    if isinstance(item, inspect.StrType):
        return str
    if not isinstance(item, inspect.StructType):
        return None
    required = [field for field in item.fields if field.required]
    if len(required) != 1 or not isinstance(bare_type(required[0].type)[0], inspect.StrType):
        return None
    name = required[0].encode_name
    return lambda text: {name: text}
