"""Lanes on a test bed: a Kafka, a checkpoint store and a solver that are not there."""

import asyncio
import time
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from faust.types import TP

from routing.errors import KafkaUnavailable
from streams.metrics.health import Health
from streams.metrics.worker import WorkerMetrics
from streams.topics import GPS_FIXES, SCANS, TICKS, Topic
from streams.worker.checkpoint import Assembly, Checkpoint, Saved
from streams.worker.chunk import Chunk, Columns
from streams.worker.lane import bench
from streams.worker.lanes import Lanes, Place
from streams.worker.merge import Horizon
from streams.worker.outbox import Outbox
from streams.worker.solving import SolverDesk
from tests.streams.worker.counting import CountingJudge
from tests.streams.worker.test_outbox import FakeProducer

PREFIX = "test."
FIXES, TICKED = TP(PREFIX + GPS_FIXES.name, 0), TP(PREFIX + TICKS.name, 0)
LOGS = {FIXES, TICKED, TP(PREFIX + SCANS.name, 0)}


class OtherJudge(CountingJudge):
    name = "other"
    inputs: tuple[Topic, ...] = (TICKS,)


@dataclass
class Bed:
    """Lanes between a Kafka and a checkpoint store that are not there."""

    saved: dict[str, Saved] = field(default_factory=dict)
    begin_offsets: dict[TP, int] = field(default_factory=lambda: dict.fromkeys(LOGS, 0))
    end_offsets: dict[TP, int] = field(default_factory=lambda: dict.fromkeys(LOGS, 1_000))
    producer: FakeProducer = field(default_factory=FakeProducer)
    paused: set[TP] = field(default_factory=set)
    committed: dict[TP, int] = field(default_factory=dict)
    ready: list[int] = field(default_factory=list)
    asked: list[set[TP]] = field(default_factory=list)
    read_to: dict[TP, int] = field(default_factory=dict)
    is_answering: bool = False
    is_kafka_gone: bool = False

    def __post_init__(self) -> None:
        benches = [bench(CountingJudge()), bench(OtherJudge())]
        desk = SolverDesk(self._solve, self._publish, lambda error: None)
        outbox = Outbox(self.producer, PREFIX, 1)
        self.metrics = WorkerMetrics(lambda: 1_000)
        self.health = Health(stalled_after_s=30)
        self.lanes = Lanes(
            benches, PREFIX, self, self, outbox, desk, self.ready.append, self.metrics, self.health
        )

    async def read(self, partitions: Iterable[int]) -> Mapping[str, Saved]:
        return self.saved

    async def begins(self, tps: Iterable[TP]) -> Mapping[TP, int]:
        return {tp: self.begin_offsets[tp] for tp in tps}

    async def ends(self, tps: Iterable[TP]) -> Mapping[TP, int]:
        self.asked.append(set(tps))
        if self.is_kafka_gone:
            self.is_kafka_gone = False
            raise KafkaUnavailable("no broker")
        if self.is_answering:
            self.lanes.observe({tp: Horizon(-1, time.monotonic()) for tp in tps})
        return {tp: self.end_offsets[tp] for tp in tps}

    def reached(self, tp: TP) -> int:
        return self.read_to.get(tp, 0)

    def hold(self, tps: Iterable[TP]) -> None:
        self.paused.update(tps)

    def release(self, tps: Iterable[TP]) -> None:
        self.paused.difference_update(tps)

    def commit_places(self, places: Mapping[TP, int]) -> None:
        self.committed.update(places)

    async def _solve(self, request: bytes) -> bytes:
        return b""

    async def _publish(self, depot_id: str, proposal: bytes) -> None:
        """No test asks the solver."""

    async def begin(self) -> None:
        """Seat the lanes, with nothing that would hold a record up."""
        await self.lanes.places(LOGS)
        self.know_all()

    async def save(self, *places: Place) -> None:
        """Save lanes, with Kafka acknowledging everything."""
        saving = asyncio.create_task(self.lanes.save(*places))
        await self.settle()
        await saving

    def know_all(self) -> None:
        """Every log turns out to hold nothing more."""
        self.lanes.observe({tp: Horizon(-1, time.monotonic() + 60) for tp in LOGS})

    async def settle(self) -> None:
        """Let what runs run, with Kafka acknowledging everything."""
        for _ in range(20):
            await asyncio.sleep(0.001)
            self.producer.acknowledge()

    def last_saved(self) -> Checkpoint:
        """The checkpoint that was written last."""
        assembly = Assembly()
        for topic, key, value, _, _ in self.producer.sent:
            if topic == "test.stream.checkpoints":
                assembly.add((key or b"").decode(), value)
        return dict(assembly.newest())["counting/0"].checkpoint


def chunk(tp: TP, *offsets: int, value: bytes = b"", appended_at_ms: int = 1_000) -> Chunk:
    count = len(offsets)
    times = np.full(count, appended_at_ms, np.int64)
    return Chunk(
        tp,
        Columns(np.array(offsets, np.int64), times, [None] * count, [value] * count, count * len(value)),
        1.0,
    )


def saved(judge: str, state_format: int = 4, **next_offsets: int) -> Saved:
    offsets = {name.replace("_", "."): offset for name, offset in next_offsets.items()}
    checkpoint = Checkpoint(
        judge=judge, partition=0, next_offsets=offsets, state=b"7", state_format=state_format
    )
    return Saved(checkpoint, slot=0)


def run(scenario: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(scenario, 10))
