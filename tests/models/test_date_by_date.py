"""Tables whose dates are built anew only where what they are made of stands otherwise."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from assets.models.load import load_project
from assets.models.project import DateRange, Model
from assets.models.runner import Built, Runner
from routing.errors import ModelError
from tests.models.events import depot, shift, tick, vehicle
from tests.models.given import PROJECT, Lake, Warehouse
from tests.models.test_late_truth import ALL_OVER, land, three_days
from tests.models.test_runner import write

BY_DATE = "{{ config(meta={'date_by_date': 'day'}) }}\n"
TALLY = (
    BY_DATE
    + "select day, sum(x) as total, max(factor) as factor from {{ ref('a') }}, {{ ref('b') }} group by day"
)
DATES = DateRange(date(2026, 3, 1), date(2026, 3, 9))


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """Table ``a`` has five days, ``b`` a factor for all of them, and ``tally`` is made of both."""
    for name in ("staging", "tests", "macros"):
        (tmp_path / name).mkdir()
    write(tmp_path, "a", "select date '2026-03-01' + i::integer as day, i as x from range(5) as days (i)")
    write(tmp_path, "b", "select 1 as factor")
    write(tmp_path, "tally", TALLY)
    made = runner_of(tmp_path, duckdb.connect())
    for model in made.project.models:
        made.build(model, DATES)
    return made


def runner_of(folder: Path, connection: duckdb.DuckDBPyConnection) -> Runner:
    return Runner(connection, load_project(folder), lambda source, _: source.name, {})


def tally(runner: Runner) -> Model:
    return runner.project.model("tally")


def totals(runner: Runner) -> list[tuple[int, float, int]]:
    rows = runner.connection.execute(
        "select day(day), total, factor from staging.tally order by day"
    ).fetchall()
    return [(int(day), float(total), int(factor)) for day, total, factor in rows]


def test_nothing_is_written_where_nothing_changed(runner: Runner) -> None:
    assert runner.build(tally(runner), DATES) == Built(rows=5, written=0)


def test_only_the_date_that_changed_is_written(runner: Runner) -> None:
    runner.connection.execute("update staging.a set x = 20 where day = '2026-03-03'")

    built = runner.build(tally(runner), DATES)

    assert built == Built(rows=5, written=1)
    assert totals(runner) == [(1, 0, 1), (2, 1, 1), (3, 20, 1), (4, 3, 1), (5, 4, 1)]


def test_rows_that_moved_to_another_date_change_both(runner: Runner) -> None:
    runner.connection.execute("update staging.a set day = '2026-03-02' where day = '2026-03-03'")

    built = runner.build(tally(runner), DATES)

    assert built == Built(rows=4, written=1)
    assert totals(runner) == [(1, 0, 1), (2, 3, 1), (4, 3, 1), (5, 4, 1)]


def test_a_second_copy_of_a_row_is_a_change(runner: Runner) -> None:
    runner.connection.execute(
        "insert into staging.a from staging.a where x = 4 union all from staging.a where x = 4"
    )

    runner.build(tally(runner), DATES)

    assert totals(runner)[-1] == (5, 12, 1)


def test_what_has_no_date_changes_all(runner: Runner) -> None:
    runner.connection.execute("update staging.b set factor = 7")

    built = runner.build(tally(runner), DATES)

    assert built == Built(rows=5, written=5)
    assert {factor for _, _, factor in totals(runner)} == {7}


def test_rows_whose_date_is_not_known_change_all(runner: Runner) -> None:
    runner.connection.execute("insert into staging.a values (null, 9)")

    assert runner.build(tally(runner), DATES) == Built(rows=6, written=6)


def test_another_query_changes_all(runner: Runner, tmp_path: Path) -> None:
    write(tmp_path, "tally", TALLY.replace("sum(x)", "sum(x) + 1"))
    later = runner_of(tmp_path, runner.connection)

    assert later.build(tally(later), DATES).written == 5
    assert totals(later)[0] == (1, 1, 1)


def test_a_build_that_fails_does_not_count_as_one(runner: Runner) -> None:
    runner.connection.execute("update staging.a set x = 20 where day = '2026-03-03'")
    runner.connection.execute("alter table staging.tally rename column total to sum_of_x")

    with pytest.raises(ModelError, match="tally"):
        runner.build(tally(runner), DATES)
    runner.connection.execute("alter table staging.tally rename column sum_of_x to total")

    assert runner.build(tally(runner), DATES).written == 1
    assert (3, 20, 1) in totals(runner)


def test_a_view_takes_the_place_of_a_table_and_follows_what_it_shows(tmp_path: Path, runner: Runner) -> None:
    write(tmp_path, "tally", "{{ config(materialized='view') }} select count(*) as days from {{ ref('a') }}")
    later = runner_of(tmp_path, runner.connection)
    later.build(tally(later), DATES)

    runner.connection.execute("delete from staging.a where x = 0")

    assert runner.connection.execute("from staging.tally").fetchall() == [(4,)]


def test_each_such_table_is_the_same_built_date_by_date(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    lake.land(tick("12:00", day="2026-03-05"), depot(), vehicle(), shift(), appended_at=ALL_OVER)
    land(lake, three_days(), repeats=3)
    warehouse = Warehouse(lake.root)
    warehouse.build_what_is_due()
    days = {day for (day,) in warehouse.rows("select distinct service_date from intermediate.int_kpi_daily")}

    models = [model for model in PROJECT.models if model.date_by_date]
    assert len(days) > 2
    for model in models:
        whole = sorted(map(repr, warehouse.rows(f"from {model.table}")))
        by_date = [
            repr(row)
            for day in days
            for row in warehouse.rows(warehouse.runner.sql_of_dates(model, [day]))  # type: ignore[list-item]
        ]
        assert sorted(by_date) == whole, model.name
