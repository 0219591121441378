"""Figures for tests, saying only what matters."""

from pipelines.bench.landing.figures import Writing
from pipelines.bench.streams.figures import Machine, Throughput

MACHINE = Machine(
    measured_on="2026-11-21",
    cpu="a processor",
    cores=2,
    memory_gib=8.0,
    system="Linux",
    python="3.11.7",
    packages={},
    is_pinned=True,
    load_before=0.1,
)


def run(name: str, cpu_s: float, events: int = 900, wall_s: float = 2.0) -> Throughput:
    return Throughput(
        name=name,
        log_events=events + 100,
        events=events,
        messages=events,
        wall_s=wall_s,
        user_s=cpu_s,
        system_s=0.0,
    )


def writing(task: str, name: str, rows: int = 1_000_000, wall_s: float = 1.0) -> Writing:
    return Writing(task=task, name=name, rows=rows, wall_s=wall_s, cpu_s=1.5, size_bytes=40 * rows)
