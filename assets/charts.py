"""A small chart of a table for Dagster's metadata: an SVG within Markdown."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

import duckdb

from assets.models.project import Model

DAYS = 28
_WIDTH, _HEIGHT, _TOP, _BOTTOM = 420, 110, 18, 16


@dataclass(frozen=True, slots=True)
class Bar:
    """A day and its figure, at least 0; ``None`` where it has none."""

    day: date
    value: float | None


def chart_of(connection: duckdb.DuckDBPyConnection, model: Model) -> str | None:
    """The rows of the last service dates, or of ``kpi_daily`` its on-time rate; ``None`` without any date."""
    if "service_date" not in {column.name for column in model.columns}:
        return None
    is_kpis = model.name == "kpi_daily"
    title = "on-time rate by service date" if is_kpis else "rows by service date"
    value = "any_value(value)" if is_kpis else "count(*)"
    only = "where kpi_id = 'on_time_rate' and segment = 'all'" if is_kpis else ""
    rows = connection.execute(
        f"select service_date, {value} from {model.table} {only} "
        "group by service_date having service_date is not null order by service_date desc limit ?",
        [DAYS],
    ).fetchall()
    return markdown(title, [Bar(*row) for row in reversed(rows)]) if rows else None


def markdown(title: str, bars: Sequence[Bar]) -> str:
    """The chart as an image within Markdown."""
    encoded = b64encode(svg(title, bars).encode()).decode()
    return f"![{title}](data:image/svg+xml;base64,{encoded})"


def svg(title: str, bars: Sequence[Bar]) -> str:
    """Bars from 0, the highest one labelled, and the first and the last day under them."""
    most = max((bar.value for bar in bars if bar.value is not None), default=0)
    step = _WIDTH / len(bars)
    room = _HEIGHT - _TOP - _BOTTOM
    shapes = []
    for number, bar in enumerate(bars):
        height = room * (bar.value or 0) / most if most else 0
        place = f'x="{number * step + 1:.1f}" y="{_TOP + room - height:.1f}"'
        tip = "no value" if bar.value is None else f"{bar.value:,.6g}"
        size = f'width="{min(step - 2, 40):.1f}" height="{height:.1f}"'
        shapes.append(f'<rect {place} {size} fill="#4f6bed"><title>{bar.day}: {tip}</title></rect>')
    floor = _HEIGHT - 4
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" '
        'font-family="sans-serif" font-size="11" fill="#555">'
        '<rect width="100%" height="100%" fill="#fff"/>'
        f'<text y="12">{escape(title)}, up to {most:,.6g}</text>'
        f'{"".join(shapes)}<text y="{floor}">{bars[0].day}</text>'
        f'<text x="{_WIDTH}" y="{floor}" text-anchor="end">{bars[-1].day}</text></svg>'
    )
