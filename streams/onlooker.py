"""Reading topics without taking part: from their beginning, in no group, nothing committed."""

from collections.abc import Iterable

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from routing.errors import KafkaUnavailable
from streams.topics import Topic


def onlooker(bootstrap: str, topics: Iterable[Topic]) -> KafkaConsumer:
    """A consumer for these topics' largest messages, assigned to nothing. Raises ``KafkaUnavailable``."""
    try:
        return KafkaConsumer(
            bootstrap_servers=bootstrap.split(","),
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=max(topic.max_message_bytes for topic in topics),
            metrics_enabled=False,
        )
    except KafkaError as error:
        raise unreadable(bootstrap, error) from error


def partitions_of(consumer: KafkaConsumer, bootstrap: str, name: str) -> list[TopicPartition]:
    """All partitions of a topic, by its full name. Raises ``KafkaUnavailable``, also where it is missing."""
    try:
        found = consumer.partitions_for_topic(name)
    except KafkaError as error:
        raise unreadable(bootstrap, error) from error
    if not found:
        raise KafkaUnavailable(
            f"Kafka at {bootstrap} has no topic {name}: create it with `doorstep topics create`"
        )
    return [TopicPartition(name, partition) for partition in sorted(found)]


def unreadable(bootstrap: str, error: KafkaError) -> KafkaUnavailable:
    """What is said when reading goes wrong."""
    return KafkaUnavailable(f"Kafka at {bootstrap} can't be read: {error}")
