"""Raw tables as assets: the landed files of each topic, checked, and from then on read by staging.

Nothing is copied into DuckDB. All raw assets are one step, because a step costs Dagster 0.1 s of its own.
"""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from assets.great_checks import check_expectations
from assets.ledger import Slice, mark_passed, unpassed
from assets.models.project import Source
from assets.slice_checks import (
    EXPECTATIONS_CHECK,
    EXPECTED,
    MANIFEST_CHECK,
    Outcome,
    check_manifest,
    read_slice,
)
from assets.warehouse import POOL, Warehouse

WAY_OUT = "docs/operating.md says what to do when a check blocks"

Results = Iterator[dg.MaterializeResult[None]]


def raw_key(source: Source) -> dg.AssetKey:
    """The asset of a raw table."""
    return dg.AssetKey(["raw", source.name])


def raw_assets(
    sources: tuple[Source, ...], partitions: dg.PartitionsDefinition[str] | None
) -> dg.AssetsDefinition:
    """The assets of all topics that the models read; a failed check stops what is downstream."""

    @dg.multi_asset(
        name="raw",
        specs=[_spec(source, partitions if source.event_time else None) for source in sources],
        check_specs=[spec for source in sources for spec in _check_specs(source)],
        backfill_policy=dg.BackfillPolicy.single_run(),
        can_subset=True,
        pool=POOL,
    )
    def raw(context: dg.AssetExecutionContext, warehouse: Warehouse) -> Results:
        with warehouse.connect() as connection:
            for source in sources:
                if raw_key(source) not in context.selected_asset_keys:
                    continue
                warehouse.register(connection, source)
                found = unpassed(connection, source.topic)
                outcomes = check_slice(Path(warehouse.lake), found)
                if all(outcome.has_passed for outcome in outcomes):
                    mark_passed(connection, found)
                yield _result(source, found, outcomes)

    return raw


def check_slice(lake: Path, found: Slice) -> list[Outcome]:
    """All checks of one slice; expectations are looked at only where the files are whole and not empty."""
    whole = check_manifest(lake, found)
    if found.topic not in EXPECTED:
        return [whole]
    if not whole.has_passed or whole.rows == 0:
        return [whole, Outcome(EXPECTATIONS_CHECK, whole.rows)]
    return [whole, check_expectations(found.topic, EXPECTED[found.topic], read_slice(lake, found))]


def _spec(source: Source, partitions: dg.PartitionsDefinition[str] | None) -> dg.AssetSpec:
    return dg.AssetSpec(
        raw_key(source),
        description=f"{source.description} The landed Parquet files of topic {source.topic}.",
        group_name="raw",
        kinds={"kafka", "parquet"},
        owners=["team:data"],
        partitions_def=partitions,
        skippable=True,
    )


def _check_specs(source: Source) -> list[dg.AssetCheckSpec]:
    names = [MANIFEST_CHECK, *([EXPECTATIONS_CHECK] if source.topic in EXPECTED else [])]
    return [dg.AssetCheckSpec(name, asset=raw_key(source), blocking=True) for name in names]


def _result(source: Source, found: Slice, outcomes: list[Outcome]) -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(
        asset_key=raw_key(source),
        metadata={"new_files": len(found.paths), "new_rows": found.rows, "rejected": found.rejected},
        check_results=[_check_result(source, outcome) for outcome in outcomes],
    )


def _check_result(source: Source, outcome: Outcome) -> dg.AssetCheckResult:
    way_out = [] if outcome.has_passed else [WAY_OUT]
    return dg.AssetCheckResult(
        asset_key=raw_key(source),
        check_name=outcome.check,
        passed=outcome.has_passed,
        description="; ".join([*outcome.failures, *outcome.outliers, *way_out]) or None,
        metadata={
            "rows": outcome.rows,
            "failures": len(outcome.failures),
            "outliers": len(outcome.outliers),
        },
    )
