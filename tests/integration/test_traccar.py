"""What Traccar forwards, against a real Kafka and through the command line."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import uuid4

import msgspec
import pytest
from click.testing import CliRunner
from confluent_kafka.admin import AdminClient, NewTopic
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord

from pipelines.commands.traccar import command
from streams.dead_letters import Origin
from streams.events.reference import DeviceRecord
from streams.events.telematics import GpsFix, Telemetry
from streams.publish import Publisher
from streams.topics import DEAD_LETTERS, DEVICES, GPS_FIXES, TELEMETRY, Topic
from tests.conftest import Topics
from tests.factories import at
from tests.streams.traccar.messages import message

pytestmark = pytest.mark.kafka


class Traccar:
    """A topic of Traccar's own, and what Doorstep's topics hold."""

    def __init__(self, topics: Topics) -> None:
        self.topics, self.topic = topics, f"positions-{topics.prefix}x"
        admin = AdminClient({"bootstrap.servers": topics.bootstrap_servers})
        admin.create_topics([NewTopic(self.topic, num_partitions=3)])[self.topic].result(10)
        self.producer = KafkaProducer(bootstrap_servers=topics.bootstrap_servers)

    def forward(self, *messages: bytes) -> None:
        for number, value in enumerate(messages):
            self.producer.send(self.topic, value, key=b"12", partition=number % 3).get(10)

    def carry_over(self, topic: str | None = None) -> tuple[int, str]:
        environment = {
            "KAFKA_BOOTSTRAP_SERVERS": self.topics.bootstrap_servers,
            "DOORSTEP_TOPIC_PREFIX": self.topics.prefix,
        }
        done = CliRunner().invoke(command, ["--topic", topic or self.topic, "--once"], env=environment)
        return done.exit_code, done.stderr or repr(done.exception)

    def read(self, topic: Topic) -> list[ConsumerRecord]:
        name = self.topics.prefix + topic.name
        places = [TopicPartition(name, number) for number in range(self.topics.partitions)]
        consumer = KafkaConsumer(
            bootstrap_servers=self.topics.bootstrap_servers, auto_offset_reset="earliest", group_id=None
        )
        try:
            consumer.assign(places)
            ends = consumer.end_offsets(places)
            found: list[ConsumerRecord] = []
            while any(consumer.position(place) < ends[place] for place in places):
                found += [record for batch in consumer.poll(200).values() for record in batch]
            return found
        finally:
            consumer.close()


@pytest.fixture
def traccar(topics: Topics) -> Iterator[Traccar]:
    one = Traccar(topics)
    yield one
    one.producer.close(timeout=5)


def second(number: int) -> str:
    moment: datetime = at("09:00") + timedelta(seconds=number)
    return moment.isoformat()


def test_positions_are_carried_over_once_to_the_vehicle_of_their_device(traccar: Traccar) -> None:
    publisher = Publisher(traccar.topics.bootstrap_servers, traccar.topics.prefix)
    device = DeviceRecord(
        event_id=uuid4(), source="test", device_id="7001", vehicle_id="van-7", effective_at=at("08:00")
    )
    publisher.send(DEVICES, "7001", device)
    publisher.close()
    traccar.forward(
        *(message("7001", fixTime=second(number), attributes={"rpm": 900}) for number in range(4)),
        message("7002", attributes={"rpm": -5}),
        b"rubbish",
    )

    first = traccar.carry_over()
    traccar.forward(message("7001", fixTime=second(4)))
    second_run = traccar.carry_over()

    assert first[0] == second_run[0] == 0, first[1]
    assert "6 messages: 5 fixes, 4 telemetry, 2 to dead.letters" in first[1]
    assert "1 messages: 1 fixes" in second_run[1]
    fixes = [msgspec.json.decode(record.value, type=GpsFix) for record in traccar.read(GPS_FIXES)]
    assert sorted(fix.vehicle_id for fix in fixes) == ["7002", *["van-7"] * 5]
    assert len({fix.event_id for fix in fixes}) == 6
    assert {record.key for record in traccar.read(TELEMETRY)} == {b"van-7"}
    assert msgspec.json.decode(traccar.read(TELEMETRY)[0].value, type=Telemetry).engine_rpm == 900
    beside, origin = sorted(
        (Origin.from_headers(letter.headers) for letter in traccar.read(DEAD_LETTERS)),
        key=lambda origin: origin.partition,
    )
    assert "position.attributes.rpm is -5" in beside.reason
    assert (origin.topic, origin.partition, origin.offset, origin.key) == (traccar.topic, 2, 1, b"12")
    assert "it is not JSON" in origin.reason


def test_a_topic_that_is_not_there_or_is_our_own_is_refused(traccar: Traccar) -> None:
    assert "has no topic nowhere" in traccar.carry_over("nowhere")[1]
    assert "one of Doorstep's own" in traccar.carry_over(traccar.topics.prefix + GPS_FIXES.name)[1]
