"""The published file: whole, replaced at once, and readable at any moment."""

import subprocess
import sys
from pathlib import Path
from threading import Event, Thread

import duckdb
import pytest

from assets.history.tables import history_models, open_history
from assets.models.project import Column, Model
from assets.published import published_models
from assets.publishing import KEPT_VERSIONS, publish
from tests.models.events import DAY
from tests.models.given import PROJECT, Warehouse

MART = Model(
    "numbers", "marts", Path("numbers.sql"), "", "Grain: one row per number's own.", (Column("x", "It's x."),)
)


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """All models, over nothing."""
    built = Warehouse(tmp_path_factory.mktemp("product") / "lake").build(DAY)
    open_history(built.connection)
    return built


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


def test_drafts_that_a_crash_left_are_taken_away(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    for left in (".draft-first.duckdb", ".draft-killed.duckdb", ".draft-killed.duckdb.wal"):
        (tmp_path / left).write_bytes(b"half a file")

    target = publish(warehouse, (MART,), tmp_path / "kpi.duckdb", "first")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["kpi-first.duckdb", "kpi.duckdb"]
    with duckdb.connect(str(target), read_only=True) as reader:
        assert reader.execute("select count(*) from marts.numbers").fetchall() == [(1,)]


def test_a_version_is_kept_as_long_as_somebody_reads_it(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    link = tmp_path / "kpi.duckdb"
    first = publish(warehouse, (MART,), link, "first")
    opens_it = f"import duckdb; c = duckdb.connect({str(link)!r}, read_only=True); print('open', flush=True)"
    reader = subprocess.Popen(
        [sys.executable, "-c", f"{opens_it}; input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert reader.stdout is not None
    reader.stdout.readline()

    for number in range(KEPT_VERSIONS):
        publish(warehouse, (MART,), link, f"{number}")
    was_there = first.exists()
    reader.communicate("\n", timeout=30)
    publish(warehouse, (MART,), link, "last")

    assert was_there
    assert not first.exists()


def test_another_users_versions_are_left_to_them(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, mode: int) -> None:
        if "theirs" in path.name:
            raise PermissionError(path)

    (tmp_path / "kpi-theirs.duckdb").touch()
    monkeypatch.setattr(Path, "chmod", refuse)

    for number in range(KEPT_VERSIONS + 1):
        publish(warehouse, (MART,), tmp_path / "kpi.duckdb", f"{number}")

    assert (tmp_path / "kpi-theirs.duckdb").exists()
    assert not (tmp_path / "kpi-0.duckdb").exists()


def test_nobody_is_let_write_a_version(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    target = publish(warehouse, (MART,), tmp_path / "kpi.duckdb", "first")

    assert target.stat().st_mode & 0o222 == 0


def test_a_column_that_no_description_knows_is_not_published(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    warehouse.execute("alter table marts.numbers add column former integer")

    target = publish(warehouse, (MART,), tmp_path / "kpi.duckdb", "first")

    with duckdb.connect(str(target), read_only=True) as reader:
        columns = reader.execute("select column_name from duckdb_columns() where not internal").fetchall()
    assert columns == [("x",)]


def test_every_table_column_and_macro_of_the_product_says_what_it_means(
    product: Warehouse, tmp_path: Path
) -> None:
    models = (*published_models(PROJECT), *history_models())

    target = publish(product.connection, models, tmp_path / "kpi.duckdb", "first")

    with duckdb.connect(str(target), read_only=True) as reader:
        tables = reader.execute("select table_name, trim(comment) from duckdb_tables()").fetchall()
        columns = reader.execute(
            "select table_name || '.' || column_name, trim(comment) from duckdb_columns() where not internal"
        ).fetchall()
        macros = reader.execute(
            "select function_name, trim(comment) from duckdb_functions() where schema_name = 'marts'"
        ).fetchall()
    assert len(tables) == len(models)
    assert {name for name, *_ in macros} == {"kpi_as_known_at"}
    assert [name for name, comment in (*tables, *columns, *macros) if not comment] == []


def test_every_column_that_the_product_makes_is_described_and_so_published(product: Warehouse) -> None:
    models = (*published_models(PROJECT), *history_models())

    made = {model.name: {row[0] for row in product.rows(f"describe {model.table}")} for model in models}

    assert made == {model.name: {column.name for column in model.columns} for model in models}


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
