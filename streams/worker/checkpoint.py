"""A judge's state and the input offsets that it reflects: one record, so that they can't part."""

import asyncio
import zlib
from collections.abc import Iterable, Mapping
from typing import Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition
from msgspec import DecodeError, Struct, msgpack

from routing.errors import ContractError
from streams.topics import CHECKPOINTS

COMPRESSION_LEVEL = 1
FORMAT = 1
"""Version of the record's layout; a judge versions its own state within ``state``."""


class Checkpoint(Struct, frozen=True, kw_only=True):
    """``state`` after the records before ``next_offsets`` (topic without prefix to offset)."""

    judge: str
    partition: int
    next_offsets: dict[str, int]
    state: bytes
    version: int = FORMAT

    @property
    def key(self) -> str:
        """The record's key; its partition is the judge's."""
        return checkpoint_key(self.judge, self.partition)


def checkpoint_key(judge: str, partition: int) -> str:
    """Key of a judge's checkpoints for one partition number."""
    return f"{judge}/{partition}"


def pack(checkpoint: Checkpoint) -> bytes:
    """A checkpoint as the value of its record: MessagePack, deflated."""
    return zlib.compress(msgpack.encode(checkpoint), COMPRESSION_LEVEL)


def unpack(value: bytes) -> Checkpoint:
    """The checkpoint that ``pack`` wrote. Raises ``ContractError`` where it can't be read."""
    try:
        checkpoint = msgpack.decode(zlib.decompress(value), type=Checkpoint)
    except (zlib.error, DecodeError) as error:
        raise ContractError(f"a record on {CHECKPOINTS.name} is no checkpoint: {error}") from error
    if checkpoint.version != FORMAT:
        raise ContractError(
            f"checkpoint {checkpoint.key} on {CHECKPOINTS.name} has format {checkpoint.version}; "
            f"this program reads format {FORMAT}"
        )
    return checkpoint


class CheckpointStore(Protocol):
    """Where checkpoints are kept."""

    async def read(self, partitions: Iterable[int]) -> Mapping[str, Checkpoint]:
        """By key the newest checkpoints of these partition numbers."""
        ...


class KafkaCheckpoints:
    """Reads checkpoints from the compacted topic ``topic`` (name with prefix)."""

    def __init__(self, servers: str, topic: str) -> None:
        self._servers = servers
        self._topic = topic

    async def read(self, partitions: Iterable[int]) -> Mapping[str, Checkpoint]:
        """By key the newest checkpoints, read from each partition's beginning to its end."""
        assigned = [TopicPartition(self._topic, partition) for partition in sorted(partitions)]
        consumer = AIOKafkaConsumer(bootstrap_servers=self._servers, enable_auto_commit=False)
        await consumer.start()
        try:
            consumer.assign(assigned)
            newest = await _newest_values(consumer, assigned)
        finally:
            await consumer.stop()
        return {key: await asyncio.to_thread(unpack, value) for key, value in newest.items()}


async def _newest_values(consumer: AIOKafkaConsumer, assigned: list[TopicPartition]) -> dict[str, bytes]:
    await consumer.seek_to_beginning(*assigned)
    ends = await consumer.end_offsets(assigned)
    newest: dict[str, bytes] = {}
    # By position and not by the last record's offset: compaction leaves gaps.
    while any([await consumer.position(tp) < ends[tp] for tp in assigned]):
        for records in (await consumer.getmany(timeout_ms=200)).values():
            newest.update({record.key.decode(): record.value for record in records})
    return newest
