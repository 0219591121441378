"""Child processes that never outlive the demo."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from routing.errors import DoorstepError

STOP_WITHIN_S = 10.0
LAST_LINES = 12


class ChildFailed(DoorstepError):
    """A part of the demo ended by itself; the message has its last words and its log's path."""


@dataclass(frozen=True, slots=True)
class Child:
    """One running part and the file that its output goes to."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def last_words(self) -> str:
        """The end of the part's log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-LAST_LINES:])

    def last_line(self) -> str:
        """The last whole line of the part's log, or nothing."""
        lines = self.log.read_text(errors="replace").rpartition("\n")[0].splitlines()
        return lines[-1] if lines else ""

    def has_said(self, words: str) -> bool:
        """Whether the part has printed ``words`` so far."""
        return words in self.log.read_text(errors="replace")

    def check(self) -> None:
        """Raise ``ChildFailed`` if the part has ended with an error."""
        code = self.process.poll()
        if code:
            raise ChildFailed(
                f"{self.name} ended with code {code}; its log is {self.log}\n{self.last_words()}"
            )

    def stop(self) -> int:
        """Ask the part to stop, insist after ``STOP_WITHIN_S``; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                # The session that ``start`` gave the part holds its own children too.
                os.killpg(self.process.pid, signal.SIGKILL)
        return self.process.wait()


class Children:
    """The demo's parts: started in a session of their own, stopped in reverse order on the way out.

    A session of their own keeps Ctrl-C in the terminal from reaching them before the demo has
    decided in which order they stop.
    """

    def __init__(self, logs: Path, environment: Mapping[str, str]) -> None:
        self._logs = logs
        self._environment = dict(environment)
        self._running: list[Child] = []

    def start(self, name: str, arguments: Sequence[str]) -> Child:
        """Start one part; its output goes to ``<name>.log``."""
        log = self._logs / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,
            )
        child = Child(name, process, log)
        self._running.append(child)
        return child

    def run(self, name: str, arguments: Sequence[str]) -> Child:
        """Start one part and wait for its end. Raises ``ChildFailed`` where it fails."""
        child = self.start(name, arguments)
        child.process.wait()
        child.check()
        return child

    def check(self) -> None:
        """Raise ``ChildFailed`` if any part has ended with an error."""
        for child in self._running:
            child.check()

    def stop(self) -> None:
        """Stop whatever still runs, the last started first."""
        while self._running:
            self._running.pop().stop()

    def __enter__(self) -> "Children":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
