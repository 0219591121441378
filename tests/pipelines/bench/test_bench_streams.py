import os
import subprocess
import sys
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient

from pipelines.bench.landing.figures import BATCHES, DUCKDB, FROM_ARROW, FROM_JSON, OWN, SINGLES
from pipelines.bench.page import read_performance
from pipelines.bench.streams.contestants import PEERS, why_absent

pytestmark = [
    pytest.mark.kafka,
    pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="there is no /proc"),
]


def bench(kafka: str, home: Path, what: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pipelines", "bench", what, *options],
        env={**os.environ, "DOORSTEP_HOME": str(home), "KAFKA_BOOTSTRAP_SERVERS": kafka},
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )


def test_a_small_run_measures_the_worker_and_finds_the_kernels_visits(kafka: str, tmp_path: Path) -> None:
    target = tmp_path / "figures.json"
    parts = ("--only", "doorstep", "--only", "loop", "--only", "ceiling")
    size = ("--events", "6000", "--vehicles", "60")

    done = bench(kafka, tmp_path, "streams", *size, *parts, "--json", str(target))

    assert done.returncode == 0, done.stderr
    figures = read_performance(target).streams
    assert figures is not None
    assert [run.name for run in figures.singles] == [
        "Doorstep",
        "the kernel in a plain loop",
        "confluent-kafka, counting only",
    ]
    visits, late = figures.agreements
    assert (visits.what, late.what) == ("visits", "stops said to be late")
    assert visits.same > 20
    assert visits.only_in_reference == 0
    assert late.only_in_reference == 0
    assert figures.left_out == []
    topics = AdminClient({"bootstrap.servers": kafka}).list_topics(timeout=10).topics
    assert [name for name in topics if name.startswith("bench-")] == []


def test_latency_without_a_load_to_halve_is_refused(kafka: str, tmp_path: Path) -> None:
    done = bench(kafka, tmp_path, "streams", "--only", "latency")

    assert done.returncode == 2
    assert "add --only doorstep" in done.stderr


def test_a_peer_without_its_environment_is_named(tmp_path: Path) -> None:
    absent = {peer.name: why_absent(peer, tmp_path / "no-python") for peer in PEERS}

    assert {name for name, why in absent.items() if why} == {"quix", "bytewax"}
    assert "`make bench` makes it" in str(absent["quix"])


def test_a_small_run_of_landing_stands_beside_the_others_in_one_file(kafka: str, tmp_path: Path) -> None:
    target = tmp_path / "figures.json"

    done = bench(
        kafka, tmp_path, "landing", "--rows", "4000", "--peers-python", "none", "--json", str(target)
    )

    assert done.returncode == 0, done.stderr
    figures = read_performance(target).landing
    assert figures is not None
    assert [(run.task, run.name, run.rows) for run in figures.runs] == [
        (SINGLES, OWN, 4000),
        (BATCHES, OWN, 4000),
        (FROM_ARROW, OWN, 4000),
        (FROM_JSON, OWN, 4000),
        (FROM_ARROW, DUCKDB, 4000),
        (FROM_JSON, DUCKDB, 4000),
    ]
    assert [stage.cpu_us_a_row > 0 for stage in figures.stages] == [True] * 4
    (why,) = figures.left_out
    assert "`make bench` makes it" in why
