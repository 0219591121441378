"""Landing's metrics and health on their page, and the thread that asks Kafka how much waits."""

from collections.abc import Sequence
from threading import Event as Flag
from threading import Thread
from time import monotonic

from routing.errors import DoorstepError
from streams.lake.source import KafkaSource
from streams.metrics.health import STALLED_AFTER_S, Health
from streams.metrics.landing import LandingMetrics, LandingWatch
from streams.metrics.server import MetricsServer, serve_pages
from streams.topics import Topic

MEASURE_EVERY_S = 2.0


class LandingPage:
    """``watch`` is told by landing; nothing is asked or served before ``serve``."""

    def __init__(self, servers: str, prefix: str, topics: Sequence[Topic], every_s: float) -> None:
        """``every_s`` is how often landing writes: waiting so long is no stall."""
        self._servers, self._prefix, self._topics = servers, prefix, topics
        self._metrics = LandingMetrics()
        self._health = Health(max(STALLED_AFTER_S, 3 * every_s))
        self.watch = LandingWatch(self._metrics, self._health)
        self._stopped = Flag()
        self._thread: Thread | None = None
        self._server: MetricsServer | None = None

    def serve(self, host: str, port: int) -> None:
        """Measure and serve until closed. Raises ``ConfigurationError`` where the port is taken."""
        self._server = serve_pages(self._metrics.registry, self._health, host, port)
        self._thread = Thread(target=self._keep_measured, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Serve no more."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
        if self._server is not None:
            self._server.close()

    def _keep_measured(self) -> None:
        source = KafkaSource(self._servers, self._prefix)
        try:
            while not self._stopped.wait(MEASURE_EVERY_S):
                self._measure(source)
        finally:
            source.close()

    def _measure(self, source: KafkaSource) -> None:
        try:
            states = source.states(self._topics)
        except DoorstepError as error:
            self._health.lost_kafka(str(error), monotonic())
        else:
            self._health.found_kafka(monotonic())
            self.watch.measured(states, monotonic())
