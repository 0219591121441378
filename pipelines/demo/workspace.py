"""The folder that one demo at a time owns, empty at its start."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from routing.errors import ConfigurationError

MARKER = ".doorstep-demo"


@contextmanager
def fresh_workspace(home: Path) -> Iterator[Path]:
    """An emptied ``home`` for this demo alone.

    Raises ``ConfigurationError`` where the folder holds something that no demo made, or another
    demo is running in it.
    """
    home.mkdir(parents=True, exist_ok=True)
    marker = home / MARKER
    if not marker.exists() and any(home.iterdir()):
        raise ConfigurationError(
            f"{home} is not empty and was not made by the demo; name another folder with --home, or empty it"
        )
    with marker.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigurationError(
                f"another demo is running in {home}; wait for it or name another --home"
            ) from None
        yield home


def empty(home: Path) -> None:
    """Remove what an earlier demo left, but the marker that is locked."""
    for entry in home.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif entry.name != MARKER:
            entry.unlink()
