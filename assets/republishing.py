"""A copy of the former version made into the next: only what differs is written.

Most of what is published is over and stands. What differs is told by hashes of both sides, date by date, so
that nothing has to be remembered between two builds; hashing six million rows takes half a second. DuckDB
leaves the bytes of deleted rows in its file, so where something is gone for good no copy is made.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

import duckdb

from assets.models.changed import listed, quoted
from assets.models.project import Model

DATE, AS_OF = "service_date", "as_of"

Print = tuple[date | None, int, int]
"""A date, or none of a table without dates, with the hash of its rows and their number."""

_PRINTS = """
select {date} as on_date, sum(hash(one)::hugeint), count(*)
from (select {columns} from {relation}) as one group by all
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """What of a table is published otherwise than it stands: ``dates``, or what can't be told by them.

    Something ``is_gone`` where dates, rows or columns were published that are not there any more, or where
    most dates have other figures, as under a new key of pseudonyms.
    """

    is_all: bool
    dates: tuple[date, ...] = ()
    is_gone: bool = False


def differences(connection: duckdb.DuckDBPyConnection, models: Collection[Model]) -> dict[str, Difference]:
    """By table, what the attached ``published`` has otherwise than the warehouse."""
    published = _tables(connection)
    found = {model.name: _difference(connection, model, published) for model in models}
    return found | {name: Difference(is_all=True, is_gone=True) for name in published - found.keys()}


def bring_up_to_date(
    connection: duckdb.DuckDBPyConnection, models: Collection[Model], found: Mapping[str, Difference]
) -> None:
    """Make the attached ``published`` hold ``models`` as they are; ``found`` is what differs."""
    connection.execute("create schema if not exists published.marts")
    for model in models:
        _bring(connection, model, found[model.name])
    _describe(connection, models)


def _bring(connection: duckdb.DuckDBPyConnection, model: Model, difference: Difference) -> None:
    """What has no description is not published: a column that a former Doorstep had, say."""
    source, table = _source(model), _published(model)
    if difference.is_all:
        connection.execute(f"create or replace table {table} as {source}")
    elif difference.dates:
        changed = f"{DATE} in ({listed(difference.dates)})"
        connection.execute(f"delete from {table} where {changed}")
        connection.execute(f"insert into {table} {source} where {changed}")
    if _has_one_moment(connection, model):
        moment = f"(select any_value({AS_OF}) from {model.table})"
        connection.execute(f"update {table} set {AS_OF} = {moment} where {AS_OF} is distinct from {moment}")


def _difference(
    connection: duckdb.DuckDBPyConnection, model: Model, published: Collection[str]
) -> Difference:
    if model.name not in published:
        return Difference(is_all=True)
    if _shape(connection, _source(model)) != _shape(connection, f"from {_published(model)}"):
        return Difference(is_all=True, is_gone=True)
    left_out = AS_OF if _has_one_moment(connection, model) else None
    compared = [column for column in _columns(model) if column != f'"{left_out}"']
    dated = DATE if f'"{DATE}"' in compared else "null::date"
    queries = [
        _PRINTS.format(date=dated, columns=", ".join(compared), relation=one)
        for one in (model.table, _published(model))
    ]
    here, there = (connection.execute(query).fetchall() for query in queries)
    return _told(here, there)


def _told(here: Collection[Print], there: Collection[Print]) -> Difference:
    changed = {on_date for on_date, _, _ in set(here) ^ set(there)}
    is_undated, are_most = None in changed, 2 * len(changed) > len(here)
    is_gone = bool({on_date for on_date, _, _ in there} - {on_date for on_date, _, _ in here})
    if is_undated:
        is_gone |= sum(rows for _, _, rows in here) < sum(rows for _, _, rows in there)
    elif there:
        is_gone |= are_most
    is_all = is_undated or are_most
    return Difference(is_all, () if is_all else tuple(sorted(each for each in changed if each)), is_gone)


def _has_one_moment(connection: duckdb.DuckDBPyConnection, model: Model) -> bool:
    """Whether all rows are as of one moment: another one with each build, it is set and not compared."""
    if f'"{AS_OF}"' not in _columns(model):
        return False
    counts = f"select count(distinct {AS_OF}) = 1 and count({AS_OF}) = count(*) from {model.table}"
    return bool(connection.execute(counts).fetchall()[0][0])


def _describe(connection: duckdb.DuckDBPyConnection, models: Collection[Model]) -> None:
    """Comments on all tables and columns; those that stand are not written again."""
    of_tables = "select table_name, null, comment from duckdb_tables() where database_name = 'published'"
    of_columns = of_tables.replace("null", "column_name").replace("tables()", "columns()")
    known = set(connection.execute(f"{of_tables} union all {of_columns}").fetchall())
    for model in models:
        wanted = [(None, model.description), *((one.name, one.description) for one in model.columns)]
        for column, words in wanted:
            if (model.name, column, words) not in known:
                target = f'column {_published(model)}."{column}"' if column else f"table {_published(model)}"
                connection.execute(f"comment on {target} is {quoted(words)}")


def _tables(connection: duckdb.DuckDBPyConnection) -> set[str]:
    found = connection.execute("select table_name from duckdb_tables() where database_name = 'published'")
    return {row[0] for row in found.fetchall()}


def _shape(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in connection.execute(f"describe {query}").fetchall()]


def _source(model: Model) -> str:
    return f"select {', '.join(_columns(model))} from {model.table}"


def _columns(model: Model) -> list[str]:
    return [f'"{column.name}"' for column in model.columns]


def _published(model: Model) -> str:
    return f"published.marts.{model.name}"
