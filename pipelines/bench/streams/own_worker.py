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
from time import monotonic, sleep
from uuid import UUID

import msgspec

from pipelines.bench.streams.cores import Cores, started_on
from pipelines.bench.streams.figures import OWN_NAME, Throughput
from pipelines.bench.streams.filling import Filled
from pipelines.bench.streams.kafka import PARTITIONS, Log, read_all
from pipelines.bench.streams.processes import CpuWatch, peak_bytes, resident_bytes
from routing.errors import DoorstepError, KafkaUnavailable
from streams.events.judgements import Verdict, VerdictKind
from streams.topics import VERDICTS
from streams.worker.lag import WorkerLag

READY_WITHIN_S = 180.0
"""A first start makes machine code, which takes a minute of the processor alone."""
STOP_WITHIN_S = 15.0
SLOWEST_EVENTS_A_SECOND = 10_000
LEEWAY_S = 300.0
"""Also for kernels that are compiled where they have not been yet, on a machine that is not idle."""
LOOK_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class WorkerRun:
    """What the worker took for a log, and its memory when it was done."""

    throughput: Throughput
    resident_bytes: int
    peak_bytes: int


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
    """Let the worker read the log from its beginning until its lag is 0."""
    with running_worker(log, cores) as worker:
        watch = CpuWatch(worker.pid)
        wait_until_read(log, worker, LEEWAY_S + filled.events / SLOWEST_EVENTS_A_SECOND)
        watch.stop()
        memory = resident_bytes(worker.pid), peak_bytes(worker.pid)
    began_s = min(_marked_at(log, filled.begin_marks))
    ended_s = max(_marked_at(log, filled.end_marks))
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


def wait_until_read(log: Log, worker: Running, within_s: float) -> None:
    """Until the worker's lag is 0. Raises ``DoorstepError`` when it takes longer, or when it ends."""
    deadline_s = monotonic() + within_s
    lag = WorkerLag(log.servers, log.prefix)
    try:
        while (behind := _behind(lag)) != "0":
            worker.check()
            if monotonic() > deadline_s:
                raise DoorstepError(f"the worker is {behind} messages behind after {within_s:.0f} s")
            sleep(LOOK_EVERY_S)
    finally:
        lag.close()


def _behind(lag: WorkerLag) -> str:
    """Messages; on a broker that has no time to answer, that it is not known: it is asked again."""
    try:
        return str(lag.messages())
    except KafkaUnavailable as error:
        return f"an unknown number of ({error})"


def _marked_at(log: Log, marks: frozenset[UUID]) -> list[float]:
    """When the verdicts on the marks were appended, epoch seconds. Raises where one is missing."""
    wanted = {str(mark) for mark in marks}
    found: dict[str, float] = {}
    for message in read_all(log, VERDICTS.name):
        verdict = msgspec.json.decode(message.value() or b"", type=Verdict)
        if verdict.kind is VerdictKind.DUPLICATE and verdict.judged_event_id in wanted:
            found.setdefault(verdict.judged_event_id, message.timestamp()[1] / 1000)
    if missing := wanted - found.keys():
        raise DoorstepError(f"the worker said nothing of {len(missing)} marks that were sent twice")
    return list(found.values())
