"""``doorstep bench replan``."""

import os
from pathlib import Path

import click
from rich.console import Console

from pipelines.bench.options import keeping
from pipelines.bench.page import keep_figures
from pipelines.bench.routing.kept import RoutingFigures
from pipelines.bench.routing.machine import routing_machine
from pipelines.bench.routing.replan import ReplanRun, Wish, measure_replanning
from pipelines.bench.routing.replan_tables import replan_tables
from pipelines.bench.streams.machine import load_now
from pipelines.bench.table import show
from routing.neighbourhood import MOST_STOPS


@click.command()
@click.option("--vehicles", "n_shifts", type=click.IntRange(1), default=10, show_default=True)
@click.option("--stops", "n_open", type=click.IntRange(1), default=200, show_default=True, help="Open stops.")
@click.option("--days", "n_days", type=click.IntRange(1), default=4, show_default=True)
@click.option(
    "--cases",
    "n_cases",
    type=click.IntRange(1),
    default=40,
    show_default=True,
    help="Delays and new orders, by turns of the days.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0.01),
    default=0.3,
    show_default=True,
    help="For a proposal's search by PyVRP, beside all else that it takes.",
)
@click.option(
    "--compare",
    "n_compared",
    type=click.IntRange(0),
    default=8,
    show_default=True,
    help=f"PyVRP plans so many of the cases from scratch, under {MOST_STOPS} open stops.",
)
@click.option("--rival-seconds", "rival_s", type=click.FloatRange(min=0.01), default=60.0, show_default=True)
@click.option(
    "--plan-seconds",
    "plan_s",
    type=click.FloatRange(min=0.01),
    default=10.0,
    show_default=True,
    help="In which each day is planned at first.",
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@keeping("Keep the figures here, beside those of other fleets.")
def replan(
    n_shifts: int,
    n_open: int,
    n_days: int,
    n_cases: int,
    seconds: float,
    n_compared: int,
    rival_s: float,
    plan_s: float,
    seed: int,
    target: Path | None,
) -> None:
    """Time what is proposed when a vehicle is delayed or an order comes in, beside PyVRP from scratch.

    Proposals are made one at a time; PyVRP then plans as many cases at once as there are cores.
    """
    if n_compared and n_open >= MOST_STOPS:
        raise click.UsageError(
            f"with {n_open} open stops only a part of the fleet is planned anew, and PyVRP would get that "
            f"part alone: --compare goes with fewer than {MOST_STOPS} open stops, else --compare 0"
        )
    console, load_before = Console(), load_now()
    wish = Wish(
        n_shifts=n_shifts,
        n_open=n_open,
        n_days=n_days,
        n_cases=n_cases,
        seconds=seconds,
        n_compared=n_compared,
        rival_s=rival_s,
        plan_s=plan_s,
        seed=seed,
    )
    n_cores = len(os.sched_getaffinity(0))
    cases = measure_replanning(wish, n_cores, lambda text: console.print(text, style="dim"))
    run = ReplanRun(machine=routing_machine(load_before), wish=wish, cases=cases)
    if target is not None:
        keep_figures(target, RoutingFigures(replans=(run,)))
    for table in replan_tables(run):
        show(console, table)
