"""Who runs on which core: the consumer alone on one, the broker and all else on the others."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cores:
    """Core numbers; ``None`` where nothing is pinned: one core alone, or a system that can't."""

    consumer: int | None
    others: tuple[int, ...]

    @property
    def is_pinned(self) -> bool:
        """Whether the consumer has a core of its own."""
        return self.consumer is not None


def share_cores() -> Cores:
    """The last of this process's cores for the consumer, the rest for the broker and the harness."""
    if not hasattr(os, "sched_getaffinity"):
        return Cores(None, ())
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) < 2:
        return Cores(None, tuple(usable))
    return Cores(usable[-1], tuple(usable[:-1]))


@contextmanager
def started_on(cores: set[int] | None) -> Iterator[None]:
    """Processes started within run on ``cores``; children inherit from the thread that starts them."""
    if not cores:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def move(pid: int, cores: set[int]) -> None:
    """Move a running process, all its threads, to ``cores``."""
    for task in Path("/proc", str(pid), "task").iterdir():
        with suppress(ProcessLookupError):  # a thread may end meanwhile
            os.sched_setaffinity(int(task.name), cores)
