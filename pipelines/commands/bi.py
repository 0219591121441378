"""``doorstep bi``."""

import os
from pathlib import Path

import click


@click.command("bi")
@click.option("--port", default=8088, show_default=True, help="Port on the loopback interface.")
@click.option(
    "--environment",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("build", "bi-venv"),
    show_default=True,
    help="The virtual environment of Superset; `make bi` makes it.",
)
@click.option("--prepare-only", is_flag=True, help="Prepare and import, and don't serve.")
def command(port: int, environment: Path, prepare_only: bool) -> None:
    """Open the published KPIs in Apache Superset, with a dataset a table and a dashboard.

    The database, the datasets and the dashboard are imported from deploy/bi at each start.
    """
    from pipelines.bi.superset import USER, Superset, prepare, serve
    from pipelines.settings import Settings

    settings = Settings.from_env(os.environ)
    deployed = Path(__file__).parents[2] / "deploy" / "bi"
    superset = Superset(environment.absolute() / "bin", settings.home / "bi", deployed)
    prepare(superset, settings.published, os.environ, click.echo)
    if prepare_only:
        return
    click.echo(
        f"Superset of {settings.home} at http://127.0.0.1:{port}/superset/dashboard/kpis/ (Ctrl-C ends it)"
    )
    click.echo(f"User {USER}, password {superset.password}")
    serve(superset, os.environ, port)
