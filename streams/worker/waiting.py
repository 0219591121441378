"""The records of one log that have arrived and wait for their turn."""

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from streams.worker.chunk import Columns

RECORD_BYTES = 150
"""What a record takes beside its value, about."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Consecutive records that arrived together.

    ``order_ms`` is the append time that counts: never below one that stands before it in the log.
    """

    offsets: NDArray[np.int64]
    appended_ms: NDArray[np.int64]
    order_ms: NDArray[np.int64]
    keys: list[bytes | None]
    values: list[bytes]
    arrived_at_s: float
    size_bytes: int

    def __len__(self) -> int:
        return len(self.values)

    def cut(self, begin: int, end: int) -> "Piece":
        """The records from ``begin`` up to ``end``."""
        return Piece(
            self.offsets[begin:end],
            self.appended_ms[begin:end],
            self.order_ms[begin:end],
            self.keys[begin:end],
            self.values[begin:end],
            self.arrived_at_s,
            self.size_bytes,
        )


class WaitingRecords:
    """A queue of records in the order of their offsets, beginning with ``next_offset``.

    ``size_bytes`` is about what they take; a piece counts until its last record has gone.
    """

    def __init__(self, next_offset: int) -> None:
        self.through = next_offset - 1
        self.size_bytes = 0
        self._highest_ms = 0
        self._pieces: deque[Piece] = deque()
        self._begin = 0
        """Where in the first piece the queue begins: it is not copied whenever some records go."""

    def add(self, columns: Columns, arrived_at_s: float) -> None:
        """Append what is beyond ``through``, the last offset that arrived."""
        begin = int(np.searchsorted(columns.offsets, self.through, "right"))
        if begin == len(columns):
            return
        order_ms = np.maximum(np.maximum.accumulate(columns.appended_ms[begin:]), self._highest_ms)
        keys, values = (columns.keys, columns.values) if begin == 0 else _cut(columns, begin)
        piece = Piece(
            columns.offsets[begin:],
            columns.appended_ms[begin:],
            order_ms,
            keys,
            values,
            arrived_at_s,
            RECORD_BYTES * len(values) + columns.size_bytes,
        )
        self._pieces.append(piece)
        self.through = int(piece.offsets[-1])
        self._highest_ms = int(order_ms[-1])
        self.size_bytes += piece.size_bytes

    def order_ms_at(self, place: int) -> int | None:
        """When the record at ``place`` of the queue counts as appended; ``None``: so many don't wait."""
        place += self._begin
        for piece in self._pieces:
            if place < len(piece):
                return int(piece.order_ms[place])
            place -= len(piece)
        return None

    def front(self, limit: int, until_ms: int) -> list[Piece]:
        """The first ``limit`` records, or all, that count as appended by ``until_ms``; they stay."""
        found: list[Piece] = []
        begin = self._begin
        for piece in self._pieces:
            end = min(begin + limit, int(np.searchsorted(piece.order_ms, until_ms, "right")))
            if end <= begin:
                break
            found.append(piece if (begin, end) == (0, len(piece)) else piece.cut(begin, end))
            limit -= end - begin
            begin = 0
        return found

    def drop(self, count: int) -> None:
        """The first ``count`` records go."""
        self._begin += count
        while self._pieces and self._begin >= len(self._pieces[0]):
            piece = self._pieces.popleft()
            self._begin -= len(piece)
            self.size_bytes -= piece.size_bytes

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not self._pieces

    @property
    def next_order_ms(self) -> int:
        """When the first record that waits counts as appended."""
        return int(self._pieces[0].order_ms[self._begin])

    @property
    def next_arrived_at_s(self) -> float:
        """When the first record that waits came into our hands."""
        return self._pieces[0].arrived_at_s

    @property
    def last_order_ms(self) -> int:
        """No record that is still to come counts as appended before this."""
        return self._highest_ms


def _cut(columns: Columns, begin: int) -> tuple[list[bytes | None], list[bytes]]:
    return columns.keys[begin:], columns.values[begin:]
