"""``doorstep bench roads``."""

from pathlib import Path

import click
from rich.console import Console

from pipelines.bench.streams.machine import load_now
from pipelines.bench.table import show


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--places", type=click.IntRange(2), default=1_000, show_default=True, help="Legs between so many."
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Seed of the places.")
def roads(files: tuple[Path, ...], places: int, seed: int) -> None:
    """Build road graphs of FILES, OpenStreetMap extracts, and find legs between random places.

    A search runs on one core. Beside it stands scipy's Dijkstra over all nodes of the map.
    """
    from pipelines.bench.roads.run import measure_roads
    from pipelines.bench.roads.tables import roads_table

    load_before = load_now()
    figures = tuple(measure_roads(file, places, seed) for file in files)
    show(Console(), roads_table(figures, load_before))
