"""``doorstep kafka``: start, stop or look at the embedded Kafka of this home."""

import os

import click

from pipelines.broker import control
from pipelines.broker.state import RunningBroker, status
from pipelines.settings import Settings


@click.group()
def command() -> None:
    """Start, stop or look at the embedded Kafka."""


@command.command()
@click.option(
    "--port", default=control.PREFERRED_PORT, show_default=True, help="Another is taken when in use."
)
def start(port: int) -> None:
    """Start it, unless it runs; it goes on running until it is stopped."""
    settings = Settings.from_env(os.environ)
    click.echo("starting Kafka (the very first start fetches 45 MB of jars)", err=True)
    _print(settings, control.start(settings.kafka_home, port))


@command.command()
def stop() -> None:
    """Stop it; its data stay."""
    settings = Settings.from_env(os.environ)
    was_running = control.stop(settings.kafka_home)
    click.echo("stopped" if was_running else f"no Kafka runs in {settings.kafka_home}")


@command.command(name="status")
@click.pass_context
def show_status(context: click.Context) -> None:
    """Print address, pid and folder; exit code 1 when it does not run."""
    settings = Settings.from_env(os.environ)
    broker = status(settings.kafka_home)
    if broker is None:
        click.echo(f"no Kafka runs in {settings.kafka_home}")
        context.exit(1)
    _print(settings, broker)


def _print(settings: Settings, broker: RunningBroker) -> None:
    click.echo(
        f"Kafka answers at {broker.bootstrap_servers} (pid {broker.pid}), folder {settings.kafka_home}"
    )
