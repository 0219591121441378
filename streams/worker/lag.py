"""How far the worker is behind, in messages, by what its checkpoints cover."""

from collections.abc import Iterable

from confluent_kafka import Consumer, KafkaException, TopicPartition

from routing.errors import KafkaUnavailable
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
        # It never subscribes, so it is no member. AdminClient may end the process with an assertion of its
        # own when it is asked often on a busy machine.
        self._group = Consumer(
            {
                "bootstrap.servers": bootstrap_servers,
                "group.id": prefix + GROUP,
                "enable.auto.commit": False,
                "log_level": 0,
            }
        )

    def messages(self) -> int:
        """Messages on the input topics that no checkpoint covers. Raises ``KafkaUnavailable``."""
        ranges = {
            (self._prefix + name, partition): places
            for name, state in self._source.states(INPUTS).items()
            for partition, places in state.ranges.items()
        }
        committed = self._committed(ranges)
        return sum(max(0, end - max(first, committed[log])) for log, (first, end) in ranges.items())

    def close(self) -> None:
        """Disconnect."""
        self._source.close()
        self._group.close()

    def _committed(self, logs: Iterable[tuple[str, int]]) -> dict[tuple[str, int], int]:
        """0 where the group committed nothing."""
        try:
            places = self._group.committed([TopicPartition(*log) for log in logs], ANSWER_WITHIN_S)
        except KafkaException as error:
            raise KafkaUnavailable(f"Kafka did not say what the worker committed: {error}") from error
        if failed := next((place for place in places if place.error is not None), None):
            raise KafkaUnavailable(f"Kafka did not say what the worker committed: {failed.error}")
        return {(place.topic, place.partition): max(0, place.offset) for place in places}
