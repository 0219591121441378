"""How far the worker is behind, in messages, by what its checkpoints cover."""

from confluent_kafka import ConsumerGroupTopicPartitions
from confluent_kafka.admin import AdminClient

from streams.lake.source import KafkaSource
from streams.topics import DISPATCH_INPUTS, FLEET_INPUTS, Topic
from streams.worker.app import GROUP

INPUTS: tuple[Topic, ...] = tuple(dict.fromkeys(FLEET_INPUTS + DISPATCH_INPUTS))
ANSWER_WITHIN_S = 10.0


class WorkerLag:
    """Asks Kafka for the ends of the worker's input topics and for the offsets its group committed."""

    def __init__(self, bootstrap_servers: str, prefix: str) -> None:
        self._prefix = prefix
        self._source = KafkaSource(bootstrap_servers, prefix)
        self._admin = AdminClient({"bootstrap.servers": bootstrap_servers, "log_level": 0})

    def messages(self) -> int:
        """Messages on the input topics that no checkpoint covers. Raises ``KafkaUnavailable``."""
        committed = self._committed()
        return sum(
            max(0, end - max(first, committed.get((self._prefix + name, partition), 0)))
            for name, state in self._source.states(INPUTS).items()
            for partition, (first, end) in state.ranges.items()
        )

    def close(self) -> None:
        """Disconnect."""
        self._source.close()

    def _committed(self) -> dict[tuple[str, int], int]:
        group = self._prefix + GROUP
        request = [ConsumerGroupTopicPartitions(group)]
        answer = self._admin.list_consumer_group_offsets(request, request_timeout=ANSWER_WITHIN_S)
        places = answer[group].result().topic_partitions or []
        return {(place.topic, place.partition): place.offset for place in places if place.offset >= 0}
