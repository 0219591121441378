"""Outcomes of a raw slice's checks as Dagster shows them: figures, sample rows, a link to the Data Docs."""

from pathlib import Path

import dagster as dg

from assets.data_docs import keep_page
from assets.slice_checks import Broken, Outcome

WAY_OUT = "docs/operating.md says what to do when a check blocks"


def check_result(
    key: dg.AssetKey, outcome: Outcome, docs: Path, docs_url: str, run: str
) -> dg.AssetCheckResult:
    """The result of one check; its page of Data Docs is named after the run."""
    metadata: dict[str, int | dg.TableMetadataValue | dg.UrlMetadataValue] = {
        "rows": outcome.rows,
        "failures": len(outcome.failures),
        "outliers": len(outcome.outliers),
    }
    if outcome.broken:
        metadata["what_breaks"] = _figures(outcome.broken)
        if any(one.samples for one in outcome.broken):
            metadata["sample_rows"] = _samples(outcome.broken)
    if outcome.page:
        page = keep_page(docs, f"{run}-{key.path[-1]}-{outcome.check}", outcome.page)
        metadata["data_docs"] = dg.MetadataValue.url(f"{docs_url}/{page.name}")
    way_out = [WAY_OUT] if outcome.is_bad else []
    not_accepted = [outcome.not_accepted] if outcome.not_accepted else []
    kept_out = [outcome.kept_out] if outcome.kept_out else []
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=outcome.check,
        passed=outcome.has_passed,
        severity=dg.AssetCheckSeverity.ERROR if outcome.blocks else dg.AssetCheckSeverity.WARN,
        description="; ".join([*kept_out, *outcome.failures, *outcome.outliers, *not_accepted, *way_out])
        or None,
        metadata=metadata,
    )


def _figures(broken: tuple[Broken, ...]) -> dg.TableMetadataValue:
    kinds = {"expectation": "string", "of": "string", "rows": "int", "percent": "float", "values": "string"}
    return dg.MetadataValue.table(
        [
            dg.TableRecord(
                {
                    "expectation": one.expectation,
                    "of": one.subject,
                    "rows": one.rows,
                    "percent": round(100 * one.rows / one.of_rows, 3),
                    "values": ", ".join(one.values),
                }
            )
            for one in broken
        ],
        dg.TableSchema(columns=[dg.TableColumn(name, kind) for name, kind in kinds.items()]),
    )


def _samples(broken: tuple[Broken, ...]) -> dg.TableMetadataValue:
    """Some rows of each expectation, by Kafka's place and event id, with the value that breaks it."""
    names = ("breaks", "topic_id", "partition", "offset", "index", "event_id", "value")
    records = [
        dg.TableRecord({"breaks": one.subject, **dict(zip(names[1:], row, strict=True))})
        for one in broken
        for row in one.samples
    ]
    return dg.MetadataValue.table(records, dg.TableSchema(columns=[dg.TableColumn(name) for name in names]))
