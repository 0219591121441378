"""One judge on one partition number: records in, in any order of topics; judgements out, in one."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from streams.judge import DeadLetter, Emission, Judge, Record
from streams.worker.checkpoint import Checkpoint
from streams.worker.merge import Horizon, Merge
from streams.worker.solving import Requests

State = TypeVar("State")

MERGE_MARGIN_S = 0.005
"""How far brokers' clocks and replicas may be apart without two runs ordering records differently."""


def asks_nothing(_: object) -> Requests:
    """What a judge has open that asks no solver."""
    return ()


@dataclass(frozen=True, slots=True)
class Seat:
    """A judge with its state, whose type nobody outside needs to know."""

    advance: Callable[[Record], list[Emission | DeadLetter]]
    save: Callable[[], bytes]
    pending_requests: Callable[[], Requests]


@dataclass(frozen=True, slots=True)
class Bench:
    """A kind of judge, ready to be seated at any partition number."""

    name: str
    topics: tuple[str, ...]
    seat: Callable[[int, bytes | None], Seat]


def bench(judge: Judge[State], pending: Callable[[State], Requests] = asks_nothing) -> Bench:
    """``judge`` for the worker; ``pending`` reads from a state the requests that wait for a proposal."""

    def seat(partition: int, saved: bytes | None) -> Seat:
        state = judge.fresh(partition) if saved is None else judge.load(saved)
        return Seat(
            advance=lambda record: judge.advance(state, record),
            save=lambda: judge.save(state),
            pending_requests=lambda: pending(state),
        )

    return Bench(judge.name, tuple(topic.name for topic in judge.inputs), seat)


@dataclass(frozen=True, slots=True)
class Step:
    """What ``judged`` records led to."""

    judged: int
    outputs: list[Emission | DeadLetter]


class Lane:
    """Merges, judges, and knows which offsets its state reflects. Does no I/O.

    ``next_offsets`` says for every topic of the bench where reading starts.
    """

    def __init__(
        self,
        bench: Bench,
        partition: int,
        next_offsets: Mapping[str, int],
        saved: bytes | None,
        margin_s: float = MERGE_MARGIN_S,
    ) -> None:
        self.name = bench.name
        self.partition = partition
        self.topics = bench.topics
        self._seat = bench.seat(partition, saved)
        self._next_offsets = dict(next_offsets)
        self._merge = Merge(bench.topics, margin_s)
        self._catching_up_to: dict[str, int] | None = None
        self.is_caught_up = False
        self.judged_count = 0

    def feed(self, topic: str, records: Iterable[Record], arrived_at_s: float) -> None:
        """Take records that arrived; those which the state reflects already are dropped."""
        first = self._next_offsets[topic]
        self._merge.add(topic, (record for record in records if record.offset >= first), arrived_at_s)

    def observe(self, topic: str, horizon: Horizon) -> None:
        """Take note of how far a topic's log is known."""
        self._merge.observe(topic, horizon)

    def step(self, limit: int) -> Step:
        """Judge up to ``limit`` records that are due."""
        outputs: list[Emission | DeadLetter] = []
        judged = 0
        while judged < limit and (record := self._merge.pop()) is not None:
            outputs.extend(self._judge(record))
            self._next_offsets[record.topic] = record.offset + 1
            judged += 1
        self.judged_count += judged
        self._follow_catching_up()
        return Step(judged, outputs)

    def checkpoint(self) -> Checkpoint:
        """State and offsets as they are now."""
        return Checkpoint(
            judge=self.name,
            partition=self.partition,
            next_offsets=dict(self._next_offsets),
            state=self._seat.save(),
        )

    def pending_requests(self) -> Requests:
        """Requests without a proposal; none while the log has not been read to its end once."""
        return self._seat.pending_requests() if self.is_caught_up else ()

    def buffered_bytes(self, topic: str) -> int:
        """How much memory the waiting records of ``topic`` take, about."""
        return self._merge.buffered_bytes(topic)

    @property
    def next_offsets(self) -> Mapping[str, int]:
        """By topic the offset of the first record that the state does not reflect."""
        return self._next_offsets

    @property
    def is_waiting(self) -> bool:
        """Whether any record waits for its turn."""
        return self._merge.is_waiting

    @property
    def late_count(self) -> int:
        """How many records came after younger ones had been judged."""
        return self._merge.late_count

    def _judge(self, record: Record) -> list[Emission | DeadLetter]:
        try:
            return self._seat.advance(record)
        except Exception as error:
            error.add_note(
                f"The {self.name} judge failed on {record.topic}, partition {record.partition}, "
                f"offset {record.offset}. The worker stops; it will meet this record again."
            )
            raise

    def _follow_catching_up(self) -> None:
        if self.is_caught_up:
            return
        if self._catching_up_to is None:
            arrived = self._merge.arrived_through
            self._catching_up_to = None if arrived is None else dict(zip(self.topics, arrived, strict=True))
        if self._catching_up_to is not None:
            self.is_caught_up = all(
                self._next_offsets[topic] > offset for topic, offset in self._catching_up_to.items()
            )
