"""Files that compaction leaves alone: readers found them bad, and their rows must not get in under others.

``<lake>/_manifest/<topic>.held``, a path a line, written anew by whoever checks what landed. Without it
all files may be merged.
"""

from collections.abc import Iterable
from pathlib import Path

from streams.lake.locks import FOLDER, changing_manifest
from streams.lake.manifest import sync_folder


def hold(lake: Path, topic: str, paths: Iterable[str]) -> None:
    """From now on ``paths`` and no other files of ``topic`` are merged with none."""
    place = _place(lake, topic)
    text = "".join(f"{path}\n" for path in sorted(paths))
    if text == (place.read_text() if place.exists() else ""):
        return
    with changing_manifest(lake, topic):
        unfinished = place.with_name(f".{place.name}")
        unfinished.write_text(text)
        unfinished.replace(place)
        sync_folder(place.parent)


def held(lake: Path, topic: str) -> frozenset[str]:
    """The paths that are merged with none."""
    place = _place(lake, topic)
    return frozenset(place.read_text().splitlines()) if place.exists() else frozenset()


def _place(lake: Path, topic: str) -> Path:
    return lake / FOLDER / f"{topic}.held"
