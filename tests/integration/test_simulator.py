"""The simulator on a real Kafka, with a planner of a few lines on the other side."""

import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result
from kafka import KafkaConsumer, TopicPartition

from pipelines.commands.simulate import command
from routing.errors import DoorstepError
from streams.admin import create_topics
from streams.codec import decode, elements
from streams.events.base import derived_id
from streams.events.delivery import OrderEvent, ScanEvent, ScanKind
from streams.events.dispatch import Command, PlanRevision, RouteAssignment
from streams.events.judgements import ClockTick
from streams.publish import Publisher, partition_of
from streams.simulator.city import TIME_ZONE
from streams.simulator.traffic import planned_travel
from streams.simulator.truth import Summary
from streams.topics import COMMANDS, GPS_FIXES, ORDERS, PLANS, ROUTES, SCANS, TELEMETRY, TICKS, Topic
from tests.conftest import Topics
from tests.streams.simulator.planner import plan_greedily, stops_of

pytestmark = pytest.mark.kafka

SMALL_DAY = ("--depots=1", "--vehicles=3", "--orders=14", "--seed=3", "--speed=20000")


Place = tuple[int, bytes | None, bytes]
"""Partition, key and value of a record."""


class Reader:
    """Reads topics from their beginning."""

    def __init__(self, topics: Topics, *wanted: Topic) -> None:
        self._types = {topics.prefix + topic.name: topic.event for topic in wanted}
        self._consumer = KafkaConsumer(
            bootstrap_servers=topics.bootstrap_servers, group_id=None, auto_offset_reset="earliest"
        )
        places = [TopicPartition(name, n) for name in self._types for n in range(topics.partitions)]
        self._consumer.assign(places)
        self._ends = self._consumer.end_offsets(places)

    def poll(self) -> list[Place]:
        polled = self._consumer.poll(timeout_ms=100)
        return [
            (place.partition, record.key, record.value) for place, new in polled.items() for record in new
        ]

    def all(self) -> list[Place]:
        """What was there when this reader was made."""
        records = []
        while any(self._consumer.position(place) < end for place, end in self._ends.items()):
            records += self.poll()
        self.close()
        return records

    def close(self) -> None:
        self._consumer.close()


def elements_of(records: list[Place]) -> list[bytes]:
    """All elements of ``records``; rubbish counts as one."""
    return [
        element for _, _, value in records for element in (elements(value) if value[:1] == b"[" else [value])
    ]


def plan(topics: Topics, is_over: threading.Event) -> None:
    """Answer each wish for a plan once, with the orders known by then."""
    orders: dict[str, OrderEvent] = {}
    answered: set[str] = set()
    order_reader, command_reader = Reader(topics, ORDERS), Reader(topics, COMMANDS)
    publisher = Publisher(topics.bootstrap_servers, topics.prefix, linger_ms=0)
    while not is_over.is_set():
        wishes = [decode(Command, value) for _, _, value in command_reader.poll()]
        for _, _, value in order_reader.poll():
            order = decode(OrderEvent, value)
            orders[order.order_id] = order
        for wish in wishes:
            if wish.command_id not in answered:
                answered.add(wish.command_id)
                answer(publisher, wish, list(orders.values()))
    order_reader.close()
    command_reader.close()
    publisher.close()


def answer(publisher: Publisher, wish: Command, orders: list[OrderEvent]) -> None:
    assert wish.service_date is not None
    travel = planned_travel(wish.service_date, TIME_ZONE)
    routes = plan_greedily(wish.shifts, stops_of(orders), travel)
    publisher.send(
        PLANS,
        wish.depot_id,
        PlanRevision(
            event_id=derived_id("test plan", wish.command_id),
            source="test",
            depot_id=wish.depot_id,
            service_date=wish.service_date,
            revision=1,
            base_revision=None,
            effective_at=wish.issued_at,
            routes=tuple(routes),
            travel=travel,
            reason="test",
        ),
    )
    for route in routes:
        shift = route.shift
        publisher.send(
            ROUTES,
            shift.shift_id,
            RouteAssignment(
                event_id=derived_id("test route", shift.shift_id),
                source="test",
                depot_id=wish.depot_id,
                service_date=wish.service_date,
                vehicle_id=shift.vehicle.vehicle_id,
                shift_id=shift.shift_id,
                revision=1,
                effective_at=wish.issued_at,
                route=route,
                travel=travel,
            ),
            partition_key=shift.vehicle.vehicle_id,
        )
    publisher.flush()


@contextmanager
def planner(topics: Topics) -> Iterator[None]:
    is_over = threading.Event()
    thread = threading.Thread(target=plan, args=(topics, is_over))
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def simulate(topics: Topics, home: Path, *arguments: str) -> Result:
    environment = {
        "DOORSTEP_HOME": str(home),
        "KAFKA_BOOTSTRAP_SERVERS": topics.bootstrap_servers,
        "DOORSTEP_TOPIC_PREFIX": topics.prefix,
        "DOORSTEP_PARTITIONS": str(topics.partitions),
    }
    return CliRunner().invoke(command, [*SMALL_DAY, *arguments], env=environment, catch_exceptions=False)


@dataclass(frozen=True, slots=True)
class Played:
    """A day that was played once, and what was on Kafka afterwards."""

    topics: Topics
    home: Path
    result: Result
    records: dict[Topic, list[Place]]

    def elements(self, topic: Topic) -> list[bytes]:
        """All elements of a topic's records."""
        return elements_of(self.records[topic])


@pytest.fixture(scope="module")
def played(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Played:
    topics, home = Topics(kafka, "played.", 2), tmp_path_factory.mktemp("played")
    create_topics(kafka, topics.prefix, topics.partitions)
    with planner(topics):
        result = simulate(topics, home, "--progress-json")
    records = {topic: Reader(topics, topic).all() for topic in (GPS_FIXES, TELEMETRY, SCANS, ORDERS, TICKS)}
    return Played(topics, home, result, records)


def test_a_day_is_on_kafka_as_the_truth_tells_it(played: Played) -> None:
    summary = msgspec.json.decode((played.home / "truth" / "summary.json").read_bytes(), type=Summary)
    last_word = msgspec.json.decode(played.result.output.splitlines()[-1])

    scans = Counter(decode(ScanEvent, element).kind for element in played.elements(SCANS))

    assert played.result.exit_code == 0
    assert last_word["orders_done"] == scans[ScanKind.DELIVERED] + scans[ScanKind.FAILED]
    assert scans[ScanKind.DELIVERED] == summary.orders["delivered"] >= 10
    assert scans[ScanKind.FAILED] == summary.orders.get("failed", 0)
    for topic in (GPS_FIXES, TELEMETRY, SCANS, ORDERS):
        assert len(played.elements(topic)) == summary.events[topic.name]


def test_a_vehicle_is_in_one_partition_of_all_its_topics(played: Played) -> None:
    places: dict[bytes | None, set[int]] = defaultdict(set)

    for topic in (GPS_FIXES, TELEMETRY, SCANS):
        for partition, key, _ in played.records[topic]:
            places[key].add(partition)

    assert len(places) == 3
    for key, partitions in places.items():
        assert key is not None
        assert partitions == {partition_of(key.decode(), played.topics.partitions)}


def test_ticks_reach_every_partition_in_order(played: Played) -> None:
    ticks: dict[int, list[ClockTick]] = defaultdict(list)

    for partition, _, value in played.records[TICKS]:
        ticks[partition].append(decode(ClockTick, value))

    assert ticks.keys() == set(range(played.topics.partitions))
    for one_partition in ticks.values():
        moments = [tick.now_at for tick in one_partition]
        assert moments == sorted(moments)
        assert moments[-1] - moments[0] > timedelta(hours=12)


def test_the_same_day_played_twice_makes_the_same_events_again(played: Played, tmp_path: Path) -> None:
    with planner(played.topics):
        simulate(played.topics, tmp_path)

    for topic in (GPS_FIXES, TELEMETRY, SCANS, ORDERS):
        once, twice = (
            Counter(played.elements(topic)),
            Counter(elements_of(Reader(played.topics, topic).all())),
        )
        assert twice == Counter({element: 2 * count for element, count in once.items()})


def test_without_a_worker_the_error_says_so(
    topics: Topics, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.simulator.play.PLAN_WITHIN_S", 1.0)

    with pytest.raises(DoorstepError, match="is `doorstep worker` running"):
        simulate(topics, tmp_path)


def test_a_day_that_is_not_over_is_refused(topics: Topics, tmp_path: Path) -> None:
    result = simulate(topics, tmp_path, "--date=2199-01-01")

    assert result.exit_code == 2
    assert "2199-01-01 is not over yet" in result.output
