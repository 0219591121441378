"""What one look into the fetched records gives, column by column."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, compress, pairwise
from operator import itemgetter, ne
from typing import cast

import numpy as np
from confluent_kafka import KafkaError, Message
from faust.types import TP
from numpy.typing import NDArray

from routing.errors import KafkaUnavailable


@dataclass(frozen=True, slots=True)
class Columns:
    """Consecutive records of one log; a deletion on a compacted topic has an empty value.

    ``size_bytes`` is what the values take; it is counted while they are in the processor's cache.
    """

    offsets: NDArray[np.int64]
    appended_ms: NDArray[np.int64]
    keys: list[bytes | None]
    values: list[bytes]
    size_bytes: int

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
_MOMENT = itemgetter(1)
"""Of a message's timestamp, which is its kind and then the milliseconds since 1970."""


def drained(messages: Sequence[Message], arrived_at_s: float) -> Drained:
    """``messages`` by partition. Raises ``KafkaUnavailable`` for an error that waiting can't mend."""
    events = list(compress(messages, map(Message.error, messages)))
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


def joined(parts: Sequence[Drained]) -> Drained:
    """What several looks one after the other gave, as one."""
    if len(parts) == 1:
        return parts[0]
    chunks: dict[TP, list[Chunk]] = {}
    positions: dict[TP, int] = {}
    for part in parts:
        positions |= part.positions
        for chunk in part.chunks:
            chunks.setdefault(chunk.tp, []).append(chunk)
    return Drained([_as_one(own) for own in chunks.values()], positions)


def _as_one(chunks: Sequence[Chunk]) -> Chunk:
    """Chunks of one partition; its records arrived when the last of them did."""
    if len(chunks) == 1:
        return chunks[0]
    columns = [chunk.columns for chunk in chunks]
    whole = Columns(
        np.concatenate([each.offsets for each in columns]),
        np.concatenate([each.appended_ms for each in columns]),
        list(chain.from_iterable(each.keys for each in columns)),
        list(chain.from_iterable(each.values for each in columns)),
        sum(each.size_bytes for each in columns),
    )
    return Chunk(chunks[-1].tp, whole, chunks[-1].arrived_at_s)


def _by_log(records: Sequence[Message]) -> dict[TP, Sequence[Message]]:
    """Fetches come partition by partition, so there are few places at which the log changes."""
    count = len(records)
    if not count:
        return {}
    topics = list(map(Message.topic, records))
    numbers = np.fromiter(map(Message.partition, records), np.int32, count)
    is_change = numbers[1:] != numbers[:-1]
    if topics.count(topics[0]) != count:
        is_change |= np.fromiter(map(ne, topics, topics[1:]), np.bool_, count - 1)
    logs: dict[TP, Sequence[Message]] = {}
    for begin, end in pairwise([0, *(np.flatnonzero(is_change) + 1).tolist(), count]):
        tp = TP(str(topics[begin]), int(numbers[begin]))
        own = records[begin:end]
        logs[tp] = [*logs[tp], *own] if tp in logs else own
    return logs


def _columns(records: Sequence[Message]) -> Columns:
    count = len(records)
    values: list[bytes | None] = list(map(Message.value, records))
    given = cast("list[bytes]", values) if all(values) else [value or b"" for value in values]
    return Columns(
        np.fromiter(map(Message.offset, records), np.int64, count),
        np.fromiter(map(_MOMENT, map(Message.timestamp, records)), np.int64, count),
        list(map(Message.key, records)),
        given,
        sum(map(len, given)),
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
