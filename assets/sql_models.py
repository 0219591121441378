"""SQL models as assets: lineage from ``ref`` and ``source``, one step a layer, tests as checks.

A model's generic tests are one check together, each singular test is one of its own: every check is
two events to Dagster, and an event costs it 6 ms.
"""

from collections.abc import Iterator, Sequence
from time import perf_counter

import dagster as dg

from assets.charts import chart_of
from assets.column_lineage import lineage_metadata, schema_metadata
from assets.hours import hours_to_build
from assets.ledger import open_ranges
from assets.models.project import ALL_HOURS, DateRange, Hours, Model, Project
from assets.models.runner import Built, Runner, Tested
from assets.raw import raw_key
from assets.service_dates import DUE_TAG, FRESH_DAILY, ranges_of_run
from assets.transient import tried_again
from assets.warehouse import POOL, Warehouse

COLUMNS_CHECK = "keeps_its_promises"
BUILT_S, TESTED_S = "built_s", "tested_s"
"""Metadata of a materialization: seconds of the model's build, and of its tests."""

Results = Iterator[dg.MaterializeResult[None]]


def model_key(model: Model) -> dg.AssetKey:
    """The asset of a model."""
    return dg.AssetKey([model.layer, model.name])


def layer_assets(
    layer: str, project: Project, partitions: dg.PartitionsDefinition[str] | None
) -> dg.AssetsDefinition:
    """The assets of one folder of models; a failed test stops the layer and all that is downstream."""
    models = [model for model in project.models if model.layer == layer]

    @dg.multi_asset(
        name=layer,
        specs=[_spec(model, project, partitions if model.is_incremental else None) for model in models],
        check_specs=[spec for model in models for spec in _check_specs(model, project)],
        backfill_policy=dg.BackfillPolicy.single_run(),
        can_subset=True,
        pool=POOL,
    )
    def build(context: dg.AssetExecutionContext, warehouse: Warehouse) -> Results:
        with tried_again(context), warehouse.connect() as connection:
            runner = warehouse.runner(connection, project)
            ranges = open_ranges(connection, ranges_of_run(context.run.tags))
            by_hours = DUE_TAG in context.run.tags and any(model.moments for model in models)
            parts = [(dates, hours_to_build(runner, dates) if by_hours else ALL_HOURS) for dates in ranges]
            for model in models:
                if model_key(model) not in context.selected_asset_keys:
                    continue
                began_s = perf_counter()
                built = build_ranges(runner, model, parts)
                built_s = perf_counter() - began_s
                checks = _run_tests(runner, model)
                tested_s = perf_counter() - began_s - built_s
                yield dg.MaterializeResult(
                    asset_key=model_key(model),
                    metadata={
                        **_metadata(runner, model, built),
                        **lineage_metadata(model),
                        BUILT_S: built_s,
                        TESTED_S: tested_s,
                    },
                    check_results=checks,
                )
                if not all(check.passed for check in checks):
                    return

    return build


def _metadata(runner: Runner, model: Model, built: Built) -> dict[str, int | dg.MarkdownMetadataValue]:
    """Counts, and a chart of what people read."""
    chart = chart_of(runner.connection, model) if model.layer == "marts" else None
    counts: dict[str, int | dg.MarkdownMetadataValue] = {"rows": built.rows, "written": built.written}
    return {**counts, "chart": dg.MetadataValue.md(chart)} if chart else counts


def build_ranges(runner: Runner, model: Model, parts: Sequence[tuple[DateRange, Hours]]) -> Built:
    """The whole model, or an incremental one range by range: dates between them stay as they stand."""
    if not model.is_incremental or not parts:
        return runner.build(model, None)
    built = [runner.build(model, dates, hours) for dates, hours in parts]
    return Built(built[-1].rows, sum(one.written for one in built))


def _spec(model: Model, project: Project, partitions: dg.PartitionsDefinition[str] | None) -> dg.AssetSpec:
    columns = "".join(f"\n| `{column.name}` | {column.description} |" for column in model.columns)
    return dg.AssetSpec(
        model_key(model),
        deps=[
            *(model_key(project.model(ref)) for ref in model.refs),
            *(raw_key(project.source(name)) for name in model.sources),
        ],
        description=f"{model.description}\n\n| column | meaning |\n|---|---|{columns}",
        metadata=schema_metadata(model),
        group_name=model.layer,
        kinds={"duckdb", "sql" if model.sql else "csv"},
        owners=["team:data"],
        partitions_def=partitions,
        freshness_policy=FRESH_DAILY if model.layer == "marts" else None,
        skippable=True,
    )


def _check_specs(model: Model, project: Project) -> list[dg.AssetCheckSpec]:
    tests = project.tests_of(model)
    generic = [test.name for test in tests if test.is_generic]
    specs = [
        _check_spec(model, test.name, f"```sql\n{test.sql}\n```") for test in tests if not test.is_generic
    ]
    return [*([_check_spec(model, COLUMNS_CHECK, ", ".join(generic))] if generic else []), *specs]


def _check_spec(model: Model, name: str, description: str) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(name, asset=model_key(model), blocking=True, description=description)


def _run_tests(runner: Runner, model: Model) -> list[dg.AssetCheckResult]:
    tested = runner.test_written(model)
    generic = [one for one in tested if one.test.is_generic]
    singular = [_check_result(model, one.test.name, [one]) for one in tested if not one.test.is_generic]
    return [*([_check_result(model, COLUMNS_CHECK, generic)] if generic else []), *singular]


def _check_result(model: Model, name: str, tested: list[Tested]) -> dg.AssetCheckResult:
    broken = [one for one in tested if one.failures]
    words = "; ".join(
        f"{one.test.name}: {one.failures} rows, such as {' | '.join(one.sample)}" for one in broken
    )
    return dg.AssetCheckResult(
        asset_key=model_key(model),
        check_name=name,
        passed=not broken,
        description=words or None,
        metadata={"tests": len(tested), "broken": len(broken), "rows": sum(one.failures for one in broken)},
    )
