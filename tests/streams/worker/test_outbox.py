import asyncio
from dataclasses import dataclass, field

import pytest
from msgspec.structs import replace

from routing.errors import ContractError, KafkaUnavailable
from streams.codec import encode
from streams.dead_letters import Origin
from streams.judge import DeadLetter, Emission
from streams.publish import partition_of
from streams.topics import DEAD_LETTERS, GPS_FIXES, MIB, TICKS
from streams.worker.outbox import BY_KEY, FULL, KafkaHeaders, OnDelivery, Outbox
from streams.worker.ticks import send_ticks, tick
from tests.factories import at
from tests.streams.worker.counting import record


@dataclass
class FakeProducer:
    """Keeps what is sent; acknowledges when told to, and says so when polled."""

    sent: list[tuple[str, bytes | None, bytes, int, KafkaHeaders | None]] = field(default_factory=list)
    waiting: list[OnDelivery] = field(default_factory=list)
    done: list[tuple[OnDelivery, object]] = field(default_factory=list)
    room_for: int = 1_000_000

    def produce(
        self,
        topic: str,
        value: bytes,
        key: bytes | None,
        partition: int,
        callback: OnDelivery,
        *,
        headers: KafkaHeaders | None = None,
    ) -> None:
        if len(self) >= self.room_for:
            raise BufferError("the queue is full")
        self.sent.append((topic, key, value, partition, headers))
        self.waiting.append(callback)

    def poll(self, timeout: float) -> int:
        done, self.done = self.done, []
        for callback, error in done:
            callback(error, None)
        if timeout:  # whoever waits gives Kafka the time to acknowledge
            self.acknowledge()
        return len(done)

    def __len__(self) -> int:
        return len(self.waiting) + len(self.done)

    def acknowledge(self, count: int = 1_000_000, error: object = None) -> None:
        """Kafka has the first ``count`` messages, or refuses them with ``error``."""
        self.done += [(callback, error) for callback in self.waiting[:count]]
        del self.waiting[:count]


def publish(*outputs: Emission | DeadLetter) -> FakeProducer:
    producer = FakeProducer()
    Outbox(producer, "test.", 4).publish(outputs)
    return producer


def origin_of(headers: KafkaHeaders | None) -> Origin:
    return Origin.from_headers(
        (name, content) for name, content in headers or () if isinstance(content, bytes)
    )


def test_an_emission_goes_where_its_key_hashes_to() -> None:
    producer = publish(Emission(TICKS, "van-1", tick(0, at("09:00"))))

    topic, key, _, partition, _ = producer.sent[0]
    assert (topic, key, partition) == ("test.clock.ticks", b"van-1", BY_KEY)


def test_a_partition_key_decides_the_partition_and_leaves_the_key() -> None:
    producer = publish(Emission(TICKS, "shift-9", tick(0, at("09:00")), "van-1"))

    _, key, _, partition, _ = producer.sent[0]
    assert (key, partition) == (b"shift-9", partition_of("van-1", 4))


def test_a_dead_letter_keeps_its_bytes_and_says_where_they_stood() -> None:
    rejected = record(GPS_FIXES, 17, b"[1, \xff]")

    producer = publish(DeadLetter(rejected, 2, b"\xff", "not a GpsFix"))

    topic, key, value, _, headers = producer.sent[0]
    assert (topic, key, value) == ("test.dead.letters", b"gps.fixes", b"\xff")
    assert headers == [
        ("reason", b"not a GpsFix"),
        ("topic", b"gps.fixes"),
        ("partition", b"0"),
        ("offset", b"17"),
        ("index", b"2"),
    ]


def test_settling_waits_for_every_acknowledgement_of_what_was_sent_before_and_no_other() -> None:
    async def scenario() -> tuple[bool, bool]:
        producer = FakeProducer()
        outbox = Outbox(producer, "", 1)
        for _ in range(2):
            outbox.send(TICKS, "key", b"{}")
        settled = asyncio.create_task(outbox.settle())
        await asyncio.sleep(0.01)
        outbox.send(TICKS, "key", b"sent later")
        producer.acknowledge(1)
        await asyncio.sleep(0.01)
        before = settled.done()
        producer.acknowledge(1)
        await settled
        return before, len(producer) == 1

    assert asyncio.run(scenario()) == (False, True)


def test_a_second_settlement_waits_for_what_the_first_still_waits_for() -> None:
    async def scenario() -> bool:
        producer = FakeProducer()
        outbox = Outbox(producer, "", 1)
        outbox.send(TICKS, "key", b"{}")
        first = asyncio.create_task(outbox.settle())
        await asyncio.sleep(0.01)
        second = asyncio.create_task(outbox.settle())
        await asyncio.sleep(0.01)
        is_done_early = second.done()
        producer.acknowledge()
        await asyncio.gather(first, second)
        return is_done_early

    assert not asyncio.run(scenario())


def test_a_delivery_that_failed_is_raised_and_not_forgotten() -> None:
    async def scenario() -> None:
        producer = FakeProducer()
        outbox = Outbox(producer, "", 1)
        outbox.send(TICKS, "key", b"{}")
        producer.acknowledge(error="no such topic")
        with pytest.raises(KafkaUnavailable, match="did not take what was judged: no such topic"):
            await outbox.settle()
        with pytest.raises(KafkaUnavailable):
            outbox.send(TICKS, "key", b"{}")
        with pytest.raises(KafkaUnavailable):
            await outbox.room()

    asyncio.run(scenario())


def test_nothing_more_is_judged_while_much_is_on_its_way() -> None:
    async def scenario() -> tuple[bool, bool]:
        producer = FakeProducer()
        outbox = Outbox(producer, "", 1)
        for _ in range(FULL + 1):
            outbox.send(TICKS, "key", b"{}")
        room = asyncio.create_task(outbox.room())
        await asyncio.sleep(0.01)
        before = room.done()
        producer.acknowledge(1)
        await room
        return before, room.done()

    assert asyncio.run(scenario()) == (False, True)


def test_a_full_client_is_waited_for() -> None:
    producer = FakeProducer(room_for=1)
    outbox = Outbox(producer, "", 1)

    outbox.send(TICKS, "key", b"1")
    outbox.send(TICKS, "key", b"2")

    assert [value for _, _, value, _, _ in producer.sent] == [b"1", b"2"]


def test_what_a_topic_cannot_take_is_refused_naming_the_topic() -> None:
    outbox = Outbox(FakeProducer(), "", 1)

    with pytest.raises(ContractError, match=r"clock\.ticks allows"):
        outbox.send(TICKS, "key", b"x" * 1_048_577)


def test_ticks_go_to_the_partitions_that_are_judged_here() -> None:
    producer = FakeProducer()

    send_ticks(Outbox(producer, "", 8), [2, 5], at("09:00"))

    assert [(topic, key, partition) for topic, key, _, partition, _ in producer.sent] == [
        ("clock.ticks", None, 2),
        ("clock.ticks", None, 5),
    ]


def test_a_judgement_that_its_topic_cannot_take_becomes_a_dead_letter_and_the_next_one_goes_out() -> None:
    large = replace(tick(0, at("09:00")), source="x" * MIB)

    producer = publish(Emission(TICKS, "van-1", large), Emission(TICKS, "van-1", tick(0, at("09:00"))))

    topic, key, value, _, headers = producer.sent[0]
    assert (topic, key, value) == ("test.dead.letters", b"clock.ticks", encode(large))
    origin = origin_of(headers)
    assert origin.topic == "clock.ticks"
    assert "larger than clock.ticks allows (1048576" in origin.reason
    assert producer.sent[1][0] == "test.clock.ticks"


def test_of_what_not_even_dead_letters_take_the_first_part_is_kept() -> None:
    large = replace(tick(0, at("09:00")), source="x" * 10 * MIB)

    producer = publish(Emission(TICKS, "van-1", large))

    topic, _, value, _, headers = producer.sent[0]
    assert topic == "test.dead.letters"
    assert value
    assert encode(large).startswith(value)
    assert 8 * MIB < len(value) < DEAD_LETTERS.max_message_bytes
    size = len(encode(large))
    assert f"only the first {len(value)} of {size} bytes are kept" in origin_of(headers).reason


def test_a_reason_that_quotes_a_key_of_any_length_is_cut() -> None:
    rejected = record(GPS_FIXES, 17, b"{}")

    producer = publish(DeadLetter(rejected, 0, b"{}", "\ufffd" * 9 * MIB))

    _, _, value, _, headers = producer.sent[0]
    assert value == b"{}"
    assert len(origin_of(headers).reason) < 3_000
