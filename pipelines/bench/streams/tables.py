"""The figures as tables: titles, heads and cells once, for the terminal and for the page."""

from collections.abc import Iterator

from pipelines.bench.streams.agreement import SETTLED_S
from pipelines.bench.streams.contestants import PLAIN_LOOP
from pipelines.bench.streams.figures import OWN_NAME, Figures, Inside, LogFigures, Throughput
from pipelines.bench.streams.goals import MEMORY_LIMITS, goals, goals_table
from pipelines.bench.streams.rounds import CYCLE_S, FIX_EVERY_S, TELEMETRY_EVERY_S
from pipelines.bench.table import Table

THROUGHPUT_HEADS = (
    "contestant",
    "events read",
    "events/s of wall",
    "events/s of CPU",
    "CPU in kernel",
    "Doorstep / this, by CPU",
)


def tables(figures: Figures) -> Iterator[Table]:
    """All tables that the figures fill."""
    if found := list(goals(figures)):
        yield goals_table(found, "Streams: what was asked for")
    if figures.singles:
        yield _throughput("One event a message", figures.singles, figures.log)
    if figures.batches:
        yield _throughput("Device batches: 20 fixes a message", figures.batches, figures.batch_log)
    if figures.agreements:
        yield _agreements(figures)
    if figures.latency is not None:
        yield _latency(figures)
    if figures.memory:
        yield _memory(figures)
    if figures.inside is not None:
        yield _inside(figures.inside)
    if figures.scaling:
        yield _scaling(figures)


def _throughput(title: str, runs: list[Throughput], log: LogFigures | None) -> Table:
    own = next((run for run in runs if run.name == OWN_NAME), None)
    note = "" if log is None else _log_text(log)
    return Table(title, note, THROUGHPUT_HEADS, tuple(_throughput_row(run, own) for run in runs))


def _log_text(log: LogFigures) -> str:
    return (
        f"{log.events:,} events in {log.messages:,} messages of {log.vehicles:,} vehicles, "
        f"{log.lasts_s / 60:.0f} minutes of their day, {log.value_bytes / 1e6:,.0f} MB: a fix every "
        f"{FIX_EVERY_S[0]} to {FIX_EVERY_S[1]} s ({log.fixes / log.events:.1%} of the events), telemetry "
        f"every {TELEMETRY_EVERY_S} s ({log.telemetry / log.events:.1%}), a stop every {CYCLE_S:.0f} s with "
        f"two scans ({log.scans / log.events:.1%}), {log.stops} stops planned ahead each; "
        f"{log.duplicates:,} duplicates, {log.late:,} late; seed {log.seed}. "
        f"It was made and sent in {log.took_s:.0f} s. Slow contestants read a log of fewer events."
    )


def _throughput_row(run: Throughput, own: Throughput | None) -> tuple[str, ...]:
    ratio = "" if own is None else f"{own.per_cpu_s / max(run.per_cpu_s, 1.0):.2f}x"
    return (
        run.name,
        f"{run.events:,}",
        f"{run.per_wall_s:,.0f}",
        f"{run.per_cpu_s:,.0f}",
        f"{run.system_share:.0%}",
        ratio,
    )


def _agreements(figures: Figures) -> Table:
    rows = tuple(
        (
            each.name,
            each.what,
            f"{each.log_events:,}",
            "any" if each.tolerance_s is None else f"{each.tolerance_s:.0f} s",
            f"{each.same:,}",
            f"{each.apart:,}",
            f"{each.only_here:,}",
            f"{each.only_in_reference:,}",
            "" if each.tolerance_s is None else f"{each.largest_gap_s:.0f} s",
        )
        for each in figures.agreements
    )
    note = (
        f"By vehicle and stop, held against {PLAIN_LOOP.title}: visits with an arrival {SETTLED_S:.0f} s or "
        "more before the log's end, and stops said to be late. The peers run the same kernel, so they must "
        "say the same to the second. Doorstep has rules of its own: it knows arrivals from scans, too, which "
        "is the gap that is allowed; and it judges all remaining stops where the kernel judges the next one "
        "alone, so stops that only Doorstep says to be late are expected, and stops that only the kernel "
        "says to be late are not."
    )
    heads = ("contestant", "what", "events", "tolerance", "same", "apart", "only here", "only there", "gap")
    return Table("Do they say the same?", note, heads, rows)


def _latency(figures: Figures) -> Table:
    assert figures.latency is not None
    run = figures.latency
    rows = tuple(
        (
            each.what,
            f"{each.count:,}",
            f"{each.append_p50_ms:.0f} ms",
            f"{each.append_p99_ms:.0f} ms",
            f"{each.hands_p50_ms:.0f} ms",
            f"{each.hands_p99_ms:.0f} ms",
        )
        for each in run.latencies
    )
    note = (
        f"From the append of the causing record to the append of what was said of it, and to a reader's "
        f"hands, at {run.sent_per_s:,.0f} events a second for {run.lasted_s:.0f} s (half of the load above)."
    )
    heads = ("what", "count", "append p50", "append p99", "in hands p50", "in hands p99")
    return Table("Latency", note, heads, rows)


def _memory(figures: Figures) -> Table:
    rows = tuple(
        (each.what, f"{each.count:,}", f"{each.bytes_each:,.0f} B", f"{MEMORY_LIMITS[each.what]:,} B")
        for each in figures.memory
    )
    note = "Resident bytes of the judge's state for one more of each, as the difference of two fleets."
    return Table("Memory", note, ("one more", "measured on", "each", "asked for"), rows)


def _inside(inside: Inside) -> Table:
    """What each step adds to the one before."""
    screened_us = inside.without_routes_us - inside.read_us
    followed_us = inside.with_routes_us - inside.without_routes_us
    rows = (
        ("read: JSON to columns, by the contract", f"{inside.read_us:.2f} us"),
        ("screened: repeats, clocks, positions, the machine", f"{screened_us:.2f} us"),
        ("followed: visits, ETAs, delays, notices, in words", f"{followed_us:.2f} us"),
        ("told: the words as JSON", f"{inside.told_us:.2f} us"),
    )
    per_thousand = inside.said / inside.events * 1000
    note = (
        f"The judge alone in one process, {inside.events:,} events of {inside.vehicles:,} vehicles, without "
        f"Kafka: CPU an event. Of 1,000 events {per_thousand:.0f} messages are said. Reading and screening "
        "are compiled; what is said, and why, is worked out in Python. What the worker takes beyond this "
        "sum is fetching, merging, sending, counting, checkpoints."
    )
    return Table("Where the time goes", note, ("step", "CPU an event"), rows)


def _scaling(figures: Figures) -> Table:
    rows = tuple(
        (
            f"{each.vehicles:,}",
            f"{each.stops}",
            f"{each.run.events:,}",
            f"{each.run.per_wall_s:,.0f}",
            f"{each.run.per_cpu_s:,.0f}",
            f"{each.resident_mb:,.0f} MB",
            f"{each.peak_mb:,.0f} MB",
        )
        for each in figures.scaling
    )
    note = "The worker's whole process, its routes in force, with the same number of events each time."
    heads = ("vehicles", "stops each", "events", "events/s of wall", "events/s of CPU", "memory", "peak")
    return Table("As the fleet grows", note, heads, rows)
