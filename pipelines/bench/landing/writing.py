"""The same rows written by Doorstep, DuckDB and polars, from memory and from JSON lines."""

import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from time import perf_counter, process_time

import duckdb
import numpy as np
import pyarrow as pa

from pipelines.bench.landing.figures import Writing
from routing.errors import DoorstepError
from streams.lake.chunk import Chunk
from streams.lake.files import write_durably
from streams.lake.landing import Rhythm
from streams.lake.scanned import Tables
from streams.lake.writers import THREADS, Writers
from streams.topics import GPS_FIXES

REPEATS = 3
FROM_ARROW = "Arrow in memory to Parquet"
FROM_JSON = "JSON to Parquet"
TASKS = {"arrow": FROM_ARROW, "json": FROM_JSON}
OWN, DUCKDB, POLARS = "Doorstep", "DuckDB", "polars"
APPENDED_MS = 1_772_500_000_000

_COLUMNS = (
    "{event_id: 'varchar', source: 'varchar', received_at: 'timestamptz', device_id: 'varchar', "
    "device_seq: 'bigint', vehicle_id: 'varchar', fix_at: 'timestamptz', lat_deg: 'double', "
    "lon_deg: 'double', speed_mps: 'double', heading_deg: 'double', accuracy_m: 'double', "
    "ignition_on: 'boolean', odometer_m: 'double'}"
)


def measure_writing(
    messages: Sequence[tuple[str, bytes]], folder: Path, peers_python: Path
) -> Iterator[Writing]:
    """All contestants one after the other. polars is left out where its environment is not there."""
    chunks = list(_chunks(messages))
    tables = Tables()
    rows = pa.concat_tables([tables.rows(GPS_FIXES, chunk).table for chunk in chunks])
    _write_inputs(messages, rows, folder)
    yield _measure(FROM_ARROW, OWN, rows.num_rows, lambda: _write_own(rows, folder / "own"), folder / "own")
    yield _measure(FROM_JSON, OWN, rows.num_rows, lambda: _land_own(chunks, folder / "lake"), folder / "lake")
    target = folder / "duckdb.parquet"
    with duckdb.connect() as connection:
        connection.register("rows_in_memory", rows)
        lines = f"read_json('{folder}/rows.ndjson', format = 'newline_delimited', columns = {_COLUMNS})"
        for task, source in ((FROM_ARROW, "rows_in_memory"), (FROM_JSON, lines)):
            copy = f"copy (select * from {source}) to '{target}' (format parquet, compression zstd)"
            yield _measure(task, DUCKDB, rows.num_rows, partial(connection.execute, copy), target)
    if peers_python.exists():
        yield from _polars(folder, peers_python, rows.num_rows)


def _polars(folder: Path, peers_python: Path, rows: int) -> Iterator[Writing]:
    command = [str(peers_python), "-m", "pipelines.bench.peers.polars_write", str(folder), str(REPEATS)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise DoorstepError(f"polars did not write: {done.stderr.splitlines()[-1:]}")
    for line in done.stdout.splitlines():
        found = json.loads(line)
        yield Writing(
            task=TASKS[found["task"]],
            name=POLARS,
            rows=rows,
            wall_s=found["wall_s"],
            cpu_s=found["cpu_s"],
            size_bytes=found["size_bytes"],
        )


def _measure(task: str, name: str, rows: int, write: Callable[[], object], target: Path) -> Writing:
    best = (float("inf"), 0.0)
    for _ in range(REPEATS):
        wall_s, cpu_s = perf_counter(), process_time()
        write()
        best = min(best, (perf_counter() - wall_s, process_time() - cpu_s))
    files = [target] if target.is_file() else list(target.rglob("*.parquet"))
    size = sum(file.stat().st_size for file in files)
    return Writing(task=task, name=name, rows=rows, wall_s=best[0], cpu_s=best[1], size_bytes=size)


def _chunks(messages: Sequence[tuple[str, bytes]]) -> Iterator[Chunk]:
    """The messages as landing has them after reading, a file each."""
    grid = Rhythm().grid
    for first in range(0, len(messages), grid):
        some = messages[first : first + grid]
        yield Chunk(
            GPS_FIXES.name,
            0,
            np.arange(first, first + len(some)),
            np.full(len(some), APPENDED_MS),
            [vehicle.encode() for vehicle, _ in some],
            [value for _, value in some],
            [],
        )


def _write_inputs(messages: Sequence[tuple[str, bytes]], rows: pa.Table, folder: Path) -> None:
    (folder / "rows.ndjson").write_bytes(b"".join(value + b"\n" for _, value in messages))
    with pa.OSFile(str(folder / "rows.arrow"), "wb") as file, pa.ipc.new_file(file, rows.schema) as writer:
        writer.write_table(rows)


def _write_own(rows: pa.Table, folder: Path) -> None:
    """As landing does: a file for each part, by its threads."""
    grid = Rhythm().grid
    parts = [rows.slice(first, grid) for first in range(0, rows.num_rows, grid)]
    with ThreadPoolExecutor(THREADS) as pool:
        names = (folder / f"{number}.parquet" for number in range(len(parts)))
        list(pool.map(lambda name, part: write_durably(name, GPS_FIXES, part), names, parts))


def _land_own(chunks: Sequence[Chunk], lake: Path) -> None:
    """As landing does: contract, key and clock checked, H3 cells, files, lines."""
    (lake / "_manifest").mkdir(parents=True, exist_ok=True)
    with Writers(lake) as writers:
        writers.write(GPS_FIXES, "bench", chunks)
        writers.settle()
