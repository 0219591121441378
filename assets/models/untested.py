"""Which rows of a table no test has seen since they were written: the others were found right before.

Rows are told by a condition. It is noted in the transaction that writes them and stays until all tests of
the table have passed, so that neither a kill nor a failed test lets a row go untested.
"""

from collections.abc import Sequence

import duckdb

from assets.models.project import Model, SqlTest

ALL, NONE = "true", "false"

_OPEN = """
create schema if not exists meta;
create table if not exists meta.untested_rows (model varchar, condition varchar);
create table if not exists meta.passed_tests (model varchar, tests varchar)
"""


def note_written(connection: duckdb.DuckDBPyConnection, model: Model, condition: str) -> None:
    """The rows for which ``condition`` holds have been written. In the transaction that writes them."""
    connection.execute(_OPEN)
    former = "delete from meta.untested_rows where model = ? and (condition = ? or ?)"
    connection.execute(former, [model.name, condition, condition == ALL])
    connection.execute("insert into meta.untested_rows values (?, ?)", [model.name, condition])


def untested_rows(connection: duckdb.DuckDBPyConnection, model: Model, tests: Sequence[SqlTest]) -> str:
    """The condition of rows that ``tests`` have not seen; of all rows, where other tests have passed last."""
    connection.execute(_OPEN)
    passed = connection.execute(
        "select tests from meta.passed_tests where model = ?", [model.name]
    ).fetchall()
    if model.is_view or passed != [(_in_words(tests),)]:
        return ALL
    found = "select condition from meta.untested_rows where model = ? order by all"
    conditions = [row[0] for row in connection.execute(found, [model.name]).fetchall()]
    return ALL if ALL in conditions else " or ".join(f"({one})" for one in conditions) or NONE


def note_passed(connection: duckdb.DuckDBPyConnection, model: Model, tests: Sequence[SqlTest]) -> None:
    """All of ``tests`` have passed, over the rows that none had seen."""
    connection.execute("begin")
    connection.execute("delete from meta.untested_rows where model = ?", [model.name])
    connection.execute("delete from meta.passed_tests where model = ?", [model.name])
    connection.execute("insert into meta.passed_tests values (?, ?)", [model.name, _in_words(tests)])
    connection.execute("commit")


def _in_words(tests: Sequence[SqlTest]) -> str:
    return "\n".join(sorted(f"{test.name}: {test.sql}" for test in tests))
