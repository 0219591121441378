"""Landing's metrics, and who feeds them."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge

from streams.lake.manifest import LandedFile
from streams.lake.source import Place, TopicState
from streams.metrics.health import Health


class LandingMetrics:
    """One landing's registry, and the methods by which it is told what happened."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._rows = Counter("doorstep_landed_rows", "Rows in the lake.", ("topic",), registry=self.registry)
        self._rejected = Counter(
            "doorstep_landed_rejected",
            "Events that broke their contract.",
            ("topic",),
            registry=self.registry,
        )
        self._files = Counter(
            "doorstep_landed_files", "Files that were written.", ("topic",), registry=self.registry
        )
        self._bytes = Counter("doorstep_landed_bytes", "Their size.", ("topic",), registry=self.registry)
        self._lag = Gauge(
            "doorstep_landing_lag_records",
            "Records on Kafka that are not in the lake.",
            ("topic", "partition"),
            registry=self.registry,
        )

    def written(self, topic: str, rows: int, rejected: int, size_bytes: int) -> None:
        """One file is in the lake."""
        self._files.labels(topic).inc()
        self._rows.labels(topic).inc(rows)
        self._rejected.labels(topic).inc(rejected)
        self._bytes.labels(topic).inc(size_bytes)

    def waiting(self, topic: str, partition: int, records: int) -> None:
        """So many records of a partition wait."""
        self._lag.labels(topic, partition).set(records)


class LandingWatch:
    """Told by landing how far it is, and by whoever asks Kafka how far it could be.

    Called from two threads: landing's own, and the one that measures.
    """

    def __init__(self, metrics: LandingMetrics, health: Health) -> None:
        self._metrics, self._health = metrics, health
        self._through: dict[Place, int] = {}
        self._is_known = False

    def started(self, positions: Mapping[Place, int]) -> None:
        """Landing goes on at these offsets."""
        self._through = dict(positions)

    def landed(self, file: LandedFile) -> None:
        """A file is in the lake, and its line in the manifest."""
        self._metrics.written(file.topic, file.rows, file.rejected, file.size_bytes)
        self._through[file.topic, file.partition] = file.last_offset + 1

    def measured(self, states: Mapping[str, TopicState], now_s: float) -> None:
        """What Kafka holds, at ``now_s`` on a clock that never goes back; nothing before landing started."""
        through = dict(self._through)
        if through and not self._is_known:
            self._is_known = True
            self._health.assigned(through, now_s)
        for (topic, partition), offset in through.items():
            first, end = states[topic].ranges.get(partition, (offset, offset))
            waiting = max(0, end - max(first, offset))
            self._metrics.waiting(topic, partition, waiting)
            self._health.moved((topic, partition), offset, waiting > 0, now_s)
