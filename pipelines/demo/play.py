"""The demo from an empty folder to the KPI table: which part runs when, and what is shown."""

import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import FrameType

from rich.console import Console
from rich.live import Live

from pipelines.broker import require_kafka, start, stop
from pipelines.cli import EXIT_INTERRUPTED
from pipelines.demo.children import Child, Children, interruptions_held
from pipelines.demo.progress import Snapshot, as_line, as_table, heard
from pipelines.demo.watch import Watch
from pipelines.demo.workspace import empty, fresh_workspace
from pipelines.settings import Settings
from routing.errors import DoorstepError
from streams.admin import create_topics
from streams.worker.lag import WorkerLag

READY_WITHIN_S = 180.0
"""A first start makes machine code, which takes a minute of the processor alone."""
DRAINED_WITHIN_S = 60.0
LINE_EVERY_S = 5.0


@dataclass(frozen=True, slots=True)
class Day:
    """The simulated day: which one, how fast, how large."""

    seed: int
    speed: float
    vehicles: int
    orders: int


def play(settings: Settings, day: Day, environ: Mapping[str, str]) -> int:
    """Play ``day`` in ``settings.home``; the exit code."""
    console = Console()
    started_s = time.monotonic()
    try:
        with _terminating_as_interrupt(), fresh_workspace(settings.home):
            _run(settings, day, environ, console)
    except KeyboardInterrupt:
        console.print("\nStopped. Nothing is left running; the next [bold]make demo[/bold] starts afresh.")
        return EXIT_INTERRUPTED
    console.print(f"\nDone in {time.monotonic() - started_s:.0f} s.")
    return 0


def _run(settings: Settings, day: Day, environ: Mapping[str, str], console: Console) -> None:
    stop(settings.kafka_home)
    empty(settings.home)
    logs = settings.home / "logs"
    logs.mkdir()
    with _kafka(settings, console) as servers:
        created = create_topics(servers, settings.topic_prefix, settings.partitions)
        console.print(f"Kafka at {servers}, {len(created)} topics.")
        environment = {**environ, **_environment(settings, servers)}
        with Children(logs, environment) as children:
            _play_day(settings, day, children, servers, console)
            _tell(console, "Building the warehouse under its checks …")
            children.run("build", _doorstep("build"))
            children.run("report", _doorstep("report"))
            table = children.run("kpis", _doorstep("kpis")).log.read_text()
            console.print(table, markup=False, highlight=False, soft_wrap=True)
    _say_what_next(settings, console)


@contextmanager
def _kafka(settings: Settings, console: Console) -> Iterator[str]:
    """The address of the named cluster, else of an embedded broker that is stopped at the end."""
    if settings.kafka_bootstrap_servers:
        yield require_kafka(settings)
        return
    _tell(console, "Starting the embedded Kafka …")
    try:
        yield start(settings.kafka_home).bootstrap_servers
    finally:
        with interruptions_held():
            stop(settings.kafka_home)


def _environment(settings: Settings, servers: str) -> dict[str, str]:
    """What the parts are told; the simulator is the clock of its day."""
    return {
        "DOORSTEP_HOME": str(settings.home),
        "DOORSTEP_CLOCK": "external",
        "DOORSTEP_PARTITIONS": str(settings.partitions),
        "DOORSTEP_TOPIC_PREFIX": settings.topic_prefix,
        "KAFKA_BOOTSTRAP_SERVERS": servers,
    }


def _doorstep(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "pipelines", *arguments]


def _play_day(settings: Settings, day: Day, children: Children, servers: str, console: Console) -> None:
    """Worker, landing and simulator until the day is over, judged and landed."""
    _tell(console, "Starting the worker; the first time it makes machine code, for a minute …")
    worker = children.start("worker", _doorstep("worker"))
    landing = children.start("landing", _doorstep("land"))
    _wait(lambda: worker.has_said("ready"), children, READY_WITHIN_S, "the worker did not get ready")
    _tell(console, f"Worker ready. Playing one day at {day.speed:.0f} times real time …")
    simulator = children.start(
        "simulator",
        _doorstep(
            "simulate",
            "--progress-json",
            f"--seed={day.seed}",
            f"--speed={day.speed}",
            f"--vehicles={day.vehicles}",
            f"--orders={day.orders}",
        ),
    )
    with Watch(servers, settings.topic_prefix) as watch:
        lag = WorkerLag(servers, settings.topic_prefix)
        _show(simulator, children, watch, lag, console)
        lag.close()
    worker.stop()
    landing.stop()
    children.run("landing-rest", _doorstep("land", "--once"))


def _show(simulator: Child, children: Children, watch: Watch, lag: WorkerLag, console: Console) -> None:
    """Show the day's progress until it has ended and the worker has caught up."""
    counts = Snapshot()
    is_over = False
    next_line_s = drained_by_s = time.monotonic()
    with Live(as_table(counts), console=console, refresh_per_second=2, transient=True) as live:
        while not is_over or counts.lag:
            children.check()
            time.sleep(0.5)
            # Asked before the lag is: what was sent last has to be judged, too.
            is_over = simulator.process.poll() is not None
            counts = replace(watch.count(heard(counts, simulator.last_line())), lag=lag.messages())
            now_s = time.monotonic()
            if console.is_terminal:
                live.update(as_table(counts))
            elif now_s >= next_line_s:
                console.print(as_line(counts), highlight=False, soft_wrap=True)
                next_line_s = now_s + LINE_EVERY_S
            if not is_over:
                drained_by_s = now_s + DRAINED_WITHIN_S
            elif now_s > drained_by_s:
                raise DoorstepError(
                    f"the worker is still {counts.lag} messages behind after {DRAINED_WITHIN_S:.0f} s"
                )
    children.check()
    console.print(as_table(watch.count(counts)))


def _wait(is_done: Callable[[], bool], children: Children, within_s: float, otherwise: str) -> None:
    deadline_s = time.monotonic() + within_s
    while not is_done():
        children.check()
        if time.monotonic() > deadline_s:
            raise DoorstepError(f"{otherwise} within {within_s:.0f} s; see its log")
        time.sleep(0.1)


@contextmanager
def _terminating_as_interrupt() -> Iterator[None]:
    """SIGTERM and a closed terminal end the demo as Ctrl-C does."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tell(console: Console, words: str) -> None:
    console.print(f"[dim]{words}[/dim]", highlight=False)


def _say_what_next(settings: Settings, console: Console) -> None:
    home = settings.home
    console.print(
        f"DuckDB file   {settings.published}\n"
        f"HTML report   {home / 'report' / 'index.html'}\n\n"
        "What next:\n"
        f"  DOORSTEP_HOME={home} .venv/bin/doorstep kpis --by depot,hour\n"
        f"  DOORSTEP_HOME={home} make ui          the Dagster UI over this day\n"
        f"  .venv/bin/python -c \"import duckdb; print(duckdb.connect('{settings.published}', read_only=True)"
        ".sql('from marts.kpi_daily limit 5'))\"",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
