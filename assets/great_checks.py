"""Great Expectations on a data frame. It is imported when there is something to check: it takes seconds."""

import logging
import warnings
from typing import TYPE_CHECKING

from assets.slice_checks import EXPECTATIONS_CHECK, PLACE, Expected, Outcome

if TYPE_CHECKING:
    import pandas as pd

SAMPLE_VALUES = 5


def check_expectations(topic: str, expected: Expected, frame: "pd.DataFrame") -> Outcome:
    """Hold the rows of a slice to what is expected of its topic."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations as gx
        from great_expectations.data_context.types.base import ProgressBarsConfig

        logging.getLogger("great_expectations").setLevel(logging.ERROR)
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = ProgressBarsConfig(globally=False)
        suite = gx.ExpectationSuite(name=topic, expectations=_expectations(expected, frame))
        asset = context.data_sources.add_pandas("lake").add_dataframe_asset(topic)
        batch = asset.add_batch_definition_whole_dataframe("slice").get_batch({"dataframe": frame})
        results = batch.validate(suite).results
    failures = tuple(_in_words(result) for result in results if not result.success)
    outliers = tuple(
        _in_words(result)
        for result in results
        if result.success and result.result and result.result.get("unexpected_count")
    )
    return Outcome(EXPECTATIONS_CHECK, len(frame), failures, outliers)


def _expectations(expected: Expected, frame: "pd.DataFrame") -> list[dict[str, object]]:
    ranges = [
        _expectation(
            "column_values_to_be_between",
            column=one.column,
            min_value=one.least,
            max_value=one.most,
            mostly=one.share_of(int(frame[one.column].count()) if one.column in frame else 0),
        )
        for one in expected.bounds
    ]
    return [
        _expectation("compound_columns_to_be_unique", column_list=list(PLACE)),
        *(_expectation("column_values_to_not_be_null", column=column) for column in expected.not_null),
        *ranges,
    ]


def _expectation(kind: str, **arguments: object) -> dict[str, object]:
    return {"type": f"expect_{kind}", "kwargs": arguments}


def _in_words(result: "object") -> str:
    config, found = result.expectation_config, result.result  # type: ignore[attr-defined]
    where = config.kwargs.get("column") or ", ".join(config.kwargs.get("column_list", []))
    if "unexpected_count" not in found:
        return f"{config.type} of {where}: {result.exception_info}"  # type: ignore[attr-defined]
    sample = ", ".join(str(value) for value in found.get("partial_unexpected_list", [])[:SAMPLE_VALUES])
    return (
        f"{config.type} of {where}: {found['unexpected_count']} of {found['element_count']} rows "
        f"({found['unexpected_percent']:.3g} %) break it, such as {sample}"
    )
