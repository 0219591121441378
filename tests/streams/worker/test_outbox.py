import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field

import pytest
from msgspec.structs import replace

from routing.errors import ContractError, KafkaUnavailable
from streams.codec import encode
from streams.dead_letters import Headers, Origin
from streams.judge import DeadLetter, Emission
from streams.publish import partition_of
from streams.topics import DEAD_LETTERS, GPS_FIXES, MIB, TICKS
from streams.worker.outbox import Outbox
from streams.worker.ticks import send_ticks, tick
from tests.factories import at
from tests.streams.worker.counting import record


@dataclass
class FakeProducer:
    """Keeps what is sent; acknowledges when told to."""

    sent: list[tuple[str, bytes | None, bytes | None, int | None, Headers | None]] = field(
        default_factory=list
    )
    futures: list[asyncio.Future[object]] = field(default_factory=list)

    async def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        partition: int | None,
        timestamp: float | None,
        headers: Headers | None,
    ) -> Awaitable[object]:
        self.sent.append((topic, key, value, partition, headers))
        self.futures.append(asyncio.get_running_loop().create_future())
        return self.futures[-1]


async def publish(*outputs: Emission | DeadLetter) -> FakeProducer:
    producer = FakeProducer()
    outbox = Outbox(producer, "test.", 4)
    for output in outputs:
        await outbox.publish(output)
    for future in producer.futures:
        future.set_result(None)
    return producer


def test_an_emission_goes_where_its_key_hashes_to() -> None:
    producer = asyncio.run(publish(Emission(TICKS, "van-1", tick(0, at("09:00")))))

    topic, key, _, partition, _ = producer.sent[0]
    assert (topic, key, partition) == ("test.clock.ticks", b"van-1", partition_of("van-1", 4))


def test_a_partition_key_decides_the_partition_and_leaves_the_key() -> None:
    producer = asyncio.run(publish(Emission(TICKS, "shift-9", tick(0, at("09:00")), "van-1")))

    _, key, _, partition, _ = producer.sent[0]
    assert (key, partition) == (b"shift-9", partition_of("van-1", 4))


def test_a_dead_letter_keeps_its_bytes_and_says_where_they_stood() -> None:
    rejected = record(GPS_FIXES, 17, b"[1, \xff]")

    producer = asyncio.run(publish(DeadLetter(rejected, 2, b"\xff", "not a GpsFix")))

    topic, key, value, _, headers = producer.sent[0]
    assert (topic, key, value) == ("test.dead.letters", b"gps.fixes", b"\xff")
    assert headers == [
        ("reason", b"not a GpsFix"),
        ("topic", b"gps.fixes"),
        ("partition", b"0"),
        ("offset", b"17"),
        ("index", b"2"),
    ]


def test_settling_waits_for_every_acknowledgement() -> None:
    async def scenario() -> tuple[bool, bool]:
        producer = FakeProducer()
        outbox = Outbox(producer, "", 1)
        for _ in range(2):
            await outbox.send(TICKS, "key", b"{}")
        settled = asyncio.create_task(outbox.settle())
        producer.futures[0].set_result(None)
        await asyncio.sleep(0.01)
        before = settled.done()
        producer.futures[1].set_result(None)
        await settled
        return before, settled.done()

    assert asyncio.run(scenario()) == (False, True)


def test_a_delivery_that_failed_is_raised_and_not_forgotten() -> None:
    async def scenario() -> None:
        producer = FakeProducer()
        outbox = Outbox(producer, "", 1)
        await outbox.send(TICKS, "key", b"{}")
        producer.futures[0].set_exception(TimeoutError("no answer"))
        with pytest.raises(KafkaUnavailable, match="did not take what was judged: no answer"):
            await outbox.settle()
        with pytest.raises(KafkaUnavailable):
            await outbox.send(TICKS, "key", b"{}")

    asyncio.run(scenario())


def test_what_a_topic_cannot_take_is_refused_naming_the_topic() -> None:
    async def scenario() -> None:
        await Outbox(FakeProducer(), "", 1).send(TICKS, "key", b"x" * 1_048_577)

    with pytest.raises(ContractError, match=r"clock\.ticks allows"):
        asyncio.run(scenario())


def test_ticks_go_to_the_partitions_that_are_judged_here() -> None:
    async def scenario() -> FakeProducer:
        producer = FakeProducer()
        await send_ticks(Outbox(producer, "", 8), [2, 5], at("09:00"))
        for future in producer.futures:
            future.set_result(None)
        return producer

    producer = asyncio.run(scenario())

    assert [(topic, key, partition) for topic, key, _, partition, _ in producer.sent] == [
        ("clock.ticks", None, 2),
        ("clock.ticks", None, 5),
    ]


def test_a_judgement_that_its_topic_cannot_take_becomes_a_dead_letter_and_the_next_one_goes_out() -> None:
    large = replace(tick(0, at("09:00")), source="x" * MIB)

    producer = asyncio.run(
        publish(Emission(TICKS, "van-1", large), Emission(TICKS, "van-1", tick(0, at("09:00"))))
    )

    topic, key, value, _, headers = producer.sent[0]
    assert (topic, key, value) == ("test.dead.letters", b"clock.ticks", encode(large))
    origin = Origin.from_headers(headers or [])
    assert origin.topic == "clock.ticks"
    assert "larger than clock.ticks allows (1048576" in origin.reason
    assert producer.sent[1][0] == "test.clock.ticks"


def test_of_what_not_even_dead_letters_take_the_first_part_is_kept() -> None:
    large = replace(tick(0, at("09:00")), source="x" * 10 * MIB)

    producer = asyncio.run(publish(Emission(TICKS, "van-1", large)))

    topic, _, value, _, headers = producer.sent[0]
    assert topic == "test.dead.letters"
    assert value
    assert encode(large).startswith(value)
    assert 8 * MIB < len(value) < DEAD_LETTERS.max_message_bytes
    size = len(encode(large))
    assert (
        f"only the first {len(value)} of {size} bytes are kept" in Origin.from_headers(headers or []).reason
    )


def test_a_reason_that_quotes_a_key_of_any_length_is_cut() -> None:
    rejected = record(GPS_FIXES, 17, b"{}")

    producer = asyncio.run(publish(DeadLetter(rejected, 0, b"{}", "\ufffd" * 9 * MIB)))

    _, _, value, _, headers = producer.sent[0]
    assert value == b"{}"
    assert len(Origin.from_headers(headers or []).reason) < 3_000
