"""The manifest: one line a landed file. A file counts when its line is there.

``<lake>/_manifest/<topic>.ndjson``; readers go by it and never by a glob, so that a half-written or
replaced file is never seen. A compacted file's one line, once there, stands for all files whose
offsets it covers; so the files that count never hold an offset twice, and none is lost between them.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from pathlib import Path

import msgspec

from streams.lake.locks import FOLDER, changing_manifest


class LandedFile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One Parquet file of the lake: the records ``first_offset`` to ``last_offset`` of one partition.

    ``path`` is relative to the lake, with forward slashes. ``rows`` are the events in it, ``rejected``
    the elements that broke their contract and are not. ``event_dates`` counts the rows per UTC date
    of the moment they speak of. ``compacted_at`` is when it took the place of others.
    """

    topic: str
    path: str
    topic_id: str
    partition: int
    first_offset: int
    last_offset: int
    rows: int
    rejected: int
    event_dates: tuple[tuple[date, int], ...]
    size_bytes: int
    compacted_at: datetime | None = None

    @property
    def log(self) -> tuple[str, int]:
        """The one sequence of offsets that this file's are of: a topic's id and a partition."""
        return self.topic_id, self.partition

    def covers(self, other: "LandedFile") -> bool:
        """Whether all offsets of ``other`` are this file's too."""
        return (
            self.log == other.log
            and self.first_offset <= other.first_offset
            and other.last_offset <= self.last_offset
        )


_DECODER = msgspec.json.Decoder(LandedFile)
_ENCODER = msgspec.json.Encoder()


def manifest_path(lake: Path, topic: str) -> Path:
    """Where the lines of ``topic`` (its name without the deployment's prefix) are."""
    return lake / FOLDER / f"{topic}.ndjson"


def read_manifest(lake: Path, topic: str) -> tuple[LandedFile, ...]:
    """The files of a topic that count, in the order they landed; none where nothing has.

    They stay readable for a while (``compaction.KEPT``) after a compaction has replaced them.
    """
    return current(read_lines(lake, topic))


def read_lines(lake: Path, topic: str) -> tuple[LandedFile, ...]:
    """All lines of a topic's manifest, of replaced files too.

    A last line without its line end is one that is being written, or that a crash cut: not there yet.
    """
    path = manifest_path(lake, topic)
    if not path.exists():
        return ()
    lines = path.read_bytes().split(b"\n")[:-1]
    return tuple(_DECODER.decode(line) for line in lines)


def current(lines: Sequence[LandedFile]) -> tuple[LandedFile, ...]:
    """The lines that no compacted file's line stands for."""
    widest_first = sorted(
        range(len(lines)),
        key=lambda at: (lines[at].log, lines[at].first_offset, -lines[at].last_offset, -at),
    )
    covered: set[int] = set()
    over: LandedFile | None = None
    for at in widest_first:
        if over is not None and over.covers(lines[at]):
            covered.add(at)
        elif lines[at].compacted_at is not None:
            over = lines[at]
    return tuple(line for at, line in enumerate(lines) if at not in covered)


def end_offset(entries: Iterable[LandedFile], topic_id: str, partition: int) -> int:
    """The first offset of a partition that has not landed; 0 for a topic id that is new to the lake."""
    ends = (
        entry.last_offset + 1
        for entry in entries
        if entry.topic_id == topic_id and entry.partition == partition
    )
    return max(ends, default=0)


def append_entries(
    lake: Path, topic: str, entries: Iterable[LandedFile], is_wanted: Callable[[], bool] | None = None
) -> bool:
    """Add lines and wait until they are on the disk; says whether they were added.

    ``is_wanted`` is asked once nobody else can change anything about the topic; without it they are.
    """
    path = manifest_path(lake, topic)
    with changing_manifest(lake, topic):
        if is_wanted is not None and not is_wanted():
            return False
        is_new = not path.exists()
        with path.open("ab") as file:
            file.truncate(_whole_bytes(path))
            file.write(b"".join(_ENCODER.encode(entry) + b"\n" for entry in entries))
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            sync_folder(path.parent)
    return True


def drop_lines(lake: Path, topic: str, is_dropped: Callable[[LandedFile], bool]) -> None:
    """Write the manifest anew without some lines, in one step: readers find the old one or the new one."""
    path = manifest_path(lake, topic)
    with changing_manifest(lake, topic):
        kept = [line for line in read_lines(lake, topic) if not is_dropped(line)]
        unfinished = path.with_name(f".{path.name}")
        with unfinished.open("wb") as file:
            file.write(b"".join(_ENCODER.encode(line) + b"\n" for line in kept))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        sync_folder(path.parent)


def _whole_bytes(path: Path) -> int:
    """The size of a manifest without what a crash left of a line."""
    data = path.read_bytes() if not _ends_whole(path) else b""
    return data.rfind(b"\n") + 1 if data else path.stat().st_size


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return True
        file.seek(-1, os.SEEK_END)
        return file.read() == b"\n"


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk: a renamed file is durable only then."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
