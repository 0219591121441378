"""The project that dbt is given: the SQL of our models under dbt's own words."""

from datetime import date
from pathlib import Path

from assets.models.project import DateRange
from assets.session import SESSION
from pipelines.bench.warehouse.by_hand import statements
from pipelines.bench.warehouse.dbt import dbt_beside, model_sql, write_project
from tests.models.given import PROJECT, Lake, Warehouse

DATES = DateRange(date(2026, 3, 2), date(2026, 3, 2))


def test_a_model_names_its_schema_and_what_it_is_made_of() -> None:
    written = model_sql(PROJECT.model("exception_causes"), "select 1", DATES)

    assert written.splitlines() == [
        '{{ config(schema="marts") }}',
        "-- depends_on: {{ ref('exceptions') }}",
        "{% raw %}",
        "select 1",
        "{% endraw %}",
    ]


def test_an_incremental_model_replaces_its_dates_or_the_rows_of_its_ids() -> None:
    by_date = model_sql(PROJECT.model("stg_scans"), "select 1", DATES)
    by_id = model_sql(PROJECT.model("int_legs"), "select 1", DATES)

    assert 'incremental_strategy="delete+insert", unique_key="service_date"' in by_date
    assert "where service_date between '2026-03-02' and '2026-03-02'" in by_date
    assert 'unique_key="leg_id"' in by_id
    assert "between" not in by_id


def test_the_project_has_every_model_and_no_key(tmp_path: Path) -> None:
    (tmp_path / "lake").mkdir()
    warehouse = Warehouse(Lake(tmp_path / "lake").root)

    models = write_project(tmp_path / "dbt", warehouse.runner, DATES, tmp_path / "w.duckdb", tmp_path / "key")

    assert models == len(list((tmp_path / "dbt" / "models").rglob("*.sql"))) == len(PROJECT.models)
    assert f'path: "{tmp_path}/w.duckdb"' in (tmp_path / "dbt" / "profiles.yml").read_text()


def test_peers_have_the_settings_of_our_own_session(tmp_path: Path) -> None:
    (tmp_path / "lake").mkdir()
    warehouse = Warehouse(Lake(tmp_path / "lake").root)

    write_project(tmp_path / "dbt", warehouse.runner, DATES, tmp_path / "w.duckdb", tmp_path / "key")

    by_hand = list(statements(warehouse.runner, DATES))
    assert by_hand[: len(SESSION)] == list(SESSION)
    assert 'cursor.execute("; ".join(SESSION))' in (tmp_path / "dbt" / "pseudonym_plugin.py").read_text()
    assert any("memory_limit" in setting for setting in SESSION)


def test_dbt_is_beside_the_other_peers() -> None:
    assert dbt_beside(Path("/x/build/bench-venv/bin/python")) == Path("/x/build/dbt-venv/bin/dbt")
