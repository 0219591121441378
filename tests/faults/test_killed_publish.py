"""Whoever publishes is killed with -9, at whatever it does then."""

import random
import subprocess
import sys
import time
from pathlib import Path

import duckdb

from assets.publishing import KEPT_VERSIONS, publish
from tests.faults.endless_publish import MARTS

KILLS = 6


def kill_one_that_publishes(link: Path, name: str, after_s: float) -> int:
    """The last version that it said it had published."""
    arguments = [sys.executable, "-m", "tests.faults.endless_publish", str(link), name]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = process.stdout.readline()
    time.sleep(after_s)
    process.kill()
    said += process.communicate(timeout=30)[0]
    return max(map(int, said.split()))


def test_what_is_published_is_whole_and_the_newest_and_leftovers_go(tmp_path: Path) -> None:
    link, dice = tmp_path / "kpi.duckdb", random.Random(1)

    for number in range(KILLS):
        said = kill_one_that_publishes(link, f"run{number}", after_s=dice.uniform(0.02, 0.25))

        with duckdb.connect(str(link), read_only=True) as reader:
            versions = {
                row
                for mart in MARTS
                for row in reader.execute(f"select distinct version from {mart.table}").fetchall()
            }
        assert len(versions) == 1
        assert min(versions)[0] in (said, said + 1)  # it may be killed before it says so
        assert link.resolve().name.startswith(f"kpi-run{number}-")

    with duckdb.connect() as warehouse:
        warehouse.execute("create schema marts")
        for mart in MARTS:
            warehouse.execute(f"create table {mart.table} as select 0 as version")
        publish(warehouse, MARTS, link, "last")
    left = sorted(path.name for path in tmp_path.iterdir())
    assert len(left) == KEPT_VERSIONS + 1
    assert not any(name.startswith(".") for name in left)
