import os
import subprocess
import sys
from pathlib import Path
from time import monotonic

import pytest

from streams.topics import TOPICS


def doorstep(home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "KAFKA_BOOTSTRAP_SERVERS"}
    return subprocess.run(
        [sys.executable, "-m", "pipelines", *arguments],
        env={**environment, "DOORSTEP_HOME": str(home), **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_kafka_down_names_the_address_and_ends_with_2_within_10_s(tmp_path: Path) -> None:
    started = monotonic()

    result = doorstep(tmp_path, "topics", "create", KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:9")

    assert result.returncode == 2
    assert "no Kafka answers at 127.0.0.1:9" in result.stderr
    assert monotonic() - started < 10


def test_no_kafka_at_all_says_what_to_type(tmp_path: Path) -> None:
    result = doorstep(tmp_path, "topics", "create")

    assert result.returncode == 2
    assert "type 'doorstep kafka start'" in result.stderr
    assert "Traceback" not in result.stderr


def test_status_of_nothing_is_1(tmp_path: Path) -> None:
    result = doorstep(tmp_path, "kafka", "status")

    assert result.returncode == 1
    assert result.stdout == f"no Kafka runs in {tmp_path / 'kafka'}\n"


@pytest.mark.kafka
def test_start_says_where_and_outlives_the_command(tmp_path: Path) -> None:
    started = doorstep(tmp_path, "kafka", "start", "--port", "0")
    try:
        found = doorstep(tmp_path, "kafka", "status")
        created = doorstep(tmp_path, "topics", "create")
    finally:
        stopped = doorstep(tmp_path, "kafka", "stop")

    assert started.returncode == found.returncode == created.returncode == stopped.returncode == 0
    assert started.stdout == found.stdout
    assert str(tmp_path / "kafka") in found.stdout
    assert f"{len(TOPICS)} created" in created.stdout
    assert stopped.stdout == "stopped\n"


@pytest.mark.kafka
def test_another_number_of_partitions_is_refused_and_both_are_named(
    tmp_path: Path, kafka: str, topic_prefix: str
) -> None:
    cluster = {"KAFKA_BOOTSTRAP_SERVERS": kafka, "DOORSTEP_TOPIC_PREFIX": topic_prefix}
    first = doorstep(tmp_path, "topics", "create", DOORSTEP_PARTITIONS="1", **cluster)

    second = doorstep(tmp_path, "topics", "create", DOORSTEP_PARTITIONS="2", **cluster)

    assert (first.returncode, second.returncode) == (0, 2)
    assert f"{topic_prefix}gps.fixes: differs (it has 1 partitions, not 2" in second.stdout
    assert "DOORSTEP_PARTITIONS is 2" in second.stderr
