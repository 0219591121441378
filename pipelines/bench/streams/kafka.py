"""The Kafka of a run: the embedded one of this home, started where none runs; topics made and removed."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from uuid import uuid4

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Message, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from pipelines.bench.streams.cores import Cores, move
from pipelines.broker import control
from pipelines.broker.address import require_kafka
from pipelines.broker.state import status
from pipelines.settings import Settings
from routing.errors import KafkaUnavailable
from streams.admin import wait_until_led
from streams.topics import TOPICS

PARTITIONS = 4
ANSWER_WITHIN_S = 30.0
READ_AT_ONCE = 10_000
WAIT_S = 0.1
KEPT = {"message.timestamp.type": "CreateTime", "retention.ms": "-1"}
"""Of a topic whose messages keep the time that they are sent with, however long ago that was."""


@dataclass(frozen=True, slots=True)
class Log:
    """All topics under a prefix of their own."""

    servers: str
    prefix: str


@contextmanager
def bench_kafka(settings: Settings, cores: Cores) -> Iterator[str]:
    """Bootstrap servers, with the embedded broker off the consumer's core; one started here is stopped."""
    if settings.kafka_bootstrap_servers is not None:
        yield require_kafka(settings)
        return
    was_running = status(settings.kafka_home) is not None
    broker = control.start(settings.kafka_home)
    everywhere = {*cores.others, *(() if cores.consumer is None else (cores.consumer,))}
    try:
        if cores.is_pinned:
            move(broker.pid, set(cores.others))
        yield broker.bootstrap_servers
    finally:
        if not was_running:
            control.stop(settings.kafka_home)
        elif cores.is_pinned:
            move(broker.pid, everywhere)


@contextmanager
def fresh_log(servers: str, inputs: Collection[str] = ()) -> Iterator[Log]:
    """All topics, empty, under a prefix that nobody has; removed on the way out, with what others added.

    Of ``inputs`` (names without the prefix) messages keep the time that they are sent with: a day that
    is sent in seconds lies there as it does when it took a day, and topics are merged by that time.
    """
    log = Log(servers, f"bench-{uuid4().hex[:8]}.")
    _create(log, inputs)
    try:
        yield log
    finally:
        _remove(log)


def _create(log: Log, inputs: Collection[str]) -> None:
    admin = AdminClient({"bootstrap.servers": log.servers, "log_level": 0})
    wanted = []
    for topic in TOPICS:
        kept = KEPT if topic.name in inputs else {}
        wanted.append(NewTopic(log.prefix + topic.name, PARTITIONS, config=topic.config | kept))
    try:
        for future in admin.create_topics(wanted, request_timeout=ANSWER_WITHIN_S).values():
            future.result(ANSWER_WITHIN_S)
        wait_until_led(admin, {topic.topic for topic in wanted})
    except KafkaException as error:
        raise KafkaUnavailable(f"Kafka at {log.servers} did not make {log.prefix}*: {error}") from error


def _remove(log: Log) -> None:
    """The topics that carry the prefix, also those that a peer made; Kafka forgets idle groups by itself."""
    admin = AdminClient({"bootstrap.servers": log.servers, "log_level": 0})
    try:
        topics = [name for name in admin.list_topics(timeout=ANSWER_WITHIN_S).topics if log.prefix in name]
        for future in admin.delete_topics(topics, request_timeout=ANSWER_WITHIN_S).values():
            future.result(ANSWER_WITHIN_S)
    except KafkaException as error:
        raise KafkaUnavailable(f"Kafka at {log.servers} did not remove {log.prefix}*: {error}") from error


def read_all(log: Log, *topics: str) -> Iterator[Message]:
    """Every record of ``topics`` (names without the prefix) that is there now."""
    consumer = reader(log)
    try:
        left: dict[tuple[str, int], int] = {}
        for topic in topics:
            for partition in range(PARTITIONS):
                place = TopicPartition(log.prefix + topic, partition)
                first, end = consumer.get_watermark_offsets(place, timeout=ANSWER_WITHIN_S)
                if end > first:
                    left[place.topic, partition] = end
        consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for topic, partition in left])
        heard_s = monotonic()
        while left:
            messages = consumer.consume(READ_AT_ONCE, timeout=WAIT_S)
            if messages:
                heard_s = monotonic()
            elif monotonic() - heard_s > ANSWER_WITHIN_S:
                raise KafkaUnavailable(f"Kafka at {log.servers} stopped sending: {sorted(left)} are left")
            yield from messages
            for message in messages:
                topic, partition = message.topic() or "", message.partition() or 0
                if (message.offset() or 0) + 1 >= left.get((topic, partition), 0):
                    left.pop((topic, partition), None)
    finally:
        consumer.close()


def reader(log: Log) -> Consumer:
    """A consumer that is assigned to nothing and commits nothing."""
    return Consumer(
        {
            "bootstrap.servers": log.servers,
            "group.id": f"{log.prefix}bench-reader",  # asked for by the client; nothing is committed
            "enable.auto.commit": False,
            "log_level": 0,
        }
    )
