"""``doorstep bench day``."""

import os
from pathlib import Path

import click
from rich.console import Console

from pipelines.bench.options import keeping
from pipelines.bench.page import keep_figures
from pipelines.bench.routing.day import DayRun, day_table, measure_day
from pipelines.bench.routing.kept import RoutingFigures
from pipelines.bench.routing.machine import routing_machine
from pipelines.bench.streams.machine import load_now
from pipelines.bench.table import show


@click.command()
@click.option("--vehicles", "n_shifts", type=click.IntRange(1), default=100, show_default=True)
@click.option("--stops", "n_stops", type=click.IntRange(1), default=5_000, show_default=True)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0.01),
    multiple=True,
    default=(30.0, 300.0),
    show_default=True,
    help="In which to plan it; may be repeated.",
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@keeping()
def day(n_shifts: int, n_stops: int, seconds: tuple[float, ...], seed: int, target: Path | None) -> None:
    """Plan a whole large day in several times, to see how the plan grows better."""
    console, load_before = Console(), load_now()
    n_cores = len(os.sched_getaffinity(0))
    plans = measure_day(
        n_shifts, n_stops, seconds, seed, n_cores, lambda text: console.print(text, style="dim")
    )
    run = DayRun(
        machine=routing_machine(load_before),
        n_shifts=n_shifts,
        n_stops=n_stops,
        n_cores=n_cores,
        seed=seed,
        plans=plans,
    )
    if target is not None:
        keep_figures(target, RoutingFigures(day=run))
    show(console, day_table(run))
