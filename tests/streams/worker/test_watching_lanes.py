import asyncio
import time

import pytest

from streams.metrics.health import Condition
from streams.topics import GPS_FIXES, TICKS, Topic
from tests.streams.worker.bed import FIXES, LOGS, TICKED, Bed, chunk, run, saved


def test_records_that_come_late_are_reported(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        bed = Bed()
        await bed.lanes.places(LOGS)
        bed.know_all()
        await bed.lanes.take("counting", chunk(FIXES, 0, appended_at_ms=2_000))
        await bed.lanes.take("counting", chunk(TICKED, 0, 1))

    run(scenario())

    assert "counting, partition 0: 2 records came after younger ones had been judged" in caplog.text


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
