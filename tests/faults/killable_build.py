"""``doorstep build`` in a process of its own that can be killed, and what a warehouse holds as digests."""

import multiprocessing
import os
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

import duckdb

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["great_expectations", "pipelines.cli", "pipelines.building"])
"""Importing takes as long as building so little; what is killed is forked from one that has imported."""

_OF_ONE_RUN = {
    "publication_id",
    "published_at",
    "known_from_at",
    "known_until_at",
    "corrected_at",
    "complete_from_at",
    "built",
    "print",
}
"""Columns that say who wrote a row and when, and hashes of rows to their last digit: each build has its own.

Sums of parallel threads differ there; the rows themselves are compared, rounded, in their own tables.
"""


@dataclass(frozen=True, slots=True)
class Build:
    """One ``doorstep build`` of a home, under way."""

    process: BaseProcess
    log: Path

    def ends_within(self, seconds: float) -> bool:
        """Whether it ends by itself in time."""
        self.process.join(seconds)
        return self.process.exitcode is not None

    def kill(self) -> None:
        """With -9."""
        self.process.kill()
        self.process.join()

    @property
    def said(self) -> str:
        """What it has printed."""
        return self.log.read_text()


def start_build(home: Path, *arguments: str) -> Build:
    """The command itself, as the command line runs it."""
    log = home.with_suffix(".log")
    process = _PROCESSES.Process(target=_build, args=(home, log, arguments))
    process.start()
    return Build(process, log)


def built(home: Path, *arguments: str) -> str:
    """What a build says that nobody disturbs."""
    build = start_build(home, *arguments)
    assert build.ends_within(600), build.said
    assert build.process.exitcode == 0, build.said
    return build.said


def _build(home: Path, log: Path, arguments: tuple[str, ...]) -> None:
    import sys
    import warnings

    from pipelines.cli import main

    warnings.simplefilter("ignore")
    sys.stdout = sys.stderr = log.open("w")
    os.environ["DOORSTEP_HOME"] = str(home)
    sys.argv = ["doorstep", "build", *arguments]
    main()


def digests(database: Path) -> dict[str, tuple[int, int]]:
    """Rows and a hash of the rows, whatever their order, of each table but for who wrote them when.

    Publications are summed up: one that a kill came after says that it brought what the next one shows.
    """
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where not temporary"
        ).fetchall()
        return {table: _digest(connection, table) for (table,) in tables}


def _digest(connection: duckdb.DuckDBPyConnection, table: str) -> tuple[int, int]:
    if table.endswith(".kpi_publications"):
        sql = f"select sum(new_figures + changed_figures), sum(corrections) from {table}"
    else:
        columns = connection.execute(f"describe {table}").fetchall()
        compared = ", ".join(_compared(name, kind) for name, kind, *_ in columns if name not in _OF_ONE_RUN)
        sql = f"select count(*), sum(hash(one)::hugeint) from (select {compared} from {table}) as one"
    (found,) = connection.execute(sql).fetchall()
    return found[0], found[1]


def _compared(name: str, kind: str) -> str:
    """Sums of parallel threads differ in the last digits from build to build."""
    return f'round("{name}", 6) as "{name}"' if kind == "DOUBLE" else f'"{name}"'
