"""Of which dates the inputs of a table stand otherwise than when it was built of them last.

A print of an input's rows of one date is the sum of their hashes, and their number: it is another one
whenever a row is, in whatever order they stand. Hashing a million rows takes some 0.05 s.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from assets.models.project import Model

Print = tuple[str, date | None, int, int]
"""An input, the date of some of its rows, the sum of their hashes, and how many they are."""

_OPEN = """
create schema if not exists meta;
create table if not exists meta.input_prints (
    model varchar, input varchar, on_date date, print hugeint, row_count bigint
)
"""

_PRINTS = """
select '{name}' as input, {on_date} as on_date, sum(hash(one)::hugeint) as print, count(*) as row_count
from {table} as one group by all
"""

_PRINT_OF_QUERY = """
select 'its query' as input, null::date, hash($sql, list(named order by named))::hugeint, 0
from (
    select concat_ws(' ', schema_name, table_name, column_index, column_name, data_type) as named
    from duckdb_columns()
    where list_contains($tables, schema_name || '.' || table_name)
)
"""
"""With the columns of its inputs: the hash of a row does not know what they are called."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be built anew: all of a table where ``is_all``, else the rows of ``dates``.

    ``prints`` are those of the inputs as they are now.
    """

    is_all: bool
    dates: tuple[date, ...]
    prints: tuple[Print, ...]


def find_changes(
    connection: duckdb.DuckDBPyConnection,
    model: Model,
    sql: str,
    inputs: Sequence[Model],
    dated: Collection[str],
) -> Changes:
    """Hold ``inputs``, and the query itself, against those that the model was built of last.

    ``dated`` are those with the model's date column. What has no date changes all dates.
    """
    parts = [
        _PRINTS.format(
            name=one.name, table=one.table, on_date=model.date_by_date if one.name in dated else "null::date"
        )
        for one in inputs
    ]
    values = {"sql": sql, "tables": [one.table for one in inputs]}
    now = connection.execute(" union all ".join((_PRINT_OF_QUERY, *parts)), values).fetchall()
    connection.execute(_OPEN)
    known = "select input, on_date, print, row_count from meta.input_prints where model = ?"
    before = connection.execute(known, [model.name]).fetchall()
    changed = {row[1] for row in set(now) ^ set(before)}
    dates = {row[1] for row in now} - {None}
    return Changes(
        is_all=None in changed or 2 * len(changed) > len(dates),
        dates=tuple(sorted(changed - {None})),
        prints=tuple(now),
    )


def note_inputs(connection: duckdb.DuckDBPyConnection, model: Model, prints: Sequence[Print]) -> None:
    """The model is built of inputs with these prints; none where it is not built date by date.

    In the transaction that builds it.
    """
    connection.execute(_OPEN)
    connection.execute("delete from meta.input_prints where model = ?", [model.name])
    if prints:
        inputs, dates, sums, counts = map(list, zip(*prints, strict=True))
        connection.execute(
            "insert into meta.input_prints "
            "select ?, unnest(?::varchar[]), unnest(?::date[]), unnest(?::hugeint[]), unnest(?::bigint[])",
            [model.name, inputs, dates, sums, counts],
        )


def quoted(text: str) -> str:
    """As SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def listed(dates: Collection[date]) -> str:
    """As SQL has them after ``in``."""
    return ", ".join(f"date '{one}'" for one in dates)
