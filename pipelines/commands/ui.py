"""``doorstep ui``."""

import os
import signal
import subprocess
import sys
from types import FrameType

import click


@click.command("ui")
@click.option("--port", default=3000, show_default=True, help="Port on the loopback interface.")
def command(port: int) -> None:
    """Open the Dagster UI of this home: assets, lineage, checks, the sensors and the schedule.

    The Data Docs of the checks are on the port after it.
    """
    from pipelines.dagster_home import bury_the_dead, open_instance
    from pipelines.data_docs_server import serving
    from pipelines.settings import Settings

    settings = Settings.from_env(os.environ)
    with open_instance(settings) as instance:
        bury_the_dead(instance)
    click.echo(f"Dagster of {settings.home} at http://127.0.0.1:{port} (Ctrl-C ends it)")
    places = {"DAGSTER_HOME": str(settings.dagster_home), "DOORSTEP_HOME": str(settings.home)}
    arguments = ["dev", "-m", "pipelines.definitions", "-h", "127.0.0.1", "-p", str(port)]
    with serving(settings.data_docs, port + 1) as data_docs:
        links = {"DOORSTEP_UI_URL": f"http://127.0.0.1:{port}", "DOORSTEP_DATA_DOCS_URL": data_docs}
        code = _run([sys.executable, "-m", "dagster", *arguments], {**links, **os.environ, **places})
    sys.exit(code)


def _run(arguments: list[str], environment: dict[str, str]) -> int:
    """Run until it ends or a signal does; Dagster ends its own processes on SIGINT alone."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(arguments, env=environment)

    def end(_signal: int, _frame: FrameType | None) -> None:
        process.send_signal(signal.SIGINT)

    signal.signal(signal.SIGTERM, end)
    try:
        return process.wait()
    except KeyboardInterrupt:
        return process.wait()
