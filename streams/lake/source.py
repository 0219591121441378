"""Kafka as landing sees it: topic ids, where each partition begins and ends, and its records."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from time import monotonic, sleep

import numpy as np
from confluent_kafka import (
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, OffsetSpec, TopicDescription

from routing.errors import ConfigurationError, DoorstepError, KafkaUnavailable
from streams.lake.chunk import Chunk, Headers
from streams.topics import DEAD_LETTERS, Topic

ANSWER_WITHIN_S = 5.0
FETCH = 10_000
POLL_S = 0.25
RETRY_EVERY_S = 0.1
LEADER_MOVES = (
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.UNKNOWN_LEADER_EPOCH,
    KafkaError.FENCED_LEADER_EPOCH,
    KafkaError._NOENT,
)
"""The last is the client's own: it knows of no leader."""

Place = tuple[str, int]
"""A topic (its name without the prefix) and a partition."""


@dataclass(frozen=True, slots=True)
class TopicState:
    """One topic on Kafka: its id, and for each partition the offsets [first, end) that it holds."""

    topic_id: str
    ranges: dict[int, tuple[int, int]]


class KafkaSource:
    """Reads topics from given offsets on, without a consumer group: the lake knows how far it is."""

    def __init__(self, bootstrap: str, prefix: str) -> None:
        """Connects when first used."""
        self._bootstrap, self._prefix = bootstrap, prefix
        self._admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": f"{prefix}doorstep-landing",  # asked for by the client; nothing is committed
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "enable.partition.eof": True,
                "auto.offset.reset": "error",
                "fetch.max.bytes": 32 * 1024 * 1024,
                "queued.max.messages.kbytes": 64 * 1024,
                "log_level": 0,
            }
        )

    def topic_ids(self, topics: Iterable[Topic]) -> dict[str, str]:
        """Kafka's id of each topic, which a topic made anew doesn't share with its predecessor.

        Raises ``ConfigurationError`` naming a topic that does not exist, ``KafkaUnavailable``.
        """
        return {name: topic_id for name, (topic_id, _) in self._describe(topics).items()}

    def states(self, topics: Iterable[Topic]) -> dict[str, TopicState]:
        """What Kafka holds of each topic now. Raises as ``topic_ids`` does."""
        described = self._describe(topics)
        places = [(name, number) for name, (_, count) in described.items() for number in range(count)]
        first = self._offsets(places, OffsetSpec.earliest())  # type: ignore[no-untyped-call]
        end = self._offsets(places, OffsetSpec.latest())  # type: ignore[no-untyped-call]
        return {
            name: TopicState(
                topic_id, {number: (first[name, number], end[name, number]) for number in range(count)}
            )
            for name, (topic_id, count) in described.items()
        }

    def assign(self, positions: dict[Place, int]) -> None:
        """Read these partitions from these offsets on."""
        self._consumer.assign(
            [TopicPartition(self._prefix + name, number, at) for (name, number), at in positions.items()]
        )

    def poll(self) -> tuple[list[Chunk], dict[Place, int]]:
        """The next records, and the offset reached in each partition that has no more for now.

        Raises ``DoorstepError`` when Kafka no longer has the offset that comes next.
        """
        messages = self._consumer.consume(FETCH, POLL_S)
        ended: dict[Place, int] = {}
        if any(map(Message.error, messages)):
            ended = self._ends(messages)
            messages = [message for message in messages if message.error() is None]
        topics, partitions = map(Message.topic, messages), map(Message.partition, messages)
        chunks, begin = [], 0
        for place, same in groupby(zip(topics, partitions, strict=True)):
            end = begin + sum(1 for _ in same)
            chunks.append(self._chunk(place, messages[begin:end]))
            begin = end
        return chunks, ended

    def close(self) -> None:
        """Disconnect."""
        self._consumer.close()

    def _chunk(self, place: tuple[str | None, int | None], messages: list[Message]) -> Chunk:
        topic, partition = place
        assert topic is not None
        assert partition is not None
        name, count = topic.removeprefix(self._prefix), len(messages)
        return Chunk(
            name,
            partition,
            np.fromiter(map(Message.offset, messages), np.int64, count),
            np.fromiter(
                (appended_ms for _, appended_ms in map(Message.timestamp, messages)), np.int64, count
            ),
            list(map(Message.key, messages)),
            [value or b"" for value in map(Message.value, messages)],
            list(map(_headers, messages)) if name == DEAD_LETTERS.name else [],
        )

    def _ends(self, messages: list[Message]) -> dict[Place, int]:
        """Where each partition that has no more for now ends; any other error is raised."""
        ended: dict[Place, int] = {}
        for message in messages:
            error, topic, partition = message.error(), message.topic(), message.partition()
            if error is None:
                continue
            name = (topic or "").removeprefix(self._prefix)
            if error.code() != KafkaError._PARTITION_EOF:
                raise DoorstepError(
                    f"landing can't go on reading {name} partition {partition}: "
                    f"{error.str()}; start it again to go on with what Kafka still has"
                )
            ended[name, partition] = message.offset()  # type: ignore[index, assignment]
        return ended

    def _describe(self, topics: Iterable[Topic]) -> dict[str, tuple[str, int]]:
        names = {self._prefix + topic.name: topic.name for topic in topics}
        try:
            futures = self._admin.describe_topics(
                TopicCollection(list(names)), request_timeout=ANSWER_WITHIN_S
            )
            found = {names[name]: future.result() for name, future in futures.items()}
        except KafkaException as error:
            raise self._no_answer(error) from error
        return {name: (_topic_id(topic), len(topic.partitions)) for name, topic in found.items()}

    def _offsets(self, places: list[Place], spec: OffsetSpec) -> dict[Place, int]:
        wanted = {TopicPartition(self._prefix + name, number): (name, number) for name, number in places}
        deadline_s = monotonic() + ANSWER_WITHIN_S
        while True:
            try:
                futures = self._admin.list_offsets(
                    dict.fromkeys(wanted, spec), request_timeout=ANSWER_WITHIN_S
                )
                return {wanted[place]: future.result().offset for place, future in futures.items()}
            except KafkaException as error:
                # Right after topics are made, or when leaders move, a broker may not know it leads yet.
                if error.args[0].code() not in LEADER_MOVES or monotonic() > deadline_s:
                    raise self._no_answer(error) from error
            sleep(RETRY_EVERY_S)
            self._ask_who_leads()

    def _ask_who_leads(self) -> None:
        """Have the client learn the leaders anew: it keeps those that it knew for minutes."""
        try:
            self._admin.list_topics(timeout=ANSWER_WITHIN_S)
        except KafkaException as error:
            raise self._no_answer(error) from error

    def _no_answer(self, error: KafkaException) -> DoorstepError:
        if error.args[0].code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            return ConfigurationError(
                f"Kafka at {self._bootstrap} lacks a topic to land: {error.args[0].str()}; "
                "'doorstep topics create' makes them all"
            )
        return KafkaUnavailable(f"Kafka at {self._bootstrap} did not answer: {error.args[0].str()}")


def _headers(message: Message) -> Headers:
    headers: list[tuple[str, bytes | None]] = message.headers() or []  # type: ignore[assignment]
    return tuple(headers)


def _topic_id(topic: TopicDescription) -> str:
    """Kafka's own spelling of the id, in the alphabet that file names take; the client's has a slash."""
    return str(topic.topic_id).replace("+", "-").replace("/", "_")
