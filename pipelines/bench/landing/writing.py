"""The same rows written by Doorstep, DuckDB and polars, from memory and from JSON lines."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from time import perf_counter, process_time

import duckdb
import numpy as np
import pyarrow as pa

from pipelines.bench.landing.figures import DUCKDB, FROM_ARROW, FROM_JSON, OWN, POLARS, Writing
from routing.errors import DoorstepError
from streams.lake.chunk import Chunk
from streams.lake.files import write_durably
from streams.lake.landing import Rhythm
from streams.lake.writers import THREADS, Writers
from streams.topics import GPS_FIXES

REPEATS = 3
TASKS = {"arrow": FROM_ARROW, "json": FROM_JSON}
POLARS_WITHIN_S = 300.0
ROOT = Path(__file__).parents[3]
APPENDED_MS = 1_772_500_000_000

_COLUMNS = (
    "{event_id: 'varchar', source: 'varchar', received_at: 'timestamptz', device_id: 'varchar', "
    "device_seq: 'bigint', vehicle_id: 'varchar', fix_at: 'timestamptz', lat_deg: 'double', "
    "lon_deg: 'double', speed_mps: 'double', heading_deg: 'double', accuracy_m: 'double', "
    "ignition_on: 'boolean', odometer_m: 'double'}"
)


def measure_own(chunks: Sequence[Chunk], rows: pa.Table, folder: Path) -> Iterator[Writing]:
    """As landing does it, by its threads."""
    yield _measure(FROM_ARROW, OWN, rows.num_rows, lambda: _write_own(rows, folder / "own"), folder / "own")
    yield _measure(FROM_JSON, OWN, rows.num_rows, lambda: _land_own(chunks, folder / "lake"), folder / "lake")


def measure_duckdb(rows: pa.Table, folder: Path) -> Iterator[Writing]:
    """One ``copy`` a task, of the inputs that are in the folder."""
    target = folder / "duckdb.parquet"
    with duckdb.connect() as connection:
        connection.register("rows_in_memory", rows)
        lines = f"read_json('{folder}/rows.ndjson', format = 'newline_delimited', columns = {_COLUMNS})"
        for task, source in ((FROM_ARROW, "rows_in_memory"), (FROM_JSON, lines)):
            copy = f"copy (select * from {source}) to '{target}' (format parquet, compression zstd)"
            yield _measure(task, DUCKDB, rows.num_rows, partial(connection.execute, copy), target)


def measure_polars(rows: pa.Table, folder: Path, peers_python: Path) -> Iterator[Writing]:
    """In the environment of the peers. Raises ``DoorstepError`` with its words where it fails."""
    command = [str(peers_python), "-m", "pipelines.bench.peers.polars_write", str(folder), str(REPEATS)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    try:
        done = subprocess.run(
            command, env=environment, check=True, capture_output=True, text=True, timeout=POLARS_WITHIN_S
        )
    except subprocess.TimeoutExpired as error:
        raise DoorstepError(f"polars did not write within {POLARS_WITHIN_S:.0f} s") from error
    except (subprocess.CalledProcessError, OSError) as error:
        said = getattr(error, "stderr", None) or str(error)
        raise DoorstepError(f"polars did not write: {said[-500:]}") from error
    for line in done.stdout.splitlines():
        found = json.loads(line)
        yield Writing(
            task=TASKS[found["task"]],
            name=POLARS,
            rows=rows.num_rows,
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


def chunks_of(messages: Sequence[tuple[str, bytes]]) -> Iterator[Chunk]:
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


def write_inputs(messages: Sequence[tuple[str, bytes]], rows: pa.Table, folder: Path) -> None:
    """The same rows for the others: JSON lines and Arrow."""
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
    with Writers(lake, lambda file: None) as writers:
        writers.write(GPS_FIXES, "bench", chunks)
        writers.settle()
