"""Who may change a lake: one landing, one compaction, and one of them at a time at a manifest.

The locks go with their process, however it ends. Readers need none.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from routing.errors import ConfigurationError

FOLDER = "_manifest"


@contextmanager
def only_writer(lake: Path) -> Iterator[None]:
    """Be the landing of a lake. Raises ``ConfigurationError`` naming the process that is it already."""
    with _only_one(lake, "writer.lock", "landing", "writer"):
        yield


@contextmanager
def only_compactor(lake: Path) -> Iterator[None]:
    """Be the compaction of a lake. Raises ``ConfigurationError`` naming the process that is it already."""
    with _only_one(lake, "compactor.lock", "compaction", "compactor"):
        yield


@contextmanager
def changing_manifest(lake: Path, topic: str) -> Iterator[None]:
    """Wait until nobody else changes the manifest of ``topic``, and keep others waiting."""
    with (lake / FOLDER / f"{topic}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _only_one(lake: Path, name: str, doing: str, one: str) -> Iterator[None]:
    folder = lake / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise ConfigurationError(
                f"another {doing} (process {lock.read().strip()}) writes to the lake {lake}; "
                f"a lake has one {one}"
            ) from error
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield
