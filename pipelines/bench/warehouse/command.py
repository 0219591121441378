"""``doorstep bench warehouse``."""

from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich.console import Console

from pipelines.bench.options import beside, keeping
from pipelines.bench.streams.processes import require_proc
from pipelines.bench.table import show


@click.command()
@click.option(
    "--fixes", type=click.IntRange(1_000), default=10_000_000, show_default=True, help="Of the last day."
)
@click.option(
    "--days", type=click.IntRange(2), default=90, show_default=True, help="All but the last are thinned."
)
@click.option("--vehicles", type=click.IntRange(1), default=200, show_default=True)
@click.option("--orders", type=click.IntRange(1), default=4_000, show_default=True, help="A day.")
@click.option("--seed", default=1, show_default=True, help="The same seed is the same fleet.")
@keeping()
@beside("polars")
def warehouse(
    fixes: int,
    days: int,
    vehicles: int,
    orders: int,
    seed: int,
    target: Path | None,
    peers_python: Path,
) -> None:
    """Build a day of a fleet, an hour more and a late event's repair, beside SQL by hand and data frames.

    The fleet is made up and written straight to a lake of its own, which is removed at the end.
    """
    from pipelines.bench.page import keep_figures
    from pipelines.bench.warehouse.fleet import Scale
    from pipelines.bench.warehouse.goals import left_out
    from pipelines.bench.warehouse.run import Bench, Wish
    from pipelines.bench.warehouse.tables import warehouse_tables

    require_proc()
    console, scale = Console(), Scale(vehicles, orders, fixes, days, seed)
    with TemporaryDirectory(prefix="doorstep-bench-") as folder:
        wish = Wish(scale, Path(folder), peers_python.absolute())
        figures = Bench(wish, lambda text: console.print(text, style="dim")).measure()
    if target is not None:
        keep_figures(target, figures)
    for table in warehouse_tables(figures):
        show(console, table)
    for why in left_out(figures):
        console.print(f"left out: {why}")
