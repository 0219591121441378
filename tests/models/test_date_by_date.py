"""Tables whose dates are built anew only where what they are made of stands otherwise."""

from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from msgspec.structs import replace

from assets.models.load import load_project
from assets.models.project import DateRange, Model
from assets.models.runner import Built, Runner
from routing.errors import ModelError
from streams.events.base import Event
from streams.events.delivery import ScanKind
from tests.models.events import at, depot, order, scan, shift, telemetry, tick, vehicle
from tests.models.given import PROJECT, Lake, Warehouse
from tests.models.test_late_truth import ALL_OVER, FOURTH, SECOND, THIRD, land, three_days
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
    build_all(made)
    return made


def build_all(runner: Runner) -> None:
    for model in runner.project.models:
        runner.build(model, DATES)


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


def test_columns_that_swapped_names_change_all(runner: Runner, tmp_path: Path) -> None:
    write(
        tmp_path,
        "a",
        "select date '2026-03-01' + i::integer as day, i as x, 10 * i as y from range(5) as days (i)",
    )
    build_all(runner_of(tmp_path, runner.connection))
    write(
        tmp_path,
        "a",
        "select date '2026-03-01' + i::integer as day, i as y, 10 * i as x from range(5) as days (i)",
    )
    later = runner_of(tmp_path, runner.connection)

    build_all(later)

    assert totals(later)[-1] == (5, 40, 1)


def test_a_table_that_was_built_otherwise_meanwhile_is_built_whole(runner: Runner, tmp_path: Path) -> None:
    write(tmp_path, "tally", TALLY.removeprefix(BY_DATE).replace("sum(x)", "-sum(x)"))
    build_all(runner_of(tmp_path, runner.connection))
    write(tmp_path, "tally", TALLY)
    later = runner_of(tmp_path, runner.connection)

    build_all(later)

    assert totals(later)[-1] == (5, 4, 1)


def test_a_view_takes_the_place_of_a_table_and_follows_what_it_shows(tmp_path: Path, runner: Runner) -> None:
    write(tmp_path, "tally", "{{ config(materialized='view') }} select count(*) as days from {{ ref('a') }}")
    later = runner_of(tmp_path, runner.connection)
    later.build(tally(later), DATES)

    runner.connection.execute("delete from staging.a where x = 0")

    assert runner.connection.execute("from staging.tally").fetchall() == [(4,)]


def test_a_table_takes_the_place_of_a_view(tmp_path: Path, runner: Runner) -> None:
    write(tmp_path, "tally", "{{ config(materialized='view') }} select count(*) as days from {{ ref('a') }}")
    build_all(runner_of(tmp_path, runner.connection))
    write(tmp_path, "tally", TALLY)
    later = runner_of(tmp_path, runner.connection)

    build_all(later)

    assert totals(later)[-1] == (5, 4, 1)


def story() -> list[Event]:
    """Two vehicles and drivers, each day an order of its own, beside three days of one vehicle."""
    days = (SECOND, THIRD, FOURTH)
    rounds = [
        replace(
            shift(f"round-{day}-{name}", name, driver, "06:00", "22:00"),
            service_date=date.fromisoformat(day),
            starts_at=at("06:00", day),
            ends_at=at("22:00", day),
        )
        for day in days
        for name, driver in (("van", "ada"), ("truck", "bob"))
    ]
    orders = [replace(order(f"own-{day}", promised_day=day, until=None), depot_id="north") for day in days]
    work = [
        event
        for shift_of in rounds
        for event in (
            replace(
                scan(ScanKind.DELIVERED, "10:30", f"own-{shift_of.service_date}"),
                scanned_at=shift_of.starts_at + timedelta(hours=5),
                vehicle_id=shift_of.vehicle_id,
                shift_id=shift_of.shift_id,
            ),
            *(
                replace(
                    telemetry("00:00", shift_of.vehicle_id, odometer_m=hours * 9000.0, idle_s=hours * 60.0),
                    measured_at=shift_of.starts_at + timedelta(hours=hours),
                )
                for hours in (1, 2, 3)
            ),
        )
    ]
    return [*three_days(), *rounds, *orders, *work]


def test_each_such_table_is_the_same_built_date_by_date(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    lake.land(tick("12:00", day="2026-03-05"), depot(), vehicle(), vehicle("truck"), appended_at=ALL_OVER)
    land(lake, story(), repeats=3)
    warehouse = Warehouse(lake.root)
    warehouse.build_what_is_due()

    for model in [model for model in PROJECT.models if model.date_by_date]:
        days = [row[0] for row in warehouse.rows(f"select distinct service_date from {model.table}")]
        by_date = [warehouse.runner.sql_of_dates(model, [day]) for day in days]  # type: ignore[list-item]
        rows = sorted(repr(row) for sql in by_date for row in warehouse.rows(sql))

        assert len(days) > 1, f"{model.name} has rows of one date alone, which shows nothing"
        assert rows == sorted(map(repr, warehouse.rows(f"from {model.table}"))), model.name
