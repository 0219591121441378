"""Great Expectations on a data frame. It is imported when there is something to check: it takes seconds."""

import logging
import warnings
from typing import TYPE_CHECKING

from assets.data_docs import render_page
from assets.slice_checks import (
    AS_USUAL_CHECK,
    EXPECTATIONS_CHECK,
    PLACE,
    Broken,
    Expected,
    Outcome,
)
from assets.slice_facts import Fact

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.core import ExpectationSuiteValidationResult

SAMPLE_VALUES = SAMPLE_ROWS = 5

BETWEEN = "expect_column_values_to_be_between"

Expectation = dict[str, object]


def check_expectations(topic: str, expected: Expected, frame: "pd.DataFrame") -> Outcome:
    """Hold the rows of a slice to what is expected of its topic."""
    results = _validate(topic, frame, _expectations(expected, frame))
    failures = tuple(_broken(one, frame) for one in results.results if not one.success)
    outliers = tuple(
        _broken(one, frame)
        for one in results.results
        if one.success and one.result and one.result.get("unexpected_count")
    )
    return Outcome(
        EXPECTATIONS_CHECK,
        len(frame),
        tuple(map(str, failures)),
        tuple(map(str, outliers)),
        (*failures, *outliers),
        render_page(results) if failures or outliers else "",
    )


def check_facts(topic: str, rows: int, facts: tuple[Fact, ...]) -> Outcome:
    """Hold a slice's figures to what is usual; a table of them is what Great Expectations is shown."""
    import pandas as pd

    measures = dict.fromkeys(fact.measure for fact in facts)
    frame = pd.DataFrame([{"subject": fact.subject, fact.measure: fact.value} for fact in facts])
    limits = {fact.measure: (fact.least, fact.most) for fact in facts}
    expectations = [
        _expectation(BETWEEN, column=one, min_value=limits[one][0], max_value=limits[one][1])
        for one in measures
    ]
    results = _validate(f"{topic} beside what landed before", frame, expectations)
    # Not from the results, which name 20 at most.
    unusual = [fact for fact in facts if not fact.least <= fact.value <= fact.most]
    return Outcome(
        AS_USUAL_CHECK,
        rows,
        tuple(fact.words for fact in unusual),
        broken=tuple(
            Broken(
                f"{BETWEEN} {fact.least:g} and {fact.most:g}",
                f"{fact.measure} of {fact.subject}",
                1,
                1,
                (f"{fact.value:.3g}",),
            )
            for fact in unusual
        ),
        page=render_page(results) if unusual else "",
        is_absurd=any(fact.is_absurd for fact in unusual),
    )


def _validate(
    name: str, frame: "pd.DataFrame", expectations: list[Expectation]
) -> "ExpectationSuiteValidationResult":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations as gx
        from great_expectations.data_context.types.base import ProgressBarsConfig

        logging.getLogger("great_expectations").setLevel(logging.ERROR)
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = ProgressBarsConfig(globally=False)
        suite = gx.ExpectationSuite(name=name, expectations=expectations)
        asset = context.data_sources.add_pandas("lake").add_dataframe_asset(name)
        batch = asset.add_batch_definition_whole_dataframe("slice").get_batch({"dataframe": frame})
        return batch.validate(suite)


def _expectations(expected: Expected, frame: "pd.DataFrame") -> list[Expectation]:
    ranges = [
        _expectation(
            BETWEEN,
            column=one.column,
            min_value=one.least,
            max_value=one.most,
            mostly=one.share_of(int(frame[one.column].count()) if one.column in frame else 0),
        )
        for one in expected.bounds
    ]
    return [
        _expectation("expect_compound_columns_to_be_unique", column_list=list(PLACE)),
        *(_expectation("expect_column_values_to_not_be_null", column=column) for column in expected.not_null),
        *ranges,
    ]


def _expectation(kind: str, **arguments: object) -> Expectation:
    return {"type": kind, "kwargs": arguments}


def _broken(result: "object", frame: "pd.DataFrame") -> Broken:
    config, found = result.expectation_config, result.result  # type: ignore[attr-defined]
    columns = config.kwargs.get("column_list") or [config.kwargs["column"]]
    where = ", ".join(columns)
    if "unexpected_count" not in found:
        why = str(result.exception_info)  # type: ignore[attr-defined]
        return Broken(config.type, where, len(frame), len(frame), (why,))
    rows = frame.loc[found.get("partial_unexpected_index_list", [])[:SAMPLE_ROWS]]
    return Broken(
        config.type,
        where,
        int(found["unexpected_count"]),
        int(found["element_count"]),
        tuple(str(value) for value in found.get("partial_unexpected_list", [])[:SAMPLE_VALUES]),
        tuple(
            (
                *(str(row[name]) for name in (*PLACE, "event_id")),
                ", ".join(str(row[name]) for name in columns),
            )
            for _, row in rows.iterrows()
        ),
    )
