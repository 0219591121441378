"""``doorstep report``: the HTML report of a published file."""

import os
from pathlib import Path

import click


@click.command()
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The page to write; default: report/index.html in the home folder.",
)
def command(out: Path | None) -> None:
    """Write the HTML report of the published KPI file: one page with its pictures."""
    from pipelines.report.facts import read_facts
    from pipelines.report.page import render
    from pipelines.settings import Settings

    settings = Settings.from_env(os.environ)
    page = out or settings.home / "report" / "index.html"
    text = render(read_facts(settings.published))
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(text, encoding="utf-8")
    click.echo(f"{page}")
