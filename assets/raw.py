"""Raw tables as assets: the landed files of each topic, checked, and from then on read by staging.

Nothing is copied into DuckDB. All raw assets are one step, because a step costs Dagster 0.1 s of its own.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import dagster as dg

from assets.great_checks import check_expectations, check_facts
from assets.landed_ids import LandedIds
from assets.ledger import Slice, keep_alone, kept_alone, mark_passed, unpassed
from assets.models.project import Source
from assets.proven import LARGE_ROWS, unproven
from assets.quarantine import Parted, part
from assets.service_dates import FRESH_DAILY, accepted_topics, is_accepted
from assets.slice_checks import (
    AS_USUAL_CHECK,
    EXPECTATIONS_CHECK,
    EXPECTED,
    MANIFEST_CHECK,
    Outcome,
    check_manifest,
    read_slice,
)
from assets.slice_facts import Unknown, facts_of
from assets.slice_results import check_result
from assets.transient import tried_again
from assets.warehouse import POOL, Warehouse
from streams.lake.held import hold

_MEANINGS = {
    MANIFEST_CHECK: "Every new file is there, whole, with as many rows as its line in the manifest says.",
    EXPECTATIONS_CHECK: "Great Expectations: no row twice, no null where there must be a value, no column "
    "with more than single implausible values.",
    AS_USUAL_CHECK: "Great Expectations: rows of a day beside the same weekday, how late they came, how "
    "many were flagged, and whether vehicles and orders that they name have landed. It warns, and blocks "
    "what can hardly be true of a large slice: `doorstep build --accept` takes it in all the same.",
}

NOT_ACCEPTED = (
    "not accepted, as other files wait now than when 'doorstep build --accept' was given: look at these, and "
    "give it again"
)

CHECKED_S = "checked_s"
"""Metadata of a materialization: seconds that finding and checking what landed took."""

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
        with tried_again(context), warehouse.connect() as connection:
            began_s = perf_counter()
            selected = [one for one in sources if raw_key(one) in context.selected_asset_keys]
            for source in selected:
                # What is accepted is what was looked at: what has landed since waits for the next build.
                if not is_accepted(context.run.tags, unpassed(connection, source.topic)):
                    warehouse.register(connection, source)
            ids = LandedIds(connection, Path(warehouse.lake))
            for source in selected:
                found = unpassed(connection, source.topic)
                alone = kept_alone(connection, source.topic)
                accepted = is_accepted(context.run.tags, found)
                parted = check_and_part(Path(warehouse.lake), found, ids.unknown, alone, is_accepted=accepted)
                if source.topic in accepted_topics(context.run.tags) and not accepted:
                    parted = _not_accepted(parted)
                mark_passed(connection, parted.good)
                keep_alone(connection, source.topic, parted.alone)
                hold(Path(warehouse.lake), source.topic, unpassed(connection, source.topic).paths)
                checked_s, began_s = perf_counter() - began_s, perf_counter()
                yield _result(source, found, parted, warehouse, context.run_id, checked_s)

    return raw


def check_and_part(
    lake: Path, found: Slice, unknown: Unknown, alone: Collection[str] = (), *, is_accepted: bool = False
) -> Parted:
    """All checks of one slice, and what of it may go on; ``alone`` stayed out by themselves before.

    ``is_accepted``: somebody has looked at what is not as usual, and it is true.
    """
    expected = EXPECTED.get(found.topic)
    return part(
        lake,
        found,
        lambda one: check_slice(lake, one, unknown, is_accepted=is_accepted),
        alone,
        is_by_file=expected is not None and expected.is_by_file,
    )


def check_slice(lake: Path, found: Slice, unknown: Unknown, *, is_accepted: bool = False) -> list[Outcome]:
    """All checks of one slice; expectations are looked at only where the files are whole and not empty.

    ``unknown`` says which ids have not landed.
    """
    whole = check_manifest(lake, found)
    if found.topic not in EXPECTED:
        return [whole]
    if not whole.has_passed or whole.rows == 0:
        return [whole, Outcome(EXPECTATIONS_CHECK, whole.rows), Outcome(AS_USUAL_CHECK, whole.rows)]
    expected = EXPECTED[found.topic]
    doubtful = unproven(lake, found, expected) if found.rows > LARGE_ROWS else found
    if not doubtful.paths:
        met = Outcome(EXPECTATIONS_CHECK, whole.rows)
    else:
        met = check_expectations(found.topic, expected, read_slice(lake, doubtful))
    facts = facts_of(lake, found, expected, unknown)
    as_usual = check_facts(found.topic, whole.rows, facts)
    is_absurd = as_usual.is_absurd and not is_accepted
    return [whole, replace(met, rows=whole.rows), replace(as_usual, is_absurd=is_absurd)]


def _spec(source: Source, partitions: dg.PartitionsDefinition[str] | None) -> dg.AssetSpec:
    return dg.AssetSpec(
        raw_key(source),
        description=f"{source.description} The landed Parquet files of topic {source.topic}.",
        group_name="raw",
        kinds={"kafka", "parquet"},
        owners=["team:data"],
        partitions_def=partitions,
        freshness_policy=FRESH_DAILY if source.event_time else None,
        skippable=True,
    )


def _check_specs(source: Source) -> list[dg.AssetCheckSpec]:
    """In the order of `check_slice`; what only warns blocks nothing, as its result says."""
    is_expected = source.topic in EXPECTED
    names = [MANIFEST_CHECK, *([EXPECTATIONS_CHECK, AS_USUAL_CHECK] if is_expected else [])]
    return [
        dg.AssetCheckSpec(name, asset=raw_key(source), blocking=True, description=_MEANINGS[name])
        for name in names
    ]


def _not_accepted(parted: Parted) -> Parted:
    """Says, of what stays out though the run was to accept something of the topic, why."""
    told = (
        replace(one, not_accepted=NOT_ACCEPTED) if one.check == AS_USUAL_CHECK and one.is_bad else one
        for one in parted.outcomes
    )
    return replace(parted, outcomes=tuple(told))


def _result(
    source: Source,
    found: Slice,
    parted: Parted,
    warehouse: Warehouse,
    run_id: str,
    checked_s: float,
) -> dg.MaterializeResult[None]:
    docs, run = Path(warehouse.data_docs), run_id.split("-")[0]
    return dg.MaterializeResult(
        asset_key=raw_key(source),
        metadata={
            "new_files": len(found.paths),
            "new_rows": found.rows,
            "rejected": found.rejected,
            "quarantined_files": parted.kept_files,
            "quarantined_rows": parted.kept_rows,
            CHECKED_S: checked_s,
        },
        check_results=[
            check_result(raw_key(source), one, docs, warehouse.data_docs_url, run) for one in parted.outcomes
        ],
    )
