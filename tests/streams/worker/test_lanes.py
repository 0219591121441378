import asyncio
import time
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiokafka import ConsumerRecord
from faust.types import TP

from routing.errors import ConfigurationError
from streams.topics import GPS_FIXES, SCANS, TICKS, Topic
from streams.worker.checkpoint import Checkpoint, unpack
from streams.worker.lane import bench
from streams.worker.lanes import FULL_BYTES, Lanes
from streams.worker.merge import Horizon
from streams.worker.outbox import Outbox
from streams.worker.solving import SolverDesk
from streams.worker.transport import Chunk
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

    saved: dict[str, Checkpoint] = field(default_factory=dict)
    begins: dict[TP, int] = field(default_factory=lambda: dict.fromkeys(LOGS, 0))
    ends: dict[TP, int] = field(default_factory=lambda: dict.fromkeys(LOGS, 1_000))
    producer: FakeProducer = field(default_factory=FakeProducer)
    paused: set[TP] = field(default_factory=set)
    committed: dict[TP, int] = field(default_factory=dict)
    ready: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        benches = [bench(CountingJudge()), bench(OtherJudge())]
        desk = SolverDesk(self._solve, self._publish, lambda error: None)
        outbox = Outbox(self.producer, PREFIX, 1)
        self.lanes = Lanes(benches, PREFIX, self, self, outbox, desk, self.ready.append)

    async def read(self, partitions: Iterable[int]) -> Mapping[str, Checkpoint]:
        return self.saved

    async def earliest_offsets(self, *tps: TP) -> Mapping[TP, int]:
        return {tp: self.begins[tp] for tp in tps}

    async def highwaters(self, *tps: TP) -> Mapping[TP, int]:
        return {tp: self.ends[tp] for tp in tps}

    def pause_partitions(self, tps: Iterable[TP]) -> None:
        self.paused.update(tps)

    def resume_partitions(self, tps: Iterable[TP]) -> None:
        self.paused.difference_update(tps)

    async def commit_places(self, places: Mapping[TP, int]) -> None:
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
            for future in self.producer.futures:
                if not future.done():
                    future.set_result(None)


def chunk(tp: TP, *offsets: int, value: bytes = b"") -> Chunk:
    records = [
        ConsumerRecord(tp.topic, tp.partition, n, 1_000, 1, None, value, None, 0, 0, ()) for n in offsets
    ]
    return Chunk(tp, records, 1.0)


def checkpoint(judge: str, **next_offsets: int) -> Checkpoint:
    offsets = {name.replace("_", "."): offset for name, offset in next_offsets.items()}
    return Checkpoint(judge=judge, partition=0, next_offsets=offsets, state=b"7")


def run(scenario: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(scenario, 10))


@pytest.mark.parametrize(("one", "other"), [(5, 9), (9, 5)])
def test_reading_starts_where_the_earlier_of_two_judges_stands(one: int, other: int) -> None:
    bed = Bed(
        saved={
            "counting/0": checkpoint("counting", gps_fixes=40, clock_ticks=one),
            "other/0": checkpoint("other", clock_ticks=other),
        }
    )

    places = asyncio.run(bed.lanes.places(LOGS))

    assert places == {FIXES: 40, TICKED: 5, TP(PREFIX + SCANS.name, 0): 0}
    assert bed.ready == [1]


def test_without_a_checkpoint_reading_starts_where_the_log_begins() -> None:
    bed = Bed()
    bed.begins[FIXES] = 120

    places = asyncio.run(bed.lanes.places(LOGS))

    assert places[FIXES] == 120


def test_offsets_deleted_unread_are_reported(caplog: pytest.LogCaptureFixture) -> None:
    bed = Bed(saved={"counting/0": checkpoint("counting", gps_fixes=40)})
    bed.begins[FIXES] = 120

    places = asyncio.run(bed.lanes.places(LOGS))

    assert places[FIXES] == 120
    assert "offsets 40 to 119 were deleted unread" in caplog.text


def test_a_checkpoint_beyond_the_end_of_its_log_is_refused() -> None:
    bed = Bed(saved={"counting/0": checkpoint("counting", gps_fixes=2_000)})

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
        assert (written[0], written[1]) == ("test.stream.checkpoints", b"counting/0")
        assert unpack(written[2] or b"").next_offsets[GPS_FIXES.name] == 2
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
        taking = asyncio.create_task(bed.lanes.take("counting", chunk(FIXES, *range(1_000))))
        await asyncio.sleep(0)
        closing = asyncio.create_task(bed.lanes.close())
        await bed.settle()
        await asyncio.gather(taking, closing)
        await bed.lanes.take("counting", chunk(FIXES, 1_000))

        saved = unpack(bed.producer.sent[-1][2] or b"").next_offsets[GPS_FIXES.name]
        assert saved == len(bed.producer.sent) - 1 < 1_000
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
