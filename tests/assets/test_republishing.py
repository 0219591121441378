"""A version made out of the former one holds what one written anew would hold."""

import logging
from dataclasses import replace
from pathlib import Path
from random import Random

import duckdb
import pytest

from assets.models.project import Column, Model
from assets.publishing import publish

DAYS = 6
ORDERS = Model(
    "orders",
    "marts",
    Path("orders.sql"),
    "",
    "Grain: one row per order.",
    tuple(Column(name, f"Its {name}.") for name in ("service_date", "x", "as_of")),
)
Row = tuple[object, ...]


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    """Three orders on each of six days, all as of one moment."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'; create schema marts")
    connection.execute(
        "create table marts.orders as select date '2026-03-01' + (i // 3)::integer as service_date, i as x, "
        f"timestamptz '2026-03-07 12:00:00+00' as as_of from range(3 * {DAYS}) as numbers (i)"
    )
    return connection


@pytest.fixture
def link(tmp_path: Path, warehouse: duckdb.DuckDBPyConnection) -> Path:
    """The first version is published."""
    publish(warehouse, (ORDERS,), tmp_path / "kpi.duckdb", "first")
    return tmp_path / "kpi.duckdb"


def rows(link: Path, query: str = "from marts.orders order by all") -> list[Row]:
    with duckdb.connect(str(link), read_only=True) as reader:
        reader.execute("set TimeZone = 'UTC'")
        return reader.execute(query).fetchall()


def as_they_lie(link: Path) -> list[int]:
    """The orders in the order in which they were written."""
    return [int(str(x)) for (x,) in rows(link, "select x from marts.orders order by rowid")]


def test_dates_that_stand_are_not_written_again(warehouse: duckdb.DuckDBPyConnection, link: Path) -> None:
    warehouse.execute("update marts.orders set x = 100 where x = 1")

    publish(warehouse, (ORDERS,), link, "second")

    assert rows(link) == warehouse.execute("from marts.orders order by all").fetchall()
    assert as_they_lie(link)[:-3] == list(range(3, 3 * DAYS))


def test_another_as_of_of_all_rows_changes_no_date(warehouse: duckdb.DuckDBPyConnection, link: Path) -> None:
    later = "select * replace (as_of + interval 1 hour as as_of) from marts.orders order by x desc"
    warehouse.execute(f"create or replace table marts.orders as {later}")

    publish(warehouse, (ORDERS,), link, "second")

    assert rows(link) == warehouse.execute("from marts.orders order by all").fetchall()
    assert as_they_lie(link) == list(range(3 * DAYS))


def test_rows_as_of_moments_of_their_own_are_compared_with_them(
    warehouse: duckdb.DuckDBPyConnection, link: Path
) -> None:
    warehouse.execute("update marts.orders set as_of = as_of + interval 1 hour where x = 4")

    publish(warehouse, (ORDERS,), link, "second")

    assert rows(link) == warehouse.execute("from marts.orders order by all").fetchall()


@pytest.mark.parametrize(
    "change",
    [
        "alter table marts.orders alter x type varchar",
        "update marts.orders set service_date = null where x = 4",
        "delete from marts.orders",
        "insert into marts.orders from marts.orders where x = 17",
        "delete from marts.orders where service_date = '2026-03-03'",
        "insert into marts.orders values ('2026-02-01', 50, null)",
    ],
)
def test_whatever_changes_is_published(warehouse: duckdb.DuckDBPyConnection, link: Path, change: str) -> None:
    warehouse.execute(change)

    publish(warehouse, (ORDERS,), link, "second")

    assert rows(link) == warehouse.execute("from marts.orders order by all").fetchall()


def test_a_column_of_another_type_is_published_with_it(
    warehouse: duckdb.DuckDBPyConnection, link: Path
) -> None:
    warehouse.execute("alter table marts.orders alter x type integer")

    publish(warehouse, (ORDERS,), link, "second")

    kinds = "select data_type from duckdb_columns() where column_name = 'x' and not internal"
    assert rows(link, kinds) == [("INTEGER",)]


def test_many_versions_one_out_of_another_are_those_written_anew(
    warehouse: duckdb.DuckDBPyConnection, link: Path, tmp_path: Path
) -> None:
    dice = Random(1)
    for version in range(12):
        for _ in range(dice.randrange(3)):
            day, x = dice.randrange(DAYS + 1), dice.randrange(40)
            warehouse.execute(f"delete from marts.orders where x % 5 = {x % 5} and day(service_date) = {day}")
            added = f"select date '2026-03-01' + {day}, {x}, any_value(as_of) from marts.orders"
            warehouse.execute(f"insert into marts.orders {added}")
        warehouse.execute(f"update marts.orders set as_of = as_of + interval {dice.randrange(2)} hour")

        publish(warehouse, (ORDERS,), link, f"{version}")
        publish(warehouse, (ORDERS,), tmp_path / f"anew-{version}" / "kpi.duckdb", "anew")

        assert rows(link) == rows(tmp_path / f"anew-{version}" / "kpi.duckdb")


def test_a_table_that_is_published_no_more_goes_and_words_follow(
    warehouse: duckdb.DuckDBPyConnection, link: Path
) -> None:
    renamed = replace(ORDERS, name="parcels", description="Grain: one row per parcel.")
    warehouse.execute("alter table marts.orders rename to parcels")
    publish(warehouse, (renamed,), link, "second")

    publish(warehouse, (replace(renamed, description="Grain: one row per packet."),), link, "third")

    tables = rows(link, "select table_name, comment from duckdb_tables()")
    assert tables == [("parcels", "Grain: one row per packet.")]


def test_a_version_that_cannot_be_read_is_not_built_upon(
    warehouse: duckdb.DuckDBPyConnection, link: Path, caplog: pytest.LogCaptureFixture
) -> None:
    former = link.resolve()
    former.chmod(0o644)
    former.write_bytes(b"not a database" * 1000)

    with caplog.at_level(logging.WARNING):
        publish(warehouse, (ORDERS,), link, "second")

    assert rows(link) == warehouse.execute("from marts.orders order by all").fetchall()
    assert "all is written anew" in caplog.text


@pytest.mark.parametrize(
    "forget",
    [
        pytest.param("delete from marts.orders where x < 6", id="dates that retention took"),
        pytest.param("update marts.orders set x = x + 1000", id="all rows, as under another key"),
    ],
)
def test_what_is_gone_is_gone_from_the_bytes_of_the_file(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, forget: str
) -> None:
    warehouse.execute("set force_compression = 'uncompressed'")
    named = "select * replace ('Erika Mustermann ' || x as x) from marts.orders"
    link, name = tmp_path / "kpi.duckdb", b"Erika Mustermann 5"
    warehouse.execute(f"create view marts.named as {named}")
    publish(warehouse, (replace(ORDERS, name="named"),), link, "first")
    assert name in link.read_bytes()

    warehouse.execute(forget)
    publish(warehouse, (replace(ORDERS, name="named"),), link, "second")

    assert name not in link.read_bytes()
