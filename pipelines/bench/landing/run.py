"""One run: Kafka to Parquet, then the same rows beside DuckDB and polars."""

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from confluent_kafka import Producer

from pipelines.bench.landing.figures import LandingFigures, Writing
from pipelines.bench.landing.fixes import batches, fixes
from pipelines.bench.landing.writing import OWN, measure_writing
from pipelines.bench.streams.cores import Cores
from pipelines.bench.streams.kafka import Log, bench_kafka, fresh_log
from pipelines.bench.streams.machine import describe_machine
from pipelines.settings import Settings
from streams.lake.landing import Rhythm, land
from streams.lake.manifest import read_manifest
from streams.lake.scanned import Tables
from streams.lake.source import KafkaSource
from streams.topics import GPS_FIXES

BATCH = 20
REPEATS = 3
SINGLES = "Kafka to Parquet, one fix a message"
BATCHES = f"Kafka to Parquet, {BATCH} fixes a message"
NOT_PINNED = Cores(None, ())
"""Landing may use all cores; the broker and the harness share them."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What to measure: rows of each part, the dice, where the peers' Python is."""

    rows: int
    seed: int
    peers_python: Path


def measure_landing(settings: Settings, wish: Wish, say: Callable[[str], None]) -> LandingFigures:
    """All figures."""
    load_before = os.getloadavg()[0]
    Tables().compile()
    runs: list[Writing] = []
    with bench_kafka(settings, NOT_PINNED) as servers:
        for task, of in ((SINGLES, 1), (BATCHES, BATCH)):
            say(f"{task}: {wish.rows:,} rows")
            runs.append(_from_kafka(servers, task, wish, of))
    with TemporaryDirectory(prefix="doorstep-bench-") as folder:
        say(f"beside DuckDB and polars: {wish.rows:,} rows")
        runs += measure_writing(list(fixes(wish.rows, wish.seed)), Path(folder), wish.peers_python)
    left_out = [] if wish.peers_python.exists() else ["polars: `make bench` makes its environment"]
    machine = describe_machine(NOT_PINNED, datetime.now(UTC))
    return LandingFigures(machine=machine, load_before=load_before, runs=runs, left_out=left_out)


def _from_kafka(servers: str, task: str, wish: Wish, of: int) -> Writing:
    with fresh_log(servers) as log:
        _fill(log, fixes(wish.rows, wish.seed) if of == 1 else batches(wish.rows, of, wish.seed))
        return min((_land(log, task) for _ in range(REPEATS)), key=lambda run: run.wall_s)


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
