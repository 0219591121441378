"""Opening what is published, read-only."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from routing.errors import ConfigurationError


@contextmanager
def open_published(published: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published file, in UTC. Raises ``ConfigurationError`` where nothing is published."""
    if not published.exists():
        raise ConfigurationError(f"nothing is published at {published}; 'doorstep build' does that")
    with duckdb.connect(str(published), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


def require_table(connection: duckdb.DuckDBPyConnection, published: Path, table: str) -> None:
    """Raises ``ConfigurationError`` where a former Doorstep published the file, without that table."""
    found = connection.execute(
        "select 1 from duckdb_tables() where schema_name = 'marts' and table_name = ?", [table]
    ).fetchall()
    if not found:
        raise ConfigurationError(f"{published} has no table {table} yet: run 'doorstep build' once more")
