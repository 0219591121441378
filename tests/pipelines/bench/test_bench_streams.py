import os
import subprocess
import sys
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient

from pipelines.bench.streams.contestants import PEERS, why_absent
from pipelines.bench.streams.page import read_figures

pytestmark = [
    pytest.mark.kafka,
    pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="there is no /proc"),
]


def bench(kafka: str, home: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pipelines", "bench", "streams", *options],
        env={**os.environ, "DOORSTEP_HOME": str(home), "KAFKA_BOOTSTRAP_SERVERS": kafka},
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )


def test_a_small_run_measures_the_worker_and_finds_the_kernels_visits(kafka: str, tmp_path: Path) -> None:
    target = tmp_path / "figures.json"
    parts = ("--only", "doorstep", "--only", "loop", "--only", "ceiling")

    done = bench(kafka, tmp_path, "--events", "6000", "--vehicles", "60", *parts, "--json", str(target))

    assert done.returncode == 0, done.stderr
    figures = read_figures(target)
    assert [run.name for run in figures.singles] == [
        "Doorstep",
        "the kernel in a plain loop",
        "confluent-kafka, counting only",
    ]
    (agreement,) = figures.agreements
    assert agreement.common > 50
    assert agreement.only_in_reference == 0
    topics = AdminClient({"bootstrap.servers": kafka}).list_topics(timeout=10).topics
    assert [name for name in topics if name.startswith("bench-")] == []


def test_latency_without_a_load_to_halve_is_refused(kafka: str, tmp_path: Path) -> None:
    done = bench(kafka, tmp_path, "--only", "latency")

    assert done.returncode == 2
    assert "add --only doorstep" in done.stderr


def test_a_peer_without_its_environment_is_named(tmp_path: Path) -> None:
    absent = {peer.name: why_absent(peer, tmp_path / "no-python") for peer in PEERS}

    assert {name for name, why in absent.items() if why} == {"quix", "bytewax"}
    assert "`make bench` makes it" in str(absent["quix"])
