"""The models of a build as one SQL script, and the process that runs it: no shell of ours around it.

The script has the compiled SQL of every model in order, the deletes and inserts that an incremental
one needs, and copies the marts to a file of their own. It has no tests, no ledger, no transactions a
model, no log of versions and no comments; it runs as one transaction in one session.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb

from assets.models.project import DateRange, Model
from assets.models.runner import Runner
from assets.pseudonyms import read_key, set_key
from assets.session import SESSION


def statements(runner: Runner, dates: DateRange) -> Iterator[str]:
    """What a person would write who knows which tables hold which dates."""
    yield from SESSION
    yield "begin"
    for model in runner.project.models:
        yield from _of_model(model, runner.sql_of(model, dates), dates)
    yield "commit"
    yield "attach 'OUTPUT' as marts_file (storage_version 'v1.4.0')"
    yield "create schema marts_file.marts"
    for model in runner.project.models:
        if model.layer == "marts":
            yield f"create table marts_file.marts.{model.name} as from {model.table}"
    yield "detach marts_file"


def _of_model(model: Model, sql: str, dates: DateRange) -> Iterator[str]:
    if not model.is_incremental:
        yield f"create or replace {'view' if model.is_view else 'table'} {model.table} as {sql}"
        return
    within = f"{model.event_time} between '{dates.first}' and '{dates.last}'"
    if model.unique_key is None:
        yield f"delete from {model.table} where {within}"
        yield f"insert into {model.table} by name select * from ({sql}) where {within}"
        return
    new_keys = f"select {model.unique_key} from {model.table} where rowid > getvariable('last_row')"
    yield f"delete from {model.table} where {within}"
    yield f"set variable last_row = (select max(rowid) from {model.table})"
    yield f"insert into {model.table} by name {sql}"
    yield (
        f"delete from {model.table} where rowid <= getvariable('last_row') "
        f"and {model.unique_key} in ({new_keys})"
    )


def main() -> None:
    """``by_hand DATABASE SCRIPT KEY OUTPUT``: run the JSON list of statements in SCRIPT."""
    database, script, key, output = sys.argv[1:]
    with duckdb.connect(database) as connection:
        set_key(connection, read_key(Path(key)))
        for statement in json.loads(Path(script).read_text(encoding="utf-8")):
            connection.execute(statement.replace("OUTPUT", output))


if __name__ == "__main__":
    main()
