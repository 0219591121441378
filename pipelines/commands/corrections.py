"""``doorstep corrections``."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from assets.history.reading import Correction

DAY = click.DateTime(["%Y-%m-%d"])


@click.command("corrections")
@click.option("--kpi", "kpi_id", help="One KPI, by its id.")
@click.option("--by", "segment", default="all", help="Figures by this segment instead of over all.")
@click.option("--date", "day", type=DAY, help="One service date.")
@click.option("--running", "with_running", is_flag=True, help="Also of days that were still under way.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def command(
    kpi_id: str | None, segment: str, day: datetime | None, with_running: bool, as_json: bool
) -> None:
    """List published figures that were corrected: the old one, the new one, when and why."""
    from assets.history.reading import Wanted, read_corrections
    from pipelines.settings import Settings

    settings = Settings.from_env(os.environ)
    date = day.date() if day else None
    found = read_corrections(settings.published, Wanted(kpi_id, segment, date, date, with_running))
    for correction in found:
        click.echo(_as_json(correction) if as_json else _in_words(correction))
    if not found and not as_json:
        click.echo("No published figure was corrected.")


def _as_json(correction: "Correction") -> str:
    return json.dumps(asdict(correction), default=lambda moment: moment.isoformat())


def _in_words(correction: "Correction") -> str:
    where = "" if correction.segment == "all" else f" {correction.segment} {correction.segment_value}"
    old = _figure(correction.old_value, correction.old_numerator, correction.old_denominator)
    new = _figure(correction.new_value, correction.new_numerator, correction.new_denominator)
    currency = f" {correction.currency}" if correction.currency else ""
    beside = "".join(f", {words}" for words in _beside(correction))
    when = f"{correction.corrected_at:%Y-%m-%d %H:%M:%S}"
    what = f"{correction.service_date}  {correction.kpi_id}{where}"
    return f"{when}  {what}: {old} became {new}{currency}{beside}; {correction.reason}"


def _beside(correction: "Correction") -> Iterator[str]:
    """What else of the figure is another one, as its rate alone may look the same."""
    if correction.old_numerator is None or correction.new_numerator is None:
        return
    for name, was, becomes in (
        ("excluded", correction.old_excluded, correction.new_excluded),
        ("unknown", correction.old_unknown, correction.new_unknown),
        ("median", correction.old_median, correction.new_median),
        ("P90", correction.old_p90, correction.new_p90),
    ):
        if was != becomes:
            yield f"{name} {_number(was)} became {_number(becomes)}"


def _number(figure: float | None) -> str:
    return "–" if figure is None else f"{figure:g}"


def _figure(value: float | None, numerator: float | None, denominator: float | None) -> str:
    if numerator is None:
        return "none"
    return f"{_number(value)} ({numerator:g}/{denominator:g})"
