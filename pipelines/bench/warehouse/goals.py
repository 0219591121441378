"""What was asked of the warehouse, and whether this run holds it."""

from collections.abc import Iterator

from pipelines.bench.streams.goals import Goal
from pipelines.bench.warehouse.figures import DAY, HOUR, WarehouseFigures

DAY_S, DAY_BYTES, HOUR_S, IMPORT_S = 20.0, 2e9, 3.0, 0.5
TIMES_BY_HAND = 1.15


def warehouse_goals(figures: WarehouseFigures) -> Iterator[Goal]:
    """Each goal, as asked for."""
    day, hour, script = figures.build(DAY), figures.build(HOUR), figures.script
    if hour:
        found = hour.wall_s - hour.checks_s
        yield Goal(
            "an hour more, without its checks", f"under {HOUR_S:g} s", f"{found:.1f} s", found < HOUR_S
        )
    if day:
        what = f"a day of {figures.fixes:,} fixes, whole"
        yield Goal(what, f"under {DAY_S:g} s", f"{day.wall_s:.1f} s", day.wall_s < DAY_S)
        measured = f"{day.peak_bytes / 1e6:,.0f} MB"
        yield Goal("its memory", f"under {DAY_BYTES / 1e6:,.0f} MB", measured, day.peak_bytes < DAY_BYTES)
    if day and script and script.same == script.marts:
        times = (day.wall_s - day.checks_s) / script.wall_s
        yield Goal(
            "the day without its checks, beside one script",
            f"at most {TIMES_BY_HAND:g} times",
            f"{times:.2f} times",
            times <= TIMES_BY_HAND,
        )
    if figures.frames:
        best = min(figures.frames, key=lambda run: run.engine_s)
        yield Goal(
            f"legs of the day, beside the best: {best.name}",
            f"at most {best.engine_s:.1f} s",
            f"{figures.subset_s:.1f} s",
            figures.subset_s <= best.engine_s,
        )
    yield Goal(
        "the command line's start",
        f"under {IMPORT_S:g} s",
        f"{figures.import_s:.2f} s",
        figures.import_s < IMPORT_S,
    )


def left_out(figures: WarehouseFigures) -> Iterator[str]:
    """What was not measured, and what was but says nothing."""
    yield from figures.left_out
    script = figures.script
    if script and script.same != script.marts:
        yield (
            f"the day beside one script: {script.same} of its {script.marts} marts are equal to ours, "
            "so that its time is not that of the same work"
        )
