"""Writing to the lake: files that are there whole or not at all, leftovers of a crash removed."""

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from streams.lake.manifest import LandedFile, current, read_lines, sync_folder
from streams.lake.rows import Fetched, to_rows
from streams.topics import Topic

SORTED = ".sorted.parquet"
"""How a compacted file's name ends: what landing wrote and what compaction wrote is told apart by it."""


def repair(lake: Path, topic: Topic) -> tuple[LandedFile, ...]:
    """What has landed of ``topic``, after removing what a crash of landing left: files without a line."""
    return remove_unlisted(lake, topic, lambda name: not name.endswith(SORTED))


def remove_unlisted(lake: Path, topic: Topic, is_own: Callable[[str], bool]) -> tuple[LandedFile, ...]:
    """Remove files without a line whose names are the caller's own; what has landed of ``topic``."""
    lines = read_lines(lake, topic.name)
    landed = {line.path for line in lines}
    for path in (lake / topic.name).rglob("*"):
        if path.is_file() and is_own(path.name) and path.relative_to(lake).as_posix() not in landed:
            path.unlink()
    return current(lines)


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
    rows = to_rows(topic, fetched)
    size_bytes = write_durably(lake / relative, rows.table)
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
        size_bytes=size_bytes,
    )


def write_durably(final: Path, table: pa.Table, rows_a_group: int | None = None) -> int:
    """Write a table so that its file is there whole or not at all, a power cut included; its bytes."""
    _make_folder(final.parent)
    # A hidden name: an interrupted file can't be taken for a landed one, and the next start removes it.
    unfinished = final.with_name(f".{final.name}")
    with unfinished.open("wb") as file:
        pq.write_table(table, file, row_group_size=rows_a_group, compression="zstd")
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(final)
    sync_folder(final.parent)
    return final.stat().st_size


def _make_folder(folder: Path) -> None:
    """Make a folder whose name survives a power cut, and so do its parents'."""
    if folder.exists():
        return
    _make_folder(folder.parent)
    folder.mkdir()
    sync_folder(folder.parent)
