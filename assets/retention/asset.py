"""Retention as an asset: what went is in its metadata, rule by rule."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import dagster as dg

from assets.history.asset import VERSIONS
from assets.models.project import Project
from assets.retention.expire import Expired, expire
from assets.retention.policy import read_rules
from assets.transient import tried_again
from assets.warehouse import POOL, Warehouse

RETENTION = dg.AssetKey(["retention", "expired"])


def retention_asset(project: Project, now: Callable[[], datetime]) -> dg.AssetsDefinition:
    """Holds lake and warehouse to the rules; it stands in no build, as a build should wait for nothing."""

    @dg.asset(
        key=RETENTION,
        deps=[VERSIONS],
        description="Removes what is older than the seed `retention` says, from the lake and from the tables "
        "that keep rows from build to build. Tables that are made anew follow at the next build. Figures "
        "that were published stay.",
        group_name="retention",
        kinds={"duckdb", "parquet"},
        owners=["team:data"],
        pool=POOL,
    )
    def expired(context: dg.AssetExecutionContext, warehouse: Warehouse) -> dg.MaterializeResult[None]:
        with tried_again(context), warehouse.connect() as connection:
            done = expire(connection, Path(warehouse.lake), read_rules(), project.sources, now())
        return dg.MaterializeResult(
            metadata={
                "removed_rows": sum(one.rows for one in done),
                "removed_files": sum(one.files for one in done),
                "by_rule": _table(done),
            }
        )

    return expired


def _table(done: tuple[Expired, ...]) -> dg.TableMetadataValue:
    kinds = {
        "place": "string",
        "name": "string",
        "keep_days": "int",
        "before": "string",
        "rows": "int",
        "files": "int",
        "why": "string",
    }
    return dg.MetadataValue.table(
        [
            dg.TableRecord(
                {
                    "place": one.rule.place,
                    "name": one.rule.name,
                    "keep_days": one.rule.keep_days,
                    "before": str(one.before) if one.before else None,
                    "rows": one.rows,
                    "files": one.files,
                    "why": one.rule.why,
                }
            )
            for one in done
        ],
        dg.TableSchema(columns=[dg.TableColumn(name, kind) for name, kind in kinds.items()]),
    )
