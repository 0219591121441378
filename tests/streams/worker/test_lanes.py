import asyncio
import time
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from faust.types import TP

from routing.errors import ConfigurationError, KafkaUnavailable
from streams.metrics.health import Condition, Health
from streams.metrics.worker import WorkerMetrics
from streams.topics import GPS_FIXES, SCANS, TICKS, Topic
from streams.worker.checkpoint import Assembly, Checkpoint, Saved
from streams.worker.chunk import Chunk, Columns
from streams.worker.lane import bench
from streams.worker.lanes import FULL_BYTES, RECORDS_A_STEP, Lanes
from streams.worker.logs import ASK_AGAIN_S
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


def saved(judge: str, **next_offsets: int) -> Saved:
    offsets = {name.replace("_", "."): offset for name, offset in next_offsets.items()}
    return Saved(Checkpoint(judge=judge, partition=0, next_offsets=offsets, state=b"7"), slot=0)


def run(scenario: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(scenario, 10))


@pytest.mark.parametrize(("one", "other"), [(5, 9), (9, 5)])
def test_reading_starts_where_the_earlier_of_two_judges_stands(one: int, other: int) -> None:
    bed = Bed(
        saved={
            "counting/0": saved("counting", gps_fixes=40, clock_ticks=one),
            "other/0": saved("other", clock_ticks=other),
        }
    )

    places = asyncio.run(bed.lanes.places(LOGS))

    assert places == {FIXES: 40, TICKED: 5, TP(PREFIX + SCANS.name, 0): 0}
    assert bed.ready == [1]


def test_without_a_checkpoint_reading_starts_where_the_log_begins() -> None:
    bed = Bed()
    bed.begin_offsets[FIXES] = 120

    places = asyncio.run(bed.lanes.places(LOGS))

    assert places[FIXES] == 120


def test_offsets_deleted_unread_are_reported(caplog: pytest.LogCaptureFixture) -> None:
    bed = Bed(saved={"counting/0": saved("counting", gps_fixes=40)})
    bed.begin_offsets[FIXES] = 120

    places = asyncio.run(bed.lanes.places(LOGS))

    assert places[FIXES] == 120
    assert "offsets 40 to 119 were deleted unread" in caplog.text


def test_a_checkpoint_beyond_the_end_of_its_log_is_refused() -> None:
    bed = Bed(saved={"counting/0": saved("counting", gps_fixes=2_000)})

    with pytest.raises(ConfigurationError, match=r"offset 2000 of test.gps.fixes, which ends at 1000"):
        asyncio.run(bed.lanes.places(LOGS))


def test_a_log_that_is_missing_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"test.delivery.scans has no partition 0"):
        asyncio.run(Bed().lanes.places({FIXES, TICKED}))


def test_a_checkpoint_waits_until_kafka_has_what_was_judged() -> None:
    async def scenario() -> None:
        bed = Bed()
        await bed.lanes.places(LOGS)
        bed.know_all()
        await bed.lanes.take("counting", chunk(FIXES, 0, 1))

        saving = asyncio.create_task(bed.lanes.save())
        await asyncio.sleep(0.05)
        before = [sent[0] for sent in bed.producer.sent]
        await bed.settle()
        await saving

        assert before == ["test.clock.ticks"] * 2
        written = bed.producer.sent[-1]
        assert (written[0], written[1]) == ("test.stream.checkpoints", b"counting/0/0/0")
        assert bed.last_saved().next_offsets[GPS_FIXES.name] == 2
        assert bed.committed[FIXES] == 2

    run(scenario())


def test_a_lane_that_has_not_moved_is_not_saved_again() -> None:
    async def scenario() -> None:
        bed = Bed()
        await bed.lanes.places(LOGS)

        await bed.lanes.save()

        assert bed.producer.sent == []

    run(scenario())


def test_nothing_is_judged_after_the_last_checkpoint() -> None:
    async def scenario() -> None:
        bed = Bed()
        await bed.lanes.places(LOGS)
        bed.know_all()
        taking = asyncio.create_task(bed.lanes.take("counting", chunk(FIXES, *range(3 * RECORDS_A_STEP))))
        await asyncio.sleep(0)
        closing = asyncio.create_task(bed.lanes.close())
        await bed.settle()
        await asyncio.gather(taking, closing)
        await bed.lanes.take("counting", chunk(FIXES, 3 * RECORDS_A_STEP))

        reflected = bed.last_saved().next_offsets[GPS_FIXES.name]
        assert reflected == len(bed.producer.sent) - 1 < 3 * RECORDS_A_STEP
        assert bed.lanes.partitions == []

    run(scenario())


def test_a_record_is_judged_when_the_other_logs_are_known_without_another_chunk() -> None:
    async def scenario() -> None:
        bed = Bed()
        await bed.lanes.places(LOGS)
        following = asyncio.create_task(bed.lanes.follow_news())
        await bed.lanes.take("counting", chunk(FIXES, 0))
        before = len(bed.producer.sent)

        bed.know_all()
        await bed.settle()
        following.cancel()

        assert (before, len(bed.producer.sent)) == (0, 1)

    run(scenario())


def test_a_log_is_fetched_no_further_while_much_of_it_waits() -> None:
    async def scenario() -> None:
        bed = Bed()
        await bed.lanes.places(LOGS)

        await bed.lanes.take("counting", chunk(FIXES, *range(20), value=b"x" * (FULL_BYTES // 15)))
        while_waiting = set(bed.paused)
        bed.know_all()
        following = asyncio.create_task(bed.lanes.follow_news())
        await bed.settle()
        following.cancel()

        assert while_waiting == {FIXES}
        assert bed.paused == set()

    run(scenario())


def test_a_log_of_two_judges_is_fetched_while_one_of_them_needs_it() -> None:
    async def scenario() -> None:
        bed = Bed()
        await bed.lanes.places(LOGS)

        await bed.lanes.take("counting", chunk(TICKED, *range(20), value=b"x" * (FULL_BYTES // 15)))

        assert bed.paused == set()

    run(scenario())


def test_checkpoints_go_into_two_slots_by_turns_beginning_with_the_one_that_is_not_the_newest() -> None:
    async def scenario() -> None:
        bed = Bed(saved={"counting/0": saved("counting")})
        await bed.lanes.places(LOGS)
        bed.know_all()
        for offset in range(3):
            await bed.lanes.take("counting", chunk(FIXES, offset))
            saving = asyncio.create_task(bed.lanes.save())
            await bed.settle()
            await saving

        written = [key for topic, key, *_ in bed.producer.sent if topic == "test.stream.checkpoints"]
        assert written == [b"counting/0/1/0", b"counting/0/0/0", b"counting/0/1/0"]

    run(scenario())


def test_kafka_is_asked_for_the_ends_that_a_record_waits_for_and_for_no_others() -> None:
    async def scenario() -> None:
        bed = Bed(is_answering=True)
        await bed.lanes.places(LOGS)
        bed.asked.clear()
        following = [asyncio.create_task(bed.lanes.follow_news()), asyncio.create_task(bed.lanes.ask_ends())]
        await bed.settle()
        before = list(bed.asked)

        arrived = replace(chunk(FIXES, 0), arrived_at_s=time.monotonic())
        await bed.lanes.take("counting", arrived)
        await asyncio.sleep(0.05)
        for task in following:
            task.cancel()

        assert before == []
        assert bed.asked == [LOGS - {FIXES}]
        assert len(bed.producer.sent) == 1

    run(scenario())


def test_kafka_is_asked_again_when_it_was_gone() -> None:
    async def scenario() -> None:
        bed = Bed()
        await bed.lanes.places(LOGS)
        bed.is_answering = bed.is_kafka_gone = True
        following = [asyncio.create_task(bed.lanes.follow_news()), asyncio.create_task(bed.lanes.ask_ends())]

        await bed.lanes.take("counting", replace(chunk(FIXES, 0), arrived_at_s=time.monotonic()))
        await asyncio.sleep(ASK_AGAIN_S + 0.1)
        for task in following:
            task.cancel()

        assert len(bed.producer.sent) == 1

    run(scenario())


def test_what_was_abandoned_is_neither_saved_nor_judged_on() -> None:
    async def scenario() -> None:
        bed = Bed()
        await bed.lanes.places(LOGS)
        bed.know_all()
        await bed.lanes.take("counting", chunk(FIXES, 0))

        bed.lanes.abandon()
        await bed.lanes.close()
        await bed.lanes.take("counting", chunk(FIXES, 1))

        assert [sent[0] for sent in bed.producer.sent] == ["test.clock.ticks"]

    run(scenario())


def test_what_is_abandoned_while_it_is_judged_ends_in_peace() -> None:
    async def scenario() -> None:
        bed = Bed()
        await bed.lanes.places(LOGS)
        bed.know_all()
        taking = [
            asyncio.create_task(bed.lanes.take("counting", chunk(FIXES, number))) for number in range(2)
        ]
        await asyncio.sleep(0)

        bed.lanes.abandon()
        await bed.settle()
        await asyncio.gather(*taking)

        assert bed.lanes.partitions == []

    run(scenario())


def test_records_that_come_late_are_reported(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        bed = Bed()
        await bed.lanes.places(LOGS)
        bed.know_all()
        await bed.lanes.take("counting", chunk(FIXES, 0, appended_at_ms=2_000))
        await bed.lanes.take("counting", chunk(TICKED, 0, 1))

    run(scenario())

    assert "counting, partition 0: 2 records came after younger ones had been judged" in caplog.text


def test_large_states_are_saved_less_often() -> None:
    async def scenario() -> list[float]:
        bed = Bed()
        pauses: list[float] = []

        async def save() -> float:
            pauses.append(time.monotonic())
            return 0.01

        bed.lanes.save = save  # type: ignore[method-assign]
        keeping = asyncio.create_task(bed.lanes.keep_saved(0.01))
        await asyncio.sleep(0.35)
        keeping.cancel()
        return [later - earlier for earlier, later in pairwise(pauses)]

    assert min(asyncio.run(scenario())) >= 0.19


def lag(bed: Bed, judge: str, topic: Topic) -> float | None:
    labels = {"judge": judge, "partition": "0", "topic": topic.name}
    return bed.metrics.registry.get_sample_value("doorstep_lag_records", labels)


def test_what_waits_is_measured_for_each_judge() -> None:
    async def scenario() -> Bed:
        bed = Bed(saved={"other/0": saved("other", **{TICKS.name: 990})})
        await bed.lanes.places(LOGS)
        await bed.lanes.measure()
        return bed

    bed = asyncio.run(scenario())

    assert lag(bed, "counting", TICKS) == 1_000
    assert lag(bed, "other", TICKS) == 10


def health_later(bed: Bed) -> Condition:
    """In 31 s, when the process is still there."""
    later_s = time.monotonic() + 31
    bed.health.found_kafka(later_s)
    return bed.health.health(later_s)


def test_records_that_wait_unjudged_make_it_unhealthy_until_they_are_judged() -> None:
    async def scenario() -> tuple[Bed, Condition]:
        bed = Bed(end_offsets={**dict.fromkeys(LOGS, 0), FIXES: 3})
        await bed.lanes.places(LOGS)
        await bed.lanes.measure()
        before = health_later(bed)
        following = asyncio.create_task(bed.lanes.follow_news())
        await bed.lanes.take("counting", chunk(FIXES, 0, 1, 2))
        bed.know_all()
        await bed.settle()
        following.cancel()
        await bed.lanes.measure()
        return bed, before

    bed, before = asyncio.run(scenario())

    assert "records wait and none is dealt with: counting/0" in before.words
    assert health_later(bed).is_good
    assert lag(bed, "counting", GPS_FIXES) == 0
    events = {"topic": GPS_FIXES.name, "outcome": "accepted"}
    assert bed.metrics.registry.get_sample_value("doorstep_events_total", events) == 3


def test_a_gap_at_the_end_of_a_log_is_nothing_that_waits() -> None:
    # offsets   0    1    2
    #           fix  fix  the mark of a transaction
    async def scenario() -> Bed:
        bed = Bed(end_offsets={**dict.fromkeys(LOGS, 0), FIXES: 3})
        await bed.lanes.places(LOGS)
        await bed.lanes.take("counting", chunk(FIXES, 0, 1))
        bed.read_to[FIXES] = 3
        await bed.lanes.measure()
        assert lag(bed, "counting", GPS_FIXES) == 3
        bed.know_all()
        await bed.lanes.take("counting", chunk(FIXES, 0, 1))
        await bed.lanes.measure()
        return bed

    bed = asyncio.run(scenario())

    assert lag(bed, "counting", GPS_FIXES) == 0
    assert health_later(bed).is_good


def test_without_kafka_it_is_not_ready() -> None:
    async def scenario() -> tuple[Condition, Condition]:
        bed = Bed()
        await bed.lanes.places(LOGS)
        bed.is_kafka_gone = True
        await bed.lanes.measure()
        gone = bed.health.readiness(time.monotonic())
        await bed.lanes.measure()
        return gone, bed.health.readiness(time.monotonic())

    gone, back = asyncio.run(scenario())

    assert (gone.is_good, gone.words) == (False, "no broker")
    assert back.is_good
