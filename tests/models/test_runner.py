"""The folder of models: what is refused, what a build does, and each kind of test failing once."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from assets.models.load import load_project
from assets.models.project import DateRange, Model, Source
from assets.models.runner import Runner
from routing.errors import ModelError
from tests.models.events import DAY, fix, order
from tests.models.given import Lake, Warehouse

YAML = "version: 2\nmodels:\n  - {name: %s, description: 'Grain: one row per x.', columns: [%s]}\n"
INCREMENTAL = "{{ config(materialized='incremental', event_time='day') }}\n"
DATES = DateRange(date(2026, 3, 1), date(2026, 3, 2))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("staging", "tests", "macros"):
        (tmp_path / name).mkdir()
    return tmp_path


def write(folder: Path, name: str, sql: str, columns: str = "") -> None:
    (folder / "staging" / f"{name}.sql").write_text(sql)
    (folder / "staging" / f"{name}.yml").write_text(YAML % (name, columns))


def _unasked(source: Source, dates: DateRange | None) -> str:
    raise AssertionError(f"{source.name} is not asked for")


def runner_of(folder: Path) -> Runner:
    return Runner(duckdb.connect(), load_project(folder), _unasked, {})


def build(runner: Runner, dates: DateRange = DATES) -> dict[str, Model]:
    for model in runner.project.models:
        runner.build(model, dates)
    return {model.name: model for model in runner.project.models}


def test_models_are_built_after_what_they_refer_to(folder: Path) -> None:
    write(folder, "a", "select * from {{ ref('b') }}")
    write(folder, "b", "select 1 as x")

    assert [model.name for model in load_project(folder).models] == ["b", "a"]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("select * from {{ ref('ghost') }}", r"a\.sql: ref\('ghost'\) names no model; there are a"),
        ("select * from {{ source('lake', 'ghost') }}", "there is no source 'ghost'"),
        ("select * from {{ source('web', 'x') }}", "the only source is 'lake'"),
        ("{{ config(materialised='table') }} select 1", r"a\.sql: config\(\) does not know materialised"),
        ("{{ config(materialized='ephemeral') }} select 1", "it is 'table', 'incremental' or 'view'"),
        (INCREMENTAL.replace(") }}", ", meta={'date_by_date': 'day'}) }}"), "date_by_date goes with"),
        ("{{ config(materialized='incremental') }} select 1", "event_time goes with"),
        ("select {{ ghost() }}", r"a\.sql: 'ghost' is undefined"),
        ("select {{ ref('a' }}", r"a\.sql: "),
        ("select * from {{ ref('a') }}", "refer to each other in a loop: a -> a"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(folder: Path, sql: str, message: str) -> None:
    write(folder, "a", sql)

    with pytest.raises(ModelError, match=message):
        load_project(folder)


@pytest.mark.parametrize(
    ("yaml", "message"),
    [
        ("version: 2\n", "a is described in no YAML file"),
        ("version: 2\nmodels:\n  - {name: a, description: no grain, columns: []}\n", "starts with its grain"),
        ("version: 2\nmodels:\n  - {name: a, colums: []}\n", "a.yml: "),
        (
            YAML % ("a", "") + "  - {name: b, description: 'Grain: x', columns: []}\n",
            "there is no such file: b",
        ),
        (YAML % ("a", "{name: x, description: '', data_tests: [singular]}"), "unknown test 'singular'"),
        (
            YAML % ("a", "{name: x, description: '', data_tests: [accepted_values]}"),
            "lacks an argument: 'values'",
        ),
    ],
)
def test_a_description_that_does_not_fit_is_refused(folder: Path, yaml: str, message: str) -> None:
    (folder / "staging" / "a.sql").write_text("select 1 as x")
    (folder / "staging" / "a.yml").write_text(yaml)

    with pytest.raises(ModelError, match=message):
        load_project(folder)


def test_an_error_in_sql_names_the_model_and_its_file_and_leaves_the_table_as_it_was(folder: Path) -> None:
    write(folder, "a", "select 1 as x")
    build(runner := runner_of(folder))
    write(folder, "a", "select nonsense from nowhere")
    broken = Runner(runner.connection, load_project(folder), runner.resolve, {})

    with pytest.raises(ModelError, match=r"model a \(.*a\.sql\): Catalog Error"):
        build(broken)

    assert runner.connection.execute("select x from staging.a").fetchall() == [(1,)]


def test_a_rerun_of_a_range_gives_the_same_rows_and_leaves_other_days_alone(folder: Path) -> None:
    days = (
        "select unnest([date '2026-02-28', date '2026-03-01', date '2026-03-02', date '2026-03-03']) as day"
    )
    write(folder, "a", INCREMENTAL + days)
    runner = runner_of(folder)
    build(runner, DateRange(date(2026, 2, 28), date(2026, 2, 28)))

    counts = []
    for _ in range(2):
        build(runner)
        counts.append(
            runner.connection.execute("select day, count(*) from staging.a group by 1 order by 1").fetchall()
        )

    assert counts[0] == [(date(2026, 2, 28), 1), (date(2026, 3, 1), 1), (date(2026, 3, 2), 1)]
    assert counts[1] == counts[0]


def test_a_model_by_service_dates_needs_them(folder: Path) -> None:
    write(folder, "a", INCREMENTAL + "select date '2026-03-01' as day")
    runner = runner_of(folder)

    with pytest.raises(ModelError, match="none were given"):
        runner.build(runner.project.models[0], None)


@pytest.mark.parametrize(
    "test",
    [
        "not_null",
        "unique",
        "accepted_values: {values: [1]}",
        "relationships: {to: \"ref('b')\", field: y}",
        "dbt_utils.expression_is_true: {expression: 'x < 2'}",
        "dbt_utils.unique_combination_of_columns: {combination_of_columns: [x]}",
    ],
)
def test_each_generic_test_can_fail(folder: Path, test: str) -> None:
    write(folder, "b", "select 1 as y")
    entry = f"{{{test}}}" if ":" in test else test
    column = f"{{name: x, description: '', data_tests: [{entry}]}}"
    write(folder, "a", "select unnest([1, 2, 2, null]) as x", column)
    runner = runner_of(folder)
    build(runner)

    (tested,) = [runner.test(one) for one in runner.project.tests]

    assert tested.failures > 0
    assert tested.sample[0].startswith("x=")


def test_a_singular_test_fails_with_the_rows_that_break_it(folder: Path) -> None:
    write(folder, "a", "select 1 as x")
    (folder / "tests" / "no_ones.sql").write_text("select * from {{ ref('a') }} where x = 1")
    runner = runner_of(folder)
    build(runner)

    (tested,) = [runner.test(one) for one in runner.project.tests]

    assert (tested.test.name, tested.failures, tested.sample) == ("no_ones", 1, ("x=1",))


@pytest.mark.parametrize(
    ("damage", "test"),
    [
        ("update marts.deliveries set cost = cost + 0.0001", "cost_of_deliveries_is_cost_of_routes"),
        ("update marts.deliveries set co2e_wtw_kg = 0", "co2e_of_deliveries_is_co2e_of_routes"),
        ("update intermediate.int_kpi_daily set numerator = 7 where segment = 'hour'", "segments_sum_to_all"),
        ("update marts.orders set attempts = 9", "every_attempted_order_is_in_orders"),
    ],
)
def test_each_reconciliation_can_fail(lake: Lake, damage: str, test: str) -> None:
    from tests.models.events import scan
    from tests.models.test_costs_and_emissions import DELIVERED, fleet, there_and_back

    lake.land(*fleet(overhead_per_route=10), *there_and_back(), order(), scan(DELIVERED, "09:12"))
    warehouse = Warehouse(lake.root).build(DAY)
    assert warehouse.broken_tests() == []

    warehouse.connection.execute(damage)

    assert test in [broken.test.name for broken in warehouse.broken_tests()]


def test_files_that_lack_a_newer_column_are_read_with_nulls(lake: Lake) -> None:
    import pyarrow.parquet as pq

    lake.land(fix("09:00"))
    (path,) = (lake.root / "gps.fixes").rglob("*.parquet")
    pq.write_table(pq.read_table(path).drop_columns(["odometer_m"]), path)

    warehouse = Warehouse(lake.root).build(DAY)

    assert warehouse.rows("select vehicle_id, odometer_m from staging.stg_gps_fixes") == [("van", None)]


def test_a_column_that_comes_later_is_null_for_the_dates_built_before(folder: Path) -> None:
    write(folder, "a", INCREMENTAL + "select date '2026-03-01' as day")
    runner = runner_of(folder)
    build(runner, DateRange(date(2026, 3, 1), date(2026, 3, 1)))

    write(folder, "a", INCREMENTAL + "select date '2026-03-02' as day, 1 as x")
    later = Runner(runner.connection, load_project(folder), runner.resolve, {})
    build(later, DateRange(date(2026, 3, 2), date(2026, 3, 2)))

    rows = runner.connection.execute("select day::varchar, x from staging.a order by 1").fetchall()
    assert rows == [("2026-03-01", None), ("2026-03-02", 1)]


def test_rows_of_a_first_build_can_be_read_at_once_however_many_they_are(folder: Path) -> None:
    keyed = INCREMENTAL.replace("event_time='day'", "event_time='day', unique_key='x'")
    # More than a row group of DuckDB, so that whole ones are written.
    rows = "select i as x, 'van-' || (i % 300) as van, date '2026-03-01' as day from range(300000) r(i)"
    write(folder, "a", keyed + rows)
    project = load_project(folder)
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        runner = Runner(connection, project, _unasked, {})

        runner.build(project.model("a"), DATES)

        by_van = "select count(*), sum(n) from (select van, count(*) as n from staging.a group by van)"
        assert connection.execute(by_van).fetchall() == [(300, 300_000)]
