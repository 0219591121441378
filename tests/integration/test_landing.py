"""Landing against a real Kafka, through the command line."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from msgspec.structs import replace

from streams.dead_letters import Origin
from streams.events.telematics import GpsFix
from streams.lake.manifest import read_manifest
from streams.publish import Publisher
from streams.topics import DEAD_LETTERS, DEPOTS, GPS_FIXES
from tests.conftest import Topics
from tests.streams.lake.records import fix, parquet_files

pytestmark = pytest.mark.kafka


def environment(topics: Topics, home: Path) -> dict[str, str]:
    return {
        **os.environ,
        "DOORSTEP_HOME": str(home),
        "KAFKA_BOOTSTRAP_SERVERS": topics.bootstrap_servers,
        "DOORSTEP_TOPIC_PREFIX": topics.prefix,
    }


@dataclass
class Landing:
    """``doorstep land`` in a process of its own; it never outlives the test."""

    process: subprocess.Popen[bytes]
    log: Path

    def end(self, within_s: float = 60.0) -> str:
        """Wait for its end; what it said."""
        self.process.wait(within_s)
        return self.log.read_text()

    def wait_until_it_says(self, word: str) -> None:
        """Until it says ``word``, or has ended."""
        for _ in range(400):
            if word in self.log.read_text() or self.process.poll() is not None:
                return
            time.sleep(0.05)


@contextmanager
def landing(topics: Topics, home: Path, *options: str) -> Iterator[Landing]:
    log = home / "landing.log"
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "pipelines", "land", *options],
            env=environment(topics, home),
            stderr=stderr,
        )
    try:
        yield Landing(process, log)
    finally:
        process.kill()
        process.wait()


def land_once(topics: Topics, home: Path) -> str:
    with landing(topics, home, "--once") as landed:
        said = landed.end()
        assert landed.process.returncode == 0, said
        return said


def publish(topics: Topics, events: Sequence[GpsFix]) -> None:
    """The fixes, of seven vehicles in turn."""
    publisher = Publisher(topics.bootstrap_servers, topics.prefix)
    for number, event in enumerate(events):
        vehicle_id = f"v{number % 7}"
        publisher.send(GPS_FIXES, vehicle_id, replace(event, vehicle_id=vehicle_id))
    publisher.close()


def rows(home: Path, topic: str, columns: str) -> list[tuple[object, ...]]:
    """What the manifest's files hold, as a reader of the lake sees it; no other file is there."""
    lake = home / "lake"
    paths = [entry.path for entry in read_manifest(lake, topic)]
    assert set(paths) == {path for path in parquet_files(lake) if path.startswith(f"{topic}/")}
    files = [str(lake / path) for path in paths]
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        relation = connection.execute(
            f"select {columns} from read_parquet($files, hive_partitioning = true) order by all",
            {"files": files},
        )
        return relation.fetchall()


def test_what_was_sent_is_read_back_from_the_lake(topics: Topics, tmp_path: Path) -> None:
    sent = [fix(number, lat_deg=-33.0 + number / 1000) for number in range(500)]
    publish(topics, sent)
    letters = Publisher(topics.bootstrap_servers, topics.prefix)
    letters.send(GPS_FIXES, "v1", b"nonsense")
    letters.send(GPS_FIXES, "v1", [fix(500), fix(501)])
    letters.send(
        DEAD_LETTERS, "shop.csv", b"a,b\n", headers=Origin("no b", file="shop.csv", row=3).to_headers()
    )
    letters.close()

    said = land_once(topics, tmp_path)

    assert "503 rows" in said
    assert "1 rejected" in said
    read = rows(
        tmp_path, "gps.fixes", "event_id, lat_deg, fix_at, h3_cell is not null, landed_date is not null"
    )
    assert read == sorted(
        (str(one.event_id), one.lat_deg, one.fix_at, True, True) for one in [*sent, fix(500), fix(501)]
    )
    assert rows(tmp_path, "dead.letters", "reason, source_file, source_row, raw") == [
        ("no b", "shop.csv", 3, b"a,b\n")
    ]
    assert "landed 0 rows in 0 files" in land_once(topics, tmp_path)


def test_killed_again_and_again_every_offset_lands_once(topics: Topics, tmp_path: Path) -> None:
    count = 30_000
    publish(topics, [fix(number) for number in range(count)])

    for pause_s in (0.0, 0.05, 0.1, 0.02):
        with landing(topics, tmp_path, "--every", "0.05", "--topic", "gps.fixes") as landed:
            landed.wait_until_it_says("landed")
            time.sleep(pause_s)
            landed.process.kill()
    landed_when_killed = sum(entry.rows for entry in read_manifest(tmp_path / "lake", "gps.fixes"))
    land_once(topics, tmp_path)

    ids = rows(tmp_path, "gps.fixes", "event_id")
    assert len(ids) == len(set(ids)) == count
    assert len(set(rows(tmp_path, "gps.fixes", 'partition, "offset"'))) == count
    assert landed_when_killed > 0


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_told_to_end_it_writes_the_rest_and_ends(
    topics: Topics, tmp_path: Path, ending: signal.Signals
) -> None:
    with landing(topics, tmp_path, "--every", "1000", "--topic", "gps.fixes") as landed:
        publish(topics, [fix(number) for number in range(20)])
        landed.wait_until_it_says("landing 1 topics")
        time.sleep(2.0)

        landed.process.send_signal(ending)
        said = landed.end(within_s=10)

    assert landed.process.returncode == 0, said
    assert len(rows(tmp_path, "gps.fixes", "event_id")) == 20


def test_a_topic_that_is_not_there_is_named_with_the_way_out(kafka: str, tmp_path: Path) -> None:
    with landing(Topics(kafka, "nobody.", 1), tmp_path, "--once", "--topic", DEPOTS.name) as landed:
        said = landed.end(within_s=30)

    assert landed.process.returncode == 2
    assert "'doorstep topics create' makes them all" in said


def test_no_kafka_is_told_with_its_address(tmp_path: Path) -> None:
    with landing(Topics("127.0.0.1:1", "", 1), tmp_path, "--once") as landed:
        said = landed.end(within_s=10)

    assert landed.process.returncode == 2
    assert "127.0.0.1:1" in said
