"""A disk that is full while KPIs are published."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from assets.publishing import publish
from tests.faults.full_publish import MART


@pytest.mark.parametrize("limit_bytes", [4_000, 300_000, 5_000_000])
def test_what_was_published_stays_where_the_disk_is_full_and_no_draft_is_left(
    tmp_path: Path, limit_bytes: int
) -> None:
    link = tmp_path / "kpi.duckdb"
    with duckdb.connect() as warehouse:
        warehouse.execute("create schema marts")
        warehouse.execute("create table marts.numbers as select 0 as x")
        publish(warehouse, (MART,), link, "first")

    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.full_publish", str(link), str(limit_bytes)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, "File too large" in done.stdout) == (1, True), done.stdout + done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kpi-first.duckdb", "kpi.duckdb"]
    with duckdb.connect(str(link), read_only=True) as reader:
        assert reader.execute("select x from marts.numbers").fetchall() == [(0,)]
