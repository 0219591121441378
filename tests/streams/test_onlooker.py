from typing import ClassVar

import pytest
from kafka.errors import KafkaConnectionError

from routing.errors import KafkaUnavailable
from streams import onlooker as onlooker_module
from streams.onlooker import onlooker, partitions_of
from streams.topics import ALERTS, PROPOSALS


class FakeConsumer:
    """Of Kafka's consumer what looking on uses; ``known`` are the topics' partitions."""

    known: ClassVar[dict[str, set[int]]] = {}

    def __init__(self, **options: object) -> None:
        self.options = options

    def partitions_for_topic(self, name: str) -> set[int] | None:
        return self.known.get(name)


class Unreachable(FakeConsumer):
    """No broker answers."""

    def __init__(self, **options: object) -> None:
        raise KafkaConnectionError("nobody is there")


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeConsumer:
    monkeypatch.setattr(onlooker_module, "KafkaConsumer", FakeConsumer)
    return onlooker("kafka:9092,kafka:9093", (ALERTS, PROPOSALS))


def test_an_onlooker_joins_no_group_and_commits_nothing(fake: FakeConsumer) -> None:
    assert fake.options["group_id"] is None
    assert fake.options["enable_auto_commit"] is False


def test_an_onlooker_fetches_the_largest_message_that_any_of_its_topics_allows(fake: FakeConsumer) -> None:
    assert fake.options["max_partition_fetch_bytes"] == PROPOSALS.max_message_bytes


def test_partitions_come_in_their_order(fake: FakeConsumer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeConsumer, "known", {"x.fleet.alerts": {2, 0, 1}})

    places = partitions_of(fake, "kafka:9092", "x.fleet.alerts")

    assert [place.partition for place in places] == [0, 1, 2]


def test_a_missing_topic_is_an_error_that_says_how_it_is_made(fake: FakeConsumer) -> None:
    with pytest.raises(KafkaUnavailable, match=r"kafka:9092 has no topic x\.fleet\.alerts.*topics create"):
        partitions_of(fake, "kafka:9092", "x.fleet.alerts")


def test_no_broker_is_an_error_that_names_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onlooker_module, "KafkaConsumer", Unreachable)

    with pytest.raises(KafkaUnavailable, match=r"kafka:9092 can't be read: .*nobody is there"):
        onlooker("kafka:9092", (ALERTS,))
