"""``doorstep explain``."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from assets.explain.values import Event, Explanation, Row

EVENTS_SHOWN = 3


@click.command("explain")
@click.argument("kpi_id", metavar="KPI")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The service date.")
@click.option("--zone", help="One zone: an H3 cell. The same as --segment zone=CELL.")
@click.option(
    "--segment", metavar="NAME=VALUE", help="One value of a segment, such as vehicle=van-7 or hour=09."
)
@click.option("--events", "with_events", is_flag=True, help="Every event, not the first few of each row.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with every event.")
def command(
    kpi_id: str, day: datetime, zone: str | None, segment: str | None, with_events: bool, as_json: bool
) -> None:
    """Show what stands behind a figure of a day: its rows with their reasons, down to the events.

    The rows sum up to the figure. An event is shown as topic, partition/offset and its id.
    """
    from assets.explain.explain import explain_figure, open_warehouse
    from assets.explain.values import Question
    from assets.models.load import load_project
    from pipelines.settings import Settings
    from pipelines.wiring import MODELS

    settings = Settings.from_env(os.environ)
    name, value = _segment(zone, segment)
    with open_warehouse(settings.warehouse) as warehouse:
        question = Question(kpi_id, day.date(), name, value)
        explanation = explain_figure(warehouse, load_project(MODELS), question)
    if as_json:
        click.echo(json.dumps(asdict(explanation), default=lambda moment: moment.isoformat()))
        return
    for line in _page(explanation, None if with_events else EVENTS_SHOWN):
        click.echo(line)


def _segment(zone: str | None, segment: str | None) -> tuple[str, str]:
    from routing.errors import ConfigurationError

    if zone is not None and segment is not None:
        raise ConfigurationError("--zone is a segment too: give one of --zone and --segment")
    if zone is not None:
        return "zone", zone
    if segment is None:
        return "all", "all"
    name, equals, value = segment.partition("=")
    if not equals:
        raise ConfigurationError(f"--segment {segment!r} is no NAME=VALUE, such as vehicle=van-7")
    return name, value


def _page(explanation: "Explanation", most_events: int | None) -> Iterator[str]:
    question = explanation.question
    where = "" if question.segment == "all" else f", {question.segment} {question.segment_value}"
    as_of = f", as of {explanation.as_of:%Y-%m-%d %H:%M} UTC" if explanation.as_of else ""
    yield f"{explanation.name} of {question.service_date}{where}{as_of}"
    yield f"{explanation.formula} (version {explanation.definition_version}, {explanation.unit})"
    for figure in explanation.figures:
        value = "–" if figure.value is None else f"{figure.value:g}"
        yield (
            f"{value} = {figure.numerator:g} / {figure.denominator:g}{_currency(figure.currency)}; "
            f"excluded {figure.excluded}, unknown {figure.unknown}; rows "
            f"{sum(row.currency == figure.currency for row in explanation.rows)}"
        )
    for row in explanation.rows:
        yield ""
        yield from _lines(row, most_events)


def _currency(currency: str | None) -> str:
    return f" {currency}" if currency else ""


def _lines(row: "Row", most_events: int | None) -> Iterator[str]:
    share = f"{row.numerator:g} / {row.denominator:g}{_currency(row.currency)}"
    yield f"{row.role:<11} {row.item_id}  {share}: {row.reason}"
    for event in row.events[:most_events]:
        yield f"            {_event(event)}"
    left = len(row.events) - len(row.events[:most_events])
    if left:
        yield f"            and {left} more events (--events shows them)"


def _event(event: "Event") -> str:
    place = "place not kept" if event.offset is None else f"{event.partition}/{event.offset}"
    at = f"{event.at:%Y-%m-%d %H:%M:%S}" if event.at else "-"
    return f"{event.topic} {place}  {event.event_id}  {at}  {event.words}"
