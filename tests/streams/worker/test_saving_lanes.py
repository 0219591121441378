import asyncio
import time
from itertools import pairwise

from streams.topics import GPS_FIXES
from streams.worker.lanes import RECORDS_A_STEP
from tests.streams.worker.bed import FIXES, LOGS, TICKED, Bed, chunk, run, saved


def test_a_checkpoint_waits_until_kafka_has_what_was_judged() -> None:
    async def scenario() -> None:
        bed = Bed()
        await bed.begin()
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
        await bed.begin()
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


def test_checkpoints_go_into_two_slots_by_turns_beginning_with_the_one_that_is_not_the_newest() -> None:
    async def scenario() -> None:
        bed = Bed(saved={"counting/0": saved("counting")})
        await bed.begin()
        for offset in range(3):
            await bed.lanes.take("counting", chunk(FIXES, offset))
            await bed.save()

        written = [key for topic, key, *_ in bed.producer.sent if topic == "test.stream.checkpoints"]
        assert written == [b"counting/0/1/0", b"counting/0/0/0", b"counting/0/1/0"]

    run(scenario())


def test_what_was_abandoned_is_neither_saved_nor_judged_on() -> None:
    async def scenario() -> None:
        bed = Bed()
        await bed.begin()
        await bed.lanes.take("counting", chunk(FIXES, 0))

        bed.lanes.abandon()
        await bed.lanes.close()
        await bed.lanes.take("counting", chunk(FIXES, 1))

        assert [sent[0] for sent in bed.producer.sent] == ["test.clock.ticks"]

    run(scenario())


def test_what_is_committed_is_covered_by_the_checkpoints_of_all_that_read_it() -> None:
    async def scenario() -> None:
        bed = Bed()
        await bed.begin()
        await bed.lanes.take("counting", chunk(FIXES, 0, 1))
        await bed.lanes.take("other", chunk(TICKED, 0))

        await bed.save(("other", 0))

        assert bed.committed[FIXES] == 0

    run(scenario())


def test_a_checkpoint_that_waits_for_kafka_is_not_written_once_its_lane_was_abandoned() -> None:
    async def scenario() -> None:
        bed = Bed()
        await bed.begin()
        await bed.lanes.take("counting", chunk(FIXES, 0, 1))
        saving = asyncio.create_task(bed.lanes.save())
        await asyncio.sleep(0.05)

        bed.lanes.abandon()
        await bed.settle()
        await saving

        assert {sent[0] for sent in bed.producer.sent} == {"test.clock.ticks"}

    run(scenario())


def test_large_states_are_saved_less_often_and_lanes_one_by_one() -> None:
    async def scenario() -> list[tuple[float, tuple[object, ...]]]:
        bed = Bed()
        await bed.lanes.places(LOGS)
        saves: list[tuple[float, tuple[object, ...]]] = []

        async def save(*places: object) -> float:
            saves.append((time.monotonic(), places))
            return 0.01

        bed.lanes.save = save  # type: ignore[method-assign]
        keeping = asyncio.create_task(bed.lanes.keep_saved(0.01))
        await asyncio.sleep(0.9)
        keeping.cancel()
        return saves

    saves = asyncio.run(scenario())

    assert {places for _, places in saves} == {(("counting", 0),), (("other", 0),)}
    assert all(earlier != later for (_, earlier), (_, later) in pairwise(saves))
    assert min(later - earlier for (earlier, _), (later, _) in pairwise(saves[2:])) >= 0.19
