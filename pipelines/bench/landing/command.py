"""``doorstep bench landing``."""

import os
from pathlib import Path

import click
from rich.console import Console

from pipelines.bench.landing.run import Wish, measure_landing
from pipelines.bench.landing.tables import landing_tables
from pipelines.bench.options import beside, keeping
from pipelines.bench.page import keep_figures
from pipelines.bench.streams.processes import require_proc
from pipelines.bench.table import show
from pipelines.settings import Settings


@click.command()
@click.option("--rows", type=click.IntRange(1_000), default=1_000_000, show_default=True)
@click.option("--seed", default=1, show_default=True, help="The same seed is the same rows.")
@keeping()
@beside("polars")
def landing(rows: int, seed: int, target: Path | None, peers_python: Path) -> None:
    """Measure Kafka to Parquet, and the same rows written by DuckDB and polars.

    All cores may be used. Of JSON, Doorstep also checks the contract, the key and the clocks, and adds
    the H3 cell; DuckDB and polars only parse. Doorstep waits until its files are on the disk.
    """
    require_proc()
    console = Console()
    wish = Wish(rows, seed, peers_python.absolute())
    figures = measure_landing(
        Settings.from_env(os.environ), wish, lambda text: console.print(text, style="dim")
    )
    if target is not None:
        keep_figures(target, figures)
    for table in landing_tables(figures):
        show(console, table)
    for why in figures.left_out:
        console.print(f"left out: {why}")
