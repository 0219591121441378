"""``doorstep bench routing``."""

import os
from pathlib import Path

import click
from rich.console import Console

from pipelines.bench.options import beside, keeping
from pipelines.bench.page import keep_figures
from pipelines.bench.routing.figures import PlanRun
from pipelines.bench.routing.kept import RoutingFigures, routing_tables
from pipelines.bench.routing.machine import routing_machine
from pipelines.bench.routing.references import FOLDERS, n_in_set
from pipelines.bench.routing.run import CONTESTANTS, Wish, measure_plans
from pipelines.bench.streams.machine import load_now
from pipelines.bench.table import show


@click.command()
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="The folder with vrptw and pdptw.",
)
@click.option(
    "--set",
    "set_names",
    type=click.Choice(list(FOLDERS)),
    multiple=True,
    help="This set alone; may be repeated.",
)
@click.option(
    "--seconds", type=click.FloatRange(min=0.01), multiple=True, default=(1.0, 10.0), show_default=True
)
@click.option("--most", type=click.IntRange(1), help="At most so many instances of a set.")
@click.option(
    "--only",
    "names",
    type=click.Choice(CONTESTANTS),
    multiple=True,
    help="This contestant alone; may be repeated.",
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Seed of the searches.")
@keeping("Keep the figures here, beside those of other sets and seconds.")
@beside("VROOM")
def routing(
    data: Path,
    set_names: tuple[str, ...],
    seconds: tuple[float, ...],
    most: int | None,
    names: tuple[str, ...],
    seed: int,
    target: Path | None,
    peers_python: Path,
) -> None:
    """Plan researchers' instances side by side with PyVRP, OR-Tools and VROOM, under equal wall time.

    One contestant at a time has all cores; PyVRP and OR-Tools alone use one of them. Every plan is
    judged by the evaluator. A busy machine makes figures that say little.
    """
    console, load_before = Console(), load_now()
    cores = sorted(os.sched_getaffinity(0))
    wanted, left_out = names or CONTESTANTS, list[str]()
    if "VROOM" in wanted and not peers_python.exists():
        wanted = tuple(name for name in wanted if name != "VROOM")
        left_out.append(f"VROOM: there is no {peers_python}; `make bench` makes it")
    set_names = set_names or tuple(FOLDERS)
    wish = Wish(data, set_names, seconds, most, wanted, seed, len(cores), peers_python.absolute())
    plans, failed = measure_plans(wish, lambda text: console.print(text, style="dim"))
    figures = RoutingFigures(
        plans=tuple(
            PlanRun(
                machine=routing_machine(load_before),
                seed=seed,
                set_name=set_name,
                seconds=each_s,
                n_in_set=n_in_set(data, set_name),
                plans=tuple(plan for plan in plans if (plan.set_name, plan.seconds) == (set_name, each_s)),
                left_out=(*left_out, *failed),
            )
            for set_name in set_names
            for each_s in seconds
        )
    )
    if target is not None:
        keep_figures(target, figures)
    for table in routing_tables(figures):
        show(console, table)
    for why in (*left_out, *failed):
        console.print(f"left out: {why}")
