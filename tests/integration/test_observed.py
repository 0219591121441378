"""A running worker as its operator sees it: metrics, health and the log, with a real Kafka."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path

import pytest
from msgspec.structs import replace
from prometheus_client.parser import text_string_to_metric_families

from streams.publish import Publisher
from streams.topics import GPS_FIXES
from tests.conftest import Topics
from tests.integration.rolling_worker import STALL, Run
from tests.integration.worker_process import running, wired
from tests.streams.lake.records import fix

pytestmark = pytest.mark.kafka

WITHIN_S = 120.0
"""A first start makes machine code."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Watched:
    """A process and its page."""

    process: "subprocess.Popen[str]"
    port: int
    log: Path

    def get(self, path: str) -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except ConnectionRefusedError:
            return 0, ""
        finally:
            connection.close()

    def value(self, name: str, **labels: str) -> float:
        """The sum of a metric's samples that have these labels."""
        return sum(
            sample.value
            for family in text_string_to_metric_families(self.get("/metrics")[1])
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    def wait_for(self, is_so: Callable[[], bool]) -> None:
        deadline_s = time.monotonic() + WITHIN_S
        while not is_so():
            assert time.monotonic() < deadline_s, (self.get("/metrics"), self.log.read_text())
            time.sleep(0.1)


@contextmanager
def watched(topics: Topics, home: Path, *arguments: str) -> Iterator[Watched]:
    port, log = free_port(), home / "log"
    environment = {
        **os.environ,
        "DOORSTEP_HOME": str(home),
        "DOORSTEP_CLOCK": "external",
        "DOORSTEP_LOG": "json",
        "DOORSTEP_PARTITIONS": str(topics.partitions),
        "DOORSTEP_TOPIC_PREFIX": topics.prefix,
        "KAFKA_BOOTSTRAP_SERVERS": topics.bootstrap_servers,
    }
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "pipelines", *arguments, "--metrics-port", str(port)],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            text=True,
        )
    with process:
        try:
            yield Watched(process, port, log)
            process.terminate()
            assert process.wait(12) == 0
        finally:
            process.kill()


def publish(topics: Topics) -> None:
    """Three fixes, one of them twice, and one line of rubbish."""
    now = datetime.now(UTC)
    fixes = [fix(number, at=now, lat_deg=52 + number / 1e4) for number in range(3)]
    publisher = Publisher(topics.bootstrap_servers, topics.prefix)
    publisher.send(GPS_FIXES, "v1", [replace(each, device_seq=number) for number, each in enumerate(fixes)])
    publisher.send(GPS_FIXES, "v1", fixes[0])
    publisher.send(GPS_FIXES, "v1", b"rubbish")
    publisher.close()


def test_a_worker_tells_what_became_of_events_and_whether_it_does_its_work(
    topics: Topics, tmp_path: Path
) -> None:
    with watched(topics, tmp_path, "worker", "--log-level", "info") as worker:
        worker.wait_for(lambda: worker.get("/health")[0] == 200)
        worker.wait_for(lambda: worker.get("/ready") == (200, "ok\n"))
        publish(topics)
        worker.wait_for(lambda: worker.value("doorstep_events_total", topic=GPS_FIXES.name) == 5)
        worker.wait_for(lambda: worker.value("doorstep_checkpoint_bytes") > 0)
        worker.wait_for(lambda: worker.value("doorstep_lag_records") == 0)

        assert worker.value("doorstep_events_total", outcome="duplicate") == 1
        assert worker.value("doorstep_events_total", outcome="rejected") == 1
        assert worker.value("doorstep_dead_letters_total", reason="not_json") == 1
        assert worker.value("doorstep_assigned_partitions") == topics.partitions
        assert worker.get("/ready") == (200, "ok\n")

    lines = [json.loads(line) for line in worker.log.read_text().splitlines()]
    (letter,) = (line for line in lines if line["message"].startswith("dead letter"))
    assert (letter["topic"], letter["offset"], letter["index"]) == (GPS_FIXES.name, 2, 0)


def test_health_and_readiness_turn_false_while_a_judge_is_stuck_and_true_when_it_goes_on(
    topics: Topics, tmp_path: Path
) -> None:
    where = (topics.bootstrap_servers, topics.prefix, topics.partitions, str(tmp_path / "worker"))
    run = Run(*where, stalled_after_s=4.0, metrics_port=free_port())
    with wired(run) as wire, running(run) as process:
        worker = Watched(process, run.metrics_port, tmp_path / "worker.log")
        worker.wait_for(lambda: worker.get("/ready") == (200, "ok\n"))
        wire.send(GPS_FIXES, STALL)
        worker.wait_for(lambda: {worker.get(page)[0] for page in ("/health", "/ready")} == {503})
        worker.wait_for(lambda: {worker.get(page) for page in ("/health", "/ready")} == {(200, "ok\n")})


def test_landing_tells_what_is_in_the_lake_and_whether_it_does_its_work(
    topics: Topics, tmp_path: Path
) -> None:
    with watched(topics, tmp_path, "land", "--every", "0.5") as landing:
        landing.wait_for(lambda: landing.get("/ready") == (200, "ok\n"))
        publish(topics)
        landing.wait_for(lambda: landing.value("doorstep_landed_rows_total", topic=GPS_FIXES.name) == 4)
        landing.wait_for(lambda: landing.value("doorstep_landing_lag_records") == 0)

        assert landing.value("doorstep_landed_rejected_total", topic=GPS_FIXES.name) == 1

    lines = [json.loads(line)["message"] for line in landing.log.read_text().splitlines()]
    assert lines[-1].startswith("landed 4 rows")
