"""Child processes that never outlive the demo."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType

from routing.errors import DoorstepError

STOP_WITHIN_S = 10.0
INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LAST_LINES = 12


@contextmanager
def interruptions_held() -> Iterator[None]:
    """Let nothing that stops the demo fall into the block; raise ``KeyboardInterrupt`` after it instead.

    Handlers, not a signal mask: a mask would be inherited by the processes that are started here.
    """
    held: list[int] = []

    def hold(number: int, frame: FrameType | None) -> None:
        held.append(number)

    before = {number: signal.signal(number, hold) for number in INTERRUPTIONS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if held:
        raise KeyboardInterrupt


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
        with interruptions_held(), log.open("wb") as output:
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
        """Stop whatever still runs, the last started first; an impatient Ctrl-C has to wait for it."""
        with interruptions_held():
            while self._running:
                self._running[-1].stop()
                self._running.pop()

    def __enter__(self) -> "Children":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
