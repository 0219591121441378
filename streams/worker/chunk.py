"""What one look into the fetched records gives, column by column."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from confluent_kafka import KafkaError, Message
from faust.types import TP
from numpy.typing import NDArray

from routing.errors import KafkaUnavailable


@dataclass(frozen=True, slots=True)
class Columns:
    """Consecutive records of one log; a deletion on a compacted topic has an empty value."""

    offsets: NDArray[np.int64]
    appended_ms: NDArray[np.int64]
    keys: list[bytes | None]
    values: list[bytes]

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Records of one partition; in our hands at ``arrived_at_s`` (monotonic clock)."""

    tp: TP
    columns: Columns
    arrived_at_s: float


@dataclass(frozen=True, slots=True)
class Drained:
    """Chunks, in order by partition, and by partition the offset that comes next.

    The offset that comes next is told beyond gaps, which compaction and transactions leave.
    """

    chunks: list[Chunk]
    positions: Mapping[TP, int]


NOTHING = Drained([], {})


def drained(messages: Sequence[Message], arrived_at_s: float) -> Drained:
    """``messages`` by partition. Raises ``KafkaUnavailable`` for an error that waiting can't mend."""
    events = [message for message in messages if message.error() is not None]
    records = messages
    positions: dict[TP, int] = {}
    if events:
        records = [message for message in messages if message.error() is None]
        positions = dict(_ends(events))
    chunks = [Chunk(tp, _columns(own), arrived_at_s) for tp, own in _by_log(records).items()]
    for chunk in chunks:
        after = int(chunk.columns.offsets[-1]) + 1
        positions[chunk.tp] = max(after, positions.get(chunk.tp, after))
    return Drained(chunks, positions)


def _by_log(records: Sequence[Message]) -> dict[TP, Sequence[Message]]:
    logs: dict[TP, Sequence[Message]] = {}
    begin = 0
    places = zip(map(Message.topic, records), map(Message.partition, records), strict=True)
    for (topic, partition), group in groupby(places):
        end = begin + sum(1 for _ in group)
        tp = TP(str(topic), int(partition or 0))
        logs[tp] = [*logs.get(tp, ()), *records[begin:end]]
        begin = end
    return logs


def _columns(records: Sequence[Message]) -> Columns:
    count = len(records)
    values: list[bytes | None] = list(map(Message.value, records))
    return Columns(
        np.fromiter(map(Message.offset, records), np.int64, count),
        np.fromiter((appended_ms for _, appended_ms in map(Message.timestamp, records)), np.int64, count),
        list(map(Message.key, records)),
        [value or b"" for value in values],
    )


def _ends(events: Sequence[Message]) -> Iterator[tuple[TP, int]]:
    for event in events:
        topic, partition, offset = event.topic(), event.partition(), event.offset()
        if _code(event) == KafkaError._PARTITION_EOF:
            assert topic is not None
            assert partition is not None
            assert offset is not None
            yield TP(topic, partition), offset
        elif _code(event) in BEYOND_WAITING:
            raise KafkaUnavailable(f"Kafka can't be read: {topic or 'the group'}: {event.error()}")


BEYOND_WAITING = (
    KafkaError.OFFSET_OUT_OF_RANGE,
    KafkaError._AUTO_OFFSET_RESET,
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
    KafkaError._AUTHENTICATION,
)
"""Errors that stay until somebody does something; all others the client tries again by itself."""


def _code(event: Message) -> int:
    error = event.error()
    return 0 if error is None else int(error.code())
