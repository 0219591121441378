"""A judge's state and the input offsets that it reflects: one thing, so that they can't part.

A checkpoint is written as parts, records that follow one another on one partition, and counts when
all of them are there:

    stream.checkpoints   A 0/2  A 1/2  B 0/3  B 1/3  |          A counts: B's writer was killed
    keys (slot)            0      0      1      1

Kafka's compaction keeps the newest record of each key. So that a part of B never takes the place of
one of A before B counts, checkpoints are written into two slots by turns.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Protocol

import lz4.frame
from msgspec import DecodeError, Struct, msgpack
from msgspec.structs import replace

from routing.errors import ContractError
from streams.topics import CHECKPOINTS

FORMAT = 3
"""Version of the parts' layout; a judge's state has its own, ``Judge.state_format``."""

HEAD_LENGTH_BYTES = 4

PART_BYTES = 8 * 1_048_576
"""Far below the topic's limit, so that a broker's default limits on requests do as well."""


class Checkpoint(Struct, frozen=True, kw_only=True):
    """``state`` after the records before ``next_offsets`` (topic without prefix to offset)."""

    judge: str
    partition: int
    next_offsets: dict[str, int]
    state: bytes
    state_format: int

    @property
    def key(self) -> str:
        """What all checkpoints of this judge and partition number have in common."""
        return checkpoint_key(self.judge, self.partition)


def checkpoint_key(judge: str, partition: int) -> str:
    """Names the checkpoints of a judge for one partition number."""
    return f"{judge}/{partition}"


class Part(Struct, frozen=True, kw_only=True, array_like=True):
    """Bytes of one checkpoint: part ``index`` of ``count``; ``digest`` is that of the whole."""

    version: int
    checkpoint: str
    digest: bytes
    index: int
    count: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Saved:
    """A checkpoint that counts, and the slot in which it stands."""

    checkpoint: Checkpoint
    slot: int


def pack(checkpoint: Checkpoint, slot: int, part_bytes: int = PART_BYTES) -> list[tuple[str, bytes]]:
    """The records of a checkpoint, key and value, in the order in which they are to be written."""
    packed = _packed(checkpoint)
    digest = _digest(packed)
    pieces = [packed[begin : begin + part_bytes] for begin in range(0, len(packed), part_bytes)]
    return [
        (
            f"{checkpoint.key}/{slot}/{index}",
            msgpack.encode(
                Part(
                    version=FORMAT,
                    checkpoint=checkpoint.key,
                    digest=digest,
                    index=index,
                    count=len(pieces),
                    data=piece,
                )
            ),
        )
        for index, piece in enumerate(pieces)
    ]


def _packed(checkpoint: Checkpoint) -> bytes:
    """The head, its length before it, and the state behind: a large one is never copied as it is."""
    head = msgpack.encode(replace(checkpoint, state=b""))
    with lz4.frame.LZ4FrameCompressor(block_size=lz4.frame.BLOCKSIZE_MAX1MB) as compressor:
        begun = compressor.begin() + compressor.compress(len(head).to_bytes(HEAD_LENGTH_BYTES, "big") + head)
        return b"".join((begun, compressor.compress(checkpoint.state), compressor.flush()))


class Assembly:
    """Puts parts together, read in the order in which they were written."""

    def __init__(self) -> None:
        self._parts: dict[tuple[str, int], list[Part]] = {}
        self._newest: dict[str, tuple[int, bytes]] = {}

    def add(self, key: str, value: bytes) -> None:
        """Take one record. Raises ``ContractError`` where it can't be read."""
        part, slot = _part(value), _slot(key)
        parts = self._parts.setdefault((part.checkpoint, slot), [])
        if part.index == 0 or (parts[-1:] and parts[-1].digest != part.digest):
            parts.clear()
        if part.index == len(parts):  # else its beginning was compacted away
            parts.append(part)
        if len(parts) == part.count:
            self._newest[part.checkpoint] = (slot, b"".join(each.data for each in parts))
            parts.clear()

    def newest(self) -> Iterator[tuple[str, Saved]]:
        """By key the newest checkpoints that count. Raises ``ContractError`` where one can't be read."""
        for key, (slot, packed) in self._newest.items():
            yield key, Saved(_checkpoint(packed), slot)


def way_out(topic: str) -> str:
    """What a person can do about checkpoints in ``topic`` that this program can't read."""
    return (
        f"go on with the version of Doorstep that wrote it, or delete {topic} and make it anew with "
        "`doorstep topics create`: then all that Kafka keeps is judged again, under the same ids for shifts "
        "that it keeps whole"
    )


class CheckpointStore(Protocol):
    """Where checkpoints are kept."""

    async def read(self, partitions: Iterable[int]) -> Mapping[str, Saved]:
        """By key the newest checkpoints of these partition numbers."""
        ...


def _part(value: bytes) -> Part:
    try:
        part = msgpack.decode(value, type=Part)
    except DecodeError as error:
        raise _no_checkpoint(error) from error
    if part.version != FORMAT:
        raise ContractError(
            f"the checkpoint {part.checkpoint} on {CHECKPOINTS.name} has format {part.version}, "
            f"this program reads format {FORMAT}: {way_out(CHECKPOINTS.name)}"
        )
    return part


def _slot(key: str) -> int:
    _, _, end = key.partition("/")
    try:
        return int(end.split("/")[1])
    except (IndexError, ValueError) as error:
        raise _no_checkpoint(error) from error


def _checkpoint(packed: bytes) -> Checkpoint:
    try:
        whole = lz4.frame.decompress(packed)
        begin = HEAD_LENGTH_BYTES + int.from_bytes(whole[:HEAD_LENGTH_BYTES], "big")
        head = msgpack.decode(whole[HEAD_LENGTH_BYTES:begin], type=Checkpoint)
        return replace(head, state=whole[begin:])
    except (RuntimeError, DecodeError) as error:
        raise _no_checkpoint(error) from error


def _no_checkpoint(error: Exception) -> ContractError:
    return ContractError(f"a record on {CHECKPOINTS.name} is no checkpoint: {error}")


def _digest(packed: bytes) -> bytes:
    return blake2b(packed, digest_size=16).digest()
