"""``doorstep bench offers``."""

from pathlib import Path

import click
from rich.console import Console

from pipelines.bench.options import keeping
from pipelines.bench.page import keep_figures
from pipelines.bench.routing.kept import RoutingFigures
from pipelines.bench.routing.machine import routing_machine
from pipelines.bench.routing.offers import OffersFigures, Wish, measure_offers, offers_table
from pipelines.bench.streams.machine import load_now
from pipelines.bench.table import show


@click.command()
@click.option("--stops", "n_stops", type=click.IntRange(1), default=200, show_default=True)
@click.option("--shifts", "n_shifts", type=click.IntRange(1), default=8, show_default=True)
@click.option("--windows", "n_windows", type=click.IntRange(1), default=40, show_default=True)
@click.option(
    "--orders", "n_orders", type=click.IntRange(2), default=200, show_default=True, help="New customers."
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Seed of day and orders.")
@keeping()
def offers(
    n_stops: int, n_shifts: int, n_windows: int, n_orders: int, seed: int, target: Path | None
) -> None:
    """Time which windows can be promised to new customers of a planned day, before it and under way."""
    console, load_before = Console(), load_now()
    wish = Wish(n_stops=n_stops, n_shifts=n_shifts, n_windows=n_windows, n_orders=n_orders, seed=seed)
    measured = measure_offers(wish)
    figures = OffersFigures(machine=routing_machine(load_before), wish=wish, figures=measured)
    if target is not None:
        keep_figures(target, RoutingFigures(offers=figures))
    show(console, offers_table(figures))
