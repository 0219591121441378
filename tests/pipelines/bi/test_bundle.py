"""What Superset is given fits what is published."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import yaml

from assets.catalogue import CATALOGUE, read_catalogue
from assets.history.tables import history_models, open_history
from assets.published import published_models
from assets.publishing import publish
from pipelines.bi.bundle import DATASETS, Dataset, read_dataset, write_bundle
from routing.errors import ConfigurationError
from tests.models.events import DAY
from tests.models.given import PROJECT, Warehouse

DEPLOYED = Path(__file__).parents[3] / "deploy" / "bi"
TABLES = {model.name for model in (*published_models(PROJECT), *history_models())}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The product's tables, over nothing, at a path that an address has to quote."""
    folder = tmp_path_factory.mktemp("a home")
    warehouse = Warehouse(folder / "lake").build(DAY)
    open_history(warehouse.connection)
    link = folder / "published" / "kpi.duckdb"
    publish(warehouse.connection, (*published_models(PROJECT), *history_models()), link, "first")
    return link


@pytest.fixture(scope="module")
def bundle(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("bundle")
    write_bundle(DEPLOYED, target, published)
    return target


@pytest.fixture(scope="module")
def datasets(bundle: Path) -> dict[str, Dataset]:
    """By uuid."""
    return {str(each.uuid): each for each in map(read_dataset, (bundle / DATASETS).glob("*.yaml"))}


def charts(bundle: Path) -> Iterator[dict[str, object]]:
    for path in sorted((bundle / "charts").glob("*.yaml")):
        yield yaml.safe_load(path.read_text())


def test_every_published_table_is_a_dataset_whose_columns_say_what_they_mean(
    datasets: dict[str, Dataset],
) -> None:
    by_name = {dataset.table_name: dataset for dataset in datasets.values()}

    silent = [
        f"{name}.{column.column_name}"
        for name, dataset in by_name.items()
        for column in dataset.columns
        if not column.description
    ]

    assert set(by_name) == {*TABLES, "kpis"}
    assert silent == []
    assert all(dataset.columns for dataset in by_name.values())


def test_moments_and_dates_can_be_axes_of_time(datasets: dict[str, Dataset]) -> None:
    (orders,) = [dataset for dataset in datasets.values() if dataset.table_name == "orders"]

    times = {column.column_name for column in orders.columns if column.is_dttm}

    assert {"service_date", "delivered_at"} <= times
    assert "delay_s" not in times
    assert orders.main_dttm_col == "service_date"


def test_the_database_is_the_published_file_and_can_only_be_read(bundle: Path, published: Path) -> None:
    (database,) = (bundle / "databases").glob("*.yaml")

    address = yaml.safe_load(database.read_text())["sqlalchemy_uri"]

    path, _, options = address.removeprefix("duckdb:///").partition("?")
    assert path == published.as_posix().replace(" ", "%20")
    assert options.split("&") == ["access_mode=read_only", "enable_external_access=false"]


def test_charts_name_metrics_columns_and_kpis_that_there_are(
    bundle: Path, datasets: dict[str, Dataset]
) -> None:
    kpis = {kpi["kpi_id"] for kpi in read_catalogue(CATALOGUE)}

    for chart in charts(bundle):
        dataset, params = datasets[chart["dataset_uuid"]], chart["params"]
        columns = {column.column_name for column in dataset.columns}
        metrics = {metric.metric_name for metric in dataset.metrics}
        named = {*params.get("groupby", ()), *filter(None, [params.get("x_axis")])}
        assert named | {each["subject"] for each in params["adhoc_filters"]} <= columns, chart["slice_name"]
        assert {*params.get("metrics", ()), *filter(None, [params.get("metric")])} <= metrics
        for each in params["adhoc_filters"]:
            if each["subject"] == "kpi_id":
                asked = each["comparator"]
                assert {*([asked] if isinstance(asked, str) else asked)} <= kpis, chart["slice_name"]


def test_every_metric_can_be_reckoned_over_nothing(published: Path, datasets: dict[str, Dataset]) -> None:
    with duckdb.connect(str(published), read_only=True) as connection:
        for dataset in datasets.values():
            relation = f"({dataset.sql})" if dataset.sql else f"marts.{dataset.table_name}"
            for metric in dataset.metrics:
                connection.execute(f"select {metric.expression} from {relation}").fetchall()


def test_the_dashboard_shows_every_chart(bundle: Path) -> None:
    (dashboard,) = (bundle / "dashboards").glob("*.yaml")

    position = yaml.safe_load(dashboard.read_text())["position"]

    parts = [part for part in position.values() if isinstance(part, dict)]
    shown = {part["meta"]["uuid"] for part in parts if part["type"] == "CHART"}
    assert shown == {chart["uuid"] for chart in charts(bundle)}


def test_a_dataset_over_a_table_that_is_not_published_is_named(published: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    for path in DEPLOYED.rglob("*.yaml"):
        target = source / path.relative_to(DEPLOYED)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(path.read_text().replace("table_name: exceptions", "table_name: surprises"))

    with pytest.raises(ConfigurationError, match="dataset surprises reads what is not there"):
        write_bundle(source, tmp_path / "target", published)


def test_a_file_that_is_no_dataset_is_named(tmp_path: Path) -> None:
    path = tmp_path / "orders.yaml"
    path.write_text("table: orders")

    with pytest.raises(ConfigurationError, match=r"orders\.yaml is no dataset"):
        read_dataset(path)
