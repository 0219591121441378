"""Of which dates the inputs of a table stand otherwise than when it was built of them last.

A print of an input's rows of one date is the sum of their hashes, and their number: it is another one
whenever a row is, in whatever order they stand. Hashing a million rows takes some 0.05 s.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from assets.models.project import Model

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
select 'its query' as input, null::date as on_date, hash($sql)::hugeint as print, 0::bigint as row_count
"""

_CHANGED = """
select distinct coalesce(old.on_date, now.on_date)
from (from meta.input_prints where model = $model) as old
full join prints_now as now on old.input = now.input and old.on_date is not distinct from now.on_date
where (old.print, old.row_count) is distinct from (now.print, now.row_count)
"""


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be built anew: all of a table where ``is_all``, else the rows of ``dates``."""

    is_all: bool
    dates: tuple[date, ...] = ()


def find_changes(
    connection: duckdb.DuckDBPyConnection,
    model: Model,
    sql: str,
    inputs: Sequence[Model],
    dated: Collection[str],
) -> Changes:
    """Hold ``inputs``, and the query itself, against those that the model was built of last.

    ``dated`` are those with the model's date column. What has no date changes all dates. `note_inputs` takes
    down what was found here.
    """
    connection.execute(_OPEN)
    prints = [
        _PRINTS.format(
            name=one.name, table=one.table, on_date=model.date_by_date if one.name in dated else "null::date"
        )
        for one in inputs
    ]
    connection.execute(
        f"create or replace temp table prints_now as {' union all '.join((_PRINT_OF_QUERY, *prints))}",
        {"sql": sql},
    )
    found = [row[0] for row in connection.execute(_CHANGED, {"model": model.name}).fetchall()]
    ((known,),) = connection.execute("select count(distinct on_date) from prints_now").fetchall()
    if None in found or 2 * len(found) > known:
        return Changes(is_all=True)
    return Changes(is_all=False, dates=tuple(sorted(found)))


def note_inputs(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """The model is built of what `find_changes` saw; in the transaction that builds it."""
    connection.execute("delete from meta.input_prints where model = ?", [model.name])
    connection.execute("insert into meta.input_prints select ?, * from prints_now", [model.name])
