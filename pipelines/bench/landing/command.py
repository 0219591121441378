"""``doorstep bench landing``."""

import os
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table

from pipelines.bench.landing.figures import LandingFigures, Writing
from pipelines.bench.landing.run import Wish, measure_landing
from pipelines.bench.landing.writing import OWN
from pipelines.bench.streams.processes import require_proc
from pipelines.settings import Settings

HEADS = ("contestant", "rows", "rows/s of wall", "rows/s of CPU", "bytes a row", "Doorstep / this, by wall")


@click.command()
@click.option("--rows", type=click.IntRange(1_000), default=1_000_000, show_default=True)
@click.option("--seed", default=1, show_default=True, help="The same seed is the same rows.")
@click.option("--json", "target", type=click.Path(dir_okay=False, path_type=Path), help="Write figures here.")
@click.option(
    "--peers-python",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("build", "bench-venv", "bin", "python"),
    show_default=True,
    help="The environment of polars; `make bench` makes it.",
)
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
        target.write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=2) + b"\n")
    _print(console, figures)


def _print(console: Console, figures: LandingFigures) -> None:
    for task in dict.fromkeys(run.task for run in figures.runs):
        runs = [run for run in figures.runs if run.task == task]
        own = next(run for run in runs if run.name == OWN)
        shown = Table(title=task, title_justify="left")
        for place, head in enumerate(HEADS):
            shown.add_column(head, justify="left" if place == 0 else "right")
        for run in runs:
            shown.add_row(*cells(run, own))
        console.print(shown)
    console.print(f"load before: {figures.load_before:.1f}")
    for why in figures.left_out:
        console.print(f"left out: {why}")


def cells(run: Writing, own: Writing) -> tuple[str, ...]:
    """A contestant's line."""
    return (
        run.name,
        f"{run.rows:,}",
        f"{run.per_wall_s:,.0f}",
        f"{run.per_cpu_s:,.0f}",
        f"{run.size_bytes / run.rows:.1f}",
        f"{own.per_wall_s / run.per_wall_s:.2f}x",
    )
