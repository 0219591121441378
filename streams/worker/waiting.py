"""The records of one log that have arrived and wait for their turn."""

from collections import deque
from dataclasses import dataclass, replace

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

    def __len__(self) -> int:
        return len(self.values)

    def cut(self, begin: int, end: int | None = None) -> "Piece":
        """The records from ``begin`` up to ``end``."""
        return replace(
            self,
            offsets=self.offsets[begin:end],
            appended_ms=self.appended_ms[begin:end],
            order_ms=self.order_ms[begin:end],
            keys=self.keys[begin:end],
            values=self.values[begin:end],
        )


class WaitingRecords:
    """A queue of records in the order of their offsets, beginning with ``next_offset``."""

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
            columns.offsets[begin:], columns.appended_ms[begin:], order_ms, keys, values, arrived_at_s
        )
        self._pieces.append(piece)
        self.through = int(piece.offsets[-1])
        self._highest_ms = int(order_ms[-1])
        self.size_bytes += _size_bytes(values)

    def front(self, limit: int) -> list[Piece]:
        """The first ``limit`` records, or all; they stay."""
        found: list[Piece] = []
        begin = self._begin
        for piece in self._pieces:
            if limit <= 0:
                break
            found.append(piece if begin == 0 and len(piece) <= limit else piece.cut(begin, begin + limit))
            limit -= len(found[-1])
            begin = 0
        return found

    def drop(self, count: int) -> None:
        """The first ``count`` records go."""
        while count:
            piece = self._pieces[0]
            end = min(self._begin + count, len(piece))
            self.size_bytes -= _size_bytes(piece.values[self._begin : end])
            count -= end - self._begin
            self._begin = end
            if end == len(piece):
                self._pieces.popleft()
                self._begin = 0

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


def _size_bytes(values: list[bytes]) -> int:
    return RECORD_BYTES * len(values) + sum(map(len, values))
