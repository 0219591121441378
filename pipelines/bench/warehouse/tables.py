"""The figures of the warehouse as tables."""

from collections.abc import Iterator

from pipelines.bench.streams.goals import goals_table
from pipelines.bench.table import Table
from pipelines.bench.warehouse.figures import BuildRun, FramesRun, ScriptRun, WarehouseFigures
from pipelines.bench.warehouse.goals import warehouse_goals

MB = 1e6


def warehouse_tables(figures: WarehouseFigures) -> Iterator[Table]:
    """All tables that the figures fill."""
    yield goals_table(list(warehouse_goals(figures)), "Warehouse: what was asked for")
    yield _builds(figures)
    yield from map(_slowest, figures.builds)
    if figures.script:
        yield _script(figures, figures.script)
    if figures.frames:
        yield _frames(figures)


def _builds(figures: WarehouseFigures) -> Table:
    parts = [part.what for part in figures.builds[0].parts]
    note = (
        f"{figures.vehicles:,} vehicles, {figures.orders:,} orders a day, {figures.days} days, of which the "
        f"last has {figures.fixes:,} fixes and then an hour more; the others have one in five minutes a "
        "vehicle. Each row is one `doorstep build` from its start to its end, in seconds, over a warehouse "
        "that has all days before it: new files are found and checked, models are built and "
        f"tested, the log of versions is written, the file is published. What is left of the whole is "
        "Python's imports, Dagster, the charts of the marts and the check of the KPIs. "
        f"The warehouse has {figures.warehouse_bytes / MB:,.0f} MB at the end, "
        f"the published file {figures.published_bytes / MB:,.0f} MB; the fleet was made up and written in "
        f"{figures.generated_s:.0f} s, seed {figures.seed}."
    )
    heads = ("build", "new fixes", "service dates", "whole", "CPU", *parts, "the rest", "peak memory")
    return Table("Builds of the warehouse", note, heads, tuple(map(_build_cells, figures.builds)))


def _build_cells(run: BuildRun) -> tuple[str, ...]:
    return (
        run.what,
        f"{run.fixes:,}",
        run.dates,
        f"{run.wall_s:.1f}",
        f"{run.cpu_s:.1f}",
        *(f"{part.seconds:.1f}" for part in run.parts),
        f"{run.rest_s:.1f}",
        f"{run.peak_bytes / MB:,.0f} MB",
    )


def _slowest(run: BuildRun) -> Table:
    rows = tuple((f"`{part.what}`", f"{part.seconds:.2f} s") for part in run.slowest)
    return Table(f"Slowest models: {run.what}", "Seconds of the model alone.", ("model", "built in"), rows)


def _script(figures: WarehouseFigures, script: ScriptRun) -> Table:
    day = figures.builds[1]
    note = (
        f"The day once more, over a copy of the warehouse from before it: {script.statements} statements in "
        "one session, with the settings of ours, and one transaction, which are the compiled SQL of the "
        "same models, the deletes and inserts of incremental ones, and a copy of the marts to a file; no "
        f"checks, no tests, no log of versions. {script.same} of {script.marts} marts are equal to ours."
    )
    dbt = figures.dbt
    if dbt:
        note += (
            f" dbt-duckdb, with these settings too, runs the same {dbt.statements} models with one thread of "
            "its own and DuckDB's, its start and its reading of the project included; "
            f"{dbt.same} of {dbt.marts} marts are equal to ours."
        )
    rows = (
        ("by hand", f"{script.wall_s:.1f}", f"{script.cpu_s:.1f}", f"{script.peak_bytes / MB:,.0f} MB"),
        (
            "doorstep build, without checks",
            f"{day.wall_s - day.checks_s:.1f}",
            "",
            "",
        ),
        *(
            [("dbt-duckdb", f"{dbt.wall_s:.1f}", f"{dbt.cpu_s:.1f}", f"{dbt.peak_bytes / MB:,.0f} MB")]
            if dbt
            else []
        ),
        ("doorstep build", f"{day.wall_s:.1f}", f"{day.cpu_s:.1f}", f"{day.peak_bytes / MB:,.0f} MB"),
    )
    return Table("The day by one script", note, ("", "wall, s", "CPU, s", "peak memory"), rows)


def _frames(figures: WarehouseFigures) -> Table:
    note = (
        "A subset of the day: its fixes from Parquet, the first copy of each event, service date, legs by "
        "haversine, minutes seen; answers by vehicle. The others keep all in memory and write nothing; their "
        "seconds are of that alone, and beside them is their whole process with its start and imports. Ours "
        "are the models stg_gps_fixes, int_legs and int_observed_minutes within the build, which also join "
        "verdicts and vehicles, and write three tables to the disk."
    )
    ours = ("Doorstep's models", f"{figures.subset_s:.1f}", "", "", "", "")
    rows = (ours, *map(_frames_cells, figures.frames))
    heads = (
        "contestant",
        "its work, s",
        "whole, s",
        "CPU of the whole, s",
        "peak memory",
        "vehicles that differ",
    )
    return Table("Legs of the day by data frames", note, heads, rows)


def _frames_cells(run: FramesRun) -> tuple[str, ...]:
    return (
        {"duckdb": "one DuckDB query"}.get(run.name, run.name),
        f"{run.engine_s:.1f}",
        f"{run.wall_s:.1f}",
        f"{run.cpu_s:.1f}",
        f"{run.peak_bytes / MB:,.0f} MB",
        f"{run.differing} of {run.vehicles}",
    )
