"""A deployment with a broker of its own, whose parts are killed and come back: all by the command line.

Only processes that were started here are killed, each by its own pid.
"""

import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.product import Product

COMES_BACK_AFTER_S = 0.5
"""So long a process manager waits before it starts a part again that has ended by itself."""

STOPS_WITHIN_S = 10.0
READY_WITHIN_S = 240.0


@dataclass(slots=True)
class Part:
    """One long-running command, started again whenever it ends, as a process manager does.

    ``own_ends`` are the exit codes of those that ended without being killed or stopped.
    """

    product: Product
    arguments: tuple[str, ...]
    process: subprocess.Popen[bytes] | None = None
    kills: int = 0
    own_ends: list[int] = field(default_factory=list)
    ended_at_s: float = 0.0

    def start(self) -> None:
        """Start it."""
        self.process = self.product.start(*self.arguments)

    def tend(self) -> None:
        """Start it again if it has ended by itself."""
        if self.process is None:
            if self.ended_at_s and time.monotonic() - self.ended_at_s >= COMES_BACK_AFTER_S:
                self.ended_at_s = 0.0
                self.start()
        elif self.process.poll() is not None:
            self.own_ends.append(self.process.returncode)
            self.process, self.ended_at_s = None, time.monotonic()

    def kill(self) -> None:
        """Kill it with -9, and start it again at once."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.kills += 1
        self.start()

    def stop(self) -> tuple[int, float]:
        """Tell it to stop; its exit code, and how many seconds that took. Killed after ``STOPS_WITHIN_S``."""
        self.ended_at_s = 0.0
        process, self.process = self.process, None
        if process is None:
            return self.own_ends[-1], 0.0
        began_s = time.monotonic()
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOPS_WITHIN_S + 5.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        return process.returncode, time.monotonic() - began_s

    @property
    def log(self) -> str:
        """What all its processes said."""
        return (self.product.home / f"{self.arguments[0]}.log").read_text(errors="replace")


class Deployment:
    """A home with a broker, a worker and a landing."""

    def __init__(self, home: Path) -> None:
        self._embedded = Product(home, "", "")
        self.broker_kills = 0
        self._broker_pid, port = self._start_broker("0")
        self._port = str(port)
        self.product = Product(home, f"127.0.0.1:{port}", "")
        self.product.run("topics", "create")
        self.worker = Part(self.product, ("worker",))
        elsewhere = Product(home / "second", f"127.0.0.1:{port}", "")
        elsewhere.home.mkdir()
        self.second_worker = Part(elsewhere, ("worker",))
        self.landing = Part(self.product, ("land", "--every", "0.5"))

    def tend(self) -> None:
        """Start again what has ended by itself."""
        for part in self._parts:
            part.tend()

    def wait(self, seconds: float) -> None:
        """Let time pass, and tend meanwhile."""
        until_s = time.monotonic() + seconds
        while time.monotonic() < until_s:
            self.tend()
            time.sleep(0.05)

    def take_broker_away(self, seconds: float) -> None:
        """Kill the broker with -9; it comes back after some seconds, at the same address."""
        os.kill(self._broker_pid, signal.SIGKILL)
        self.broker_kills += 1
        self.wait(seconds)
        self._broker_pid, port = self._start_broker(self._port)
        assert str(port) == self._port, f"the broker came back at {port}, the clients ask at {self._port}"

    def close(self) -> None:
        """End everything that still runs."""
        for part in self._parts:
            if part.process is not None:
                part.process.kill()
                part.process.wait()
        self._embedded.run("kafka", "stop")

    @property
    def _parts(self) -> tuple[Part, ...]:
        return self.worker, self.second_worker, self.landing

    def _start_broker(self, port: str) -> tuple[int, int]:
        said = self._embedded.run("kafka", "start", "--port", port)
        found = re.search(r"answers at [\d.]+:(\d+) \(pid (\d+)\)", said)
        assert found is not None, said
        return int(found[2]), int(found[1])


def wait_until_ready(product: Product) -> None:
    """Until the worker of ``product`` has its partitions."""
    log = product.home / "worker.log"
    deadline_s = time.monotonic() + READY_WITHIN_S
    while "worker ready" not in log.read_text():
        assert time.monotonic() < deadline_s, log.read_text()[-3_000:]
        time.sleep(0.05)
