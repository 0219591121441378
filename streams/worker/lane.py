"""One judge on one partition number: records in, in any order of topics; judgements out, in one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from streams.judge import DeadLetter, Emission, Judge, Run
from streams.worker.checkpoint import Checkpoint
from streams.worker.chunk import Columns
from streams.worker.merge import Horizon, Merge, Question
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

    advance: Callable[[Run], list[Emission | DeadLetter]]
    save: Callable[[], bytes]
    pending_requests: Callable[[], Requests]


@dataclass(frozen=True, slots=True)
class Bench:
    """A kind of judge, ready to be seated at any partition number."""

    name: str
    topics: tuple[str, ...]
    state_format: int
    seat: Callable[[int, bytes | None], Seat]


def bench(judge: Judge[State], pending: Callable[[State], Requests] = asks_nothing) -> Bench:
    """``judge`` for the worker; ``pending`` reads from a state the requests that wait for a proposal."""

    def seat(partition: int, saved: bytes | None) -> Seat:
        state = judge.fresh(partition) if saved is None else judge.load(saved)
        return Seat(
            advance=lambda run: judge.advance_run(state, run),
            save=lambda: judge.save(state),
            pending_requests=lambda: pending(state),
        )

    return Bench(judge.name, tuple(topic.name for topic in judge.inputs), judge.state_format, seat)


@dataclass(frozen=True, slots=True)
class Step:
    """A run that was judged, ``None`` where no record was due, and what it led to."""

    run: Run | None
    outputs: list[Emission | DeadLetter]

    @property
    def judged(self) -> int:
        """How many records were judged."""
        return 0 if self.run is None else len(self.run)


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
        self._state_format = bench.state_format
        self._seat = bench.seat(partition, saved)
        self._next_offsets = dict(next_offsets)
        self._merge = Merge(partition, bench.topics, next_offsets, margin_s)
        self._catching_up_to: dict[str, int] | None = None
        self.is_caught_up = False
        self.judged_count = 0

    def feed(self, topic: str, columns: Columns, arrived_at_s: float) -> None:
        """Take records that arrived; those which the state reflects already are dropped."""
        self._merge.add(topic, columns, arrived_at_s)

    def observe(self, topic: str, horizon: Horizon) -> None:
        """Take note of how far a topic's log is known."""
        self._merge.observe(topic, horizon)

    def step(self, limit: int) -> Step:
        """Judge up to ``limit`` records that are due, as one run."""
        run = self._merge.next_run(limit)
        outputs: list[Emission | DeadLetter] = []
        if run is not None:
            outputs = self._judge(run)
            self._next_offsets |= {topic: last + 1 for topic, (_, last) in _offsets(run).items()}
            self.judged_count += len(run)
        self._follow_catching_up()
        return Step(run, outputs)

    def question(self) -> Question | None:
        """What has to be asked before the next record can be judged; ``None``: nothing."""
        return self._merge.question()

    def checkpoint(self) -> Checkpoint:
        """State and offsets as they are now."""
        return Checkpoint(
            judge=self.name,
            partition=self.partition,
            next_offsets=dict(self._next_offsets),
            state=self._seat.save(),
            state_format=self._state_format,
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
    def late_count(self) -> int:
        """How many records came after younger ones had been judged."""
        return self._merge.late_count

    def _judge(self, run: Run) -> list[Emission | DeadLetter]:
        try:
            return self._seat.advance(run)
        except Exception as error:
            places = [f"{topic} {first} to {last}" for topic, (first, last) in _offsets(run).items()]
            error.add_note(
                f"The {self.name} judge failed on partition {self.partition}, between {', '.join(places)}. "
                "The worker stops; it will meet these records again."
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


def _offsets(run: Run) -> dict[str, tuple[int, int]]:
    """By topic the first and the last offset of a run."""
    found: dict[str, tuple[int, int]] = {}
    for rank in np.flatnonzero(np.bincount(run.ranks)):
        own = run.offsets[run.ranks == rank]
        found[run.topics[rank]] = (int(own[0]), int(own[-1]))
    return found
