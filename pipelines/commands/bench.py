"""``doorstep bench``: figures of this machine."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from pipelines.bench.landing.command import landing
from pipelines.bench.options import beside, keeping
from pipelines.bench.page import keep_figures
from pipelines.bench.readers.command import readers
from pipelines.bench.roads.command import roads
from pipelines.bench.routing.command import routing
from pipelines.bench.routing.day_command import day
from pipelines.bench.routing.offers_command import offers
from pipelines.bench.routing.replan_command import replan
from pipelines.bench.streams.cores import share_cores
from pipelines.bench.streams.kafka import bench_kafka
from pipelines.bench.streams.processes import require_proc
from pipelines.bench.streams.run import LATENCY, OWN, PARTS, Bench, Wish
from pipelines.bench.streams.tables import tables
from pipelines.bench.table import show
from pipelines.bench.warehouse.command import warehouse
from pipelines.settings import Settings


@click.group()
def command() -> None:
    """Measure this machine; nothing is judged by it."""


command.add_command(landing)
command.add_command(readers)
command.add_command(roads)
command.add_command(routing)
command.add_command(offers)
command.add_command(replan)
command.add_command(day)
command.add_command(warehouse)


@command.command()
@click.option("--events", type=click.IntRange(1_000), default=2_000_000, show_default=True)
@click.option("--vehicles", type=click.IntRange(10), default=5_000, show_default=True)
@click.option("--seed", default=1, show_default=True, help="The same seed is the same log.")
@keeping()
@click.option(
    "--only", "parts", type=click.Choice(PARTS), multiple=True, help="This part alone; may be repeated."
)
@click.option("--batch", is_flag=True, help="Device batches alone: 20 fixes a message.")
@beside("Quix Streams and Bytewax")
def streams(
    events: int,
    vehicles: int,
    seed: int,
    target: Path | None,
    parts: tuple[str, ...],
    batch: bool,
    peers_python: Path,
) -> None:
    """Measure the worker beside its peers on one simulated log.

    The consumer has a core of its own, the broker another. The log, on topics under a prefix of its
    own, is removed at the end, and a Kafka that was started for it is stopped.
    """
    if LATENCY in parts and OWN not in parts:
        raise click.UsageError("latency is measured at half of Doorstep's own load: add --only doorstep")
    if LATENCY in parts and batch:
        raise click.UsageError("latency is measured with one event a message: leave out --batch")
    require_proc()
    console, cores = Console(), share_cores()
    wanted = frozenset(parts or PARTS) - ({LATENCY} if batch else set())
    wish = Wish(events, vehicles, seed, wanted, batch, peers_python.absolute())
    with bench_kafka(Settings.from_env(os.environ), cores) as servers:
        bench = Bench(servers, cores, wish, lambda text: console.print(text, style="dim"))
        figures = bench.measure(datetime.now(UTC))
    if target is not None:
        keep_figures(target, figures)
    for table in tables(figures):
        show(console, table)
    for why in figures.left_out:
        console.print(f"left out: {why}")
