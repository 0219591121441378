"""Writing while reading goes on: two threads make files, and lines are added in the order of reading.

The order is what makes the manifest's highest offset say how far a partition has landed: a file's line
never comes before those of the files that were read before it, whichever was ready first.
"""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Self

from streams.lake.chunk import Chunk
from streams.lake.files import write_file
from streams.lake.manifest import LandedFile, append_entries
from streams.lake.scanned import Tables
from streams.topics import Topic

THREADS = 2
MOST_WAITING = 4
"""Files in work at most; then reading waits, so that memory has a bound."""


@dataclass(slots=True)
class Totals:
    """What one run of landing wrote."""

    files: int = 0
    rows: int = 0
    rejected: int = 0

    def __str__(self) -> str:
        return f"{self.rows:,} rows in {self.files:,} files, {self.rejected:,} rejected"


class Writers:
    """Writes files of a lake, for its one writer; a context, whose end waits for the threads."""

    def __init__(self, lake: Path, on_landed: Callable[[LandedFile], None]) -> None:
        self.totals = Totals()
        self._lake = lake
        self._on_landed = on_landed
        self._waiting: deque[Future[LandedFile]] = deque()
        self._pool = ThreadPoolExecutor(THREADS, "landing")
        self._tables: SimpleQueue[Tables] = SimpleQueue()
        for _ in range(THREADS):
            tables = Tables()
            tables.compile()
            self._tables.put(tables)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self._pool.shutdown()
        self.settle()

    def write(self, topic: Topic, topic_id: str, chunks: Sequence[Chunk]) -> bool:
        """Begin to write each chunk as a file; whether lines were added meanwhile.

        Raises what an earlier file's writing raised; nothing that was read after it gets a line then.
        """
        has_written = False
        for chunk in chunks:
            while len(self._waiting) >= MOST_WAITING:
                has_written |= self._add_lines(wait_for=1)
            self._waiting.append(self._pool.submit(self._write, topic, topic_id, chunk))
        return has_written

    def done(self) -> bool:
        """Add the lines of what is ready; whether there were any. Raises as ``write`` does."""
        return self._add_lines(wait_for=0)

    def settle(self) -> bool:
        """Wait for all files and add their lines; whether there were any. Raises as ``write`` does."""
        return self._add_lines(wait_for=len(self._waiting))

    def _write(self, topic: Topic, topic_id: str, chunk: Chunk) -> LandedFile:
        tables = self._tables.get()
        try:
            return write_file(self._lake, topic, topic_id, chunk, tables)
        finally:
            self._tables.put(tables)

    def _result(self) -> LandedFile:
        try:
            return self._waiting.popleft().result()
        except BaseException:
            self._waiting.clear()
            raise

    def _add_lines(self, wait_for: int) -> bool:
        ready: list[LandedFile] = []
        while self._waiting and (len(ready) < wait_for or self._waiting[0].done()):
            ready.append(self._result())
        for topic in dict.fromkeys(file.topic for file in ready):
            append_entries(self._lake, topic, [file for file in ready if file.topic == topic])
        self.totals.files += len(ready)
        self.totals.rows += sum(file.rows for file in ready)
        self.totals.rejected += sum(file.rejected for file in ready)
        for file in ready:
            self._on_landed(file)
        return bool(ready)
