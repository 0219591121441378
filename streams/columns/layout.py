"""A contract as a table of cells: which field has which type and bounds, and where its value goes."""

import inspect
from dataclasses import dataclass, field
from enum import IntEnum
from math import inf

import msgspec.inspect as contract
import numpy as np
from numpy.typing import NDArray

from streams.events.base import Event


class Cell(IntEnum):
    """How a field's value is kept in 64-bit cells."""

    UUID = 0
    """Two cells, the first and the last eight bytes as big-endian numbers."""
    TEXT = 1
    """Where the text begins in the buffer, times 2^16, plus its length in bytes (ASCII)."""
    INSTANT = 2
    """Microseconds since 1970."""
    FLOAT = 3
    """The bits of a double; NaN where the field is absent."""
    INT = 4
    FLAG = 5
    """1 is true, 0 is false."""
    EMPTY = 6
    """No cell: an array field, of which the scanner takes the empty array alone."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Fields in the contract's order. ``cells`` are first cells; ``required`` and others have a bit a field.

    ``names`` are the fields' names end to end, of which name ``i`` is ``name_starts[i]:name_starts[i+1]``.
    """

    event: type[Event]
    fields: tuple[str, ...]
    kinds: NDArray[np.int64]
    cells: NDArray[np.int64]
    least: NDArray[np.float64]
    most: NDArray[np.float64]
    required: int
    nullable: int
    width: int
    names: NDArray[np.uint8]
    name_starts: NDArray[np.int64]
    places: dict[str, int] = field(default_factory=dict)

    def cell(self, name: str) -> int:
        """The first cell of a field. Raises ``KeyError`` for one that the contract doesn't have."""
        return int(self.cells[self.places[name]])

    def bit(self, name: str) -> int:
        """The bit of a field in a row's ``present``."""
        return 1 << self.places[name]


def layout_of(event: type[Event]) -> Layout:
    """The layout of a flat contract. Raises ``TypeError`` for a field that no cell can hold."""
    info = contract.type_info(event)
    assert isinstance(info, contract.StructType)
    kinds, cells, least, most = [], [], [], []
    required = nullable = width = 0
    for place, one in enumerate(info.fields):
        kind, low, high, may_be_null = _cell_of(event, one)
        kinds.append(kind)
        cells.append(width)
        least.append(low)
        most.append(high)
        width += {Cell.UUID: 2, Cell.EMPTY: 0}.get(kind, 1)
        required |= one.required << place
        nullable |= may_be_null << place
    names = [one.encode_name.encode() for one in info.fields]
    fields = tuple(one.name for one in info.fields)
    return Layout(
        event,
        fields,
        np.array(kinds, np.int64),
        np.array(cells, np.int64),
        np.array(least, np.float64),
        np.array(most, np.float64),
        required,
        nullable,
        width,
        np.frombuffer(b"".join(names), np.uint8),
        np.cumsum([0, *map(len, names)]).astype(np.int64),
        {name: place for place, name in enumerate(fields)},
    )


def _cell_of(event: type[Event], one: contract.Field) -> tuple[Cell, float, float, bool]:
    """Kind, least and most (of a text: its length), and whether null stands for absent."""
    kind, may_be_null = one.type, False
    if isinstance(kind, contract.UnionType):
        (kind,) = (each for each in kind.types if not isinstance(each, contract.NoneType))
        may_be_null = True
    match kind:
        case contract.UUIDType():
            return Cell.UUID, 0, 0, may_be_null
        case contract.DateTimeType(tz=True):
            return Cell.INSTANT, 0, 0, may_be_null
        case contract.BoolType():
            return Cell.FLAG, 0, 1, may_be_null
        case contract.StrType(pattern=None):
            return Cell.TEXT, kind.min_length or 0, kind.max_length or inf, may_be_null
        case contract.FloatType(gt=None, lt=None, multiple_of=None):
            return Cell.FLOAT, _or(kind.ge, -inf), _or(kind.le, inf), may_be_null
        case contract.IntType(gt=None, lt=None, multiple_of=None):
            return Cell.INT, _or(kind.ge, -(2.0**63)), _or(kind.le, 2.0**63), may_be_null
        case contract.VarTupleType():
            return Cell.EMPTY, 0, 0, may_be_null
    raise TypeError(f"{event.__name__}.{one.name} has a type that no cell holds: {kind}")


def _or(bound: float | None, otherwise: float) -> float:
    return otherwise if bound is None else float(bound)


def checks_itself(event: type[Event]) -> bool:
    """Whether the contract has checks of its own beside its fields' types, which no scanner knows."""
    return inspect.getattr_static(event, "__post_init__", None) is not None
