"""What each column is made of, read off the SQL."""

import dagster as dg
import pytest

from assets.column_lineage import ModelLineage, lineage_metadata, read_lineage
from assets.models.project import SEEDS
from pipelines import column_lineage
from pipelines.column_lineage import render_lineage
from tests.models.given import PROJECT


def fresh(name: str) -> dict[str, tuple[str, ...]]:
    model = PROJECT.model(name)
    sql, tables = column_lineage._compiled(PROJECT, model), column_lineage._tables(PROJECT, model)
    return column_lineage.column_sources(model, sql, tables)


def test_columns_lead_through_steps_and_calculations_to_the_tables_they_are_of() -> None:
    found = fresh("int_observed_minutes")

    assert found["service_date"] == ("staging.stg_gps_fixes.service_date",)
    assert found["minute_at"] == ("staging.stg_gps_fixes.corrected_at", "staging.stg_gps_fixes.fix_at")


def test_of_a_union_by_name_each_column_has_those_of_its_own_name() -> None:
    found = fresh("int_routes")

    assert found["driver_id"] == ("staging.stg_scans.driver_id", "staging.stg_shifts.driver_id")
    assert found["known_by"] == ()


def test_the_file_has_all_models_but_seeds_and_all_their_columns() -> None:
    models = {model.name: model for model in PROJECT.models if model.layer != SEEDS}

    assert read_lineage().keys() == models.keys()
    for name, model in models.items():
        assert list(read_lineage()[name].columns) == [column.name for column in model.columns]


def test_every_place_that_it_names_is_there() -> None:
    places = {place for one in read_lineage().values() for of in one.columns.values() for place in of}
    columns = {f"{model.table}.{column.name}" for model in PROJECT.models for column in model.columns}

    assert {place for place in places if not place.startswith("raw.")} <= columns
    assert {place.split(".")[1] for place in places if place.startswith("raw.")} == {
        source.name for source in PROJECT.sources
    }


def test_a_model_that_changed_is_looked_at_again_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = []
    monkeypatch.setattr(
        column_lineage, "column_sources", lambda model, sql, tables: looked_at.append(model.name) or {}
    )
    known = {**read_lineage(), "routes": ModelLineage("another", {})}

    render_lineage(PROJECT, known)

    assert looked_at == ["routes"]


def test_dagster_is_told_of_a_table_and_not_of_a_seed() -> None:
    told = lineage_metadata(PROJECT.model("int_kpi_daily"))["dagster/column_lineage"].value

    assert told.deps_by_column["unit"] == [dg.TableColumnDep(dg.AssetKey(["seeds", "kpi_catalogue"]), "unit")]
    assert lineage_metadata(PROJECT.model("assumptions")) == {}
