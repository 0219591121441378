"""The page: facts and pictures put into the template."""

from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from assets.kpi_reading import Kpi
from pipelines.report.facts import Facts
from pipelines.report.pictures import bars_by_segment, promises_by_hour, zones_by_on_time_rate

TEMPLATE = Path(__file__).with_name("page.html.j2")


def render(facts: Facts) -> str:
    """The whole report as one HTML page without outside references."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(
        value=format_value,
        figure=format_figure,
        money=_format_known,
        instant=_format_instant,
        share=_format_share,
    )
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    span = (
        f"{facts.first_date}"
        if facts.first_date == facts.last_date
        else f"{facts.first_date} to {facts.last_date}"
    )
    return template.render(
        facts=facts,
        span=span,
        cards=[row for row in facts.overall if row.value is not None],
        pictures=_pictures(facts),
        tables=[
            ("All", facts.overall),
            ("By depot", facts.by_depot),
            ("By vehicle class", facts.by_vehicle_class),
        ],
    )


def format_value(row: Kpi) -> str:
    """A KPI's value as people read it: shares in per cent."""
    if row.value is None:
        return "–"
    if row.unit == "share":
        return f"{row.value:.1%}"
    return f"{row.value:,.2f}"


def format_figure(figure: float) -> str:
    """A numerator or denominator: whole where it is a count."""
    return f"{figure:,.0f}" if figure == round(figure) else f"{figure:,.1f}"


def _format_known(figure: float | None) -> str:
    return "–" if figure is None else f"{figure:,.2f}"


def _format_share(figure: float | None) -> str:
    return "–" if figure is None else f"{figure:.1%}"


def _format_instant(instant: datetime | None) -> str:
    return "–" if instant is None else f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _pictures(facts: Facts) -> list[str]:
    pictures = []
    if facts.hours:
        pictures.append(promises_by_hour(facts.hours))
    if facts.zones:
        pictures.append(zones_by_on_time_rate(facts.zones))
    for kpi_id in ("cost_per_delivery", "co2e_per_delivery"):
        rows = [row for row in facts.by_vehicle_class if row.kpi_id == kpi_id]
        if any(row.value is not None for row in rows):
            pictures.append(bars_by_segment(rows, f"{rows[0].name} by vehicle class"))
    return pictures
