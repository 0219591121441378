"""Four readers while fifty versions are published."""

from pathlib import Path

import duckdb
import pytest

from assets.publishing import KEPT_VERSIONS
from pipelines.bench.readers.reader import MARTS, read
from pipelines.bench.readers.run import Wish, measure_readers


@pytest.fixture(scope="module")
def two_versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that nobody should ever see: one of its marts is of another version."""
    path = tmp_path_factory.mktemp("mixed") / "kpi.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        for version, mart in enumerate(MARTS):
            connection.execute(f"create table marts.{mart} as select {min(version, 1)} as version")
    return path


def test_readers_neither_fail_nor_see_two_versions_and_old_files_go_when_nobody_reads(tmp_path: Path) -> None:
    figures = measure_readers(tmp_path, Wish(versions=50, readers=4, rows=5_000, pause_s=0.01))

    assert figures.errors == ()
    assert (figures.mixed, figures.gone_back) == (0, 0)
    assert figures.versions_seen > 5
    assert figures.files_left == KEPT_VERSIONS


def test_a_reader_tells_a_file_of_two_versions(two_versions: Path) -> None:
    turns = iter([False, False, True])

    seen = read(two_versions, lambda: next(turns))

    assert (seen.mixed, seen.versions) == (2, {0, 1})


def test_a_reader_counts_what_fails_and_goes_on(tmp_path: Path) -> None:
    turns = iter([False, False, True])

    seen = read(tmp_path / "kpi.duckdb", lambda: next(turns))

    assert len(seen.errors) == 2
    assert "kpi.duckdb" in seen.errors[0]
