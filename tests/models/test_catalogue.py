import csv
from pathlib import Path

import pytest

from assets.catalogue import CATALOGUE, read_catalogue, render_page
from tests.models.conftest import Build
from tests.models.given import MODELS, PROJECT

PAGE = Path(__file__).parents[2] / "docs" / "kpis.md"
FACTORS = {entry["factor_id"]: entry for entry in read_catalogue(MODELS / "seeds" / "emission_factors.csv")}


def test_the_page_of_kpis_is_up_to_date() -> None:
    assert PAGE.read_text() == render_page(read_catalogue(CATALOGUE)), "run `make docs`"


def test_every_kpi_of_the_catalogue_is_in_the_mart_and_no_other(given: Build) -> None:
    warehouse = given()

    in_mart = warehouse.rows("select distinct kpi_id, definition_version from marts.kpi_daily order by 1")

    assert in_mart == sorted((entry["kpi_id"], int(entry["version"])) for entry in read_catalogue(CATALOGUE))


def test_another_version_of_a_definition_adds_no_rows(given: Build) -> None:
    warehouse = given()
    before = warehouse.rows("select count(*) from marts.kpi_daily")
    warehouse.connection.execute(
        "insert into seeds.kpi_catalogue select * replace (2 as version) from seeds.kpi_catalogue"
    )

    warehouse.runner.build(PROJECT.model("int_kpi_daily"), None)

    assert warehouse.rows("select count(*) from marts.kpi_daily") == before
    assert warehouse.rows("select distinct definition_version from marts.kpi_daily") == [(2,)]


def test_an_empty_day_has_null_over_zero_for_every_kpi(given: Build) -> None:
    warehouse = given()

    rows = warehouse.rows("select value, denominator, numerator, segment, as_of from marts.kpi_daily")

    assert rows == [(None, 0, 0, "all", None)] * len(read_catalogue(CATALOGUE))
    assert warehouse.broken_tests() == []


def test_every_column_is_described_and_every_described_column_is_there(given: Build) -> None:
    warehouse = given()

    for model in PROJECT.models:
        built = [row[0] for row in warehouse.rows(f"describe {model.table}")]
        assert built == [column.name for column in model.columns], model.name


def test_no_model_is_longer_than_80_lines() -> None:
    lengths = {path.name: len(path.read_text().splitlines()) for path in MODELS.glob("*/*.sql")}

    assert {name: lines for name, lines in lengths.items() if lines > 80} == {}


def published_factors(folder: Path, name: str, unit: str) -> dict[tuple[str, str], float]:
    """Kilograms of CO2e by (category, kind) of one of the publisher's sheets."""
    with (folder / name).open() as file:
        rows = [row for row in csv.DictReader(file) if row["UOM"] == unit and row["GHG/Unit"] == "kg CO2e"]
    value = "GHG Conversion Factor 2025"
    return {(row["Level 3"], row["Column Text"]): float(row[value]) for row in rows if row[value]}


@pytest.mark.parametrize(
    ("factor_id", "size", "fuel"),
    [
        ("van_class_i_diesel", "Class I (up to 1.305 tonnes)", "Diesel"),
        ("van_class_ii_diesel", "Class II (1.305 to 1.74 tonnes)", "Diesel"),
        ("van_class_iii_diesel", "Class III (1.74 to 3.5 tonnes)", "Diesel"),
        ("van_average_diesel", "Average (up to 3.5 tonnes)", "Diesel"),
        ("van_class_iii_petrol", "Class III (1.74 to 3.5 tonnes)", "Petrol"),
        ("van_average_petrol", "Average (up to 3.5 tonnes)", "Petrol"),
    ],
)
def test_factors_of_vans_are_the_publishers(shared_data: Path, factor_id: str, size: str, fuel: str) -> None:
    folder = shared_data / "emissions"
    driving = published_factors(folder, "category_managed_assets_vehicles.csv", "km")
    supply = published_factors(folder, "category_wtt_delivery_vehs_and_freight.csv", "km")

    factor = FACTORS[factor_id]

    assert float(factor["ttw_kg"]) == driving[size, fuel]
    assert float(factor["wtt_kg"]) == supply[size, fuel]


@pytest.mark.parametrize(
    ("factor_id", "size"),
    [
        ("van_class_iii_battery", "Class III (1.74 to 3.5 tonnes)"),
        ("van_average_battery", "Average (up to 3.5 tonnes)"),
    ],
)
def test_a_battery_vans_factor_is_generation_losses_and_supply(
    shared_data: Path, factor_id: str, size: str
) -> None:
    folder, battery = shared_data / "emissions", "Battery Electric Vehicle"
    generation = published_factors(folder, "category_managed_assets_vehicles.csv", "km")[size, battery]
    losses = published_factors(folder, "category_uk_electricity_TandD_for_EVs.csv", "km")[size, battery]
    supply = published_factors(folder, "category_wtt_delivery_vehs_and_freight.csv", "km")[size, battery]

    factor = FACTORS[factor_id]

    assert float(factor["wtw_kg"]) == pytest.approx(generation + losses + supply, abs=1e-9)
    assert float(factor["ttw_kg"]) == 0
