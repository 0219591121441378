"""Who runs in a broker's folder: a lock that the broker itself holds, and a note of its pid and port.

The lock's descriptor is inherited by the Java process, so the lock is held exactly as long as that
process lives: a crash frees it, and neither a stale note nor a pid used again can mislead.
"""

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path

import msgspec

from pipelines.broker.config import HOST


@dataclass(frozen=True, slots=True)
class RunningBroker:
    """A broker's process and its port on loopback."""

    pid: int
    port: int

    @property
    def bootstrap_servers(self) -> str:
        """The address that clients are given."""
        return f"{HOST}:{self.port}"


def try_lock(home: Path) -> int | None:
    """The descriptor of the folder's lock, now ours until it is closed; ``None`` where another holds it."""
    return _try_flock(home, fcntl.LOCK_EX)


def is_locked(home: Path) -> bool:
    """Whether a broker, or somebody who starts one, holds the folder."""
    if not (home / "broker.lock").exists():
        return False
    descriptor = _try_flock(home, fcntl.LOCK_SH)  # shared: two who look don't take each other for a broker
    if descriptor is None:
        return True
    os.close(descriptor)
    return False


def _try_flock(home: Path, operation: int) -> int | None:
    descriptor = os.open(home / "broker.lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def write_note(home: Path, broker: RunningBroker) -> None:
    """Leave the note, whole or not at all."""
    draft = home / "broker.json.new"
    draft.write_bytes(msgspec.json.encode(broker))
    draft.replace(home / "broker.json")


def remove_note(home: Path) -> None:
    """Take the note away; it may be absent."""
    (home / "broker.json").unlink(missing_ok=True)


def read_note(home: Path) -> RunningBroker | None:
    """The note as it was left, however old; ``None`` where there is none that can be read."""
    try:
        return msgspec.json.decode((home / "broker.json").read_bytes(), type=RunningBroker)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def status(home: Path) -> RunningBroker | None:
    """The broker that runs in ``home``, if one does."""
    return read_note(home) if is_locked(home) else None
