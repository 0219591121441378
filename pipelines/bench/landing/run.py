"""One run: Kafka to Parquet, then the same rows beside DuckDB and polars."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import pyarrow as pa
from confluent_kafka import Producer

from pipelines.bench.landing.figures import (
    BATCH,
    BATCHES,
    DUCKDB,
    OWN,
    POLARS,
    SINGLES,
    LandingFigures,
    Stage,
    Writing,
)
from pipelines.bench.landing.fixes import batches, fixes
from pipelines.bench.landing.stages import reading_stage, writing_stages
from pipelines.bench.landing.writing import (
    chunks_of,
    measure_duckdb,
    measure_own,
    measure_polars,
    write_inputs,
)
from pipelines.bench.streams.cores import Cores
from pipelines.bench.streams.kafka import Log, bench_kafka, fresh_log
from pipelines.bench.streams.machine import describe_machine, load_now
from pipelines.settings import Settings
from routing.errors import DoorstepError
from streams.lake.landing import Rhythm, land
from streams.lake.manifest import read_manifest
from streams.lake.scanned import Tables
from streams.lake.source import KafkaSource
from streams.metrics.health import Health
from streams.metrics.landing import LandingMetrics, LandingWatch
from streams.topics import GPS_FIXES

REPEATS = 3
NOT_PINNED = Cores(None, ())
"""Landing may use all cores; the broker and the harness share them."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What to measure: rows of each part, the dice, where the peers' Python is."""

    rows: int
    seed: int
    peers_python: Path


@dataclass(slots=True)
class Gathered:
    """What was measured so far, and what failed."""

    runs: list[Writing] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def measure_landing(settings: Settings, wish: Wish, say: Callable[[str], None]) -> LandingFigures:
    """All figures; a part that fails is named in ``left_out``, and the others go on."""
    machine = describe_machine(NOT_PINNED, datetime.now(UTC), load_now())
    Tables().compile()
    gathered = Gathered()
    with bench_kafka(settings, NOT_PINNED) as servers:
        for task, of in ((SINGLES, 1), (BATCHES, BATCH)):
            say(f"{task}: {wish.rows:,} rows")
            with _named(task, gathered):
                _from_kafka(servers, task, wish, of, gathered)
    say(f"beside DuckDB and polars: {wish.rows:,} rows")
    with TemporaryDirectory(prefix="doorstep-bench-") as folder:
        _from_memory(wish, Path(folder), gathered)
    return LandingFigures(
        machine=machine, runs=gathered.runs, stages=gathered.stages, left_out=gathered.left_out
    )


@contextmanager
def _named(what: str, gathered: Gathered) -> Iterator[None]:
    try:
        yield
    except DoorstepError as error:
        gathered.left_out.append(f"{what}: {error}")


def _from_memory(wish: Wish, folder: Path, gathered: Gathered) -> None:
    messages = list(fixes(wish.rows, wish.seed))
    chunks, tables = list(chunks_of(messages)), Tables()
    rows = pa.concat_tables([tables.rows(GPS_FIXES, chunk).table for chunk in chunks])
    write_inputs(messages, rows, folder)
    gathered.runs += measure_own(chunks, rows, folder)
    gathered.stages += writing_stages(chunks, folder / "stages")
    with _named(DUCKDB, gathered):
        gathered.runs += measure_duckdb(rows, folder)
    if wish.peers_python.exists():
        with _named(POLARS, gathered):
            gathered.runs += measure_polars(rows, folder, wish.peers_python)
    else:
        gathered.left_out.append(f"{POLARS}: there is no {wish.peers_python}; `make bench` makes it")


def _from_kafka(servers: str, task: str, wish: Wish, of: int, gathered: Gathered) -> None:
    with fresh_log(servers) as log:
        _fill(log, fixes(wish.rows, wish.seed) if of == 1 else batches(wish.rows, of, wish.seed))
        gathered.runs.append(min((_land(log, task) for _ in range(REPEATS)), key=lambda run: run.wall_s))
        gathered.stages.append(reading_stage(log, f"reading from Kafka, {_each(of)}", wish.rows))


def _each(of: int) -> str:
    return "one fix a message" if of == 1 else f"{of} fixes a message"


def _land(log: Log, task: str) -> Writing:
    source = KafkaSource(log.servers, log.prefix)
    try:
        with TemporaryDirectory(prefix="doorstep-bench-") as folder:
            wall_s, cpu_s = perf_counter(), process_time()
            totals = land(
                source,
                Path(folder),
                [GPS_FIXES],
                once=True,
                rhythm=Rhythm(),
                is_stopped=lambda: False,
                monotonic_s=time.monotonic,
                say=lambda _: None,
                watcher=LandingWatch(LandingMetrics(), Health()),
            )
            wall_s, cpu_s = perf_counter() - wall_s, process_time() - cpu_s
            size = sum(file.size_bytes for file in read_manifest(Path(folder), GPS_FIXES.name))
    finally:
        source.close()
    return Writing(task=task, name=OWN, rows=totals.rows, wall_s=wall_s, cpu_s=cpu_s, size_bytes=size)


def _fill(log: Log, messages: Iterable[tuple[str, bytes]]) -> None:
    producer = Producer(
        {
            "bootstrap.servers": log.servers,
            "partitioner": "murmur2_random",
            "linger.ms": 50,
            "batch.size": 256 * 1024,
            "compression.type": "lz4",
            "log_level": 0,
        }
    )
    for vehicle, value in messages:
        while True:
            try:
                producer.produce(log.prefix + GPS_FIXES.name, value, vehicle)
                break
            except BufferError:
                producer.poll(0.05)
    producer.flush()
