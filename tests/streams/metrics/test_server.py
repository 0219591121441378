from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection

import pytest
from prometheus_client import CollectorRegistry, Counter

from routing.errors import ConfigurationError
from streams.metrics.health import Condition
from streams.metrics.server import MetricsServer

GOOD = Condition(True, "")


@dataclass
class FakeHealth:
    said: Condition = GOOD

    def __call__(self) -> Condition:
        return self.said


@dataclass
class Page:
    server: MetricsServer
    health: FakeHealth
    readiness: FakeHealth

    def get(self, path: str) -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", self.server.port, timeout=5)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()


@pytest.fixture
def page() -> Iterator[Page]:
    registry, health, readiness = CollectorRegistry(), FakeHealth(), FakeHealth()
    Counter("tried", "Attempts.", registry=registry).inc(3)
    server = MetricsServer("127.0.0.1", 0, registry, health, readiness)
    yield Page(server, health, readiness)
    server.close()


def test_the_metrics_are_those_of_the_registry(page: Page) -> None:
    status, body = page.get("/metrics")

    assert status == 200
    assert "tried_total 3.0" in body


def test_health_and_readiness_are_asked_at_every_request(page: Page) -> None:
    assert page.get("/health") == page.get("/ready") == (200, "ok\n")

    page.readiness.said = Condition(False, "no partition was assigned yet")

    assert page.get("/ready") == (503, "no partition was assigned yet\n")
    assert page.get("/health") == (200, "ok\n")
    page.health.said = Condition(False, "it stalls")
    assert page.get("/health?verbose=1") == (503, "it stalls\n")


def test_another_page_is_not_there(page: Page) -> None:
    assert page.get("/")[0] == 404


def test_a_port_that_is_taken_is_named(page: Page) -> None:
    with pytest.raises(ConfigurationError, match=f"127.0.0.1:{page.server.port}"):
        MetricsServer("127.0.0.1", page.server.port, CollectorRegistry(), page.health, page.readiness)
