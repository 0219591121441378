"""Judgements out to Kafka, and the wait until Kafka has them."""

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import replace
from functools import lru_cache
from typing import Protocol

from routing.errors import ContractError, KafkaUnavailable
from streams.codec import encode
from streams.dead_letters import Headers, Origin
from streams.judge import DeadLetter, Emission
from streams.publish import ensure_fits, partition_of
from streams.topics import DEAD_LETTERS, Topic

LONGEST_REASON = 2_000
"""Characters; a reason may quote a key of any length."""

ROOM_BESIDE_BYTES = 16_384
"""What a dead letter may need beside its bytes: its key, its reason, its place, Kafka's framing."""

log = logging.getLogger(__name__)

_partition_of = lru_cache(maxsize=100_000)(partition_of)


class Producer(Protocol):
    """What the outbox needs of Faust's producer."""

    async def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        partition: int | None,
        timestamp: float | None,
        headers: Headers | None,
    ) -> Awaitable[object]:
        """Hand over one message; what is returned is done when all replicas have it."""
        ...


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


class Outbox:
    """Publishes in the order given; remembers what Kafka has not acknowledged yet.

    A delivery that failed is raised as ``KafkaUnavailable`` by the next call.
    """

    def __init__(self, producer: Producer, prefix: str, partitions: int) -> None:
        self._producer = producer
        self._prefix = prefix
        self._partitions = partitions
        self._unacknowledged: set[asyncio.Future[object]] = set()
        self._failure: BaseException | None = None

    async def publish(self, output: Emission | DeadLetter) -> None:
        """Send what a judge said; what its topic can't take becomes a dead letter, and the stream goes on."""
        if isinstance(output, DeadLetter):
            await self._bury(Origin.of(output), output.record.topic, output.raw)
            return
        value = encode(output.event)
        try:
            await self.send(output.topic, output.key, value, output.partition_key)
        except ContractError as error:
            log.error("%s of key %s: %s", type(output.event).__name__, output.key, error)
            await self._bury(Origin(str(error), output.topic.name), output.topic.name, value)

    async def send(
        self,
        topic: Topic,
        key: str,
        value: bytes,
        partition_key: str | None = None,
        headers: Headers | None = None,
    ) -> None:
        """Send bytes; the partition follows ``partition_key`` where it is given, else ``key``."""
        partition = _partition_of(key if partition_key is None else partition_key, self._partitions)
        await self.send_to(topic, partition, key, value, headers)

    async def send_to(
        self, topic: Topic, partition: int, key: str | None, value: bytes, headers: Headers | None = None
    ) -> None:
        """Send bytes to a partition that the caller knows."""
        self._raise_failure()
        ensure_fits(topic, value, key or "", headers or ())
        name, key_bytes = self._prefix + topic.name, None if key is None else key.encode()
        sent = await self._producer.send(name, key_bytes, value, partition, None, headers)
        future = asyncio.ensure_future(sent)
        self._unacknowledged.add(future)
        future.add_done_callback(self._on_done)

    async def settle(self) -> None:
        """Wait until Kafka has acknowledged all that was sent before this call."""
        if self._unacknowledged:
            await asyncio.wait(set(self._unacknowledged))
        self._raise_failure()

    async def _bury(self, origin: Origin, key: str, raw: bytes) -> None:
        fitting, value = fit_dead_letter(origin, key, raw)
        await self.send(DEAD_LETTERS, key, value, headers=fitting.to_headers())

    def _on_done(self, future: asyncio.Future[object]) -> None:
        self._unacknowledged.discard(future)
        if not future.cancelled() and self._failure is None:
            self._failure = future.exception()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise KafkaUnavailable(f"Kafka did not take what was judged: {self._failure}") from self._failure
