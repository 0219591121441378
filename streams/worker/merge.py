"""Merges the co-partitioned logs of one partition number into one order, the same at every run.

The order is (append time, topic rank, offset). A record may be released when nothing that belongs
before it can still come:

    gps.fixes        ──●──────●──────────     head: appended at t, in our hands at a
    delivery.scans   ─────────────────●──     a head too: what follows it is younger still
    vehicle.telemetry ───────────|            empty: has it been read beyond t?

For an empty log the answer needs no synchronised clocks. When the head was in our hands (at ``a``,
on this process's monotonic clock), the broker's clock stood at ``t`` or later. A fetch that was
*sent* at ``a + margin`` or later therefore finds everything appended up to ``t``, and whatever is
appended after it carries a later time. So the log is complete beyond ``t`` when such a fetch has
found its end and all that it holds has arrived. The margin covers the difference between the
clocks of several brokers, their replication, and two appends within one millisecond.

Should a record come late all the same (a broker's clock was set back), it is released at once and
counted: nothing is lost, but another run might order it differently.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from heapq import heapify, heappop, heapreplace
from math import inf

from streams.judge import Record

RECORD_BYTES = 250
"""What a record takes beside its value, about."""


@dataclass(frozen=True, slots=True)
class Horizon:
    """A log's end was reached by a fetch sent at ``asked_at_s`` (monotonic clock).

    It counts once the record at offset ``through`` (-1: none) has arrived.
    """

    through: int
    asked_at_s: float


class Merge:
    """Buffers records per topic and releases them in order. ``topics`` are given by rank."""

    def __init__(self, topics: tuple[str, ...], margin_s: float) -> None:
        self._ranks: Mapping[str, int] = {topic: rank for rank, topic in enumerate(topics)}
        self._margin_s = margin_s
        self._buffers: list[deque[tuple[Record, float]]] = [deque() for _ in topics]
        self._through = [-1] * len(topics)
        self._horizons = [Horizon(-1, -inf)] * len(topics)
        self._bytes = [0] * len(topics)
        self._heads: list[tuple[int, int]] = []
        self._complete_as_of_s: float | None = None
        self._released_ms = 0
        self.late_count = 0

    def add(self, topic: str, records: Iterable[Record], arrived_at_s: float) -> None:
        """Take what arrived of ``topic``; what has arrived before is dropped."""
        rank = self._ranks[topic]
        buffer, was_empty = self._buffers[rank], not self._buffers[rank]
        for record in records:
            if record.offset > self._through[rank]:
                buffer.append((record, arrived_at_s))
                self._through[rank] = record.offset
                self._bytes[rank] += _size(record)
        if was_empty and buffer:
            self._heads.append((buffer[0][0].appended_at_ms, rank))
            heapify(self._heads)
        self._complete_as_of_s = None

    def observe(self, topic: str, horizon: Horizon) -> None:
        """Take note of how far ``topic`` is known."""
        self._horizons[self._ranks[topic]] = horizon
        self._complete_as_of_s = None

    def pop(self) -> Record | None:
        """The next record in order, or ``None`` while an earlier one may still come."""
        if not self._heads:
            return None
        rank = self._heads[0][1]
        buffer = self._buffers[rank]
        record, arrived_at_s = buffer[0]
        if arrived_at_s + self._margin_s > self._empty_logs_complete_as_of_s():
            return None
        buffer.popleft()
        self._bytes[rank] -= _size(record)
        if buffer:
            heapreplace(self._heads, (buffer[0][0].appended_at_ms, rank))
        else:
            heappop(self._heads)
            self._complete_as_of_s = None
        self._count_late(record)
        return record

    def buffered_bytes(self, topic: str) -> int:
        """How much memory the waiting records of ``topic`` take, about."""
        return self._bytes[self._ranks[topic]]

    @property
    def is_waiting(self) -> bool:
        """Whether any record waits to be released."""
        return bool(self._heads)

    @property
    def arrived_through(self) -> tuple[int, ...] | None:
        """By rank the last offset that arrived, once every log's end has been reached; -1 is none."""
        reached = all(h.asked_at_s > -inf for h in self._horizons)
        return tuple(self._through) if reached else None

    def _empty_logs_complete_as_of_s(self) -> float:
        if self._complete_as_of_s is None:
            self._complete_as_of_s = min(
                (self._known_as_of_s(rank) for rank, buffer in enumerate(self._buffers) if not buffer),
                default=inf,
            )
        return self._complete_as_of_s

    def _known_as_of_s(self, rank: int) -> float:
        horizon = self._horizons[rank]
        return horizon.asked_at_s if horizon.through <= self._through[rank] else -inf

    def _count_late(self, record: Record) -> None:
        if record.appended_at_ms < self._released_ms:
            self.late_count += 1
        else:
            self._released_ms = record.appended_at_ms


def _size(record: Record) -> int:
    return RECORD_BYTES + len(record.value)
