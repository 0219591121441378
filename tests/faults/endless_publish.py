"""Publishes version after version until it is killed; every mart of a version says its number.

Run as a process of its own, ``python -m tests.faults.endless_publish <link> <name>``.
"""

import sys
from itertools import count
from pathlib import Path

import duckdb

from assets.models.project import Column, Model
from assets.publishing import publish

MARTS = tuple(
    Model(
        name,
        "marts",
        Path(f"{name}.sql"),
        "",
        "Grain: one row per number.",
        (Column("version", "Its version."),),
    )
    for name in ("orders", "routes", "drivers")
)


def main() -> None:
    """Never ends by itself; says each version once it is published."""
    link, name = Path(sys.argv[1]), sys.argv[2]
    connection = duckdb.connect()
    connection.execute("create schema marts; set threads = 1")
    for version in count():
        for mart in MARTS:
            connection.execute(
                f"create or replace table {mart.table} as select {version} as version from range(50_000)"
            )
        publish(connection, MARTS, link, f"{name}-{version}")
        print(version, flush=True)


if __name__ == "__main__":
    main()
