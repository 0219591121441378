"""``doorstep bench offers``."""

import os
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import click
import msgspec
from rich.console import Console

from pipelines.bench.routing.offers import OffersFigures, Wish, measure_offers, offers_table
from pipelines.bench.streams.cores import Cores
from pipelines.bench.streams.machine import describe_machine, load_now
from pipelines.bench.table import show

PACKAGES = ("numpy", "pyvrp")


@click.command()
@click.option("--stops", "n_stops", type=click.IntRange(1), default=200, show_default=True)
@click.option("--shifts", "n_shifts", type=click.IntRange(1), default=8, show_default=True)
@click.option("--windows", "n_windows", type=click.IntRange(1), default=40, show_default=True)
@click.option(
    "--orders", "n_orders", type=click.IntRange(2), default=200, show_default=True, help="New customers."
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Seed of day and orders.")
@click.option(
    "--json", "target", type=click.Path(dir_okay=False, path_type=Path), help="Keep the figures here."
)
def offers(
    n_stops: int, n_shifts: int, n_windows: int, n_orders: int, seed: int, target: Path | None
) -> None:
    """Time which windows can be promised to new customers of a planned day, before it and under way."""
    console, load_before = Console(), load_now()
    wish = Wish(n_stops=n_stops, n_shifts=n_shifts, n_windows=n_windows, n_orders=n_orders, seed=seed)
    measured = measure_offers(wish)
    cores = Cores(None, tuple(sorted(os.sched_getaffinity(0))))
    machine = describe_machine(cores, datetime.now(UTC), load_before)
    machine = msgspec.structs.replace(machine, packages={name: version(name) for name in PACKAGES})
    figures = OffersFigures(machine=machine, wish=wish, figures=measured)
    if target is not None:
        target.write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=2) + b"\n")
    show(console, offers_table(figures))
