"""Reads checkpoints back from their topic."""

import asyncio
from collections.abc import Iterable, Mapping

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Message, TopicPartition

from routing.errors import KafkaUnavailable
from streams.worker.checkpoint import Assembly, Saved

POLL_S = 0.5
MISSING = (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC, KafkaError._UNKNOWN_PARTITION)


class KafkaCheckpoints:
    """Reads checkpoints from the compacted topic ``topic`` (name with prefix)."""

    def __init__(self, servers: str, topic: str) -> None:
        self._servers = servers
        self._topic = topic

    async def read(self, partitions: Iterable[int]) -> Mapping[str, Saved]:
        """By key the newest checkpoints, read from each partition's beginning to its end.

        Waits for a lost Kafka. Raises ``ContractError`` for a record that is no checkpoint,
        ``KafkaUnavailable`` where the topic is missing.
        """
        return await asyncio.to_thread(self._read, set(partitions))

    def _read(self, partitions: set[int]) -> Mapping[str, Saved]:
        assembly = Assembly()
        consumer = Consumer(
            {
                "bootstrap.servers": self._servers,
                "group.id": "reads-checkpoints",  # the client demands one; it never joins
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "auto.offset.reset": "earliest",
                "max.partition.fetch.bytes": 16 * 1_048_576,
                "log_level": 0,
            }
        )
        try:
            consumer.assign([TopicPartition(self._topic, number, OFFSET_BEGINNING) for number in partitions])
            unread = set(partitions)
            while unread:
                message = consumer.poll(POLL_S)
                if message is not None:
                    self._take(message, assembly, unread)
        finally:
            consumer.close()
        return dict(assembly.newest())

    def _take(self, message: Message, assembly: Assembly, unread: set[int]) -> None:
        error, key, value = message.error(), message.key(), message.value()
        if error is None:
            if isinstance(key, bytes) and isinstance(value, bytes):
                assembly.add(key.decode(errors="replace"), value)
        elif error.code() == KafkaError._PARTITION_EOF:
            unread.discard(message.partition() or 0)
        elif error.code() in MISSING or error.fatal():
            raise KafkaUnavailable(f"checkpoints can't be read from {self._topic}: {error.str()}")
