"""The figures of landing as tables."""

from collections.abc import Iterator

from pipelines.bench.landing.figures import BATCHES, OWN, SINGLES, LandingFigures, Stage, Writing
from pipelines.bench.streams.goals import Goal, goals_table
from pipelines.bench.table import Table

ROWS_PER_S = 500_000
HEADS = ("contestant", "rows", "rows/s of wall", "rows/s of CPU", "bytes a row", "Doorstep / this, by wall")
NOTES = {
    SINGLES: "The broker is on the same cores.",
    BATCHES: "The broker is on the same cores.",
}
BESIDE = (
    "The same rows, from memory. Of JSON, Doorstep also checks the contract, the key and the clocks and adds "
    "the H3 cell, where the others parse only. Doorstep waits until its files are on the disk."
)


def landing_tables(figures: LandingFigures) -> Iterator[Table]:
    """All tables that the figures fill."""
    if found := list(landing_goals(figures)):
        yield goals_table(found, "Landing: what was asked for")
    for task in dict.fromkeys(run.task for run in figures.runs):
        runs = [run for run in figures.runs if run.task == task]
        own = next((run for run in runs if run.name == OWN), None)
        yield Table(task, NOTES.get(task, BESIDE), HEADS, tuple(_cells(run, own) for run in runs))
    if figures.stages:
        yield _stages(figures.stages)


def landing_goals(figures: LandingFigures) -> Iterator[Goal]:
    """Rows a second from Kafka, as asked for."""
    for run in figures.runs:
        if run.task in (SINGLES, BATCHES):
            measured = f"{run.per_wall_s:,.0f} rows/s"
            yield Goal(run.task, f"{ROWS_PER_S:,} rows/s", measured, run.per_wall_s >= ROWS_PER_S)


def _cells(run: Writing, own: Writing | None) -> tuple[str, ...]:
    return (
        run.name,
        f"{run.rows:,}",
        f"{run.per_wall_s:,.0f}",
        f"{run.per_cpu_s:,.0f}",
        f"{run.size_bytes / run.rows:.1f}",
        "" if own is None else f"{own.per_wall_s / run.per_wall_s:.2f}x",
    )


def _stages(stages: list[Stage]) -> Table:
    rows = tuple((each.what, f"{each.cpu_us_a_row:.2f} us") for each in stages)
    note = "CPU time a row, each stage alone and by one thread; what lands them runs them side by side."
    return Table("Landing: where the time goes", note, ("stage", "CPU a row"), rows)
