"""Records of one partition as landing holds them: column by column, never one object each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from streams.judge import Record

Headers = tuple[tuple[str, bytes | None], ...]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Records of one partition in order; ``topic`` is the name without the deployment's prefix.

    ``offsets`` and ``appended_ms`` (n,) are as in `Record`. ``headers`` are there for ``dead.letters``
    alone, and empty for others.
    """

    topic: str
    partition: int
    offsets: NDArray[np.int64]
    appended_ms: NDArray[np.int64]
    keys: list[bytes | None]
    values: list[bytes]
    headers: list[Headers]

    def __len__(self) -> int:
        return len(self.values)

    @property
    def size_bytes(self) -> int:
        """The bytes of all values."""
        return sum(map(len, self.values))

    def records(self) -> list[Record]:
        """Each record as one value."""
        return [
            Record(self.topic, self.partition, offset, appended_ms, key, value)
            for offset, appended_ms, key, value in zip(
                self.offsets.tolist(), self.appended_ms.tolist(), self.keys, self.values, strict=True
            )
        ]

    def part(self, begin: int, end: int) -> "Chunk":
        """The records at ``begin`` to ``end`` - 1."""
        cut = slice(begin, end)
        return Chunk(
            self.topic,
            self.partition,
            self.offsets[cut],
            self.appended_ms[cut],
            self.keys[cut],
            self.values[cut],
            self.headers[cut],
        )

    def take(self, places: NDArray[np.int64]) -> "Chunk":
        """The records at ``places``."""
        chosen = places.tolist()
        return Chunk(
            self.topic,
            self.partition,
            self.offsets[places],
            self.appended_ms[places],
            [self.keys[place] for place in chosen],
            [self.values[place] for place in chosen],
            [self.headers[place] for place in chosen] if self.headers else [],
        )


def join(chunks: Sequence[Chunk]) -> Chunk:
    """Chunks, one at least, of one partition as one, in the order given."""
    if len(chunks) == 1:
        return chunks[0]
    return Chunk(
        chunks[0].topic,
        chunks[0].partition,
        np.concatenate([chunk.offsets for chunk in chunks]),
        np.concatenate([chunk.appended_ms for chunk in chunks]),
        [key for chunk in chunks for key in chunk.keys],
        [value for chunk in chunks for value in chunk.values],
        [headers for chunk in chunks for headers in chunk.headers],
    )
