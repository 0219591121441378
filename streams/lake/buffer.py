"""What has been read of one partition and not yet written, and where its files are cut."""

from dataclasses import dataclass, field

import numpy as np

from streams.lake.chunk import Chunk, join

HOUR_MS = 3_600_000

MAX_BYTES = 32 * 1024 * 1024
"""More than this is written at once, whatever the number of records."""


@dataclass(slots=True)
class Buffer:
    """Records of one partition in order.

    Files end at multiples of ``grid`` offsets where they can, so that their names depend little on
    how the fetches fell.
    """

    grid: int
    chunks: list[Chunk] = field(default_factory=list)
    size_bytes: int = 0

    def add(self, chunk: Chunk) -> None:
        """Take the next records."""
        self.chunks.append(chunk)
        self.size_bytes += chunk.size_bytes

    def is_full(self) -> bool:
        """Whether a file is complete: its last offset was passed, or there are too many bytes."""
        if not self.chunks:
            return False
        first, last = self.chunks[0].offsets[0], self.chunks[-1].offsets[-1]
        return self.size_bytes > MAX_BYTES or bool(first // self.grid < last // self.grid)

    def take_full(self) -> list[Chunk]:
        """Remove and return the files that are complete: all of them when there are too many bytes."""
        if not self.is_full():
            return []
        if self.size_bytes > MAX_BYTES:
            return self.take_all()
        held = join(self.chunks)
        cells = held.offsets // self.grid
        rest = int(np.argmax(cells == cells[-1]))
        self._keep([held.part(rest, len(held))])
        return cut(held.part(0, rest), self.grid)

    def take_all(self) -> list[Chunk]:
        """Remove and return everything, cut into files."""
        files = cut(join(self.chunks), self.grid) if self.chunks else []
        self._keep([])
        return files

    def _keep(self, chunks: list[Chunk]) -> None:
        self.chunks = chunks
        self.size_bytes = sum(chunk.size_bytes for chunk in chunks)


def cut(chunk: Chunk, grid: int) -> list[Chunk]:
    """Split records into files: a new one at each multiple of ``grid`` offsets and each hour of append."""
    cells, hours = chunk.offsets // grid, chunk.appended_ms // HOUR_MS
    is_new = (cells[1:] != cells[:-1]) | (hours[1:] != hours[:-1])
    begins = [0, *(np.flatnonzero(is_new) + 1).tolist()]
    ends = [*begins[1:], len(chunk)]
    return [chunk.part(begin, end) for begin, end in zip(begins, ends, strict=True)]
