"""Traccar's topic on Kafka, read by a consumer group; the devices' table beside it."""

from time import monotonic

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from routing.errors import ConfigurationError, KafkaUnavailable
from streams.codec import valid_events
from streams.events.reference import DeviceRecord
from streams.judge import Record
from streams.topics import BY_NAME, DEVICES
from streams.traccar.fitted import Fitted

GROUP = "doorstep-traccar"
"""The consumer group, after the prefix."""

FETCH = 2_000
POLL_S = 0.25
ANSWER_WITHIN_S = 10.0
UNKNOWN = (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC, KafkaError._UNKNOWN_PARTITION)


class KafkaPositions:
    """Reads on from what the group committed, else from the beginning.

    With ``to_end_only`` it ends where every partition ended when it was met.
    """

    def __init__(self, bootstrap: str, prefix: str, topic: str, *, to_end_only: bool) -> None:
        """Raises ``ConfigurationError`` for a topic of Doorstep's own, or one that does not exist."""
        if topic.removeprefix(prefix) in BY_NAME:
            raise ConfigurationError(f"{topic} is one of Doorstep's own topics; name the one of Traccar")
        self._bootstrap, self._topic, self._to_end_only = bootstrap, topic, to_end_only
        shared = {
            "bootstrap.servers": bootstrap,
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "enable.partition.eof": True,
            "log_level": 0,
        }
        self._positions = Consumer({**shared, "group.id": prefix + GROUP})
        self._devices = Consumer({**shared, "group.id": f"{prefix}{GROUP}-devices"})
        self._open = set(range(self._partitions(topic)))
        self._device_places = self._assign_devices(prefix + DEVICES.name)
        self._positions.subscribe([topic])

    def poll(self) -> list[Record] | None:
        """The next messages, none for now, or ``None`` at the end. Raises ``KafkaUnavailable``."""
        if self._to_end_only and not self._open:
            return None
        records = []
        for message in self._consume(self._positions):
            if message.error() is None:
                records.append(_record(message))
            else:
                self._open.discard(message.partition() or 0)
        return records

    def follow(self, fitted: Fitted) -> None:
        """Take what came of the devices: all that is there the first time, later what is new."""
        deadline_s = monotonic() + ANSWER_WITHIN_S
        while True:
            messages = self._consume(self._devices, POLL_S if self._device_places else 0.0)
            for message in messages:
                if message.error() is None:
                    for record in valid_events(DeviceRecord, message.value()):
                        fitted.take(record)
                else:
                    self._device_places.discard(message.partition() or 0)
            if not self._device_places and not messages:
                return
            if monotonic() > deadline_s:
                raise KafkaUnavailable(f"Kafka at {self._bootstrap} does not give {DEVICES.name} to its end")

    def commit(self) -> None:
        """What was polled is done with. Raises ``KafkaUnavailable``."""
        try:
            self._positions.commit(asynchronous=False)
        except KafkaException as error:
            raise self._unavailable(error) from error

    def close(self) -> None:
        """Leave the group and disconnect."""
        self._positions.close()
        self._devices.close()

    def _consume(self, consumer: Consumer, wait_s: float = POLL_S) -> list[Message]:
        messages: list[Message] = consumer.consume(FETCH, wait_s)
        for message in messages:
            error = message.error()
            if error is not None and error.code() != KafkaError._PARTITION_EOF:
                raise KafkaUnavailable(f"Kafka at {self._bootstrap} can't be read: {error.str()}")
        return messages

    def _partitions(self, topic: str) -> int:
        try:
            found = self._positions.list_topics(topic, timeout=ANSWER_WITHIN_S).topics[topic]
        except KafkaException as error:
            raise self._unavailable(error) from error
        if found.error is not None and found.error.code() in UNKNOWN:
            raise ConfigurationError(
                f"Kafka at {self._bootstrap} has no topic {topic}; "
                "Traccar's forward.topic says where it writes, and its first position makes the topic"
            )
        return len(found.partitions)

    def _assign_devices(self, name: str) -> set[int]:
        count = self._partitions(name)
        self._devices.assign([TopicPartition(name, partition, 0) for partition in range(count)])
        return set(range(count))

    def _unavailable(self, error: KafkaException) -> KafkaUnavailable:
        return KafkaUnavailable(f"Kafka at {self._bootstrap} did not answer: {error.args[0].str()}")


def _record(message: Message) -> Record:
    _, appended_at_ms = message.timestamp()
    return Record(
        message.topic() or "",
        message.partition() or 0,
        message.offset() or 0,
        appended_at_ms,
        _bytes(message.key()),
        _bytes(message.value()) or b"",
    )


def _bytes(value: str | bytes | None) -> bytes | None:
    return value.encode() if isinstance(value, str) else value
