"""Merges the co-partitioned logs of one partition number into one order, the same at every run.

The order is (append time, topic rank, offset). A record may be released when nothing that belongs
before it can still come:

    gps.fixes        ──●──────●──────────     next: appended at t, in our hands at a
    delivery.scans   ─────────────────●──     something younger waits: what follows it is younger still
    vehicle.telemetry ───────────|            nothing waits: has it been read beyond t?

For a log of which nothing younger waits the answer needs no synchronised clocks. When the record
was in our hands (at ``a``, on this process's monotonic clock), the broker's clock stood at ``t`` or
later. A broker that is asked at ``a + margin`` or later where that log ends therefore counts
everything appended up to ``t``, and whatever is appended after its answer carries a later time. So
the log is complete beyond ``t`` when all below the answered end has arrived. The margin covers the
difference between the clocks of several brokers, their replication, and two appends within one
millisecond.

Within a log the offset decides: where a broker's clock was set back, a record counts as appended at
the highest time before it in its log. That is what taking the least of the logs' next records, one
by one, comes to. Should another log's record come late because of it, it is released at once and
counted: nothing is lost, but another run might order it differently.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from math import inf
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from streams.judge import Run
from streams.worker.chunk import Columns
from streams.worker.waiting import Piece, WaitingRecords

T = TypeVar("T")

_NEVER_MS = int(np.iinfo(np.int64).max)


@dataclass(frozen=True, slots=True)
class Horizon:
    """A log's end was answered to a question sent at ``asked_at_s`` (monotonic clock).

    It counts once the record at offset ``through`` (-1: none), the last one below that end, has arrived.
    """

    through: int
    asked_at_s: float


@dataclass(frozen=True, slots=True)
class Question:
    """Where do the logs of these ``topics`` end? Of use when it is asked at ``ask_at_s`` or later."""

    topics: tuple[str, ...]
    ask_at_s: float


@dataclass(frozen=True, slots=True)
class _Order:
    """Waiting records in order: for each its rank, when it arrived, and its place in the pieces."""

    order_ms: NDArray[np.int64]
    ranks: NDArray[np.int8]
    arrived_at_s: NDArray[np.float64]
    places: NDArray[np.intp]


class Merge:
    """Holds the records of one partition number and releases them in order. ``topics`` go by rank.

    ``next_offsets`` says for each topic which record is the first to count.
    """

    def __init__(
        self, partition: int, topics: tuple[str, ...], next_offsets: Mapping[str, int], margin_s: float
    ) -> None:
        self._partition = partition
        self._topics = topics
        self._ranks = {topic: rank for rank, topic in enumerate(topics)}
        self._margin_s = margin_s
        self._logs = [WaitingRecords(next_offsets[topic]) for topic in topics]
        self._horizons = [Horizon(-1, -inf)] * len(topics)
        self._released_ms = 0
        self.late_count = 0

    def add(self, topic: str, columns: Columns, arrived_at_s: float) -> None:
        """Take what arrived of ``topic``; what has arrived before is dropped."""
        self._logs[self._ranks[topic]].add(columns, arrived_at_s)

    def observe(self, topic: str, horizon: Horizon) -> None:
        """Take note of how far ``topic`` is known."""
        self._horizons[self._ranks[topic]] = horizon

    def next_run(self, limit: int) -> Run | None:
        """Up to ``limit`` records that are due, in order; ``None`` while an earlier one may still come."""
        waiting = self._waiting_ranks()
        complete_as_of_s = self._empty_logs_complete_as_of_s()
        if not waiting or self._next_needs_s(waiting) > complete_as_of_s:
            return None
        pieces = self._candidates(waiting, limit)
        order = _ordered(pieces)
        count = min(limit, self._due_count(order, waiting, complete_as_of_s))
        run = self._run([piece for _, piece in pieces], order, count)
        for rank, released in enumerate(np.bincount(run.ranks, minlength=len(self._logs))):
            self._logs[rank].drop(int(released))
        self._count_late(run.appended_ms)
        return run

    def question(self) -> Question | None:
        """What holds the next record up; ``None`` where nothing waits, or nothing but its turn."""
        waiting = self._waiting_ranks()
        if not waiting:
            return None
        needed_s = self._next_needs_s(waiting)
        unknown = tuple(
            topic
            for rank, topic in enumerate(self._topics)
            if self._logs[rank].is_empty and self._known_as_of_s(rank) < needed_s
        )
        return Question(unknown, needed_s) if unknown else None

    def buffered_bytes(self, topic: str) -> int:
        """How much memory the waiting records of ``topic`` take, about."""
        return self._logs[self._ranks[topic]].size_bytes

    @property
    def arrived_through(self) -> tuple[int, ...] | None:
        """By rank the last offset that arrived, or was reflected before; once each log's end was reached."""
        is_known = all(self._known_as_of_s(rank) > -inf for rank in range(len(self._logs)))
        return tuple(log.through for log in self._logs) if is_known else None

    def _candidates(self, waiting: list[int], limit: int) -> list[tuple[int, Piece]]:
        """By rank the records among which the first ``limit`` are, and few others."""
        # Where one log alone has that many, the others' younger ones can't be among them.
        ends_ms = (self._logs[rank].order_ms_at(limit - 1) for rank in waiting)
        until_ms = min((end_ms for end_ms in ends_ms if end_ms is not None), default=_NEVER_MS)
        return [(rank, piece) for rank in waiting for piece in self._logs[rank].front(limit, until_ms)]

    def _waiting_ranks(self) -> list[int]:
        return [rank for rank, log in enumerate(self._logs) if not log.is_empty]

    def _next_needs_s(self, waiting: list[int]) -> float:
        """As of when the logs have to be known for the record that is next, among those that wait."""
        first = min((self._logs[rank] for rank in waiting), key=lambda log: log.next_order_ms)
        return first.next_arrived_at_s + self._margin_s

    def _empty_logs_complete_as_of_s(self) -> float:
        known = (self._known_as_of_s(rank) for rank, log in enumerate(self._logs) if log.is_empty)
        return min(known, default=inf)

    def _known_as_of_s(self, rank: int) -> float:
        horizon = self._horizons[rank]
        return horizon.asked_at_s if horizon.through <= self._logs[rank].through else -inf

    def _due_count(self, order: _Order, waiting: list[int], complete_as_of_s: float) -> int:
        """How many records at the beginning of ``order`` nothing can come before any more."""
        known_s = np.full(len(order.ranks), complete_as_of_s)
        for rank in waiting:
            after = _place_after(order, self._logs[rank].last_order_ms, rank)
            # Beyond the last record that waits of this log, it may hold one that has not arrived.
            np.minimum(known_s[after:], self._known_as_of_s(rank), out=known_s[after:])
        too_early = order.arrived_at_s + self._margin_s > known_s
        first = int(too_early.argmax())
        return first if too_early[first] else len(too_early)

    def _run(self, pieces: list[Piece], order: _Order, count: int) -> Run:
        places = order.places[:count]
        return Run(
            self._partition,
            self._topics,
            order.ranks[:count],
            np.concatenate([piece.offsets for piece in pieces])[places],
            np.concatenate([piece.appended_ms for piece in pieces])[places],
            _chosen([piece.keys for piece in pieces], places),
            _chosen([piece.values for piece in pieces], places),
        )

    def _count_late(self, appended_ms: NDArray[np.int64]) -> None:
        highest_ms = np.maximum.accumulate(np.concatenate(([self._released_ms], appended_ms)))
        self.late_count += int(np.count_nonzero(appended_ms < highest_ms[:-1]))
        self._released_ms = int(highest_ms[-1])


def _chosen(lists: list[list[T]], places: NDArray[np.intp]) -> list[T]:
    """The elements at ``places`` of all the lists, one after the other."""
    if len(lists) == 1:
        return lists[0][: len(places)]  # one piece is in order
    return list(map(list(chain.from_iterable(lists)).__getitem__, places.tolist()))


def _ordered(pieces: list[tuple[int, Piece]]) -> _Order:
    """Pieces come by rank and offset, so a stable sort by time alone gives the whole order."""
    counts = [len(piece) for _, piece in pieces]
    order_ms = np.concatenate([piece.order_ms for _, piece in pieces])
    places = np.argsort(order_ms, kind="stable")
    return _Order(
        order_ms[places],
        np.repeat(np.array([rank for rank, _ in pieces], np.int8), counts)[places],
        np.repeat([piece.arrived_at_s for _, piece in pieces], counts)[places],
        places,
    )


def _place_after(order: _Order, order_ms: int, rank: int) -> int:
    """The place behind all that goes before or at (``order_ms``, ``rank``)."""
    begin = int(np.searchsorted(order.order_ms, order_ms, "left"))
    end = int(np.searchsorted(order.order_ms, order_ms, "right"))
    return begin + int(np.searchsorted(order.ranks[begin:end], rank, "right"))
