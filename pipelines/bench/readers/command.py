"""``doorstep bench readers``."""

from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich.console import Console

from pipelines.bench.streams.machine import load_now
from pipelines.bench.table import show


@click.command()
@click.option("--versions", type=click.IntRange(1), default=50, show_default=True, help="Published so often.")
@click.option("--readers", type=click.IntRange(1), default=4, show_default=True, help="Reading processes.")
@click.option(
    "--rows", type=click.IntRange(1), default=100_000, show_default=True, help="Rows of each of three marts."
)
@click.option(
    "--pause", "pause_s", type=click.FloatRange(0), default=0.0, show_default=True, help="Seconds in between."
)
def readers(versions: int, readers: int, rows: int, pause_s: float) -> None:
    """Publish versions of made-up marts one after the other while processes read them in a loop.

    Ends with an error where a reader failed or saw two versions at once.
    """
    from pipelines.bench.readers.run import Wish, measure_readers
    from pipelines.bench.readers.tables import readers_table

    wish, load_before = Wish(versions, readers, rows, pause_s), load_now()
    with TemporaryDirectory(prefix="doorstep-readers-") as folder:
        figures = measure_readers(Path(folder), wish)
    show(Console(), readers_table(figures, wish, load_before))
    if figures.errors or figures.mixed:
        told = "; ".join(sorted(set(figures.errors))[:3])
        raise click.ClickException(f"{len(figures.errors)} errors, {figures.mixed} mixed openings. {told}")
