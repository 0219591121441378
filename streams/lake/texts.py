"""Arrow texts made without a Python object each: from places in a buffer, UUIDs and numbers."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from streams.columns.compiled import compiled

HEX = np.frombuffer(b"0123456789abcdef", np.uint8)
UUID_LENGTH = 36
CELL_LENGTH = 15
"""An H3 cell is 60 bits that are not all 0 at the top, which makes 15 hexadecimal digits."""


def placed_texts(buffer: NDArray[np.uint8], places: NDArray[np.int64], has: NDArray[np.bool_]) -> pa.Array:
    """Texts that stand in ``buffer``; a place is where one begins, times 2^16, plus its bytes.

    Null where ``has`` (n,) is false.
    """
    ends = np.zeros(len(places) + 1, np.int32)
    np.cumsum(np.where(has, places & 0xFFFF, 0), out=ends[1:])
    data = np.empty(ends[-1], np.uint8)
    _copy(buffer, places, ends, data)
    return _texts(ends, data, has)


def uuid_texts(high: NDArray[np.int64], low: NDArray[np.int64], has: NDArray[np.bool_]) -> pa.Array:
    """UUIDs of their first and last eight bytes, as text; null where ``has`` (n,) is false."""
    ends = np.zeros(len(high) + 1, np.int32)
    np.cumsum(np.where(has, UUID_LENGTH, 0), out=ends[1:])
    data = np.empty(ends[-1], np.uint8)
    _write_uuids(high, low, ends, data)
    return _texts(ends, data, has)


def hex_texts(cells: NDArray[np.uint64]) -> pa.Array:
    """H3 cells as H3 writes them."""
    data = np.empty(len(cells) * CELL_LENGTH, np.uint8)
    _write_cells(cells, data)
    ends = np.arange(len(cells) + 1, dtype=np.int32) * CELL_LENGTH
    return _texts(ends.astype(np.int32), data, np.ones(len(cells), np.bool_))


def bits_of(has: NDArray[np.bool_]) -> pa.Buffer | None:
    """Which values are there, as Arrow keeps it; ``None`` where all are."""
    return None if has.all() else pa.py_buffer(np.packbits(has, bitorder="little"))


def _texts(ends: NDArray[np.int32], data: NDArray[np.uint8], has: NDArray[np.bool_]) -> pa.Array:
    buffers = [bits_of(has), pa.py_buffer(ends), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.string(), len(has), buffers)


@compiled
def _copy(
    buffer: NDArray[np.uint8], places: NDArray[np.int64], ends: NDArray[np.int32], data: NDArray[np.uint8]
) -> None:
    for i in range(len(places)):
        begin = places[i] >> 16
        at = ends[i]
        for j in range(ends[i + 1] - at):
            data[at + j] = buffer[begin + j]


@compiled
def _write_uuids(
    high: NDArray[np.int64], low: NDArray[np.int64], ends: NDArray[np.int32], data: NDArray[np.uint8]
) -> None:
    for i in range(len(high)):
        at = ends[i]
        if ends[i + 1] == at:
            continue
        for digit in range(32):
            half = high[i] if digit < 16 else low[i]
            if digit in (8, 12, 16, 20):
                data[at] = ord("-")
                at += 1
            data[at] = HEX[(half >> (60 - 4 * (digit & 15))) & 15]
            at += 1


@compiled
def _write_cells(cells: NDArray[np.uint64], data: NDArray[np.uint8]) -> None:
    for i in range(len(cells)):
        cell = np.int64(cells[i])
        for digit in range(CELL_LENGTH):
            data[i * CELL_LENGTH + digit] = HEX[(cell >> (56 - 4 * digit)) & 15]
