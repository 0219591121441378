"""The manifest: one line a landed file. A file counts when its line is there.

``<lake>/_manifest/<topic>.ndjson``; readers go by it and never by a glob, so that a half-written or
replaced file is never seen.
"""

import os
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import msgspec

FOLDER = "_manifest"


class LandedFile(msgspec.Struct, frozen=True, kw_only=True):
    """One Parquet file of the lake: the records ``first_offset`` to ``last_offset`` of one partition.

    ``path`` is relative to the lake, with forward slashes. ``rows`` are the events in it, ``rejected``
    the elements that broke their contract and are not. ``event_dates`` counts the rows per UTC date
    of the moment they speak of.
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


_DECODER = msgspec.json.Decoder(LandedFile)
_ENCODER = msgspec.json.Encoder()


def manifest_path(lake: Path, topic: str) -> Path:
    """Where the lines of ``topic`` (its name without the deployment's prefix) are."""
    return lake / FOLDER / f"{topic}.ndjson"


def read_manifest(lake: Path, topic: str) -> tuple[LandedFile, ...]:
    """The landed files of a topic in the order they landed; none where nothing has.

    A last line without its line end is one that is being written, or that a crash cut: not there yet.
    """
    path = manifest_path(lake, topic)
    if not path.exists():
        return ()
    lines = path.read_bytes().split(b"\n")[:-1]
    return tuple(_DECODER.decode(line) for line in lines)


def end_offset(entries: Iterable[LandedFile], topic_id: str, partition: int) -> int:
    """The first offset of a partition that has not landed; 0 for a topic id that is new to the lake."""
    ends = (
        entry.last_offset + 1
        for entry in entries
        if entry.topic_id == topic_id and entry.partition == partition
    )
    return max(ends, default=0)


def append_entries(lake: Path, topic: str, entries: Iterable[LandedFile]) -> None:
    """Add lines and wait until they are on the disk. For the one writer of the lake alone."""
    path = manifest_path(lake, topic)
    is_new = not path.exists()
    with path.open("ab") as file:
        file.write(b"".join(_ENCODER.encode(entry) + b"\n" for entry in entries))
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        sync_folder(path.parent)


def cut_torn_line(lake: Path, topic: str) -> None:
    """Remove what a crash left of a line, so that the next one starts on its own."""
    path = manifest_path(lake, topic)
    if not path.exists():
        return
    whole = path.read_bytes().rfind(b"\n") + 1
    if whole < path.stat().st_size:
        with path.open("r+b") as file:
            file.truncate(whole)
            os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk: a renamed file is durable only then."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
