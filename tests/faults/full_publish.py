"""Publishes a large table where no file may grow beyond a limit, as on a full disk.

Run as a process of its own, ``python -m tests.faults.full_publish <link> <bytes>``: the limit stays with it.
"""

import resource
import sys
from pathlib import Path

import duckdb

from assets.models.project import Column, Model
from assets.publishing import publish

ROWS = 2_000_000
MART = Model(
    "numbers", "marts", Path("numbers.sql"), "", "Grain: one row per number.", (Column("x", "One."),)
)


def warehouse() -> duckdb.DuckDBPyConnection:
    """A warehouse in memory with some megabytes in its mart."""
    connection = duckdb.connect()
    connection.execute("create schema marts")
    connection.execute(f"create table marts.numbers as select hash(range) as x from range({ROWS})")
    return connection


def main() -> None:
    """Ends with 1 where DuckDB or the system says no, and with what it says."""
    link, limit_bytes = Path(sys.argv[1]), int(sys.argv[2])
    connection = warehouse()
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, resource.RLIM_INFINITY))
    try:
        publish(connection, (MART,), link, "second")
    except (duckdb.Error, OSError) as error:
        print(error)
        sys.exit(1)


if __name__ == "__main__":
    main()
