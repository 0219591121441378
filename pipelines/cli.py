"""The ``doorstep`` command: finds the command's module and turns known errors into exit codes."""

import sys
from importlib import import_module

import click

from routing.errors import ConfigurationError, DoorstepError, KafkaUnavailable

COMMANDS = {
    "bench": "measure this machine",
    "bi": "open the published KPIs in Apache Superset",
    "build": "load the lake into the warehouse, check it, compute the KPIs and publish them",
    "compact": "merge the lake's small files into large ones, sorted by vehicle and time",
    "corrections": "list published figures that were corrected, with the reason",
    "demo": "play one simulated delivery day through the real parts",
    "dlq": "list, show and replay dead letters",
    "expire": "remove what is older than its retention",
    "explain": "show the rows and events behind a figure",
    "ingest": "turn a CSV, Parquet or NDJSON file into events on Kafka",
    "kafka": "start, stop or look at the embedded Kafka",
    "kpis": "print KPIs from the published file",
    "land": "write Kafka's topics to Parquet",
    "learn": "let a depot's plans and ETAs reckon with what was learned of it",
    "offers": "say which windows can be promised to a new customer",
    "plan": "plan one day of one depot from a file",
    "proposals": "list, show, approve or reject re-optimisation proposals",
    "pseudonym": "print what stands for a driver or a customer in the warehouse",
    "report": "write the HTML report of a published file",
    "roads": "build road graphs from OpenStreetMap",
    "simulate": "play a simulated delivery day onto Kafka",
    "tell": "tell dispatch of shifts that go on no more, and of slow or closed roads",
    "topics": "create Kafka's topics",
    "traccar": "carry what a Traccar server forwards over to Doorstep's topics",
    "ui": "open the Dagster UI",
    "worker": "judge the streams",
}
"""Each command with its one-line help; it is the object ``command`` of ``pipelines.commands.<name>``."""

EXIT_FAILED, EXIT_UNUSABLE, EXIT_INTERRUPTED = 1, 2, 130
"""130 is what a shell reports for a program that Ctrl-C ended."""


class LazyGroup(click.Group):
    """Imports a command's module when it is called for, and not before."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, alphabetically."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or ``None``."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"pipelines.commands.{cmd_name}").command
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command. An interrupt that it doesn't take itself ends it as shells have it."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("doorstep: interrupted", err=True)
            ctx.exit(EXIT_INTERRUPTED)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.group(cls=LazyGroup)
@click.version_option(package_name="doorstep")
def cli() -> None:
    """Streaming telematics and KPI analytics for last-mile delivery."""


def main() -> None:
    """Run the command line; a known error is one line on stderr and an exit code."""
    try:
        cli(prog_name="doorstep")
    except (ConfigurationError, KafkaUnavailable) as error:
        click.echo(f"doorstep: {error}", err=True)
        sys.exit(EXIT_UNUSABLE)
    except DoorstepError as error:
        click.echo(f"doorstep: {error}", err=True)
        sys.exit(EXIT_FAILED)
