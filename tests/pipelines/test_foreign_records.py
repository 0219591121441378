"""Readers of the streams' output beside the judges: one foreign record must not end them."""

from dataclasses import dataclass

import pytest
from kafka import TopicPartition

from pipelines.demo.progress import Snapshot
from pipelines.demo.watch import Watch
from streams import onlooker
from streams.codec import encode
from streams.simulator.listen import DispatchListener
from streams.topics import ALERTS, PROPOSALS, ROUTES
from tests.streams.dispatch.world import World, command, depot_record, order, proposal


@dataclass
class FakeRecord:
    value: bytes | None


class FakeConsumer:
    """Gives these records to one poll; of Kafka's consumer only what the readers use."""

    records: dict[TopicPartition, list[FakeRecord]]

    def __init__(self, **options: object) -> None:
        self.assigned: list[TopicPartition] = []

    def partitions_for_topic(self, name: str) -> set[int]:
        return {0}

    def assign(self, places: list[TopicPartition]) -> None:
        self.assigned = places

    def poll(self, timeout_ms: int) -> dict[TopicPartition, list[FakeRecord]]:
        return self.records

    def close(self) -> None:
        self.assigned = []


def test_the_simulated_city_hears_what_is_beside_a_foreign_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    world.say(depot_record(), order(), command())
    answer = proposal(world.pending)
    monkeypatch.setattr(onlooker, "KafkaConsumer", FakeConsumer)
    FakeConsumer.records = {
        TopicPartition(PROPOSALS.name, 0): [FakeRecord(b"nonsense"), FakeRecord(encode(answer))],
        TopicPartition(ROUTES.name, 0): [FakeRecord(None)],
    }

    heard = DispatchListener("kafka:9092").poll()

    assert heard == [answer]


def test_the_demo_counts_what_stands_beside_a_foreign_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onlooker, "KafkaConsumer", FakeConsumer)
    FakeConsumer.records = {TopicPartition(ALERTS.name, 0): [FakeRecord(b"nonsense"), FakeRecord(None)]}

    with Watch("kafka:9092", "") as watching:
        counted = watching.count(Snapshot())

    assert counted == Snapshot()
