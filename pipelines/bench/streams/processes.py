"""What a process costs, from the outside: CPU seconds and memory over time, out of /proc."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from time import time

from routing.errors import ConfigurationError, DoorstepError

SAMPLE_EVERY_S = 0.05
PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Cpu:
    """CPU seconds of a process with all its threads, in its own code and in the kernel."""

    user_s: float
    system_s: float

    @property
    def total_s(self) -> float:
        """Both."""
        return self.user_s + self.system_s

    def __sub__(self, other: "Cpu") -> "Cpu":
        return Cpu(self.user_s - other.user_s, self.system_s - other.system_s)


def require_proc() -> None:
    """Raise ``ConfigurationError`` where there is no /proc to read."""
    if not (PROC / "self" / "stat").is_file():
        raise ConfigurationError("the benchmark reads CPU and memory from /proc, and this system has none")


def cpu_of(pid: int) -> Cpu:
    """What the process has used so far. Raises ``OSError`` when it is gone."""
    # The name in brackets may hold anything, also spaces and brackets.
    fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    ticks_a_second = os.sysconf("SC_CLK_TCK")
    return Cpu(int(fields[11]) / ticks_a_second, int(fields[12]) / ticks_a_second)


def resident_bytes(pid: int) -> int:
    """Memory that the process holds now."""
    return int((PROC / str(pid) / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def peak_bytes(pid: int) -> int:
    """The most memory that the process has held."""
    for line in (PROC / str(pid) / "status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise ConfigurationError(f"/proc/{pid}/status has no VmHWM")


class CpuWatch:
    """Samples a process until ``stop``; tells what it had used at a moment of the wall clock."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._samples: list[tuple[float, Cpu]] = [(time(), cpu_of(pid))]
        self._stopped = Event()
        self._thread = Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Sample no more."""
        self._stopped.set()
        self._thread.join()

    def at(self, epoch_s: float) -> Cpu:
        """CPU seconds used by then, between two samples in proportion."""
        before = self._samples[0]
        for after in self._samples:
            if after[0] >= epoch_s:
                break
            before = after
        else:
            return before[1]
        span_s = after[0] - before[0]
        share = (epoch_s - before[0]) / span_s if span_s > 0 else 0.0
        used = after[1] - before[1]
        return Cpu(before[1].user_s + share * used.user_s, before[1].system_s + share * used.system_s)

    def _watch(self) -> None:
        while not self._stopped.wait(SAMPLE_EVERY_S):
            try:
                self._samples.append((time(), cpu_of(self._pid)))
            except OSError:
                return  # it has ended


@dataclass(frozen=True, slots=True)
class Running:
    """A worker's process, and the file of what it says on stderr."""

    process: subprocess.Popen[str]
    errors: Path

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return self.process.pid

    def check(self) -> None:
        """Raise ``DoorstepError`` with its last words if it has ended."""
        code = self.process.poll()
        if code is not None:
            raise DoorstepError(f"the worker ended with code {code}: {self.errors.read_text()[-2000:]}")
