"""What was asked of the streams, and whether this run holds it."""

from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.bench.streams.contestants import CEILING, FAUST, RIVALS
from pipelines.bench.streams.figures import OWN_NAME, Figures, LatencyRun, Throughput
from pipelines.bench.table import Table

SINGLES_PER_S, SINGLES_GOAL_PER_S = 200_000, 300_000
BATCHES_PER_S, BATCHES_GOAL_PER_S = 400_000, 600_000
TIMES_FAUST, TIMES_RIVALS, SHARE_OF_CEILING = 25.0, 1.5, 0.2
P50_MS, P99_MS = 50.0, 250.0
MEMORY_LIMITS = {
    "vehicle without a plan, 1 fix": 1_500,
    "vehicle without a plan, 60 fixes": 1_500,
    "remaining stop": 150,
    "event id": 16,
}
"""Bytes at most."""

LARGE_FLEET, LARGE_FLEET_MB = 100_000, 1_000

RATES = "Rates are by wall time, ratios by CPU time of the consumer."


@dataclass(frozen=True, slots=True)
class Goal:
    """One requirement: what was asked for, what was measured."""

    what: str
    asked: str
    measured: str
    is_met: bool


def goals(figures: Figures) -> Iterator[Goal]:
    """Every requirement that the figures can answer."""
    yield from _rates(figures)
    yield from _ratios(figures.singles)
    if figures.latency is not None:
        yield from _latencies(figures.latency)
    for each in figures.memory:
        limit = MEMORY_LIMITS[each.what]
        measured = f"{each.bytes_each:,.0f} B"
        yield Goal(f"memory: {each.what}", f"at most {limit:,} B", measured, each.bytes_each <= limit)
    for fleet in figures.scaling:
        if fleet.vehicles >= LARGE_FLEET:
            asked, measured = f"under {LARGE_FLEET_MB:,} MB", f"{fleet.peak_mb:,.0f} MB at its peak"
            what = f"{fleet.vehicles:,} vehicles in one worker"
            yield Goal(what, asked, measured, fleet.peak_mb < LARGE_FLEET_MB)


def goals_table(found: list[Goal], title: str, note: str = RATES) -> Table:
    """One line a requirement."""
    rows = tuple((each.what, each.asked, each.measured, "yes" if each.is_met else "**no**") for each in found)
    return Table(title, note, ("what", "asked for", "measured", "met"), rows)


def _rates(figures: Figures) -> Iterator[Goal]:
    for what, runs, least, goal in (
        ("one event a message", figures.singles, SINGLES_PER_S, SINGLES_GOAL_PER_S),
        ("batches of 20 fixes", figures.batches, BATCHES_PER_S, BATCHES_GOAL_PER_S),
    ):
        if own := _named(runs, OWN_NAME):
            asked = f"{least:,} events/s (the goal is {goal:,})"
            yield Goal(what, asked, f"{own.per_wall_s:,.0f} events/s", own.per_wall_s >= least)


def _ratios(runs: list[Throughput]) -> Iterator[Goal]:
    own, faust = _named(runs, OWN_NAME), _named(runs, FAUST.title)
    if own is None:
        return
    if faust:
        yield _ratio(own, faust, TIMES_FAUST, f"beside {faust.name}")
    rivals = [run for run in runs if run.name in {rival.title for rival in RIVALS}]
    if rivals:
        best = max(rivals, key=lambda run: run.per_cpu_s)
        among = "the better of Quix Streams and Bytewax" if len(rivals) == len(RIVALS) else "the only rival"
        yield _ratio(own, best, TIMES_RIVALS, f"beside {among}: {best.name}")
    if ceiling := _named(runs, CEILING.title):
        yield _ratio(own, ceiling, SHARE_OF_CEILING, f"beside {ceiling.name}")


def _ratio(own: Throughput, other: Throughput, least: float, what: str) -> Goal:
    found = own.per_cpu_s / other.per_cpu_s
    return Goal(what, f"{least:g} times", f"{found:.2f} times", found >= least)


def _latencies(run: LatencyRun) -> Iterator[Goal]:
    for each in run.latencies:
        asked = f"p50 under {P50_MS:.0f} ms, p99 under {P99_MS:.0f} ms"
        measured = f"{each.append_p50_ms:.0f} ms, {each.append_p99_ms:.0f} ms"
        is_met = each.append_p50_ms < P50_MS and each.append_p99_ms < P99_MS
        yield Goal(f"append to append: {each.what}", asked, measured, is_met)


def _named(runs: list[Throughput], name: str) -> Throughput | None:
    return next((run for run in runs if run.name == name), None)
