"""Landing's metrics."""

from prometheus_client import CollectorRegistry, Counter, Gauge


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
