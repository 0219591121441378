"""A worker with a judge whose every word depends on all records before it, in their order.

A record on ``dispatch.commands`` makes it ask the solver, which takes ``SOLVING_S``. ``GROW`` makes its
state large, with bytes that no compression makes smaller. ``STALL`` holds it up for ``STALLING_S``.

Run as a process of its own: ``python -m tests.integration.rolling_worker <config as JSON>``.
"""

import hashlib
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec

from streams.events.base import derived_id
from streams.events.dispatch import ReoptimizationRequest
from streams.events.judgements import Verdict, VerdictKind
from streams.judge import DeadLetter, Emission, Record
from streams.judge import Run as Judged
from streams.metrics.health import Health
from streams.metrics.server import LOOPBACK, serve_pages
from streams.metrics.worker import WorkerMetrics
from streams.topics import COMMANDS, GPS_FIXES, PROPOSALS, SCANS, TICKS, VERDICTS, Topic
from streams.worker.app import Worker, WorkerConfig, build_worker
from streams.worker.lane import bench
from streams.worker.serve import serve
from tests.streams.worker.requests import request

SOLVING_S = 1.5
POISON = b"poison"
BUG = b"bug"
GROW = b"grow"
STALL = b"stall"
STALLING_S = 7.0
GROWN_BYTES = 20 * 1_048_576


class Rolling(msgspec.Struct):
    """A hash over all records in order, and the requests without a proposal."""

    digest: str = ""
    pending: tuple[str, ...] = ()
    weight: bytes = b""


class RollingJudge:
    """Says after every record what it has seen so far; ``POISON`` is refused, ``BUG`` is one."""

    name = "rolling"
    state_format = 1
    inputs: tuple[Topic, ...] = (TICKS, GPS_FIXES, SCANS, PROPOSALS, COMMANDS)

    def fresh(self, partition: int) -> Rolling:
        return Rolling()

    def advance(self, state: Rolling, record: Record) -> list[Emission | DeadLetter]:
        if record.value.startswith(POISON):
            return [DeadLetter(record, 0, record.value, "it is poison")]
        if record.value == BUG:
            raise ZeroDivisionError("a bug in the judge")
        if record.value == STALL:
            time.sleep(STALLING_S)
        if record.value == GROW:
            state.weight = hashlib.shake_128(state.digest.encode()).digest(GROWN_BYTES)
        if record.topic == COMMANDS.name:
            state.pending += (record.value.decode(),)
        if record.topic == PROPOSALS.name:
            state.pending = tuple(p for p in state.pending if p != record.value.decode())
        seen = f"{state.digest} {record.topic} {record.offset}".encode() + record.value
        state.digest = hashlib.blake2b(seen, digest_size=12).hexdigest()
        return [Emission(VERDICTS, f"{record.topic}/{record.partition}", verdict(record, state.digest))]

    def advance_run(self, state: Rolling, run: Judged) -> list[Emission | DeadLetter]:
        return [output for place in range(len(run)) for output in self.advance(state, run.record(place))]

    def save(self, state: Rolling) -> bytes:
        return msgspec.msgpack.encode(state)

    def load(self, data: bytes) -> Rolling:
        return msgspec.msgpack.decode(data, type=Rolling)


def pending(state: Rolling) -> tuple[ReoptimizationRequest, ...]:
    return tuple(request(request_id) for request_id in state.pending)


def verdict(record: Record, digest: str) -> Verdict:
    return Verdict(
        event_id=derived_id("rolling", record.topic, record.partition, record.offset),
        source="rolling",
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        index=0,
        kind=VerdictKind.FLAGGED,
        rule=digest,
        judged_event_id=str(UUID(int=0)),
    )


@dataclass(frozen=True, slots=True)
class Run:
    """What a test tells the process."""

    servers: str
    prefix: str
    partitions: int
    data_dir: str
    is_clock_live: bool = False
    checkpoint_every_s: float = 0.3
    stalled_after_s: float = 30.0
    metrics_port: int = 0


def answer(request: bytes) -> bytes:
    """A solver that takes its time, and answers with the request's id."""
    time.sleep(SOLVING_S)
    return msgspec.json.decode(request, type=ReoptimizationRequest).request_id.encode()


def main() -> int:
    run = msgspec.json.decode(sys.argv[1], type=Run)
    metrics, health = WorkerMetrics(lambda: int(time.time() * 1000)), Health(run.stalled_after_s)
    if run.metrics_port:
        serve_pages(metrics.registry, health, LOOPBACK, run.metrics_port)

    def build() -> Worker:
        where = (run.servers, run.prefix, run.partitions, Path(run.data_dir))
        config = WorkerConfig(*where, run.is_clock_live, run.checkpoint_every_s)
        benches = [bench(RollingJudge(), pending)]
        return build_worker(config, benches, answer, lambda: datetime.now(UTC), on_ready, metrics, health)

    return serve(build)


def on_ready(partitions: int) -> None:
    print(f"worker ready: {partitions} partitions", flush=True)


if __name__ == "__main__":
    sys.exit(main())
