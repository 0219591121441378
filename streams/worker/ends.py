"""Where logs begin and end, asked of Kafka on a connection of its own.

On the connection that fetches, a question would stand behind a fetch that waits for records.
"""

from collections.abc import Iterable

from confluent_kafka import (
    OFFSET_BEGINNING,
    OFFSET_END,
    Consumer,
    KafkaError,
    KafkaException,
    TopicPartition,
)
from faust.types import TP

from routing.errors import KafkaUnavailable

ANSWER_WITHIN_S = 2.0
MISSING = (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC, KafkaError._UNKNOWN_PARTITION)


class LogEnds:
    """Asks one question about many partitions at once. Blocks: to be called in a thread.

    A log that does not exist has no answer. ``KafkaUnavailable`` is raised where asking again may help.
    """

    def __init__(self, servers: str) -> None:
        self._client = Consumer(
            {
                "bootstrap.servers": servers,
                "group.id": "asks-only",  # the client demands one; it never joins
                "enable.auto.commit": False,
                "log_level": 0,
            }
        )

    def earliest(self, tps: Iterable[TP]) -> dict[TP, int]:
        """Where each log begins."""
        return self._ask(tps, OFFSET_BEGINNING)

    def latest(self, tps: Iterable[TP]) -> dict[TP, int]:
        """Where each log ends."""
        return self._ask(tps, OFFSET_END)

    def _ask(self, tps: Iterable[TP], special_offset: int) -> dict[TP, int]:
        # Kafka's own protocol takes the two special offsets for times, before and after all others.
        asked = [TopicPartition(tp.topic, tp.partition, special_offset) for tp in tps]
        try:
            answers = self._client.offsets_for_times(asked, ANSWER_WITHIN_S) if asked else []
        except KafkaException as error:
            raise _no_answer(error.args[0]) from error
        for each in answers:
            if each.error is not None and each.error.code() not in MISSING:
                raise _no_answer(each.error)
        return {TP(each.topic, each.partition): each.offset for each in answers if each.error is None}


def _no_answer(error: KafkaError) -> KafkaUnavailable:
    return KafkaUnavailable(f"Kafka did not say where logs end: {error.str()}")
