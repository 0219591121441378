"""Judgements out to Kafka, and the wait until Kafka has them."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Protocol

from confluent_kafka import Producer as KafkaProducer

from routing.errors import ContractError, KafkaUnavailable
from streams.codec import encode
from streams.dead_letters import Headers, Origin
from streams.judge import DeadLetter, Emission
from streams.publish import FRAMING_BYTES, ensure_fits, partition_of
from streams.topics import DEAD_LETTERS, TOPICS, Topic

LONGEST_REASON = 2_000
"""Characters; a reason may quote a key of any length."""

ROOM_BESIDE_BYTES = 16_384
"""What a dead letter may need beside its bytes: its key, its reason, its place, Kafka's framing."""

FITS_ALL_BYTES = min(topic.max_message_bytes for topic in TOPICS) - FRAMING_BYTES
"""What every topic can take."""

FULL = 50_000
"""With so many messages on their way, nothing more is judged until Kafka has taken some."""

QUEUE_MESSAGES = 1_000_000
LOOK_EVERY_S = 0.002

log = logging.getLogger(__name__)

BY_KEY = -1
"""The client works the partition out, as `streams.publish.partition_of` would, without a call into Python."""

_partition_of = lru_cache(maxsize=100_000)(partition_of)

OnDelivery = Callable[[object, object], None]
KafkaHeaders = list[tuple[str, str | bytes | None]]


class Producer(Protocol):
    """What the outbox needs of confluent-kafka's producer."""

    def produce(
        self,
        topic: str,
        value: bytes,
        key: bytes | None,
        partition: int,
        callback: OnDelivery,
        *,
        headers: KafkaHeaders | None = None,
    ) -> None:
        """Take one message; ``callback`` is told by ``poll`` what became of it."""
        ...

    def poll(self, timeout: float) -> int:
        """Tell what became of messages."""
        ...

    def __len__(self) -> int:
        """How many messages are on their way, or not told of yet."""
        ...


def connect(servers: str) -> KafkaProducer:
    """A producer that waits for all replicas, repeats nothing, and for a lost Kafka waits without end."""
    return KafkaProducer(
        {
            "bootstrap.servers": servers,
            "acks": "all",
            "enable.idempotence": True,
            "compression.type": "lz4",
            "linger.ms": 3,
            "partitioner": "murmur2",
            "batch.size": 256 * 1024,
            "message.max.bytes": max(topic.max_message_bytes for topic in TOPICS),
            "message.timeout.ms": 0,
            "queue.buffering.max.messages": QUEUE_MESSAGES,
            "queue.buffering.max.kbytes": 2 * 1024 * 1024 - 1,
            "log_level": 0,
        }
    )


def fit_dead_letter(origin: Origin, key: str, raw: bytes) -> tuple[Origin, bytes]:
    """A dead letter as its topic can take it: of bytes that are too many the first part, which it says."""
    short = replace(origin, reason=_shortened(origin.reason))
    try:
        ensure_fits(DEAD_LETTERS, raw, key, short.to_headers())
    except ContractError:
        first = raw[: DEAD_LETTERS.max_message_bytes - ROOM_BESIDE_BYTES]
        words = f"{short.reason}; only the first {len(first)} of {len(raw)} bytes are kept"
        return replace(short, reason=words, whole_bytes=len(raw)), first
    return short, raw


def _shortened(reason: str) -> str:
    return reason if len(reason) <= LONGEST_REASON else f"{reason[:LONGEST_REASON]}…"


class _Batch:
    """Messages sent between two settlements."""

    def __init__(self, fail: Callable[[object], None]) -> None:
        self._fail = fail
        self.unacknowledged = 0

    def on_delivery(self, error: object, message: object) -> None:
        """Kafka has a message, or will never have it."""
        self.unacknowledged -= 1
        if error is not None:
            self._fail(error)


class Outbox:
    """Publishes in the order given; remembers what Kafka has not acknowledged yet.

    A delivery that failed is raised as ``KafkaUnavailable`` by the next call.
    """

    def __init__(self, producer: Producer, prefix: str, partitions: int) -> None:
        self._producer = producer
        self._names = {topic.name: prefix + topic.name for topic in TOPICS}
        self._partitions = partitions
        self._batch = _Batch(self._fail)
        self._unsettled: list[_Batch] = [self._batch]
        self._failure: object = None

    def publish(self, outputs: Iterable[Emission | DeadLetter]) -> None:
        """Send what a judge said; what its topic can't take becomes a dead letter, and the stream goes on."""
        for output in outputs:
            if isinstance(output, DeadLetter):
                self._bury(Origin.of(output), output.record.topic, output.raw)
            else:
                self._emit(output)

    def send(
        self,
        topic: Topic,
        key: str,
        value: bytes,
        partition_key: str | None = None,
        headers: Headers | None = None,
    ) -> None:
        """Send bytes; the partition follows ``partition_key`` where it is given, else ``key``."""
        partition = BY_KEY if partition_key is None else _partition_of(partition_key, self._partitions)
        self.send_to(topic, partition, key, value, headers)

    def send_to(
        self, topic: Topic, partition: int, key: str | None, value: bytes, headers: Headers | None = None
    ) -> None:
        """Send bytes to a partition that the caller knows."""
        self._raise_failure()
        key_bytes = b"" if key is None else key.encode()
        if headers or len(value) + len(key_bytes) > FITS_ALL_BYTES:
            ensure_fits(topic, value, key or "", headers or ())
        name = self._names[topic.name]
        given: dict[str, KafkaHeaders] = {} if headers is None else {"headers": [*headers]}
        while True:
            try:
                self._producer.produce(
                    name,
                    value,
                    None if key is None else key_bytes,
                    partition,
                    self._batch.on_delivery,
                    **given,
                )
            except BufferError:  # gigabytes wait: nothing else may go on either
                self._producer.poll(LOOK_EVERY_S)
                self._raise_failure()
            else:
                self._batch.unacknowledged += 1
                return

    async def room(self) -> None:
        """Give others their turn, and wait while too much is on its way."""
        await asyncio.sleep(0)
        self._producer.poll(0)
        self._raise_failure()
        while len(self._producer) > FULL:
            await self._look()

    async def settle(self) -> None:
        """Wait until Kafka has acknowledged all that was sent before this call."""
        waited_for = list(self._unsettled)
        self._batch = _Batch(self._fail)
        self._unsettled.append(self._batch)
        self._producer.poll(0)
        self._raise_failure()
        while any(batch.unacknowledged for batch in waited_for):
            await self._look()
        self._unsettled = [batch for batch in self._unsettled if batch not in waited_for]

    async def _look(self) -> None:
        await asyncio.sleep(LOOK_EVERY_S)
        self._producer.poll(0)
        self._raise_failure()

    def _emit(self, output: Emission) -> None:
        value = encode(output.event)
        try:
            self.send(output.topic, output.key, value, output.partition_key)
        except ContractError as error:
            log.error("%s of key %s: %s", type(output.event).__name__, output.key, error)
            self._bury(Origin(str(error), output.topic.name, rule=error.rule), output.topic.name, value)

    def _bury(self, origin: Origin, key: str, raw: bytes) -> None:
        fitting, value = fit_dead_letter(origin, key, raw)
        self.send(DEAD_LETTERS, key, value, headers=fitting.to_headers())

    def _fail(self, error: object) -> None:
        self._failure = self._failure or error

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise KafkaUnavailable(f"Kafka did not take what was judged: {self._failure}")
