"""``doorstep expire``."""

import os

import click


@click.command("expire")
def command() -> None:
    """Remove what is older than the seed `retention` says, from the lake and from the warehouse.

    Tables that are made anew by every build follow at the next one. Published figures stay.
    """
    from assets.models.load import load_project
    from pipelines.building import run_expiry
    from pipelines.settings import Settings
    from pipelines.wiring import MODELS
    from routing.errors import DoorstepError

    report = run_expiry(Settings.from_env(os.environ), load_project(MODELS))
    if report.problems:
        raise DoorstepError("; ".join(report.problems))
    for name, before, rows, files in report.removed:
        of_files = f" in {files:,} files" if files else ""
        click.echo(f"  {name:<32} before {before}: {rows:,} rows{of_files}")
    if not report.removed:
        click.echo("Nothing is older than docs/operating.md says.")
