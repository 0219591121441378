"""Outcomes of a raw slice's checks as Dagster shows them: figures, sample rows, a link to the Data Docs."""

from pathlib import Path

import dagster as dg
from dagster._core.definitions.metadata import RawMetadataValue

from assets.data_docs import keep_page
from assets.slice_checks import AS_USUAL_CHECK, Broken, Outcome

WAY_OUT = "docs/operating.md says what to do when a check blocks"


def check_result(
    key: dg.AssetKey, outcome: Outcome, docs: Path, docs_url: str, run: str
) -> dg.AssetCheckResult:
    """The result of one check; its page of Data Docs is named after the run."""
    metadata: dict[str, RawMetadataValue] = {
        "rows": outcome.rows,
        "failures": len(outcome.failures),
        "outliers": len(outcome.outliers),
    }
    if outcome.broken:
        metadata["what_breaks"] = _figures(outcome.broken)
        if any(one.samples for one in outcome.broken):
            metadata["sample_rows"] = dg.MetadataValue.md(_samples(outcome.broken))
    if outcome.page:
        page = keep_page(docs, f"{run}-{key.path[-1]}-{outcome.check}", outcome.page)
        metadata["data_docs"] = dg.MetadataValue.url(f"{docs_url}/{page.name}")
    way_out = [WAY_OUT] if outcome.blocks else []
    warns = outcome.check == AS_USUAL_CHECK
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=outcome.check,
        passed=outcome.has_passed,
        severity=dg.AssetCheckSeverity.WARN if warns else dg.AssetCheckSeverity.ERROR,
        description="; ".join([*outcome.failures, *outcome.outliers, *way_out]) or None,
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


def _samples(broken: tuple[Broken, ...]) -> str:
    """A Markdown table of rows for each expectation."""
    return "\n\n".join(_sample(one) for one in broken if one.samples)


def _sample(one: Broken) -> str:
    names = [name for name, _ in one.samples[0]]
    lines = [" | ".join(value.replace("|", "\\|") for _, value in row) for row in one.samples]
    head = " | ".join(names)
    rule = "|".join(["---"] * len(names))
    return "\n".join(
        [f"**{one.expectation} of {one.subject}**", "", f"| {head} |", f"|{rule}|"]
        + [f"| {line} |" for line in lines]
    )
