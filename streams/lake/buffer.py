"""What has been read of one partition and not yet written, and where its files are cut."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from streams.lake.rows import Fetched

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
    records: list[Fetched] = field(default_factory=list)
    size_bytes: int = 0

    def add(self, fetched: Fetched) -> None:
        """Take the next record."""
        self.records.append(fetched)
        self.size_bytes += len(fetched.record.value)

    def is_full(self) -> bool:
        """Whether a file is complete: its last offset was passed, or there are too many bytes."""
        if not self.records:
            return False
        first, last = self.records[0].record.offset, self.records[-1].record.offset
        return self.size_bytes > MAX_BYTES or first // self.grid < last // self.grid

    def take_full(self) -> list[list[Fetched]]:
        """Remove and return the files that are complete: all of them when there are too many bytes."""
        if not self.is_full():
            return []
        if self.size_bytes > MAX_BYTES:
            return self.take_all()
        last_cell = self.records[-1].record.offset // self.grid
        is_complete = [one.record.offset // self.grid < last_cell for one in self.records]
        rest = is_complete.index(False)
        complete = cut(self.records[:rest], self.grid)
        self._keep(self.records[rest:])
        return complete

    def take_all(self) -> list[list[Fetched]]:
        """Remove and return everything, cut into files."""
        files = cut(self.records, self.grid)
        self._keep([])
        return files

    def _keep(self, records: list[Fetched]) -> None:
        self.records = records
        self.size_bytes = sum(len(one.record.value) for one in records)


def cut(records: Sequence[Fetched], grid: int) -> list[list[Fetched]]:
    """Split records into files: a new one at each multiple of ``grid`` offsets and each hour of append."""
    files: list[list[Fetched]] = []
    place: tuple[int, int] | None = None
    for one in records:
        here = (one.record.offset // grid, one.record.appended_at_ms // HOUR_MS)
        if here != place:
            files.append([])
            place = here
        files[-1].append(one)
    return files
