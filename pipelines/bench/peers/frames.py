"""The subset of the warehouse benchmark by polars, pandas or one DuckDB query: a day's fixes to legs.

``frames ENGINE INPUT`` reads the Parquet files, the service date and its time zone and cut-over that the
JSON file INPUT names. Of each event the first copy counts; of a vehicle's fixes of one moment, the first.
Prints, as JSON, a vehicle's legs, its metres by haversine over legs of up to ten minutes, its minutes seen
(``vehicles``), and the ``seconds`` that took once Python had started and the engine was imported.
"""

import json
import sys
from importlib import import_module
from pathlib import Path
from time import perf_counter

EARTH_M = 6371008.8
GAP_S = 600
COLUMNS = [
    "event_id",
    "vehicle_id",
    "fix_at",
    "received_at",
    "lat_deg",
    "lon_deg",
    "appended_at",
    "partition",
    "offset",
]


def by_polars(files: list[str], day: str, zone: str, cutover_hour: int) -> dict[str, list[float]]:
    """Lazily, with all cores."""
    import polars as pl

    local = (pl.col("fix_at") - pl.duration(hours=cutover_hour)).dt.convert_time_zone(zone).dt.date()
    fixes = (
        pl.scan_parquet(files)
        .select(COLUMNS)
        .sort("appended_at", "partition", "offset")
        .unique("event_id", keep="first", maintain_order=False)
        .filter(local == pl.lit(day).str.to_date())
        .sort("vehicle_id", "fix_at", "received_at", "event_id")
        .unique(["vehicle_id", "fix_at"], keep="first", maintain_order=True)
    )
    before = [
        pl.col(name).shift(1).over("vehicle_id").alias(f"previous_{name}")
        for name in ("fix_at", "lat_deg", "lon_deg")
    ]
    lat, lon = pl.col("lat_deg").radians(), pl.col("lon_deg").radians()
    other_lat, other_lon = pl.col("previous_lat_deg").radians(), pl.col("previous_lon_deg").radians()
    half = ((lat - other_lat) / 2).sin() ** 2 + lat.cos() * other_lat.cos() * (
        (lon - other_lon) / 2
    ).sin() ** 2
    distance = 2 * EARTH_M * half.sqrt().clip(upper_bound=1.0).arcsin()
    seconds = (pl.col("fix_at") - pl.col("previous_fix_at")).dt.total_microseconds() / 1e6
    found = (
        fixes.with_columns(before)
        .with_columns(distance.alias("distance_m"), seconds.alias("seconds"))
        .group_by("vehicle_id")
        .agg(
            pl.col("seconds").count().alias("legs"),
            pl.col("distance_m").filter(pl.col("seconds") <= GAP_S).sum().alias("metres"),
            pl.col("fix_at").dt.truncate("1m").n_unique().alias("minutes"),
        )
        .collect()
    )
    return {row[0]: list(row[1:]) for row in found.rows()}


def by_pandas(files: list[str], day: str, zone: str, cutover_hour: int) -> dict[str, list[float]]:
    """Column by column, in memory."""
    import numpy as np
    import pandas as pd

    fixes = pd.concat((pd.read_parquet(file, columns=COLUMNS) for file in files), ignore_index=True)
    fixes = fixes.sort_values(["appended_at", "partition", "offset"]).drop_duplicates("event_id")
    local = (fixes["fix_at"] - pd.Timedelta(hours=cutover_hour)).dt.tz_convert(zone).dt.tz_localize(None)
    fixes = fixes[local.dt.normalize() == pd.Timestamp(day)]
    fixes = fixes.sort_values(["vehicle_id", "fix_at", "received_at", "event_id"])
    fixes = fixes.drop_duplicates(["vehicle_id", "fix_at"])
    before = fixes.groupby("vehicle_id", sort=False)[["fix_at", "lat_deg", "lon_deg"]].shift(1)
    lat, other_lat = np.radians(fixes["lat_deg"]), np.radians(before["lat_deg"])
    lon, other_lon = np.radians(fixes["lon_deg"]), np.radians(before["lon_deg"])
    half = (
        np.sin((lat - other_lat) / 2) ** 2
        + np.cos(lat) * np.cos(other_lat) * np.sin((lon - other_lon) / 2) ** 2
    )
    fixes["distance_m"] = 2 * EARTH_M * np.arcsin(np.minimum(1.0, np.sqrt(half)))
    fixes["seconds"] = (fixes["fix_at"] - before["fix_at"]).dt.total_seconds()
    fixes["near_m"] = fixes["distance_m"].where(fixes["seconds"] <= GAP_S, 0.0)
    fixes["minute"] = fixes["fix_at"].dt.floor("min")
    found = fixes.groupby("vehicle_id").agg(
        legs=("seconds", "count"), metres=("near_m", "sum"), minutes=("minute", "nunique")
    )
    return {str(name): [row.legs, row.metres, row.minutes] for name, row in found.iterrows()}


def by_duckdb(files: list[str], day: str, zone: str, cutover_hour: int) -> dict[str, list[float]]:
    """One query that writes no table."""
    import duckdb

    listed = ", ".join(f"'{file}'" for file in files)
    found = duckdb.execute(f"""
        with first_copies as (
            select vehicle_id, fix_at, lat_deg, lon_deg, received_at, event_id
            from read_parquet([{listed}], hive_partitioning = false)
            qualify row_number() over (partition by event_id order by appended_at, "partition", "offset") = 1
        ),
        in_order as (
            select
                *, lag(fix_at) over by_time as previous_at,
                radians(lag(lat_deg) over by_time) as other_lat,
                radians(lag(lon_deg) over by_time) as other_lon,
                radians(lat_deg) as lat, radians(lon_deg) as lon
            from (
                select * from first_copies
                where cast(timezone('{zone}', fix_at - to_hours({cutover_hour})) as date) = '{day}'
                qualify row_number() over (partition by vehicle_id, fix_at order by received_at, event_id) = 1
            )
            window by_time as (partition by vehicle_id order by fix_at)
        ),
        legs as (
            select
                vehicle_id, fix_at, previous_at, epoch(fix_at) - epoch(previous_at) as seconds,
                2 * {EARTH_M} * asin(least(1.0, sqrt(
                    pow(sin((lat - other_lat) / 2), 2)
                    + cos(lat) * cos(other_lat) * pow(sin((lon - other_lon) / 2), 2)
                ))) as distance_m
            from in_order
        )
        select
            vehicle_id, count(previous_at), coalesce(sum(distance_m) filter (seconds <= {GAP_S}), 0),
            count(distinct date_trunc('minute', fix_at))
        from legs group by vehicle_id
    """).fetchall()
    return {row[0]: list(row[1:]) for row in found}


ENGINES = {"polars": by_polars, "pandas": by_pandas, "duckdb": by_duckdb}
IMPORTS = {"polars": ("polars",), "pandas": ("pandas", "pyarrow.parquet"), "duckdb": ("duckdb",)}


def main() -> None:
    """Run one of them."""
    engine, wish = sys.argv[1], json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    for module in IMPORTS[engine]:
        import_module(module)
    began_s = perf_counter()
    found = ENGINES[engine](**wish)
    print(json.dumps({"seconds": perf_counter() - began_s, "vehicles": found}))


if __name__ == "__main__":
    main()
