"""Writing to the lake: files that are there whole or not at all, leftovers of a crash removed."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from streams.lake.chunk import Chunk
from streams.lake.manifest import LandedFile, current, read_lines, sync_folder
from streams.lake.packing import packing_of
from streams.lake.scanned import Tables
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


def file_path(chunk: Chunk, topic_id: str) -> Path:
    """A file's place under the lake: by the UTC hour of Kafka's append, the offsets in its name."""
    hour = datetime.fromtimestamp(int(chunk.appended_ms[0]) / 1000, UTC)
    return (
        Path(chunk.topic)
        / f"landed_date={hour:%Y-%m-%d}"
        / f"landed_hour={hour:%H}"
        / f"{topic_id}-{chunk.partition}-{chunk.offsets[0]}-{chunk.offsets[-1]}.parquet"
    )


def write_file(lake: Path, topic: Topic, topic_id: str, chunk: Chunk, tables: Tables) -> LandedFile:
    """Write records of one partition and hour as one durable file; it counts once its line is written."""
    relative = file_path(chunk, topic_id)
    rows = tables.rows(topic, chunk)
    size_bytes = write_durably(lake / relative, topic, rows.table)
    return LandedFile(
        topic=topic.name,
        path=relative.as_posix(),
        topic_id=topic_id,
        partition=chunk.partition,
        first_offset=int(chunk.offsets[0]),
        last_offset=int(chunk.offsets[-1]),
        rows=rows.table.num_rows,
        rejected=rows.rejected,
        event_dates=rows.event_dates,
        size_bytes=size_bytes,
    )


def write_durably(final: Path, topic: Topic, table: pa.Table, rows_a_group: int | None = None) -> int:
    """Write a table so that its file is there whole or not at all, a power cut included; its bytes."""
    _make_folder(final.parent)
    # A hidden name: an interrupted file can't be taken for a landed one, and the next start removes it.
    unfinished = final.with_name(f".{final.name}")
    with unfinished.open("wb") as file:
        packing = packing_of(topic, table.column_names)
        pq.write_table(
            table,
            file,
            row_group_size=rows_a_group,
            compression="zstd",
            use_dictionary=packing.by_dictionary,
            column_encoding=packing.by_difference,
        )
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
    folder.mkdir(exist_ok=True)  # another thread may just have made it
    sync_folder(folder.parent)
