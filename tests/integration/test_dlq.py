"""Dead letters against a real Kafka: rubbish in, a fix, a replay, landed once."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from pipelines.commands.dlq import command
from pipelines.dlq.log import LetterLog
from streams.codec import encode
from streams.dead_letters import Origin
from streams.events.base import derived_id
from streams.events.delivery import ScanEvent, ScanKind
from streams.lake.manifest import read_manifest
from streams.publish import Publisher
from streams.replay import replay
from streams.topics import DEAD_LETTERS, SCANS
from tests.conftest import Topics

pytestmark = pytest.mark.kafka

STRICT = (
    "import datetime, sys, streams.validate as v; "
    "v.EARLIEST = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC); "
    "from pipelines.cli import main; sys.argv[0] = 'doorstep'; main()"
)
"""Doorstep before the fix: it takes nothing from before 2026 for a time."""

FIXED = "import sys; from pipelines.cli import main; main()"


def scan(number: int, year: int = 2026) -> ScanEvent:
    """A delivery of vehicle v1; its id follows from ``number``."""
    return ScanEvent(
        event_id=derived_id("test", number),
        source="test",
        received_at=datetime(year, 3, 2, 9, tzinfo=UTC),
        scanned_at=datetime(year, 3, 2, 9, tzinfo=UTC),
        kind=ScanKind.DELIVERED,
        vehicle_id="v1",
        order_id=f"o{number}",
    )


class Home:
    """A deployment: its commands as processes, ``doorstep dlq`` in this one."""

    def __init__(self, topics: Topics, folder: Path) -> None:
        self.topics, self.folder = topics, folder
        self.environment = {
            "DOORSTEP_HOME": str(folder),
            "KAFKA_BOOTSTRAP_SERVERS": topics.bootstrap_servers,
            "DOORSTEP_TOPIC_PREFIX": topics.prefix,
            "DOORSTEP_PARTITIONS": str(topics.partitions),
            "DOORSTEP_CLOCK": "external",
        }

    def process(self, program: str, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-c", program, *arguments],
            env={**os.environ, **self.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @contextmanager
    def worker(self, program: str) -> Iterator[None]:
        with self.process(program, "worker") as worker:
            try:
                assert worker.stdout is not None
                assert "ready" in worker.stdout.readline()
                yield
                worker.terminate()
                worker.wait(15)
            finally:
                worker.kill()

    def land(self, program: str) -> None:
        with self.process(program, "land", "--once", "--topic", SCANS.name) as landing:
            _, said = landing.communicate(timeout=60)
        assert landing.returncode == 0, said

    def dlq(self, *arguments: str) -> Result:
        return CliRunner().invoke(command, list(arguments), env=self.environment)

    def groups(self) -> dict[str, tuple[int, int, int]]:
        """By the first words of a reason: letters, those sent again, those that failed again."""
        return {
            each["reason"][:30]: (each["letters"], each["replayed"], each["failed_again"])
            for each in json.loads(self.dlq("list", "--json").stdout)
        }

    def landed(self) -> list[tuple[str, int]]:
        """The ids of the landed scans, each with how often it is there."""
        lake = self.folder / "lake"
        files = [str(lake / entry.path) for entry in read_manifest(lake, SCANS.name)]
        with duckdb.connect() as connection:
            query = "select event_id, count(*) from read_parquet($files) group by all"
            return connection.execute(query, {"files": files}).fetchall()


def wait_for(is_so: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline_s
        time.sleep(0.2)


@pytest.fixture
def home(topics: Topics, tmp_path: Path) -> Home:
    return Home(topics, tmp_path)


def letters_of(home: Home) -> int:
    return sum(letters for letters, _, _ in home.groups().values())


def test_rubbish_then_a_fix_then_a_replay_lands_once_however_often_it_is_replayed(home: Home) -> None:
    old, beside, single = scan(1, year=2025), scan(2), scan(3, year=2025)
    publisher = Publisher(home.topics.bootstrap_servers, home.topics.prefix)
    publisher.send(SCANS, "v1", [beside, old])
    publisher.send(SCANS, "v1", single)
    publisher.send(SCANS, "v1", b"[" + encode(scan(4)))
    publisher.flush()
    with home.worker(STRICT):
        wait_for(lambda: letters_of(home) == 3)
    home.land(STRICT)
    assert home.landed() == [(str(beside.event_id), 1)]
    assert home.groups() == {
        "received_at lies before 1970: ": (2, 0, 0),
        "not a valid JSON array of even": (1, 0, 0),
    }

    # Killed after the bytes were sent and before that was written down: all are offered again.
    with (
        pytest.raises(KeyboardInterrupt),
        LetterLog(home.topics.bootstrap_servers, home.topics.prefix) as log,
    ):
        replay(log.letters(), (), publisher.append, interrupt, lambda: datetime.now(UTC))
    publisher.close()
    assert home.dlq("replay").stdout == "3 sent again, 0 sent before, 0 refused\n"
    with home.worker(FIXED):
        assert home.dlq("replay", "--reason", "before 1970").stdout.startswith("0 sent again, 2 sent before")
        wait_for(lambda: letters_of(home) == 5)
    home.land(FIXED)

    landed = dict(home.landed())
    assert set(landed) == {str(each.event_id) for each in (old, beside, single)}
    assert landed == {str(old.event_id): 2, str(beside.event_id): 1, str(single.event_id): 2}
    assert home.groups()["not a valid JSON array of even"] == (3, 1, 1)


def interrupt(_: object) -> None:
    raise KeyboardInterrupt


def test_a_letter_shows_where_it_stood_and_why_it_can_not_be_sent_again(home: Home) -> None:
    publisher = Publisher(home.topics.bootstrap_servers, home.topics.prefix)
    row = Origin("no column b [x]", file="shop.csv", row=3)
    publisher.send(DEAD_LETTERS, "shop.csv", b"a,b\xff\n", headers=row.to_headers())
    publisher.close()
    (line,) = home.dlq("list", "--each").stdout.splitlines()
    place = line.split()[0]

    shown = home.dlq("show", place)
    replayed = home.dlq("replay", "--dry-run")

    assert "no column b [x]" in home.dlq("list").stdout
    for words in ("no column b [x]", "row 3 of shop.csv", "mend the file", "a,b\\xff"):
        assert words in shown.stdout
    assert "1 refused: it is a row of a file" in replayed.stdout
    assert home.dlq("show", "0/99").exit_code == 2
    assert home.dlq("show", "nine").exit_code == 2
    assert home.dlq("list", "--since", "soon").exit_code == 2
    assert home.dlq("list", "--until", "2020-01-01").stdout == "no dead letters\n"
