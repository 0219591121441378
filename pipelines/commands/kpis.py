"""``doorstep kpis``."""

import json
import os
from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from pipelines.moments import Moment

if TYPE_CHECKING:
    from rich.table import Table

    from assets.kpi_reading import Kpi

DAY = click.DateTime(["%Y-%m-%d"])


@click.command("kpis")
@click.option(
    "--by",
    default="all",
    help="Segments, by comma: depot, zone, hour, vehicle_class, driver, vehicle, carrier_model, customer, "
    "window_width, attempt_number.",
)
@click.option("--date", "day", type=DAY, help="One service date.")
@click.option("--from", "first", type=DAY, help="First service date; without it, the earliest.")
@click.option("--to", "last", type=DAY, help="Last service date; without it, the latest.")
@click.option(
    "--as-known-at",
    "known_at",
    type=Moment(),
    metavar="TIME",
    help="As they stood published at this moment, before later corrections.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def command(
    by: str,
    day: datetime | None,
    first: datetime | None,
    last: datetime | None,
    known_at: datetime | None,
    as_json: bool,
) -> None:
    """Print KPIs from the published file, which is opened read-only.

    Days are put together as sum over sum, never as a mean of rates.
    """
    from assets.kpi_reading import read_kpis
    from pipelines.settings import Settings

    settings = Settings.from_env(os.environ)
    first, last = (day, day) if day else (first, last)
    segments = _segments(by)
    kpis, since, until = read_kpis(settings.published, segments, _date(first), _date(last), known_at)
    if as_json:
        for kpi in kpis:
            click.echo(_as_json(kpi, since, until))
        return
    from pipelines.console import table_console

    table_console().print(_table(kpis, segments, since, until))


def _segments(by: str) -> tuple[str, ...]:
    from assets.kpi_reading import SEGMENTS
    from routing.errors import ConfigurationError

    names = tuple(name.strip() for name in by.split(","))
    for name in names:
        if name not in (*SEGMENTS, "all"):
            raise ConfigurationError(f"--by {name!r} is no segment; there are {', '.join(SEGMENTS)}")
    return names


def _date(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _as_json(kpi: "Kpi", first: date | None, last: date | None) -> str:
    from dataclasses import asdict

    values = {**asdict(kpi), "first_date": first, "last_date": last}
    return json.dumps(values, default=lambda moment: moment.isoformat())


def _table(kpis: "list[Kpi]", segments: tuple[str, ...], first: date | None, last: date | None) -> "Table":
    from rich.table import Table

    as_of = max((kpi.as_of for kpi in kpis if kpi.as_of), default=None)
    known = f", as of {as_of:%Y-%m-%d %H:%M} UTC" if as_of else ""
    table = Table(title=f"KPIs of service dates {first} to {last}{known}", title_justify="left")
    table.add_column("KPI", no_wrap=True)
    if segments != ("all",):
        table.add_column("segment", no_wrap=True)
        table.add_column("of", no_wrap=True)
    for name in ("value", "numerator", "denominator", "excluded", "unknown", "median", "P90"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("unit", no_wrap=True)
    for kpi in kpis:
        where = [] if segments == ("all",) else [kpi.segment, kpi.segment_value]
        figures = [_number(kpi.numerator), _number(kpi.denominator), f"{kpi.excluded:,}", f"{kpi.unknown:,}"]
        figures += [_quantile(kpi.median), _quantile(kpi.p90)]
        table.add_row(kpi.kpi_id, *where, _value(kpi), *figures, kpi.unit_in_words)
    return table


def _value(kpi: "Kpi") -> str:
    if kpi.value is None:
        return "–"
    return f"{kpi.value:.1%}" if kpi.unit == "share" else f"{kpi.value:,.3f}"


def _quantile(amount: float | None) -> str:
    return "" if amount is None else f"{amount:,.1f}"


def _number(amount: float) -> str:
    return f"{amount:,.0f}" if amount == round(amount) else f"{amount:,.2f}"
