"""Run by the Python of another environment: reads a published file by each way, and says what it saw.

``python reading.py PATH`` prints one JSON object. It imports nothing of ours.
"""

import json
import sys
from collections.abc import Callable

Rows = list[tuple]

TABLES = "select table_name from duckdb_tables() where schema_name = 'marts' order by 1"
COMMENTS = (
    "select (select count(*) from duckdb_tables() where comment <> '')"
    " + (select count(*) from duckdb_columns() where not internal and comment <> '')"
)
KNOWN = "select count(*) from marts.kpi_as_known_at('2999-01-01 00:00:00+00')"


def digest_of(table: str) -> str:
    """A query for the number of rows of a table, and one value made of all its values."""
    rows = "string_agg(t::varchar, chr(10) order by t::varchar)"
    return f"select count(*), md5(coalesce({rows}, '')) from marts.{table} as t"


def read(query: Callable[[str], Rows]) -> dict[str, object]:
    """All tables: their digests, and all of their rows as the way hands them to Python."""
    query("set TimeZone = 'UTC'")
    tables = [row[0] for row in query(TABLES)]
    return {
        "duckdb": query("select version()")[0][0],
        "digests": {table: list(query(digest_of(table))[0]) for table in tables},
        "rows": {table: len(query(f"from marts.{table}")) for table in tables},
        "comments": query(COMMENTS)[0][0],
        "known": query(KNOWN)[0][0],
    }


def by_duckdb(path: str) -> dict[str, object]:
    """DuckDB's own Python client."""
    import duckdb

    with duckdb.connect(path, read_only=True) as connection:
        return read(lambda sql: connection.execute(sql).fetchall())


def by_sqlalchemy(path: str) -> dict[str, object]:
    """SQLAlchemy with duckdb_engine; what it reflects of a table is what a BI tool lists."""
    import sqlalchemy

    engine = sqlalchemy.create_engine(f"duckdb:///{path}", connect_args={"read_only": True})
    with engine.connect() as connection:

        def query(sql: str) -> Rows:
            found = connection.execute(sqlalchemy.text(sql.replace(":", "\\:")))
            return [tuple(row) for row in found] if found.returns_rows else []

        seen = read(query)
    inspector = sqlalchemy.inspect(engine)
    reflected = {
        table: len(inspector.get_columns(table, "marts")) for table in inspector.get_table_names("marts")
    }
    return {**seen, "reflected": reflected}


def by_adbc(path: str) -> dict[str, object]:
    """ADBC, by the driver that comes with DuckDB; rows come as Arrow tables."""
    import adbc_driver_duckdb
    from adbc_driver_manager import dbapi

    options = {"path": path, "access_mode": "READ_ONLY"}
    with (
        dbapi.connect(
            driver=adbc_driver_duckdb.driver_path(),
            entrypoint="duckdb_adbc_init",
            db_kwargs=options,
            autocommit=True,
        ) as connection,
        connection.cursor() as cursor,
    ):

        def query(sql: str) -> Rows:
            cursor.execute(sql)
            return [tuple(row.values()) for row in cursor.fetch_arrow_table().to_pylist()]

        return read(query)


WAYS = {"duckdb": by_duckdb, "sqlalchemy": by_sqlalchemy, "adbc": by_adbc}

if __name__ == "__main__":
    print(json.dumps({name: way(sys.argv[1]) for name, way in WAYS.items()}))
