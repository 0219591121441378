"""The KPI catalogue as a page of documentation, made from the seed that the warehouse loads."""

import csv
from collections.abc import Mapping
from pathlib import Path

HEADING = """# KPIs

<!-- Written by `make docs` from `dbt_like_models/seeds/kpi_catalogue.csv`; change that instead. -->

A KPI stands in `kpi_daily` with its **numerator**, **denominator**, **excluded** and **unknown**, for each
service date and for each value of one segment at a time: `all`, and those that its grain allows, which stand
with each KPI (`zone` is an H3 cell, `hour` local; a `customer` with fewer than 5 orders due that day is among
`others`). A rate is always sum over sum. Over nothing it is null, with a denominator of 0. Durations have
`median` and `p90` too: of that day and segment value alone, never to be put together.
`as_of` is the latest moment that has landed: whether a promise is due is judged relative to it.
"""

CATALOGUE = Path(__file__).parents[1] / "dbt_like_models" / "seeds" / "kpi_catalogue.csv"


def read_catalogue(path: Path) -> list[Mapping[str, str]]:
    """The entries, in the order of the file."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def render_page(entries: list[Mapping[str, str]]) -> str:
    """The whole page."""
    return "\n".join([HEADING, *map(_section, entries)])


def _section(entry: Mapping[str, str]) -> str:
    rows = "".join(
        f"| {part} | {entry[f'{part}_means']} |\n"
        for part in ("numerator", "denominator", "excluded", "unknown")
    )
    segments = ", ".join(entry["segments"].split())
    return (
        f"## {entry['name']}\n\n`{entry['kpi_id']}`, version {entry['version']}, "
        f"{entry['unit']}, counted by {entry['grain']}.\n\n**{entry['formula']}**\n\n| | |\n|---|---|\n{rows}"
        f"| segments | {segments} |\n| from | `{entry['sql_column']}` |\n| owner | {entry['owner']} |\n"
    )
