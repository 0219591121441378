"""Ingest against a real Kafka, through the command line, and back out of the lake."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from streams.lake.manifest import read_manifest
from tests.conftest import Topics

pytestmark = pytest.mark.kafka

EXAMPLES = Path(__file__).parents[2] / "examples" / "mappings"
MAPPING = """
source: bus
time_zone: America/Chicago
events:
  - topic: gps.fixes
    filter: [{column: state, is: moving}]
    fields:
      vehicle_id: {column: bus}
      fix_at: {column: at}
      received_at: {column: at}
      lat_deg: {column: lat}
      lon_deg: {column: lon}
      speed_mps: {column: mph, unit: mph}
"""


def doorstep(topics: Topics, home: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pipelines", *map(str, arguments)],
        env={
            **os.environ,
            "DOORSTEP_HOME": str(home),
            "KAFKA_BOOTSTRAP_SERVERS": topics.bootstrap_servers,
            "DOORSTEP_TOPIC_PREFIX": topics.prefix,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def landed(home: Path, topic: str) -> list[dict[str, object]]:
    lake = home / "lake"
    return [
        row
        for entry in read_manifest(lake, topic)
        for row in pq.ParquetFile(lake / entry.path).read().to_pylist()
    ]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A CSV file of four rows, one of them standing and one broken, and its mapping."""
    data, mapping = tmp_path / "pings.csv", tmp_path / "mapping.yml"
    data.write_text(
        "bus,at,lat,lon,mph,state\n"
        "7,2025-09-12 11:34,43.07,-89.43,30,moving\n"
        "7,2025-09-12 11:35,43.08,-89.43,0,standing\n"
        "7,2025-09-12 11:36,943,-89.43,30,moving\n"
        "7,2025-09-12 11:37,0,0,30,moving\n"
    )
    mapping.write_text(MAPPING)
    return data, mapping


def test_a_file_reaches_the_lake_and_a_second_time_adds_no_event(
    topics: Topics, tmp_path: Path, files: tuple[Path, Path]
) -> None:
    data, mapping = files

    first = doorstep(topics, tmp_path, "ingest", data, "--mapping", mapping)
    second = doorstep(topics, tmp_path, "ingest", data, "--mapping", mapping, "--json")
    doorstep(topics, tmp_path, "land", "--once")

    assert second.returncode == 0, second.stderr
    assert "4 rows read: 2 sent, 1 that no event is made of, 1 to dead.letters" in first.stdout, first.stderr
    assert "1 dead: lat_deg: it must be a number, at most 90.0 (first: row 3)" in first.stdout
    assert json.loads(second.stdout) == {
        "rows_read": 4,
        "rows_sent": 2,
        "rows_filtered": 1,
        "rows_dead": {"lat_deg: it must be a number, at most 90.0": 1},
        "first_dead_row": {"lat_deg: it must be a number, at most 90.0": 3},
        "events": {"gps.fixes": 2},
        "clock_at": "2025-09-12T16:37:00+00:00",
    }
    fixes = landed(tmp_path, "gps.fixes")
    assert [fix["lat_deg"] for fix in fixes] == [43.07, 0.0, 43.07, 0.0]
    assert len({fix["event_id"] for fix in fixes}) == 2
    letter = landed(tmp_path, "dead.letters")[0]
    assert (letter["source_file"], letter["source_row"]) == ("pings.csv", 3)
    assert letter["raw"] == b"7,2025-09-12 11:36,943,-89.43,30,moving\n"
    assert str(letter["reason"]).startswith("lat_deg is 943.0; it must be")
    ticks = landed(tmp_path, "clock.ticks")
    assert {str(tick["now_at"]) for tick in ticks} == {"2025-09-12 16:37:00+00:00"}
    assert {tick["partition"] for tick in ticks} == set(range(topics.partitions))


def test_a_drive_of_on_board_diagnostics_lands_with_its_reference_figures(
    topics: Topics, tmp_path: Path, shared_data: Path
) -> None:
    drive, mapping = shared_data / "obd" / "drive1.csv", EXAMPLES / "obd.yml"

    done = doorstep(topics, tmp_path, "ingest", drive, "--mapping", mapping)
    doorstep(topics, tmp_path, "land", "--once")

    assert "2,709 rows read: 2,709 sent" in done.stdout, done.stderr
    samples = landed(tmp_path, "vehicle.telemetry")
    speeds_mps = [float(str(sample["speed_mps"])) for sample in samples]
    assert len({sample["measured_at"] for sample in samples}) == len(samples) == 2709
    assert sum(speeds_mps) / 1000 == pytest.approx(13.428, abs=0.0006)
    idle = [sample for sample in samples if sample["engine_rpm"] and sample["speed_mps"] == 0]
    assert len(idle) == 435
    assert {len(landed(tmp_path, f"reference.{name}")) for name in ("depots", "vehicles")} == {1}


def test_a_column_that_is_not_there_is_named_and_nothing_is_sent(
    topics: Topics, tmp_path: Path, files: tuple[Path, Path]
) -> None:
    data, mapping = files
    mapping.write_text(MAPPING.replace("column: lat}", "column: latitude}"))

    failed = doorstep(topics, tmp_path, "ingest", data, "--mapping", mapping)
    doorstep(topics, tmp_path, "land", "--once")

    assert failed.returncode == 1
    assert "no column 'latitude'; it has bus, at, lat, lon, mph, state" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert landed(tmp_path, "gps.fixes") == []


def test_without_kafka_the_address_is_named(tmp_path: Path, files: tuple[Path, Path]) -> None:
    data, mapping = files

    failed = doorstep(Topics("127.0.0.1:1", "", 1), tmp_path, "ingest", data, "--mapping", mapping)

    assert failed.returncode == 2
    assert "127.0.0.1:1" in failed.stderr
