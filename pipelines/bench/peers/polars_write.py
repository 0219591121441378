"""polars: Arrow or JSON lines to Parquet, zstd. Prints a line of JSON a task: seconds, CPU seconds, bytes."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time

import polars as pl

SCHEMA = {
    "event_id": pl.String,
    "source": pl.String,
    "received_at": pl.String,
    "device_id": pl.String,
    "device_seq": pl.Int64,
    "vehicle_id": pl.String,
    "fix_at": pl.String,
    "lat_deg": pl.Float64,
    "lon_deg": pl.Float64,
    "speed_mps": pl.Float64,
    "heading_deg": pl.Float64,
    "accuracy_m": pl.Float64,
    "ignition_on": pl.Boolean,
    "odometer_m": pl.Float64,
}


def measure(task: str, write: Callable[[], None], target: Path, repeats: int) -> None:
    """The best of some repetitions."""
    best = (float("inf"), 0.0)
    for _ in range(repeats):
        wall_s, cpu_s = perf_counter(), process_time()
        write()
        best = min(best, (perf_counter() - wall_s, process_time() - cpu_s))
    print(
        json.dumps({"task": task, "wall_s": best[0], "cpu_s": best[1], "size_bytes": target.stat().st_size})
    )


def main() -> None:
    """``polars_write FOLDER REPEATS``: reads rows.arrow and rows.ndjson there."""
    folder, repeats = Path(sys.argv[1]), int(sys.argv[2])
    target = folder / "polars.parquet"
    frame = pl.read_ipc(folder / "rows.arrow").rechunk()

    def from_json() -> None:
        read = pl.read_ndjson(folder / "rows.ndjson", schema=SCHEMA)
        times = [
            pl.col(name).str.to_datetime(time_unit="us", time_zone="UTC")
            for name in ("received_at", "fix_at")
        ]
        read.with_columns(times).write_parquet(target, compression="zstd")

    measure("arrow", lambda: frame.write_parquet(target, compression="zstd"), target, repeats)
    measure("json", from_json, target, repeats)


if __name__ == "__main__":
    main()
