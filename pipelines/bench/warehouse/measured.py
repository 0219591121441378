"""A child process from the outside: wall time, CPU seconds, and the most memory it and its children held."""

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from time import perf_counter, sleep

from pipelines.bench.streams.processes import PROC, peak_bytes, resident_bytes
from routing.errors import DoorstepError

SAMPLE_EVERY_S = 0.02
ROOT = Path(__file__).parents[3]
LAST_WORDS = 2_000


@dataclass(frozen=True, slots=True)
class Measured:
    """What a process that ended well took and said."""

    wall_s: float
    cpu_s: float
    peak_bytes: int
    said: str


def measure(command: Sequence[str], environment: Mapping[str, str], within_s: float) -> Measured:
    """Run a command of Doorstep's own Python code to its end.

    Raises ``DoorstepError`` with its last words where it fails or takes longer than ``within_s``.
    """
    with TemporaryFile("w+") as said, TemporaryFile("w+") as errors:
        began_s = perf_counter()
        process = subprocess.Popen(
            command,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            stdout=said,
            stderr=errors,
            text=True,
        )
        most = 0
        while (ended := os.wait4(process.pid, os.WNOHANG))[0] == 0:
            most = max(most, _held(process.pid))
            if perf_counter() - began_s > within_s:
                process.kill()
                os.wait4(process.pid, 0)
                process.returncode = -1
                raise DoorstepError(f"{' '.join(command[-3:])} did not end within {within_s:.0f} s")
            sleep(SAMPLE_EVERY_S)
        wall_s = perf_counter() - began_s
        process.returncode = os.waitstatus_to_exitcode(ended[1])
        for file in (said, errors):
            file.seek(0)
        if process.returncode:
            words = (errors.read() or said.read())[-LAST_WORDS:]
            raise DoorstepError(f"{' '.join(command[-3:])} failed: {words}")
        usage = ended[2]
        return Measured(wall_s, usage.ru_utime + usage.ru_stime, most, said.read())


def _held(pid: int) -> int:
    """The most that the process has held, plus what its children hold now."""
    try:
        return peak_bytes(pid) + sum(resident_bytes(child) for child in _children(pid))
    except (OSError, ValueError, DoorstepError):
        return 0  # it has just ended


def _children(pid: int) -> Iterator[int]:
    for task in (PROC / str(pid) / "task").iterdir():
        for child in (task / "children").read_text().split():
            yield int(child)
            yield from _children(int(child))
