"""The published file: whole, replaced at once, and readable at any moment."""

from pathlib import Path
from threading import Event, Thread

import duckdb
import pytest

from assets.models.project import Column, Model
from assets.publishing import KEPT_VERSIONS, publish

MART = Model(
    "numbers", "marts", Path("numbers.sql"), "", "Grain: one row per number's own.", (Column("x", "It's x."),)
)


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create schema marts")
    connection.execute("create table marts.numbers as select 0 as x")
    return connection


def test_the_link_leads_to_the_newest_version_with_its_descriptions(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    link = tmp_path / "published" / "kpi.duckdb"

    target = publish(warehouse, (MART,), link, "first")

    assert link.resolve() == target.resolve()
    with duckdb.connect(str(link), read_only=True) as reader:
        assert reader.execute("select x from marts.numbers").fetchall() == [(0,)]
        assert reader.execute("select comment from duckdb_tables()").fetchall() == [(MART.description,)]
        assert reader.execute("select comment from duckdb_columns() where column_name = 'x'").fetchall() == [
            ("It's x.",)
        ]


def test_the_file_can_be_read_by_duckdb_1_4(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    target = publish(warehouse, (MART,), tmp_path / "kpi.duckdb", "first")

    with duckdb.connect(str(target), read_only=True) as reader:
        ((tags,),) = reader.execute(
            "select tags from duckdb_databases() where database_name like 'kpi%'"
        ).fetchall()

    assert tags["storage_version"].startswith("v1.4.0")


def test_the_last_few_versions_are_kept(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    link = tmp_path / "kpi.duckdb"

    for number in range(KEPT_VERSIONS + 3):
        publish(warehouse, (MART,), link, f"{number}")

    kept = sorted(path.name for path in tmp_path.iterdir())
    assert kept == sorted(["kpi.duckdb", *(f"kpi-{number}.duckdb" for number in range(3, KEPT_VERSIONS + 3))])


def test_a_draft_that_a_crash_left_is_written_over(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    (tmp_path / ".draft-first.duckdb").write_bytes(b"half a file")

    target = publish(warehouse, (MART,), tmp_path / "kpi.duckdb", "first")

    with duckdb.connect(str(target), read_only=True) as reader:
        assert reader.execute("select count(*) from marts.numbers").fetchall() == [(1,)]


def test_readers_never_fail_and_never_go_back_while_versions_are_published(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    link, done = tmp_path / "kpi.duckdb", Event()
    publish(warehouse, (MART,), link, "0")
    seen: list[int] = []

    def read() -> None:
        while not done.is_set():
            with duckdb.connect(str(link.resolve()), read_only=True) as reader:
                seen.append(reader.execute("select x from marts.numbers").fetchall()[0][0])

    reader_thread = Thread(target=read)
    reader_thread.start()
    for version in range(1, 15):
        warehouse.execute("update marts.numbers set x = ?", [version])
        publish(warehouse, (MART,), link, f"{version}")
    done.set()
    reader_thread.join()

    assert seen
    assert seen == sorted(seen)
