from time import monotonic, sleep

import pytest
from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, Producer
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from routing.errors import ConfigurationError
from streams.admin import TopicState, create_topics, require_topics
from streams.topics import TOPICS

pytestmark = pytest.mark.kafka


def test_creates_every_topic_of_the_table_once(kafka: str, topic_prefix: str) -> None:
    first = create_topics(kafka, topic_prefix, partitions=2)

    second = create_topics(kafka, topic_prefix, partitions=2)

    assert [report.name for report in first] == [topic_prefix + topic.name for topic in TOPICS]
    assert {report.state for report in first} == {TopicState.CREATED}
    assert {report.state for report in second} == {TopicState.PRESENT}


def test_a_configuration_that_was_changed_is_set_back_to_the_table(kafka: str, topic_prefix: str) -> None:
    create_topics(kafka, topic_prefix, partitions=1)
    _set(kafka, topic_prefix + "gps.fixes", "retention.ms", "1000")

    reports = {report.name: report for report in create_topics(kafka, topic_prefix, partitions=1)}

    assert reports[topic_prefix + "gps.fixes"].state is TopicState.ALTERED
    assert reports[topic_prefix + "gps.fixes"].detail == "retention.ms 1000 -> 604800000"
    assert reports[topic_prefix + "delivery.scans"].state is TopicState.PRESENT


def test_a_topic_with_other_partitions_is_left_alone_and_reported(kafka: str, topic_prefix: str) -> None:
    create_topics(kafka, topic_prefix, partitions=1)

    reports = create_topics(kafka, topic_prefix, partitions=3)

    assert {report.state for report in reports} == {TopicState.DIFFERS}
    assert "it has 1 partitions, not 3" in reports[0].detail


def test_missing_topics_are_named_with_the_command_that_makes_them(kafka: str, topic_prefix: str) -> None:
    with pytest.raises(ConfigurationError, match=r"lacks \d+ topics, .*gps.fixes.*doorstep topics create"):
        require_topics(kafka, topic_prefix, partitions=1)


def test_topics_with_other_partitions_than_set_are_named(kafka: str, topic_prefix: str) -> None:
    create_topics(kafka, topic_prefix, partitions=1)

    require_topics(kafka, topic_prefix, partitions=1)

    with pytest.raises(ConfigurationError, match=r"DOORSTEP_PARTITIONS is 3, but .*gps.fixes has 1"):
        require_topics(kafka, topic_prefix, partitions=3)


def test_topics_keep_the_time_of_their_append(kafka: str, topic_prefix: str) -> None:
    create_topics(kafka, topic_prefix, partitions=1)
    long_ago_ms = 1_000_000_000_000
    producer = Producer({"bootstrap.servers": kafka})

    appended: list[tuple[int, int]] = []
    producer.produce(
        topic_prefix + "gps.fixes",
        b"{}",
        timestamp=long_ago_ms,
        on_delivery=lambda _, message: appended.append(message.timestamp()),
    )
    producer.flush(20)

    [(kind, timestamp_ms)] = appended
    assert kind == TIMESTAMP_LOG_APPEND_TIME
    assert timestamp_ms > long_ago_ms


def _set(bootstrap_servers: str, topic: str, key: str, value: str) -> None:
    entry = ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    client = AdminClient({"bootstrap.servers": bootstrap_servers})
    client.incremental_alter_configs([resource])[resource].result(timeout=20)
    deadline = monotonic() + 20
    while client.describe_configs([resource])[resource].result(timeout=20)[key].value != value:
        assert monotonic() < deadline
        sleep(0.05)
