import pytest

from streams.admin import TopicState, create_topics
from streams.topics import TOPICS

pytestmark = pytest.mark.kafka


def test_creates_every_topic_of_the_table_once(kafka: str, topic_prefix: str) -> None:
    first = create_topics(kafka, topic_prefix, partitions=2)

    second = create_topics(kafka, topic_prefix, partitions=2)

    assert [report.name for report in first] == [topic_prefix + topic.name for topic in TOPICS]
    assert {report.state for report in first} == {TopicState.CREATED}
    assert {report.state for report in second} == {TopicState.PRESENT}
