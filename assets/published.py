"""The last asset: what people and BI tools read."""

from pathlib import Path

import dagster as dg

from assets.history.asset import CORRECTIONS, VERSIONS, publication_id
from assets.history.tables import history_models, open_history
from assets.ledger import mark_built
from assets.models.project import Model, Project
from assets.publishing import publish
from assets.service_dates import FRESH_DAILY, ranges_of_run
from assets.sql_models import model_key
from assets.transient import tried_again
from assets.uncounted import UNCOUNTED_ROWS
from assets.warehouse import POOL, Warehouse


def published_models(project: Project) -> tuple[Model, ...]:
    """What is published: the marts, and the seeds that explain them."""
    return tuple(model for model in project.models if model.layer in ("marts", "seeds"))


def published_asset(project: Project) -> dg.AssetsDefinition:
    """The asset of the published file; it comes after every mart, all their checks, and the history."""
    models = published_models(project)

    @dg.asset(
        key=dg.AssetKey(["published", "kpis"]),
        deps=[*(model_key(model) for model in models), VERSIONS, CORRECTIONS],
        description="The KPI file that BI tools read: marts alone, versioned, atomically replaced.",
        group_name="published",
        kinds={"duckdb"},
        owners=["team:data"],
        freshness_policy=FRESH_DAILY,
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool=POOL,
    )
    def published_kpis(context: dg.AssetExecutionContext, warehouse: Warehouse) -> dg.MaterializeResult[None]:
        with tried_again(context), warehouse.connect() as connection:
            open_history(connection)  # for a run of this asset alone
            tables = (*models, *history_models(), UNCOUNTED_ROWS)
            target = publish(connection, tables, Path(warehouse.published), publication_id(context.run_id))
            for dates in ranges_of_run(context.run.tags):
                mark_built(connection, dates)
        return dg.MaterializeResult(metadata={"path": dg.MetadataValue.path(target.as_posix())})

    return published_kpis
