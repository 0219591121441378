"""Dagster's definitions out of settings and models: all assets, the job, its schedule, its sensor."""

from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from assets.automation import new_files_sensor, nightly_schedule, retention_schedule
from assets.failures import failure_sensor
from assets.history.asset import history_assets
from assets.kpi_checks import kpi_check
from assets.models.project import LAYERS, SEEDS, Project
from assets.published import published_asset
from assets.raw import raw_assets
from assets.retention.asset import RETENTION, retention_asset
from assets.service_dates import SERVICE_DATES
from assets.sql_models import layer_assets
from assets.warehouse import Warehouse
from pipelines.settings import Settings

MODELS = Path(__file__).parents[1] / "dbt_like_models"
JOB, EXPIRY_JOB = "build", "expire"


def warehouse_of(settings: Settings) -> Warehouse:
    """The warehouse of a home."""
    return Warehouse(
        database=str(settings.warehouse),
        lake=str(settings.lake),
        published=str(settings.published),
        pseudonym_key=str(settings.pseudonym_key),
        time_zone=settings.time_zone,
        data_docs=str(settings.data_docs),
        data_docs_url=settings.data_docs_url,
    )


def assets_of(project: Project, partitions: dg.PartitionsDefinition[str] | None) -> list[dg.AssetsDefinition]:
    """All assets; without ``partitions`` for building a long history in one run."""
    return [
        raw_assets(project.sources, partitions),
        *(layer_assets(layer, project, partitions) for layer in (SEEDS, *LAYERS)),
        history_assets(project, _now),
        published_asset(project),
    ]


def _now() -> datetime:
    return datetime.now(UTC)


def build_definitions(settings: Settings, project: Project) -> dg.Definitions:
    """Everything that Dagster shows and runs."""
    old = dg.AssetSelection.assets(RETENTION)
    job = dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.all() - old,
        partitions_def=SERVICE_DATES,
        description="From the lake to the published KPI file.",
    )
    sensors = [new_files_sensor(JOB, project, warehouse_of(settings), _now)]
    if settings.failure_webhook:
        sensors.append(failure_sensor(settings.failure_webhook, settings.ui_url))
    return dg.Definitions(
        assets=[*assets_of(project, SERVICE_DATES), retention_asset(project, _now)],
        asset_checks=[kpi_check(project)],
        jobs=[job, dg.define_asset_job(EXPIRY_JOB, selection=old, description="Removes what is too old.")],
        schedules=[
            nightly_schedule(JOB, settings.time_zone),
            retention_schedule(EXPIRY_JOB, settings.time_zone),
        ],
        sensors=sensors,
        resources={"warehouse": warehouse_of(settings)},
        executor=dg.in_process_executor,
    )


def history_definitions(settings: Settings, project: Project) -> dg.Definitions:
    """The same assets without partitions, for a range of dates that is too long to record one by one."""
    return dg.Definitions(
        assets=assets_of(project, None),
        asset_checks=[kpi_check(project)],
        jobs=[dg.define_asset_job(JOB, selection=dg.AssetSelection.all())],
        resources={"warehouse": warehouse_of(settings)},
        executor=dg.in_process_executor,
    )
