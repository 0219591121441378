"""The history as assets: after all marts and their checks, before what is published."""

from collections.abc import Callable, Iterator
from datetime import datetime

import dagster as dg

from assets.history.record import record
from assets.history.tables import SCHEMA, history_models
from assets.models.project import Model, Project
from assets.service_dates import ranges_of_run
from assets.sql_models import model_key
from assets.transient import tried_again
from assets.warehouse import POOL, Warehouse

VERSIONS, CORRECTIONS = dg.AssetKey([SCHEMA, "kpi_versions"]), dg.AssetKey([SCHEMA, "kpi_corrections"])


def publication_id(run_id: str) -> str:
    """The publication that a run makes."""
    return run_id.split("-")[0]


def history_assets(project: Project, now: Callable[[], datetime]) -> dg.AssetsDefinition:
    """What was published when, and the log of corrections; ``now`` is when a figure counts as known."""
    described = {model.name: model for model in history_models()}
    deps = [model_key(model) for model in project.models if model.layer == "marts"]

    @dg.multi_asset(
        name=SCHEMA,
        specs=[_spec(key, described[key.path[-1]], deps) for key in (VERSIONS, CORRECTIONS)],
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool=POOL,
    )
    def history(
        context: dg.AssetExecutionContext, warehouse: Warehouse
    ) -> Iterator[dg.MaterializeResult[None]]:
        built = ranges_of_run(context.run.tags)
        with tried_again(context), warehouse.connect() as connection:
            found = record(connection, publication_id(context.run_id), now(), built, warehouse.time_zone)
        yield dg.MaterializeResult(
            asset_key=VERSIONS,
            metadata={"new_figures": found.new_figures, "changed_figures": found.changed_figures},
        )
        yield dg.MaterializeResult(
            asset_key=CORRECTIONS,
            metadata={
                "corrections": found.corrections,
                "corrected_dates": ", ".join(map(str, found.corrected_dates)),
            },
        )

    return history


def _spec(key: dg.AssetKey, model: Model, deps: list[dg.AssetKey]) -> dg.AssetSpec:
    return dg.AssetSpec(
        key,
        deps=deps,
        description=model.description,
        group_name=SCHEMA,
        kinds={"duckdb"},
        owners=["team:data"],
    )
