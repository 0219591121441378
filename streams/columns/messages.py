"""A run's messages of one observed contract to rows of cells, with the checks of ``streams.validate``."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from streams.columns.compiled import compiled
from streams.columns.layout import Layout, checks_itself, layout_of
from streams.columns.scan import CLOSE_ARRAY, COMMA, NOT_READ, OPEN_ARRAY, read_object, skip_space
from streams.events.base import ObservedEvent
from streams.validate import FURTHEST_AHEAD

FURTHEST_AHEAD_US = int(FURTHEST_AHEAD.total_seconds() * 1e6)
SHORTEST_EVENT_BYTES = 100
"""No event that carries its envelope is shorter; so many bytes of a batch are one row at most."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Valid events as rows of cells; see `Cell` for what a cell holds.

    ``buffer`` holds all messages end to end, which texts point into. ``cells`` (n, width);
    ``present`` (n,) has a bit a field; ``messages`` and ``indexes`` (n,) say which element of which
    message a row is. ``unread`` are the messages that are left to the slow way, in order.
    """

    layout: Layout
    buffer: NDArray[np.uint8]
    cells: NDArray[np.int64]
    present: NDArray[np.int64]
    messages: NDArray[np.int64]
    indexes: NDArray[np.int64]
    unread: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.present)

    def ints(self, name: str) -> NDArray[np.int64]:
        """A column of numbers, instants, flags or places of texts, as they stand in the cells."""
        return self.cells[:, self.layout.cell(name)]

    def floats(self, name: str) -> NDArray[np.float64]:
        """A column of doubles; NaN where the field is absent."""
        return self.cells.view(np.float64)[:, self.layout.cell(name)]

    def has(self, name: str) -> NDArray[np.bool_]:
        """Which rows have the field."""
        return (self.present & self.layout.bit(name)) != 0

    def text(self, row: int, name: str) -> str:
        """One row's text."""
        place = int(self.cells[row, self.layout.cell(name)])
        begin, length = place >> 16, place & 0xFFFF
        return self.buffer[begin : begin + length].tobytes().decode()


class Scanner:
    """Reads the messages of one flat contract that is observed by devices.

    ``key_field`` is the field that the record's key repeats, ``instant_field`` the event's own time.
    Raises ``TypeError`` for a contract that cells can't hold or that checks more than its fields.
    """

    def __init__(self, event: type[ObservedEvent], key_field: str, instant_field: str) -> None:
        if checks_itself(event):
            raise TypeError(f"{event.__name__} has checks of its own, which the scanner can't know")
        self.layout = layout_of(event)
        self._checked_cells = np.array(
            [self.layout.cell(name) for name in (key_field, "received_at", instant_field)], np.int64
        )

    def scan(
        self, values: Sequence[bytes], keys: Sequence[bytes | None], appended_ms: NDArray[np.int64]
    ) -> Rows:
        """Read messages; ``keys`` and ``appended_ms`` (n,) are those of their records."""
        layout = self.layout
        value_bytes, value_ends = _joined(values)
        key_bytes, key_ends = _joined([key or b"" for key in keys])
        most_rows = len(value_bytes) // SHORTEST_EVENT_BYTES + 1
        cells = np.empty((most_rows, layout.width), np.int64)
        present, messages, indexes = (np.empty(most_rows, np.int64) for _ in range(3))
        unread = np.empty(len(values), np.int64)
        rows, left = _scan(
            value_bytes,
            value_ends,
            key_bytes,
            key_ends,
            appended_ms,
            self._checked_cells,
            layout.kinds,
            layout.cells,
            layout.least,
            layout.most,
            layout.required,
            layout.nullable,
            layout.names,
            layout.name_starts,
            cells,
            cells.view(np.float64),
            present,
            messages,
            indexes,
            unread,
        )
        return Rows(
            layout, value_bytes, cells[:rows], present[:rows], messages[:rows], indexes[:rows], unread[:left]
        )


def _joined(texts: Sequence[bytes]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    return np.frombuffer(b"".join(texts), np.uint8), np.cumsum(lengths)


@compiled
def _scan(
    values: NDArray[np.uint8],
    value_ends: NDArray[np.int64],
    keys: NDArray[np.uint8],
    key_ends: NDArray[np.int64],
    appended_ms: NDArray[np.int64],
    checked_cells: NDArray[np.int64],
    kinds: NDArray[np.int64],
    first_cells: NDArray[np.int64],
    least: NDArray[np.float64],
    most: NDArray[np.float64],
    required: int,
    nullable: int,
    names: NDArray[np.uint8],
    name_starts: NDArray[np.int64],
    cells: NDArray[np.int64],
    doubles: NDArray[np.float64],
    present: NDArray[np.int64],
    messages: NDArray[np.int64],
    indexes: NDArray[np.int64],
    unread: NDArray[np.int64],
) -> tuple[int, int]:
    """Fill the rows; how many there are, and how many messages are left."""
    rows, left, value_at, key_at = 0, 0, 0, 0
    for message in range(len(value_ends)):
        end, key_end = value_ends[message], key_ends[message]
        at = skip_space(values, value_at, end)
        is_batch = at < end and values[at] == OPEN_ARRAY
        first_row = rows
        while True:
            if is_batch:
                at = skip_space(values, at + 1, end)
            if rows == len(cells):
                at = NOT_READ
                break
            # Absent numbers are NaN, so that no reader takes what stood here before for a value.
            for cell in range(doubles.shape[1]):
                doubles[rows, cell] = np.nan
            present[rows], at = read_object(
                values,
                at,
                end,
                kinds,
                first_cells,
                least,
                most,
                required,
                nullable,
                names,
                name_starts,
                cells[rows],
                doubles[rows],
            )
            if at == NOT_READ:
                break
            if not _is_checked(
                cells[rows], checked_cells, values, keys, key_at, key_end, appended_ms[message]
            ):
                at = NOT_READ
                break
            messages[rows] = message
            indexes[rows] = rows - first_row
            rows += 1
            at = skip_space(values, at, end)
            if not is_batch:
                at = at if at == end else NOT_READ
                break
            if at < end and values[at] == COMMA:
                continue
            is_closed = at < end and values[at] == CLOSE_ARRAY
            at = end if is_closed and skip_space(values, at + 1, end) == end else NOT_READ
            break
        if at == NOT_READ:
            rows = first_row
            unread[left] = message
            left += 1
        value_at, key_at = end, key_end
    return rows, left


@compiled
def _is_checked(
    row: NDArray[np.int64],
    checked_cells: NDArray[np.int64],
    values: NDArray[np.uint8],
    keys: NDArray[np.uint8],
    key_at: int,
    key_end: int,
    appended_ms: int,
) -> bool:
    """Whether key and times are as ``streams.validate`` wants them."""
    text = row[checked_cells[0]]
    begin, length = text >> 16, text & 0xFFFF
    if key_end - key_at != length:
        return False
    for i in range(length):
        if values[begin + i] != keys[key_at + i]:
            return False
    received_us, happened_us = row[checked_cells[1]], row[checked_cells[2]]
    return (
        received_us - appended_ms * 1000 <= FURTHEST_AHEAD_US
        and happened_us - received_us <= FURTHEST_AHEAD_US
    )
