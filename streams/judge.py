"""What every stream judge is: a fold over the merged records of one partition number."""

from dataclasses import dataclass
from typing import Protocol, TypeVar

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
class Emission:
    """An event to publish; ``partition_key`` is given where the partition follows another key."""

    topic: Topic
    key: str
    event: Event
    partition_key: str | None = None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Bytes that no contract takes, with the reason in words and where they stood."""

    record: Record
    index: int
    raw: bytes
    reason: str


class Judge(Protocol[State]):
    """A deterministic fold: the same records in the same order give the same output and state."""

    name: str
    inputs: tuple[Topic, ...]

    def fresh(self, partition: int) -> State:
        """The state before the first record of partition number ``partition``."""
        ...

    def advance(self, state: State, record: Record) -> list[Emission | DeadLetter]:
        """Judge one record. ``state``, owned by the caller, is moved forward in place."""
        ...

    def save(self, state: State) -> bytes:
        """The state as bytes, for a checkpoint."""
        ...

    def load(self, data: bytes) -> State:
        """The state that ``save`` wrote."""
        ...
