"""What stands on Kafka, read from the beginning to its end."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaError, TopicPartition

from streams.dead_letters import Origin
from streams.judge import Record
from streams.topics import Topic
from tests.e2e.product import PARTITIONS

READ_WITHIN_S = 120.0
Place = tuple[str, int, int, int]
"""Topic, partition, offset, and index in the record's array."""


@dataclass(frozen=True, slots=True)
class Read:
    """A record with where it came from, if it is a dead letter."""

    record: Record
    origin: Origin

    @property
    def about(self) -> Place:
        """The place that a dead letter speaks of."""
        origin = self.origin
        assert origin.topic is not None
        assert origin.partition is not None
        assert origin.offset is not None
        assert origin.index is not None
        return origin.topic, origin.partition, origin.offset, origin.index


def read_topics(servers: str, topics: Iterable[Topic], prefix: str = "") -> list[Read]:
    """All records of ``topics`` up to their ends now; each partition's in their order."""
    consumer = Consumer(
        {
            "bootstrap.servers": servers,
            "group.id": "the-accountant",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "log_level": 0,
        }
    )
    places = [
        TopicPartition(prefix + topic.name, number, 0) for topic in topics for number in range(PARTITIONS)
    ]
    consumer.assign(places)
    open_places = {(place.topic, place.partition) for place in places}
    found: list[Read] = []
    deadline_s = time.monotonic() + READ_WITHIN_S
    while open_places:
        assert time.monotonic() < deadline_s, f"not read to the end: {open_places}"
        for message in consumer.consume(10_000, 0.2):
            error = message.error()
            if error is not None:
                assert error.code() == KafkaError._PARTITION_EOF, error
                open_places.discard((message.topic(), message.partition()))
                continue
            place = (
                message.topic().removeprefix(prefix),
                message.partition(),
                message.offset(),
                message.timestamp()[1],
            )
            record = Record(*place, message.key(), message.value() or b"")
            found.append(Read(record, Origin.from_headers(message.headers() or ())))
    consumer.close()
    return found
