"""Runs ``doorstep worker`` as users do, on one log, and measures it from outside."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from select import select
from tempfile import TemporaryDirectory

from pipelines.bench.streams.cores import Cores, started_on
from pipelines.bench.streams.figures import OWN_NAME, Throughput
from pipelines.bench.streams.filling import Filled
from pipelines.bench.streams.kafka import PARTITIONS, Log
from pipelines.bench.streams.marks import wait_for_marks
from pipelines.bench.streams.processes import CpuWatch, Running, peak_bytes, resident_bytes
from routing.errors import DoorstepError

READY_WITHIN_S = 180.0
"""A first start makes machine code, which takes a minute of the processor alone."""
STOP_WITHIN_S = 15.0
SLOWEST_EVENTS_A_SECOND, ROUTE_EVENTS = 10_000, 40
"""Taking a route may take as long as so many events."""

LEEWAY_S = 300.0
"""Also for kernels that are compiled where they have not been yet, on a machine that is not idle."""


@dataclass(frozen=True, slots=True)
class WorkerRun:
    """What the worker took for a log, and its memory when it was done."""

    throughput: Throughput
    resident_bytes: int
    peak_bytes: int


@contextmanager
def running_worker(log: Log, cores: Cores) -> Iterator[Running]:
    """A worker that has said that it is ready, on its core; stopped on the way out, by its pid."""
    with TemporaryDirectory(prefix="doorstep-bench-") as home:
        environment = {
            **os.environ,
            "DOORSTEP_HOME": home,
            "KAFKA_BOOTSTRAP_SERVERS": log.servers,
            "DOORSTEP_TOPIC_PREFIX": log.prefix,
            "DOORSTEP_PARTITIONS": str(PARTITIONS),
            "DOORSTEP_CLOCK": "external",
        }
        errors = Path(home, "worker.log")
        core = None if cores.consumer is None else {cores.consumer}
        with errors.open("w") as stderr, started_on(core):
            worker = subprocess.Popen(
                [sys.executable, "-m", "pipelines", "worker"],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                start_new_session=True,
            )
        with worker:
            try:
                wait_until_ready(worker, errors)
                yield Running(worker, errors)
            finally:
                _stop(worker)


def wait_until_ready(worker: "subprocess.Popen[str]", errors: Path) -> None:
    """Until it says so on stdout. Raises ``DoorstepError`` with the end of ``errors`` when it does not."""
    assert worker.stdout is not None
    has_spoken, _, _ = select([worker.stdout], [], [], READY_WITHIN_S)
    if not has_spoken:
        raise DoorstepError(
            f"the worker was not ready within {READY_WITHIN_S:.0f} s: {errors.read_text()[-2000:]}"
        )
    if not worker.stdout.readline().startswith("worker ready"):
        raise DoorstepError(f"the worker did not start: {errors.read_text()[-2000:]}")


def _stop(worker: subprocess.Popen[str]) -> None:
    """Ask it to stop, then insist; its solver processes are of its own session and go with it."""
    if worker.poll() is None:
        worker.send_signal(signal.SIGTERM)
        try:
            worker.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            os.killpg(worker.pid, signal.SIGKILL)


def measure_worker(log: Log, filled: Filled, cores: Cores) -> WorkerRun:
    """Let the worker read the log from its beginning until it has judged the marks at its end."""
    with running_worker(log, cores) as worker:
        watch = CpuWatch(worker.pid)
        marks = filled.begin_marks | filled.end_marks
        within_s = LEEWAY_S + (filled.events + ROUTE_EVENTS * filled.vehicles) / SLOWEST_EVENTS_A_SECOND
        judged_at_s = wait_for_marks(log, worker, marks, within_s)
        watch.stop()
        memory = resident_bytes(worker.pid), peak_bytes(worker.pid)
    began_s = min(judged_at_s[mark] for mark in filled.begin_marks)
    ended_s = max(judged_at_s[mark] for mark in filled.end_marks)
    used = watch.at(ended_s) - watch.at(began_s)
    throughput = Throughput(
        name=OWN_NAME,
        log_events=filled.events,
        events=filled.events - filled.warm_events,
        messages=filled.messages - filled.warm_messages,
        wall_s=ended_s - began_s,
        user_s=used.user_s,
        system_s=used.system_s,
    )
    return WorkerRun(throughput, *memory)
