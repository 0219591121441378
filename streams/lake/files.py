"""Writing to the lake: one writer, files that are there whole or not at all, leftovers of a crash removed."""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq

from routing.errors import ConfigurationError
from streams.lake.manifest import FOLDER, LandedFile, cut_torn_line, read_manifest, sync_folder
from streams.lake.rows import Fetched, to_rows
from streams.topics import Topic


@contextmanager
def only_writer(lake: Path) -> Iterator[None]:
    """Hold the lake for this process; the lock goes with the process, however it ends.

    Raises ``ConfigurationError`` naming the process that holds it already.
    """
    folder = lake / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "writer.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise ConfigurationError(
                f"another landing (process {lock.read().strip()}) writes to the lake {lake}; "
                "a lake has one writer"
            ) from error
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def repair(lake: Path, topic: Topic) -> tuple[LandedFile, ...]:
    """What has landed of ``topic``, after removing what a crash left: torn lines and files without one."""
    cut_torn_line(lake, topic.name)
    entries = read_manifest(lake, topic.name)
    landed = {entry.path for entry in entries}
    for path in (lake / topic.name).rglob("*"):
        if path.is_file() and path.relative_to(lake).as_posix() not in landed:
            path.unlink()
    return entries


def file_path(topic: Topic, topic_id: str, first: Fetched, last: Fetched) -> Path:
    """A file's place under the lake: by the UTC hour of Kafka's append, the offsets in its name."""
    hour = datetime.fromtimestamp(first.record.appended_at_ms / 1000, UTC)
    partition, first_offset, last_offset = first.record.partition, first.record.offset, last.record.offset
    return (
        Path(topic.name)
        / f"landed_date={hour:%Y-%m-%d}"
        / f"landed_hour={hour:%H}"
        / f"{topic_id}-{partition}-{first_offset}-{last_offset}.parquet"
    )


def write_file(lake: Path, topic: Topic, topic_id: str, fetched: Sequence[Fetched]) -> LandedFile:
    """Write records of one partition and hour as one durable file; it counts once its line is written."""
    first, last = fetched[0], fetched[-1]
    relative = file_path(topic, topic_id, first, last)
    final = lake / relative
    _make_folder(final.parent)
    rows = to_rows(topic, fetched)
    # A hidden name: an interrupted file can't be taken for a landed one, and the next start removes it.
    unfinished = final.with_name(f".{final.name}")
    with unfinished.open("wb") as file:
        pq.write_table(rows.table, file, compression="zstd")
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(final)
    sync_folder(final.parent)
    return LandedFile(
        topic=topic.name,
        path=relative.as_posix(),
        topic_id=topic_id,
        partition=first.record.partition,
        first_offset=first.record.offset,
        last_offset=last.record.offset,
        rows=rows.table.num_rows,
        rejected=rows.rejected,
        event_dates=rows.event_dates,
        size_bytes=final.stat().st_size,
    )


def _make_folder(folder: Path) -> None:
    """Make a folder whose name survives a power cut, and so do its parents'."""
    if folder.exists():
        return
    _make_folder(folder.parent)
    folder.mkdir()
    sync_folder(folder.parent)
