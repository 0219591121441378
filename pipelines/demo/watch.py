"""Reads what the streams conclude, and how far the worker is behind, for the demo's display."""

from types import TracebackType

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition

from pipelines.demo.progress import Snapshot, tally
from streams.codec import decode
from streams.topics import ALERTS, DELAYS, DISPATCH_INPUTS, FLEET_INPUTS, OUTCOMES, PROPOSALS, VISITS, Topic
from streams.worker.app import GROUP

WATCHED: tuple[Topic, ...] = (DELAYS, VISITS, ALERTS, PROPOSALS, OUTCOMES)


class Watch:
    """Counts the streams' output from the beginning, without joining a group."""

    def __init__(self, bootstrap_servers: str, prefix: str, partitions: int) -> None:
        self._group = prefix + GROUP
        self._by_name = {prefix + topic.name: topic for topic in WATCHED}
        self._consumer = KafkaConsumer(
            bootstrap_servers=bootstrap_servers, auto_offset_reset="earliest", group_id=None
        )
        self._consumer.assign([TopicPartition(name, p) for name in self._by_name for p in range(partitions)])
        self._admin = KafkaAdminClient(bootstrap_servers=bootstrap_servers)
        names = {prefix + topic.name for topic in FLEET_INPUTS + DISPATCH_INPUTS}
        self._inputs = [TopicPartition(name, p) for name in sorted(names) for p in range(partitions)]

    def count(self, counts: Snapshot) -> Snapshot:
        """``counts`` with what has come since the last call."""
        for partition, records in self._consumer.poll(timeout_ms=0).items():
            event_type = self._by_name[partition.topic].event
            if event_type is not None:
                for record in records:
                    counts = tally(counts, decode(event_type, record.value))
        return counts

    def lag(self) -> int:
        """Messages that the worker has not accounted for in a checkpoint."""
        ends = self._consumer.end_offsets(self._inputs)
        committed = self._admin.list_group_offsets({self._group: None}).get(self._group, {})
        done = {partition: found.offset for partition, found in committed.items() if found.offset >= 0}
        return sum(max(0, end - done.get(partition, 0)) for partition, end in ends.items())

    def __enter__(self) -> "Watch":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._consumer.close()
        self._admin.close()
