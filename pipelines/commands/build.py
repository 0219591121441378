"""``doorstep build``."""

import atexit
import os
from datetime import datetime
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from assets.models.project import DateRange, Project
    from pipelines.settings import Settings


@click.command("build")
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="First service date to build.")
@click.option(
    "--to", "last", type=click.DateTime(["%Y-%m-%d"]), help="Last one; without it, the first alone."
)
@click.option(
    "--accept",
    "accepted",
    metavar="TOPIC",
    multiple=True,
    help="Take in what waits of this topic although is_as_usual blocks it; may be repeated.",
)
def command(first: datetime | None, last: datetime | None, accepted: tuple[str, ...]) -> None:
    """Load the lake into the warehouse, check it, compute the KPIs and publish them.

    Without dates: the service dates of all that has landed since the last build.
    """
    from assets.due import find_due
    from assets.file_dates import EARLIEST
    from assets.models.load import load_project
    from assets.models.project import DateRange
    from pipelines.settings import Settings
    from pipelines.wiring import MODELS, warehouse_of
    from routing.errors import ConfigurationError

    atexit.register(_mute_the_end)
    settings, project = Settings.from_env(os.environ), load_project(MODELS)
    _expect_topics(accepted)
    if last and not first:
        raise ConfigurationError("--to goes with --from")
    if first:
        last = last or first
        if last < first:
            raise ConfigurationError(f"--to {last:%Y-%m-%d} lies before --from {first:%Y-%m-%d}")
        _build(settings, project, (DateRange(first.date(), last.date()),), accepted)
        return
    due = find_due(warehouse_of(settings), project)
    if due.too_old_rows:
        click.echo(
            f"{due.too_old_rows} landed rows are dated before {EARLIEST}, or on dates that are built no more "
            "after their retention, and count nowhere; uncounted_rows in the published file says where."
        )
    if not due.ranges:
        click.echo(f"Nothing to build: no dated events have landed in {settings.lake} since the last build.")
        return
    click.echo(f"{due.files} files have landed since the last build.")
    _build(settings, project, due.ranges, accepted, is_due=True)


def _expect_topics(accepted: tuple[str, ...]) -> None:
    from assets.slice_checks import EXPECTED
    from routing.errors import ConfigurationError

    strangers = [topic for topic in accepted if topic not in EXPECTED]
    if strangers:
        raise ConfigurationError(f"--accept {strangers[0]}: is_as_usual checks {', '.join(EXPECTED)}")


def _build(
    settings: "Settings",
    project: "Project",
    ranges: "tuple[DateRange, ...]",
    accepted: tuple[str, ...],
    *,
    is_due: bool = False,
) -> None:
    """One build, told; raises ``CheckFailed`` with what stopped it."""
    from pipelines.building import build
    from routing.errors import CheckFailed

    dates = ", ".join(map(str, ranges))
    click.echo(f"Building service dates {dates} …")
    report = build(settings, project, ranges, is_due=is_due, accepted=accepted)
    for table, rows in report.rows:
        if table.startswith("marts/"):
            click.echo(f"  {table.removeprefix('marts/'):<16} {rows:>10,} rows")
    for warning in report.warnings:
        click.echo(f"Unusual: {warning}")
    if report.problems:
        problems = "\n  ".join(report.problems)
        raise CheckFailed(f"the build of {dates} stopped, what was published before stays:\n  {problems}")
    if report.corrected_dates:
        click.echo(f"Corrected: figures of {report.corrected_dates}; 'doorstep corrections' has the reasons.")
    click.echo(f"{report.checks - len(report.warnings)} checks passed. Published: {settings.published}")


def _mute_the_end() -> None:
    """Keep DuckDB's binding from listing its own module as leaked once the interpreter is gone.

    It does so where Great Expectations and Dagster were loaded beside it; nothing is lost.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
