"""Tests look at what was written since they passed, and at all that could have come to break them."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from assets.models.load import load_project
from assets.models.project import DateRange
from assets.models.runner import Runner
from assets.models.untested import ALL, untested_rows
from routing.errors import ModelError
from tests.models.test_runner import INCREMENTAL

FIRST, SECOND, THIRD = (date(2026, 3, day) for day in (1, 2, 3))
BY_DATE = "{{ config(meta={'date_by_date': 'day'}) }}\n"
KEYED = INCREMENTAL.replace("event_time='day'", "event_time='day', unique_key='x'")
NO_NINES = "dbt_utils.expression_is_true: {expression: 'x <> 9'}"
PAIRS = "dbt_utils.unique_combination_of_columns: {combination_of_columns: [x, note]}"
KNOWN = "relationships: {to: \"ref('known')\", field: x}"


class Tables:
    """Sources ``raw`` (day, x, note) and ``known`` (x), and a model ``a`` of all that is raw."""

    def __init__(self, folder: Path, test: str, config: str) -> None:
        for name in ("staging", "marts", "tests", "macros"):
            (folder / name).mkdir(exist_ok=True)
        self.folder, self.connection = folder, duckdb.connect()
        self.connection.execute("create table raw (day date, x integer, note varchar)")
        self.connection.execute("create table listed (x integer)")
        self.write("staging", "raw_rows", "select * from raw", "[]")
        self.write("staging", "known", "select * from listed", "[]")
        within = " where day between '{{ var('first_date') }}' and '{{ var('last_date') }}'"
        dated = within if "event_time" in config and "unique_key" not in config else ""
        self.write("marts", "a", f"{config}select * from {{{{ ref('raw_rows') }}}}{dated}", test)

    def write(self, layer: str, name: str, sql: str, columns: str) -> None:
        (self.folder / layer / f"{name}.sql").write_text(sql)
        (self.folder / layer / f"{name}.yml").write_text(
            "version: 2\nmodels:\n"
            f"  - {{name: {name}, description: 'Grain: one row per x.', columns: {columns}}}\n"
        )

    @property
    def runner(self) -> Runner:
        return Runner(self.connection, load_project(self.folder), lambda source, _: source.name, {})

    def add(self, day: date, x: int | None, note: str | None = None) -> None:
        self.connection.execute("insert into raw values (?, ?, ?)", [day, x, note])

    def failures(self, *days: date) -> int:
        """How many rows break a promise, once all models are built for each of ``days``."""
        runner, failures = self.runner, 0
        for model in runner.project.models:
            for day in days or (FIRST,):
                runner.build(model, DateRange(day, day))
            failures += sum(tested.failures for tested in runner.test_written(model))
        return failures


def of_column(test: str) -> str:
    return f"[{{name: x, description: 'One.', data_tests: [{test}]}}]"


def of_model(test: str) -> str:
    return f"[], data_tests: [{{{test}}}]"


@pytest.fixture(params=[BY_DATE, INCREMENTAL], ids=["date by date", "by dates"])
def config(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def three_days(folder: Path, test: str, config: str) -> Tables:
    """One row a day, built and tested."""
    tables = Tables(folder, test, config)
    for number, day in enumerate((FIRST, SECOND, THIRD)):
        tables.add(day, number)
    assert tables.failures(FIRST, SECOND, THIRD) == 0
    return tables


def test_rows_that_stand_are_not_looked_at_again(tmp_path: Path, config: str) -> None:
    tables = three_days(tmp_path, of_column("not_null"), config)
    tables.connection.execute(f"update marts.a set x = null where day = '{FIRST}'")

    tables.add(SECOND, 7)

    assert tables.failures(SECOND) == 0


def test_a_row_that_a_test_refused_is_refused_until_it_is_written_otherwise(
    tmp_path: Path, config: str
) -> None:
    tables = three_days(tmp_path, of_model(NO_NINES), config)
    tables.add(FIRST, 9)

    refused = [tables.failures(FIRST), tables.failures(SECOND), tables.failures(THIRD)]
    tables.connection.execute("delete from raw where x = 9")

    assert refused == [1, 1, 1]
    assert tables.failures(FIRST) == 0


@pytest.mark.parametrize("test", [of_column("unique"), of_model(PAIRS)])
def test_a_written_row_is_held_against_those_that_stand(tmp_path: Path, test: str) -> None:
    tables = three_days(tmp_path, test, BY_DATE)

    tables.add(THIRD, 0)  # with no note, as the first day's

    assert tables.failures() == 1


def test_a_row_outside_of_the_dates_that_were_asked_for_is_looked_at(tmp_path: Path) -> None:
    tables = Tables(tmp_path, of_model(NO_NINES), KEYED)
    tables.add(FIRST, 1)
    assert tables.failures(FIRST) == 0

    tables.add(THIRD, 9)

    assert tables.failures(FIRST) == 1


def test_what_another_table_says_of_a_row_is_asked_each_time(tmp_path: Path) -> None:
    tables = Tables(tmp_path, of_column(KNOWN), BY_DATE)
    tables.add(FIRST, 1)
    tables.connection.execute("insert into listed values (1)")
    assert tables.failures() == 0

    tables.connection.execute("delete from listed")

    assert tables.failures() == 1


def test_another_test_is_asked_of_all_rows(tmp_path: Path) -> None:
    tables = Tables(tmp_path, "[]", BY_DATE)
    tables.add(FIRST, 9)
    assert tables.failures() == 0

    tables.write("marts", "a", (tmp_path / "marts" / "a.sql").read_text(), of_model(NO_NINES))

    assert tables.failures() == 1


def test_a_column_that_rows_got_later_is_looked_at_in_all_of_them(tmp_path: Path) -> None:
    tables = three_days(tmp_path, of_column("not_null"), INCREMENTAL)
    tables.connection.execute("alter table raw add column y integer default 1")
    project = tables.runner.project

    for model in project.models:
        tables.runner.build(model, DateRange(SECOND, SECOND))

    written = untested_rows(tables.connection, project.model("a"), project.tests_of(project.model("a")))
    assert written == ALL


def test_a_test_of_dates_reads_the_written_ones(tmp_path: Path) -> None:
    sums = "{{ config(meta={'date_by_date': 'day'}) }}\n"
    sums += "select day from {{ ref('a') }} group by day having sum(x) > 10"
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "small_sums.sql").write_text(sums)
    tables = three_days(tmp_path, "[]", BY_DATE)
    tables.connection.execute(f"update marts.a set x = 99 where day = '{FIRST}'")

    tables.add(THIRD, 1)
    of_another_date = tables.failures()
    tables.add(THIRD, 50)

    assert (of_another_date, tables.failures()) == (0, 1)


@pytest.mark.parametrize(
    "sql", ["select 1 from {{ ref('known') }}", "select 1 from {{ ref('a') }}, {{ ref('known') }}"]
)
def test_a_test_of_dates_reads_one_table_of_such_dates(tmp_path: Path, sql: str) -> None:
    Tables(tmp_path, "[]", BY_DATE)
    (tmp_path / "tests" / "odd.sql").write_text("{{ config(meta={'date_by_date': 'day'}) }}\n" + sql)

    with pytest.raises(ModelError, match=r"odd\.sql: a test that is date by date refers to one model"):
        load_project(tmp_path)
