"""Which worker of this folder a process is: so that Kafka knows one that was killed when it is back.

Kafka waits for a killed member of a group until its session has run out. A member that comes back
under the same instance id takes its own place at once. The id must never be used twice at a time;
so each is held by a file lock, which ends with the process that holds it, however it ends.
"""

import fcntl
import socket
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import IO


@dataclass(frozen=True, slots=True)
class Slot:
    """A worker's place among those of one folder; ours while the process lives and keeps ``lock``."""

    instance_id: str
    lock: IO[bytes]


def take_slot(data_dir: Path) -> Slot:
    """The first slot of ``data_dir`` that no process holds."""
    data_dir.mkdir(parents=True, exist_ok=True)
    place = f"{socket.gethostname()}:{data_dir.resolve()}"
    number = 0
    while True:
        lock = (data_dir / f"slot-{number}.lock").open("wb")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            number += 1
        else:
            return Slot(f"{blake2b(place.encode(), digest_size=8).hexdigest()}-{number}", lock)
