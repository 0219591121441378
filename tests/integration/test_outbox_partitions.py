import time

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from streams.publish import partition_of
from streams.topics import NOTICES
from streams.worker.outbox import Outbox, connect
from tests.conftest import Topics

pytestmark = pytest.mark.kafka

KEYS = [*(f"order-{number}" for number in range(40)), "a", "Zürich 7", "東京"]


def test_a_message_goes_where_every_other_client_of_ours_would_send_its_key(topics: Topics) -> None:
    producer = connect(topics.bootstrap_servers)
    outbox = Outbox(producer, topics.prefix, topics.partitions)

    for key in KEYS:
        outbox.send(NOTICES, key, b"{}")
    producer.flush(10)

    expected = {key: partition_of(key, topics.partitions) for key in KEYS}
    assert places(topics) == expected
    assert len(set(expected.values())) == topics.partitions


def places(topics: Topics) -> dict[str, int]:
    """The partition of each key that stands in the topic."""
    reader = Consumer({"bootstrap.servers": topics.bootstrap_servers, "group.id": "looks-only"})
    name, found, deadline = topics.prefix + NOTICES.name, dict[str, int](), time.monotonic() + 20
    reader.assign([TopicPartition(name, number, OFFSET_BEGINNING) for number in range(topics.partitions)])
    try:
        while len(found) < len(KEYS) and time.monotonic() < deadline:
            for message in reader.consume(100, 0.2):
                found[(message.key() or b"").decode()] = message.partition() or 0
    finally:
        reader.close()
    return found
