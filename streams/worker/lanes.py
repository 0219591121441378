"""All lanes of this worker: made at an assignment, fed by the agents, saved, and given up again."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from aiokafka.errors import KafkaError
from faust.types import TP

from routing.errors import ConfigurationError
from streams.judge import Record
from streams.topics import CHECKPOINTS
from streams.worker.checkpoint import Checkpoint, CheckpointStore, checkpoint_key, pack
from streams.worker.lane import Bench, Lane
from streams.worker.merge import Horizon
from streams.worker.outbox import Outbox
from streams.worker.solving import SolverDesk
from streams.worker.transport import Chunk

log = logging.getLogger(__name__)

RECORDS_A_STEP = 200
"""So many are judged before others get their turn in the event loop."""

FULL_BYTES = 16 * 1_048_576
"""A log of which so much waits is not fetched any further until half of it has been judged."""


class Logs(Protocol):
    """What the lanes need of the consumer."""

    async def earliest_offsets(self, *tps: TP) -> Mapping[TP, int]:
        """Where each log begins."""
        ...

    async def highwaters(self, *tps: TP) -> Mapping[TP, int]:
        """Where each log ends."""
        ...

    def pause_partitions(self, tps: Iterable[TP]) -> None:
        """Fetch no further."""
        ...

    def resume_partitions(self, tps: Iterable[TP]) -> None:
        """Fetch again."""
        ...

    async def commit_places(self, places: Mapping[TP, int]) -> None:
        """Publish how far we are."""
        ...


@dataclass(slots=True)
class Runner:
    """A lane, the lock that makes its I/O one thing after the other, and what has been saved of it."""

    lane: Lane
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    saved_count: int = 0
    is_open: bool = True


class Lanes:
    """Runs every bench at every partition number that this worker was given."""

    def __init__(
        self,
        benches: Sequence[Bench],
        prefix: str,
        logs: Logs,
        store: CheckpointStore,
        outbox: Outbox,
        desk: SolverDesk,
        on_ready: Callable[[int], None],
    ) -> None:
        self._benches = benches
        self._prefix = prefix
        self._logs = logs
        self._store = store
        self._outbox = outbox
        self._desk = desk
        self._on_ready = on_ready
        self._runners: dict[tuple[str, int], Runner] = {}
        self._paused: set[TP] = set()
        self._saving = asyncio.Lock()
        self._news = asyncio.Event()

    @property
    def partitions(self) -> list[int]:
        """The partition numbers that are judged here."""
        return sorted({partition for _, partition in self._runners})

    async def places(self, assigned: set[TP]) -> Mapping[TP, int]:
        """Seat the judges with their checkpoints; where each assigned log is to be read from.

        Raises ``ConfigurationError`` where the logs don't fit the checkpoints.
        """
        partitions = {tp.partition for tp in assigned}
        saved = await self._store.read(partitions)
        begins = await self._logs.earliest_offsets(*assigned) if assigned else {}
        ends = await self._logs.highwaters(*assigned) if assigned else {}
        self._paused.clear()
        self._runners = {
            (bench.name, partition): Runner(
                self._lane(bench, partition, saved.get(checkpoint_key(bench.name, partition)), begins, ends)
            )
            for bench in self._benches
            for partition in partitions
        }
        self._on_ready(len(partitions))
        return self._next_places(self._runners.values())

    def observe(self, horizons: Mapping[TP, Horizon]) -> None:
        """Tell the lanes how far their logs are known."""
        for tp, horizon in horizons.items():
            for runner in self._reading(tp):
                runner.lane.observe(self._plain(tp.topic), horizon)
        self._news.set()

    async def take(self, name: str, chunk: Chunk) -> None:
        """Judge what is due, now that ``chunk`` has come for the judge called ``name``."""
        runner = self._runners.get((name, chunk.tp.partition))
        if runner is None:
            return  # it was fetched before the partition was given up
        topic = self._plain(chunk.tp.topic)
        async with runner.lock:
            runner.lane.feed(topic, _records(topic, chunk), chunk.arrived_at_s)
            await self._judge(runner)

    async def follow_news(self) -> None:
        """Judge what became due because other logs turned out to hold nothing earlier; never ends."""
        while True:
            await self._news.wait()
            self._news.clear()
            for runner in list(self._runners.values()):
                if runner.lane.is_waiting or not runner.lane.is_caught_up:
                    async with runner.lock:
                        await self._judge(runner)

    async def save(self) -> None:
        """Write a checkpoint of every lane that has moved on since its last one."""
        async with self._saving:
            moved = [r for r in self._runners.values() if r.lane.judged_count != r.saved_count]
            snapshots = [await self._snapshot(runner) for runner in moved]
            # First what was judged, then the state that takes it for said.
            await self._outbox.settle()
            for runner, (count, checkpoint) in zip(moved, snapshots, strict=True):
                packed = await asyncio.to_thread(pack, checkpoint)
                await self._outbox.send_to(CHECKPOINTS, runner.lane.partition, checkpoint.key, packed)
                runner.saved_count = count
            await self._outbox.settle()
            if moved:
                await self._commit()

    async def close(self) -> None:
        """Save everything and give up the lanes: on a stop, and before partitions go elsewhere."""
        for runner in self._runners.values():
            runner.is_open = False  # nothing is judged after the last checkpoint
        await self.save()
        for place in self._runners:
            self._desk.forget(place)
        self._runners = {}

    async def _judge(self, runner: Runner) -> None:
        lane = runner.lane
        while runner.is_open:
            step = lane.step(RECORDS_A_STEP)
            for output in step.outputs:
                await self._outbox.publish(output)
            if step.judged < RECORDS_A_STEP:
                break
            await asyncio.sleep(0)
        self._regulate(lane)
        self._desk.consider((lane.name, lane.partition), lane.pending_requests())

    async def _snapshot(self, runner: Runner) -> tuple[int, Checkpoint]:
        async with runner.lock:
            return runner.lane.judged_count, runner.lane.checkpoint()

    async def _commit(self) -> None:
        try:
            await self._logs.commit_places(self._next_places(self._runners.values()))
        except KafkaError as error:
            # Only those who measure lag read it; recovery goes by the checkpoint.
            log.warning("the group's offsets were not committed: %r", error)

    def _regulate(self, lane: Lane) -> None:
        """Stop fetching a log when all that read it have plenty waiting, so that none starves another."""
        for topic in lane.topics:
            tp = TP(self._prefix + topic, lane.partition)
            waiting_bytes = min(runner.lane.buffered_bytes(topic) for runner in self._reading(tp))
            if tp in self._paused and waiting_bytes < FULL_BYTES / 2:
                self._paused.discard(tp)
                self._logs.resume_partitions({tp})
            elif tp not in self._paused and waiting_bytes > FULL_BYTES:
                self._paused.add(tp)
                self._logs.pause_partitions({tp})

    def _reading(self, tp: TP) -> list[Runner]:
        topic = self._plain(tp.topic)
        runners = (self._runners.get((b.name, tp.partition)) for b in self._benches if topic in b.topics)
        return [runner for runner in runners if runner is not None]

    def _plain(self, topic: str) -> str:
        return topic.removeprefix(self._prefix)

    def _next_places(self, runners: Iterable[Runner]) -> dict[TP, int]:
        """Where every log is read from: the earliest place at which one of its readers stands."""
        places: dict[TP, int] = {}
        for runner in runners:
            for topic, offset in runner.lane.next_offsets.items():
                tp = TP(self._prefix + topic, runner.lane.partition)
                places[tp] = min(offset, places.get(tp, offset))
        return places

    def _lane(
        self,
        bench: Bench,
        partition: int,
        checkpoint: Checkpoint | None,
        begins: Mapping[TP, int],
        ends: Mapping[TP, int],
    ) -> Lane:
        offsets = {}
        for topic in bench.topics:
            tp = TP(self._prefix + topic, partition)
            if tp not in begins:
                raise ConfigurationError(
                    f"{tp.topic} has no partition {partition}, which the {bench.name} judge reads; "
                    "every topic has the same number of partitions: see 'doorstep topics create'"
                )
            saved = 0 if checkpoint is None else checkpoint.next_offsets.get(topic, 0)
            if saved > ends[tp]:
                raise ConfigurationError(
                    f"the checkpoint {bench.name}/{partition} stands at offset {saved} of {tp.topic}, "
                    f"which ends at {ends[tp]}: that topic was made anew; make {CHECKPOINTS.name} anew too"
                )
            offsets[topic] = max(saved, begins[tp])
            if checkpoint is not None and saved < begins[tp]:
                log.warning("%s: offsets %d to %d were deleted unread", tp, saved, begins[tp] - 1)
        return Lane(bench, partition, offsets, None if checkpoint is None else checkpoint.state)


def _records(topic: str, chunk: Chunk) -> list[Record]:
    """A deletion on a compacted topic has no value; judges see it as empty."""
    partition = chunk.tp.partition
    return [
        Record(topic, partition, record.offset, record.timestamp, record.key, record.value or b"")
        for record in chunk.records
    ]
