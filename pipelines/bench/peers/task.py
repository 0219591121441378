"""What a peer is told, and what it hands back: events are counted as messages of the three topics."""

import os
import sys
from pathlib import Path
from time import perf_counter

import msgspec


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One log to read to its end. ``warm`` of its ``messages`` come before the clock starts."""

    servers: str
    fixes_topic: str
    other_topics: list[str]
    said_topic: str
    group: str
    partitions: int
    messages: int
    warm: int
    plans: str
    folder: str

    @property
    def topics(self) -> list[str]:
        """All that is read."""
        return [self.fixes_topic, *self.other_topics]


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What reading the measured part took; CPU of the process with all its threads."""

    messages: int
    wall_s: float
    user_s: float
    system_s: float


RESULT = "taken.json"


def read_task() -> Task:
    """The task that is this program's argument."""
    return msgspec.json.decode(sys.argv[1], type=Task)


class Stopwatch:
    """Counts messages; starts after the warm part, and is stopped once all have come."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._count = 0
        self._warm = 0
        self._began: tuple[float, os.times_result] | None = None

    @property
    def left(self) -> int:
        """How many messages are still to come: of the warm part, and after it of all."""
        until = self._task.messages if self._began is not None else max(1, self._task.warm)
        return until - self._count

    def count(self, messages: int = 1) -> bool:
        """Note messages that were taken; whether these were the last."""
        self._count += messages
        if self._began is None and self._count >= self._task.warm:
            self._warm = self._count
            self._began = perf_counter(), os.times()
        return self._count >= self._task.messages

    def stop(self) -> None:
        """Write what it took to the task's folder."""
        now_s, used = perf_counter(), os.times()
        if self._began is None:
            raise RuntimeError(f"only {self._count} of {self._task.messages} messages came")
        began_s, before = self._began
        taken = Taken(
            messages=self._count - self._warm,
            wall_s=now_s - began_s,
            user_s=used.user - before.user,
            system_s=used.system - before.system,
        )
        Path(self._task.folder, RESULT).write_bytes(msgspec.json.encode(taken))
