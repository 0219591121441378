"""``doorstep ui``."""

import os
import sys

import click


@click.command("ui")
@click.option("--port", default=3000, show_default=True, help="Port on the loopback interface.")
def command(port: int) -> None:
    """Open the Dagster UI of this home: assets, lineage, checks, the sensor and the schedule."""
    from pipelines.dagster_home import bury_the_dead, open_instance
    from pipelines.settings import Settings

    settings = Settings.from_env(os.environ)
    with open_instance(settings) as instance:
        bury_the_dead(instance)
    click.echo(f"Dagster of {settings.home} at http://127.0.0.1:{port} (Ctrl-C ends it)")
    environment = {
        **os.environ,
        "DAGSTER_HOME": str(settings.dagster_home),
        "DOORSTEP_HOME": str(settings.home),
    }
    arguments = ["dev", "-m", "pipelines.definitions", "-h", "127.0.0.1", "-p", str(port)]
    os.execve(sys.executable, [sys.executable, "-m", "dagster", *arguments], environment)
