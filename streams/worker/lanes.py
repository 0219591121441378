"""All lanes of this worker: made at an assignment, fed by the agents, saved, and given up again."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import inf
from time import monotonic

from faust.types import TP

from routing.errors import KafkaUnavailable
from streams.metrics.health import Health
from streams.metrics.worker import WorkerMetrics
from streams.topics import CHECKPOINTS
from streams.worker.checkpoint import CheckpointStore, checkpoint_key, pack
from streams.worker.chunk import Chunk
from streams.worker.lane import Bench, Lane, Step
from streams.worker.logs import ASK_AGAIN_S, Logs, answered
from streams.worker.merge import Horizon
from streams.worker.outbox import Outbox
from streams.worker.runner import Runner, seated
from streams.worker.solving import SolverDesk
from streams.worker.telling import tell

log = logging.getLogger(__name__)

RECORDS_A_STEP = 5_000
"""So many are judged before what was said is sent, and others get their turn in the event loop.

With 1,000 the worker judges a fifth fewer a second where many wait (`doorstep bench streams`).
"""

FULL_BYTES = 16 * 1_048_576
"""A log of which so much waits is not fetched any further until half of it has been judged."""

ASK_EVERY_S = 0.010
"""Kafka is asked where logs end at most so often, and only while a record waits for the answer."""

SAVING_SHARE = 0.05
"""Saving may take this part of the time: large states are saved less often."""

Place = tuple[str, int]
"""A lane by its judge's name and its partition number."""


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
        metrics: WorkerMetrics,
        health: Health,
    ) -> None:
        self._benches = benches
        self._prefix = prefix
        self._logs = logs
        self._store = store
        self._outbox = outbox
        self._desk = desk
        self._on_ready = on_ready
        self._metrics = metrics
        self._health = health
        self._runners: dict[Place, Runner] = {}
        self._paused: set[TP] = set()
        self._saving = asyncio.Lock()
        self._news = asyncio.Event()
        self._held_up = asyncio.Event()

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
        begins = await answered(self._logs.begins, assigned)
        ends = await answered(self._logs.ends, assigned)
        self._paused.clear()
        self._runners = {
            (bench.name, partition): seated(
                bench, partition, saved.get(checkpoint_key(bench.name, partition)), self._prefix, begins, ends
            )
            for bench in self._benches
            for partition in partitions
        }
        self._metrics.assigned(len(partitions))
        self._health.assigned(self._runners, monotonic())
        self._on_ready(len(partitions))
        return self._next_places(self._runners.values())

    def observe(self, horizons: Mapping[TP, Horizon]) -> None:
        """Tell the lanes how far their logs are known."""
        for tp, horizon in horizons.items():
            for runner in self._reading(tp):
                runner.lane.observe(self._plain(tp.topic), horizon)
        if horizons:
            self._news.set()

    async def take(self, name: str, chunk: Chunk) -> None:
        """Judge what is due, now that ``chunk`` has come for the judge called ``name``."""
        runner = self._runners.get((name, chunk.tp.partition))
        if runner is None:
            return  # it was fetched before the partition was given up
        async with runner.lock:
            runner.lane.feed(self._plain(chunk.tp.topic), chunk.columns, chunk.arrived_at_s)
            await self._judge(runner)

    async def follow_news(self) -> None:
        """Judge what became due because other logs turned out to hold nothing earlier; never ends."""
        while True:
            await self._news.wait()
            self._news.clear()
            for runner in list(self._runners.values()):
                async with runner.lock:
                    await self._judge(runner)

    async def ask_ends(self) -> None:
        """Ask Kafka where logs end while records wait for the answer; never ends."""
        while True:
            await self._held_up.wait()
            self._held_up.clear()
            while (ask_at_s := self._ask_at_s()) < inf:
                await asyncio.sleep(max(ASK_EVERY_S, ask_at_s - monotonic()))
                await self._ask()

    async def _ask(self) -> None:
        try:
            await self._logs.ends(self._unknown(monotonic()))
        except KafkaUnavailable as error:
            log.info("%s", error)
            await asyncio.sleep(ASK_AGAIN_S)

    async def keep_saved(self, every_s: float) -> None:
        """Save each lane every ``every_s`` seconds, or less often where that takes long; never ends.

        They are saved one by one, spread over that time, so that records don't wait for all of them.
        """
        round_s = every_s
        while True:
            took_s, runners, begun_s = 0.0, self._runners, monotonic()
            for number, place in enumerate(runners, 1):
                await asyncio.sleep(max(0.0, begun_s + round_s * number / len(runners) - monotonic()))
                if self._runners is not runners:
                    break  # other lanes run here now, and theirs is another round
                took_s += await self.save(place)
            if not runners:
                await asyncio.sleep(every_s)
            round_s = max(every_s, took_s / SAVING_SHARE)

    async def keep_measured(self, every_s: float) -> None:
        """Measure every ``every_s`` seconds; never ends."""
        while True:
            await asyncio.sleep(every_s)
            await self.measure()

    async def measure(self) -> None:
        """Say how much waits, and whether it is dealt with."""
        try:
            ends = await self._logs.ends(set(self._next_places(self._runners.values())))
        except KafkaUnavailable as error:
            self._health.lost_kafka(str(error), monotonic())
            return
        self._health.found_kafka(monotonic())
        for place, runner in self._runners.items():
            lags = self._lags(runner.lane, ends)
            self._metrics.waiting(*place, lags)
            self._health.moved(place, runner.lane.judged_count, any(lags.values()), monotonic())

    async def save(self, *places: Place) -> float:
        """Write a checkpoint of every lane that has moved on, of those at ``places`` where some are named.

        Returns for how many seconds others had to wait.
        """
        async with self._saving:
            runners = [runner for place, runner in self._runners.items() if not places or place in places]
            moved = [runner for runner in runners if runner.lane.judged_count != runner.saved_count]
            took_s = sum([await self._save(runner) for runner in moved])
            if moved:
                await self._outbox.settle()
                self._logs.commit_places(self._saved_places())
            return took_s

    async def close(self) -> None:
        """Save everything and give up the lanes: on a stop, and before partitions go elsewhere."""
        for runner in self._runners.values():
            runner.is_open = False  # nothing is judged after the last checkpoint
        await self.save()
        self.abandon()

    def abandon(self) -> None:
        """Give up the lanes as they are: what they judged since their checkpoints is judged again."""
        for place, runner in self._runners.items():
            runner.is_open = False
            self._desk.forget(place)
        self._runners = {}
        self._health.given_up()

    async def _judge(self, runner: Runner) -> None:
        while runner.is_open:
            step = runner.lane.step(RECORDS_A_STEP)
            if not step.judged:
                break
            self._on_judged(runner, step)
            await self._outbox.room()
        if not runner.is_open:
            return  # it was given up meanwhile: its logs and its questions are another's now
        self._regulate(runner.lane)
        if runner.lane.question() is not None:
            self._held_up.set()
        self._desk.consider((runner.lane.name, runner.lane.partition), runner.lane.pending_requests())

    def _on_judged(self, runner: Runner, step: Step) -> None:
        self._outbox.publish(step.outputs)
        tell(step.outputs)
        if step.run is not None:
            self._metrics.judged(runner.lane.name, step.run, step.outputs)
        if runner.lane.late_count > runner.late_count:
            self._on_late(runner, runner.lane.late_count - runner.late_count)

    def _on_late(self, runner: Runner, count: int) -> None:
        runner.late_count += count
        self._metrics.merged_late(runner.lane.name, runner.lane.partition, count)
        log.warning(
            "%s, partition %d: %d records came after younger ones had been judged; was a broker's clock set?",
            runner.lane.name,
            runner.lane.partition,
            count,
        )

    async def _save(self, runner: Runner) -> float:
        """Write one checkpoint, after Kafka has what was judged before it."""
        lane = runner.lane
        started_s = monotonic()
        async with runner.lock:
            count, checkpoint = lane.judged_count, lane.checkpoint()
            snapshot_s = monotonic() - started_s
        started_s = monotonic()
        records = await asyncio.to_thread(pack, checkpoint, runner.slot)
        took_s = snapshot_s + monotonic() - started_s
        await self._outbox.settle()
        if self._runners.get((lane.name, lane.partition)) is not runner:
            return took_s  # it was given up meanwhile: others may have the partition already
        for key, value in records:
            self._outbox.send_to(CHECKPOINTS, lane.partition, key, value)
        runner.saved_count, runner.slot = count, 1 - runner.slot
        runner.saved_offsets = checkpoint.next_offsets
        self._on_saved(lane, sum(len(value) for _, value in records), took_s)
        return took_s

    def _on_saved(self, lane: Lane, size_bytes: int, took_s: float) -> None:
        self._metrics.saved(lane.name, lane.partition, size_bytes, took_s)
        log.debug("%s/%d: checkpoint of %d bytes in %.3f s", lane.name, lane.partition, size_bytes, took_s)

    def _lags(self, lane: Lane, ends: Mapping[TP, int]) -> dict[str, int]:
        """By topic how many records wait; none where Kafka did not say where the log ends."""
        return {topic: self._lag(lane, topic, ends) for topic in lane.topics}

    def _lag(self, lane: Lane, topic: str, ends: Mapping[TP, int]) -> int:
        tp, offset = TP(self._prefix + topic, lane.partition), lane.next_offsets[topic]
        end = ends.get(tp, offset)
        # A gap at the end, as a transaction's mark leaves, is nothing that could be judged.
        is_all_read = self._logs.reached(tp) >= end and not lane.buffered_bytes(topic)
        return 0 if is_all_read else max(0, end - offset)

    def _ask_at_s(self) -> float:
        """When the first question may be asked; inf: there is none."""
        questions = (runner.lane.question() for runner in self._runners.values())
        return min((question.ask_at_s for question in questions if question is not None), default=inf)

    def _unknown(self, now_s: float) -> set[TP]:
        """The logs to ask about now."""
        found: set[TP] = set()
        for runner in self._runners.values():
            question = runner.lane.question()
            if question is not None and question.ask_at_s <= now_s:
                found |= {TP(self._prefix + topic, runner.lane.partition) for topic in question.topics}
        return found

    def _regulate(self, lane: Lane) -> None:
        """Stop fetching a log when all that read it have plenty waiting, so that none starves another."""
        for topic in lane.topics:
            tp = TP(self._prefix + topic, lane.partition)
            waiting_bytes = min(runner.lane.buffered_bytes(topic) for runner in self._reading(tp))
            if tp in self._paused and waiting_bytes < FULL_BYTES / 2:
                self._paused.discard(tp)
                self._logs.release({tp})
            elif tp not in self._paused and waiting_bytes > FULL_BYTES:
                self._paused.add(tp)
                self._logs.hold({tp})

    def _reading(self, tp: TP) -> list[Runner]:
        topic = self._plain(tp.topic)
        runners = (self._runners.get((b.name, tp.partition)) for b in self._benches if topic in b.topics)
        return [runner for runner in runners if runner is not None]

    def _plain(self, topic: str) -> str:
        return topic.removeprefix(self._prefix)

    def _next_places(self, runners: Iterable[Runner]) -> dict[TP, int]:
        """Where every log is read from: the earliest place at which one of its readers stands."""
        return self._earliest((runner.lane.partition, runner.lane.next_offsets) for runner in runners)

    def _saved_places(self) -> dict[TP, int]:
        """Up to where every log is covered by the checkpoints of all its readers."""
        return self._earliest((each.lane.partition, each.saved_offsets) for each in self._runners.values())

    def _earliest(self, read: Iterable[tuple[int, Mapping[str, int]]]) -> dict[TP, int]:
        places: dict[TP, int] = {}
        for partition, offsets in read:
            for topic, offset in offsets.items():
                tp = TP(self._prefix + topic, partition)
                places[tp] = min(offset, places.get(tp, offset))
        return places
