"""Judgements out to Kafka, and the wait until Kafka has them."""

import asyncio
from collections.abc import Awaitable
from functools import lru_cache
from typing import Protocol

from routing.errors import KafkaUnavailable
from streams.codec import encode
from streams.dead_letters import Headers, Origin
from streams.judge import DeadLetter, Emission
from streams.publish import ensure_fits, partition_of
from streams.topics import DEAD_LETTERS, Topic

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
        """Send what a judge said. Raises ``ContractError`` where its topic can't take it."""
        if isinstance(output, DeadLetter):
            key, headers = output.record.topic, Origin.of(output).to_headers()
            await self.send(DEAD_LETTERS, key, output.raw, headers=headers)
        else:
            await self.send(output.topic, output.key, encode(output.event), output.partition_key)

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

    def _on_done(self, future: asyncio.Future[object]) -> None:
        self._unacknowledged.discard(future)
        if not future.cancelled() and self._failure is None:
            self._failure = future.exception()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise KafkaUnavailable(f"Kafka did not take what was judged: {self._failure}") from self._failure
