"""Publishing to Kafka: one place that knows sizes, partitions and what a failed delivery means."""

import socket
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec
from kafka import KafkaProducer
from kafka.errors import KafkaError
from kafka.partitioner.default import murmur2

from routing.errors import ContractError, KafkaUnavailable
from streams.events.base import Event
from streams.topics import TOPICS, Topic

FRAMING_BYTES = 128
"""What Kafka adds to one record in its own batch, at most: 61 for the batch, the rest lengths."""

ANSWER_WITHIN_MS = 8_000
"""How long a broker may take to answer at the start, or to tell a topic's partitions."""

_ENCODER = msgspec.json.Encoder()
Headers = Sequence[tuple[str, bytes]]


def partition_of(key: str, partitions: int) -> int:
    """The partition of ``key``, as Kafka's Java client computes it (murmur2)."""
    hashed: int = murmur2(key.encode())
    return (hashed & 0x7FFFFFFF) % partitions


def ensure_fits(topic: Topic, value: bytes, key: str = "", headers: Headers = ()) -> None:
    """Raise ``ContractError`` naming the limit when ``topic`` can't take the message."""
    size = len(value) + len(key.encode()) + sum(len(name) + len(content) for name, content in headers)
    limit = topic.max_message_bytes - FRAMING_BYTES
    if size > limit:
        raise ContractError(
            f"message of {size} bytes is larger than {topic.name} allows "
            f"({topic.max_message_bytes}, of which Kafka's framing takes {FRAMING_BYTES})",
            f"the message is larger than {topic.name} allows",
        )


def _ensure_reachable(bootstrap: str) -> None:
    """Fail in milliseconds where nothing listens; kafka-python would try for seconds and leak sockets."""
    refusals = []
    for address in bootstrap.split(","):
        host, _, port = address.strip().rpartition(":")
        if not host or not port.isdecimal():
            raise KafkaUnavailable(f"Kafka address {address!r} is not host:port")
        try:
            socket.create_connection((host.strip("[]"), int(port)), ANSWER_WITHIN_MS / 1000).close()
        except OSError as error:
            refusals.append(f"{address}: {error}")
        else:
            return
    raise KafkaUnavailable(f"no Kafka broker answers at {bootstrap} ({'; '.join(refusals)})")


class Outbox(Protocol):
    """Where events go; ``Publisher`` in operation."""

    def send(
        self,
        topic: Topic,
        key: str,
        value: Event | Sequence[Event] | bytes,
        partition_key: str | None = None,
        headers: Headers = (),
    ) -> None:
        """Send one message; ``ContractError`` for one larger than the topic allows."""
        ...

    def flush(self) -> None:
        """Wait until all that was sent is acknowledged."""
        ...


class Publisher:
    """Sends events in the order given, acknowledged by all replicas; a failed delivery is raised.

    Sending is asynchronous: a delivery that failed is raised by the next call of any method.
    """

    def __init__(self, bootstrap: str, prefix: str = "", linger_ms: int = 20) -> None:
        """Connect. Raises ``KafkaUnavailable`` when no broker answers within some seconds."""
        self._bootstrap, self._prefix = bootstrap, prefix
        self._failure: Exception | None = None
        self._names: dict[str, str] = {topic.name: prefix + topic.name for topic in TOPICS}
        self._partitions: dict[str, int] = {}
        self._partition_of: dict[tuple[str, int], int] = {}
        _ensure_reachable(bootstrap)
        try:
            self._producer = KafkaProducer(
                bootstrap_servers=bootstrap.split(","),
                acks="all",
                linger_ms=linger_ms,
                batch_size=128 * 1024,
                compression_type="lz4",
                max_request_size=max(topic.max_message_bytes for topic in TOPICS),
                max_block_ms=ANSWER_WITHIN_MS,
                bootstrap_timeout_ms=ANSWER_WITHIN_MS,
                allow_auto_create_topics=False,
                metrics_enabled=False,
            )
        except KafkaError as error:
            raise KafkaUnavailable(f"no Kafka broker answers at {bootstrap}: {error}") from error

    def partitions(self, topic: Topic) -> int:
        """How many partitions ``topic`` has. Raises ``KafkaUnavailable`` when it doesn't exist."""
        count = self._partitions.get(topic.name)
        if count is None:
            count = self._ask_partitions(topic)
            self._partitions[topic.name] = count
        return count

    def send(
        self,
        topic: Topic,
        key: str,
        value: Event | Sequence[Event] | bytes,
        partition_key: str | None = None,
        headers: Headers = (),
    ) -> None:
        """Send one event, a device's array of events, or raw bytes.

        The partition follows ``partition_key`` where it is given, else ``key``.
        Raises ``ContractError`` for a message larger than the topic allows.
        """
        partition = self._partition(topic, key if partition_key is None else partition_key)
        self._send(topic, key, value, partition, headers)

    def broadcast(self, topic: Topic, event_for: Callable[[int], Event]) -> None:
        """Send ``event_for(partition)`` to every partition of ``topic``, without a key."""
        for partition in range(self.partitions(topic)):
            self._send(topic, None, event_for(partition), partition)

    def append(self, topic: str, partition: int, key: bytes | None, value: bytes) -> Callable[[], int]:
        """Send bytes as they are; what comes back waits for Kafka to have them and says at which offset.

        ``topic`` is one of the table without the prefix, else the whole name of somebody else's.
        Raises ``KafkaUnavailable``, here or there.
        """
        self._raise_failure()
        try:
            sent = self._producer.send(
                self._names.get(topic, topic), value=value, key=key, partition=partition
            )
        except KafkaError as error:
            raise KafkaUnavailable(self._refusal(error)) from error

        def offset() -> int:
            try:
                return int(sent.get(ANSWER_WITHIN_MS / 1000).offset)
            except KafkaError as error:
                raise KafkaUnavailable(self._refusal(error)) from error

        return offset

    def flush(self, timeout_s: float = 30.0) -> None:
        """Wait until all that was sent is acknowledged. Raises ``KafkaUnavailable`` if it is not."""
        try:
            self._producer.flush(timeout_s)
        except KafkaError as error:
            raise KafkaUnavailable(self._refusal(error)) from error
        self._raise_failure()

    def close(self, timeout_s: float = 5.0) -> None:
        """Flush and disconnect, giving up after ``timeout_s``; a failed delivery is raised."""
        try:
            self._producer.close(timeout=timeout_s)
        except KafkaError as error:
            raise KafkaUnavailable(self._refusal(error)) from error
        self._raise_failure()

    def _send(
        self,
        topic: Topic,
        key: str | None,
        value: Event | Sequence[Event] | bytes,
        partition: int,
        headers: Headers = (),
    ) -> None:
        self._raise_failure()
        data = value if isinstance(value, bytes) else _ENCODER.encode(value)
        ensure_fits(topic, data, key or "", headers)
        try:
            self._producer.send(
                self._names[topic.name],
                value=data,
                key=None if key is None else key.encode(),
                headers=list(headers),
                partition=partition,
            ).add_errback(self._on_failure)
        except KafkaError as error:
            raise KafkaUnavailable(self._refusal(error)) from error

    def _partition(self, topic: Topic, key: str) -> int:
        count = self.partitions(topic)
        known = self._partition_of.get((key, count))
        if known is None:
            known = partition_of(key, count)
            if len(self._partition_of) < 100_000:
                self._partition_of[(key, count)] = known
        return known

    def _ask_partitions(self, topic: Topic) -> int:
        name = self._names[topic.name]
        try:
            found: set[int] | None = self._producer.partitions_for(name)
        except KafkaError as error:
            raise KafkaUnavailable(self._no_topic(name, error)) from error
        if not found:
            raise KafkaUnavailable(self._no_topic(name, "it has no partition"))
        return len(found)

    def _no_topic(self, name: str, why: object) -> str:
        return (
            f"Kafka at {self._bootstrap} has no topic {name} (create it with `doorstep topics create`): {why}"
        )

    def _refusal(self, error: Exception) -> str:
        return f"Kafka at {self._bootstrap} did not take what was sent: {error}"

    def _on_failure(self, error: Exception) -> None:
        if self._failure is None:
            self._failure = error

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise KafkaUnavailable(self._refusal(self._failure)) from self._failure
