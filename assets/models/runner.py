"""Building and testing models in DuckDB: one transaction a model, so that it is there whole or as before."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from assets.models.changed import find_changes, listed, note_inputs
from assets.models.generic_tests import WRITTEN
from assets.models.project import (
    ALL_HOURS,
    SEEDS,
    DateRange,
    Hours,
    Model,
    Project,
    Source,
    SqlTest,
)
from assets.models.template import render
from assets.models.untested import ALL, note_passed, note_written, untested_rows
from routing.errors import ModelError

Resolve = Callable[[Source, DateRange | None], str]
"""The relation to read a source by; rows around a range of service dates, or all where it is ``None``."""

SAMPLE_ROWS = 5


@dataclass(frozen=True, slots=True)
class Built:
    """What a build came to: rows in the table now, and those that this build wrote."""

    rows: int
    written: int


@dataclass(frozen=True, slots=True)
class Tested:
    """What a test found: how many rows break the promise, and some of them in words."""

    test: SqlTest
    failures: int
    sample: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Runner:
    """Builds the models of ``project`` over one connection; ``variables`` are what ``var`` gives them."""

    connection: duckdb.DuckDBPyConnection
    project: Project
    resolve: Resolve
    variables: Mapping[str, str]

    def build(self, model: Model, dates: DateRange | None, hours: Hours = ALL_HOURS) -> Built:
        """Replace the model's table, or its rows of ``dates``; a second time gives the same rows.

        Of a model that says when its rows' moments are, those of ``hours`` alone, once it is there.
        Raises ``ModelError`` naming the model and its file; the table is then as before.
        """
        self.connection.execute("begin")
        try:
            built = self._write(model, dates, self._hours_of(model, hours))
            self.connection.execute("commit")
        except duckdb.Error as error:
            self.connection.execute("rollback")
            raise ModelError(f"model {model.name} ({model.path}): {error}") from error
        return built

    def test_written(self, model: Model) -> list[Tested]:
        """Run all tests of a model over what was written since they have all passed.

        Raises ``ModelError`` where one of them does not run.
        """
        tests = self.project.tests_of(model)
        written = untested_rows(self.connection, model, tests)
        tested = [self.test(test, written) for test in tests]
        if not any(one.failures for one in tested):
            note_passed(self.connection, model, tests)
        return tested

    def test(self, test: SqlTest, written: str = ALL) -> Tested:
        """Run one test, over rows for which ``written`` holds where the others can't have come to break it.

        Raises ``ModelError`` where its SQL does not run.
        """
        macros = "" if test.is_generic else self.project.macros
        of_written = None if written == ALL else test.of_written
        text = test.sql if of_written is None else of_written.replace(WRITTEN, f"({written})")
        sql = self._text(self.project.model(test.model).path, text, None, macros)
        try:
            failures = self._count(f"({sql})")
            if not failures:
                return Tested(test, 0, ())
            found = self.connection.execute(f"select * from ({sql}) limit {SAMPLE_ROWS}")
            names = [column[0] for column in found.description or []]
            rows = found.fetchall()
        except duckdb.Error as error:
            raise ModelError(f"test {test.name} of model {test.model}: {error}") from error
        sample = (", ".join(f"{n}={v}" for n, v in zip(names, row, strict=True)) for row in rows)
        return Tested(test, failures, tuple(sample))

    def sql_of(self, model: Model, dates: DateRange | None, hours: Hours = ALL_HOURS) -> str:
        """The query of a model for a range of dates, as DuckDB gets it."""
        if model.layer == SEEDS:
            types = ", ".join(f"'{name}': '{kind}'" for name, kind in model.column_types)
            return f"select * from read_csv('{model.path}', header = true, types = {{{types}}})"
        within = dates if model.is_incremental else None
        return self._text(model.path, model.sql, within, self.project.macros, hours)

    def sql_of_dates(self, model: Model, dates: Collection[date]) -> str:
        """The query of a model that is built date by date, over its inputs' rows of ``dates`` alone."""
        column = model.date_by_date

        def ref(name: str) -> str:
            one = self.project.model(name)
            if column is None or not self._has_column(one, column):
                return one.table
            return f"(select * from {one.table} where {column} in ({listed(dates)}))"

        return self._text(model.path, model.sql, None, self.project.macros, ref=ref)

    def _hours_of(self, model: Model, hours: Hours) -> Hours:
        return hours if model.moments and self._is_there(model) else ALL_HOURS

    def _write(self, model: Model, dates: DateRange | None, hours: Hours) -> Built:
        if hours.is_empty:
            return Built(self._count(model.table), 0)
        self.connection.execute(f"create schema if not exists {model.layer}")
        sql = self.sql_of(model, dates, hours)
        self._make_way(model)
        if model.date_by_date is not None:
            return self._write_changed(model, model.date_by_date, sql)
        note_inputs(self.connection, model, ())
        if model.is_view:
            self.connection.execute(f"create or replace view {model.table} as {sql}")
            return Built(self._count(model.table), 0)
        if not model.is_incremental:
            written = self._make(model, sql)
            return Built(written, written)
        if dates is None:
            raise ModelError(f"model {model.name} is built by service dates, and none were given")
        rows, limits = f"({sql})", f"between '{dates.first}' and '{dates.last}'"
        if model.unique_key is None:
            rows = f"(select * from {rows} where {model.event_time} {limits})"
        written = self._replace(model, sql, rows, f"{model.event_time} {limits}{_moments(model, hours)}")
        return Built(self._count(model.table), written)

    def _write_changed(self, model: Model, column: str, sql: str) -> Built:
        """Replace the rows of the dates of which an input changed; all of them where that can't be told."""
        inputs = [self.project.model(name) for name in model.refs]
        dated = [one.name for one in inputs if self._has_column(one, column)]
        changes = find_changes(self.connection, model, sql, inputs, dated)
        if changes.is_all or not self._is_there(model):
            written = self._make(model, sql)
        elif changes.dates:
            of_dates = f"{column} in ({listed(changes.dates)})"
            self._delete(model, of_dates)
            rows = self.sql_of_dates(model, changes.dates)
            made = self.connection.execute(f"insert into {model.table} by name {rows}").fetchall()
            note_written(self.connection, model, of_dates)
            written = int(made[0][0])
        else:
            written = 0
        note_inputs(self.connection, model, changes.prints)
        return Built(self._count(model.table), written)

    def _make(self, model: Model, query: str) -> int:
        """The whole table anew; says how many rows it has."""
        made = self.connection.execute(f"create or replace table {model.table} as {query}").fetchall()
        note_written(self.connection, model, ALL)
        return int(made[0][0])

    def _replace(self, model: Model, sql: str, rows: str, limits: str) -> int:
        """Put ``rows`` in the place of those that ``limits`` are of, and of their own older copies."""
        if not self._is_there(model):
            return self._make(model, f"from {rows}")
        is_as_before = self._follow_columns(model, sql)
        self._delete(model, limits)
        last_row = self._last_row(model)
        inserted = self.connection.execute(f"insert into {model.table} by name from {rows}").fetchall()
        if model.unique_key is not None:
            new_keys = f"select {model.unique_key} from {model.table} where rowid > {last_row}"
            self._delete(model, f"rowid <= {last_row} and {model.unique_key} in ({new_keys})")
        written = int(inserted[0][0])
        if not is_as_before:
            note_written(self.connection, model, ALL)
        elif written:
            note_written(self.connection, model, self._bounds(model, last_row))
        return written

    def _bounds(self, model: Model, last_row: int) -> str:
        """Where the rows behind ``last_row`` lie; others may lie there too."""
        columns = [model.event_time, *(model.moments or ())]
        ends = ", ".join(f"min({one})::varchar, max({one})::varchar" for one in columns)
        (found,) = self.connection.execute(
            f"select {ends} from {model.table} where rowid > {last_row}"
        ).fetchall()
        pairs = zip(columns, found[::2], found[1::2], strict=True)
        within = [f"coalesce({one} between '{low}' and '{high}', true)" for one, low, high in pairs if low]
        return " and ".join(within) or ALL

    def _last_row(self, model: Model) -> int:
        """The row that all new ones come after; keeping the new ones aside first would write them twice."""
        last = f"select coalesce(max(rowid), -1) from {model.table}"
        return int(self.connection.execute(last).fetchall()[0][0])

    def _is_there(self, model: Model) -> bool:
        found = "from duckdb_tables() where schema_name = ? and table_name = ?"
        return bool(self.connection.execute(found, [model.layer, model.name]).fetchall())

    def _make_way(self, model: Model) -> None:
        """What was a view can't be replaced by a table, nor the other way round."""
        kind, kinds = ("table", "duckdb_tables") if model.is_view else ("view", "duckdb_views")
        found = f"from {kinds}() where schema_name = ? and {kind}_name = ?"
        if self.connection.execute(found, [model.layer, model.name]).fetchall():
            self.connection.execute(f"drop {kind} {model.table}")

    def _has_column(self, model: Model, column: str) -> bool:
        found = "from duckdb_columns() where schema_name = ? and table_name = ? and column_name = ?"
        return bool(self.connection.execute(found, [model.layer, model.name, column]).fetchall())

    def _follow_columns(self, model: Model, sql: str) -> bool:
        """Add columns that the query has and the table lacks (null of dates built before), or has otherwise.

        Says whether there was none.
        """
        known = {row[0]: row[1] for row in self.connection.execute(f"describe {model.table}").fetchall()}
        wanted = [(row[0], row[1]) for row in self.connection.execute(f"describe {sql}").fetchall()]
        for name, kind in wanted:
            if name not in known:
                self.connection.execute(f'alter table {model.table} add column "{name}" {kind}')
            elif known[name] != kind:
                self.connection.execute(f'alter table {model.table} alter column "{name}" type {kind}')
        return all(known.get(name) == kind for name, kind in wanted)

    def _delete(self, model: Model, condition: str) -> None:
        self.connection.execute(f"delete from {model.table} where {condition}")

    def _count(self, relation: str) -> int:
        return int(self.connection.execute(f"select count(*) from {relation}").fetchall()[0][0])

    def _text(
        self,
        path: Path,
        template: str,
        dates: DateRange | None,
        macros: str,
        hours: Hours = ALL_HOURS,
        ref: Callable[[str], str] | None = None,
    ) -> str:
        """The SQL of a template; Jinja takes 10 ms for all macros, which generic tests don't call."""

        def table(name: str) -> str:
            return self.project.model(name).table

        def source(_schema: str, name: str) -> str:
            return self.resolve(self.project.source(name), dates)

        def var(name: str) -> str:
            return self._var(path, name, dates, hours)

        return render(path, template, macros, ref or table, source, var)

    def _var(self, path: Path, name: str, dates: DateRange | None, hours: Hours) -> str:
        if dates is not None and name in ("first_date", "last_date"):
            return str(dates.first if name == "first_date" else dates.last)
        if dates is not None and name in ("first_at", "last_at"):
            return hours.first_at if name == "first_at" else hours.last_at
        if name not in self.variables:
            raise ModelError(f"{path}: var({name!r}) is not set; there are {', '.join(self.variables)}")
        return self.variables[name]


def _moments(model: Model, hours: Hours) -> str:
    """Which rows within a range of dates touch ``hours``."""
    if model.moments is None or hours == ALL_HOURS:
        return ""
    begins, ends = model.moments
    return f" and {ends} >= '{hours.first_at}' and {begins} <= '{hours.last_at}'"
