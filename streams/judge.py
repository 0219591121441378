"""What every stream judge is: a fold over the merged records of one partition number."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from streams.events.base import Event
from streams.topics import Topic

State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class Record:
    """One Kafka record as it was read; ``topic`` is the name without the deployment's prefix."""

    topic: str
    partition: int
    offset: int
    appended_at_ms: int
    key: bytes | None
    value: bytes


@dataclass(frozen=True, slots=True)
class Run:
    """Records of one partition number in the order in which they are to be judged, column by column.

    ``ranks`` (n,) are places in ``topics``; ``offsets`` and ``appended_ms`` (n,) are as in `Record`.
    """

    partition: int
    topics: tuple[str, ...]
    ranks: NDArray[np.int8]
    offsets: NDArray[np.int64]
    appended_ms: NDArray[np.int64]
    keys: list[bytes | None]
    values: list[bytes]

    def __len__(self) -> int:
        return len(self.values)

    def record(self, place: int) -> Record:
        """The record at ``place``, as one value."""
        return Record(
            self.topics[self.ranks[place]],
            self.partition,
            int(self.offsets[place]),
            int(self.appended_ms[place]),
            self.keys[place],
            self.values[place],
        )


def run_of(records: Sequence[Record], topics: tuple[str, ...]) -> Run:
    """Some records, one at least, of one partition number as a run; ``topics`` hold each record's topic."""
    return Run(
        records[0].partition,
        topics,
        np.array([topics.index(record.topic) for record in records], np.int8),
        np.array([record.offset for record in records], np.int64),
        np.array([record.appended_at_ms for record in records], np.int64),
        [record.key for record in records],
        [record.value for record in records],
    )


class Emission(NamedTuple):
    """An event to publish; ``partition_key`` is given where the partition follows another key."""

    topic: Topic
    key: str
    event: Event
    partition_key: str | None = None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Bytes that no contract takes, with the reason in words and where they stood.

    ``rule`` is the reason without any value of the event.
    """

    record: Record
    index: int
    raw: bytes
    reason: str
    rule: str | None = None


class Judge(Protocol[State]):
    """A deterministic fold: the same records in the same order give the same output and state."""

    name: str
    inputs: tuple[Topic, ...]
    state_format: int
    """Raised when ``load`` no longer reads, or reads otherwise, what ``save`` wrote before."""

    def fresh(self, partition: int) -> State:
        """The state before the first record of partition number ``partition``."""
        ...

    def advance(self, state: State, record: Record) -> list[Emission | DeadLetter]:
        """Judge one record. ``state``, owned by the caller, is moved forward in place."""
        ...

    def advance_run(self, state: State, run: Run) -> list[Emission | DeadLetter]:
        """Judge a run; says what ``advance`` says of its records one after the other."""
        ...

    def save(self, state: State) -> bytes:
        """The state as bytes, for a checkpoint."""
        ...

    def load(self, data: bytes) -> State:
        """The state that ``save`` wrote."""
        ...
