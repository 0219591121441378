import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import Topics

pytestmark = pytest.mark.kafka


def worker(home: Path, servers: str, prefix: str, partitions: int) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "DOORSTEP_HOME": str(home),
        "DOORSTEP_CLOCK": "external",
        "DOORSTEP_PARTITIONS": str(partitions),
        "DOORSTEP_TOPIC_PREFIX": prefix,
        "KAFKA_BOOTSTRAP_SERVERS": servers,
    }
    return subprocess.Popen(
        [sys.executable, "-m", "pipelines", "worker"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_worker_says_that_it_is_ready_and_stops_without_a_word(topics: Topics, tmp_path: Path) -> None:
    with worker(tmp_path, topics.bootstrap_servers, topics.prefix, topics.partitions) as process:
        assert process.stdout is not None
        ready = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=10)

    assert ready == "worker ready: 2 partitions\n"
    assert (process.returncode, errors) == (0, "")


def test_without_topics_the_worker_says_how_to_make_them(
    kafka: str, topic_prefix: str, tmp_path: Path
) -> None:
    with worker(tmp_path, kafka, topic_prefix, 2) as process:
        _, errors = process.communicate(timeout=10)

    assert process.returncode == 2
    assert "doorstep topics create" in errors
    assert len(errors.splitlines()) == 1


def test_without_a_broker_the_worker_ends_at_once_and_names_the_address(tmp_path: Path) -> None:
    started_s = time.monotonic()
    with worker(tmp_path, "127.0.0.1:9", "", 2) as process:
        _, errors = process.communicate(timeout=20)

    assert process.returncode == 2
    assert "127.0.0.1:9" in errors
    assert time.monotonic() - started_s < 10
