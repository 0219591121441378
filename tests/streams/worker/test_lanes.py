import asyncio
import time
from dataclasses import replace

import pytest
from faust.types import TP

from routing.errors import ConfigurationError
from streams.topics import SCANS
from streams.worker.lanes import FULL_BYTES
from streams.worker.logs import ASK_AGAIN_S
from tests.streams.worker.bed import FIXES, LOGS, PREFIX, TICKED, Bed, chunk, run, saved


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


@pytest.mark.parametrize("found", [3, 5])
def test_a_state_of_another_format_is_refused_naming_both_and_what_to_do(found: int) -> None:
    bed = Bed(saved={"counting/0": saved("counting", state_format=found, gps_fixes=40)})

    with pytest.raises(
        ConfigurationError,
        match=rf"counting/0 on test\.stream\.checkpoints .* format {found}, .* format 4: go on with .*anew",
    ):
        asyncio.run(bed.lanes.places(LOGS))


def test_a_log_that_is_missing_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"test.delivery.scans has no partition 0"):
        asyncio.run(Bed().lanes.places({FIXES, TICKED}))


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
