"""The warehouse's ledger of landed files: which are known, which passed their checks, which are built.

A file is registered with the service dates that its rows can fall on. Staging reads files that passed,
and no others: what was checked is what is loaded. A file counts as built when a build covered all of
its service dates, so that what landed since is known without a clock.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from assets.models.project import DateRange, Source
from streams.lake.manifest import LandedFile
from streams.topics import VERDICTS

EARLIEST = date(2015, 1, 1)
"""The first service date that is built; what lies before it stays in the lake."""

LATEST = date(9999, 12, 30)

_TABLES = """
create schema if not exists meta;
create table if not exists meta.raw_files (
    topic varchar, path varchar primary key, topic_id varchar, rows bigint, rejected bigint,
    first_service_date date, last_service_date date, has_passed boolean, is_built boolean
);
"""

_SPANS = """
with
zones as (select '{zone}' as time_zone, 0 as cutover_hour{zones}),
spans as (
    select filename, min({event_time}) as first_at, max({event_time}) as last_at
    from read_parquet({files}, filename = true, union_by_name = true, hive_partitioning = false)
    group by filename
)
select
    filename,
    min(cast(timezone(time_zone, first_at - to_hours(cutover_hour)) as date)) as first_service_date,
    max(cast(timezone(time_zone, last_at - to_hours(cutover_hour)) as date)) as last_service_date
from spans, zones
group by filename
"""


@dataclass(frozen=True, slots=True)
class Slice:
    """The files of a topic that have not passed their checks yet, with what the manifest says of them."""

    topic: str
    paths: tuple[str, ...]
    topic_ids: tuple[str, ...]
    rows: int
    rejected: int


def open_ledger(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the ledger's tables where they are not there."""
    connection.execute(_TABLES)


def register(
    connection: duckdb.DuckDBPyConnection,
    lake: Path,
    source: Source,
    files: Iterable[LandedFile],
    depot_files: Iterable[LandedFile],
    time_zone: str,
) -> int:
    """Note the files that the ledger doesn't know yet; says how many. ``time_zone`` is where no depot is."""
    known = set(_column(connection, f"select path from meta.raw_files where topic = '{source.topic}'"))
    new = [file for file in files if file.path not in known]
    spans = service_dates(connection, lake, source, new, depot_files, time_zone) if new else {}
    rows = [
        (file.topic, file.path, file.topic_id, file.rows, file.rejected, *spans.get(file.path, (None, None)))
        for file in new
    ]
    if rows:
        connection.executemany("insert into meta.raw_files values (?, ?, ?, ?, ?, ?, ?, false, false)", rows)
    return len(new)


def service_dates(
    connection: duckdb.DuckDBPyConnection,
    lake: Path,
    source: Source,
    files: Iterable[LandedFile],
    depot_files: Iterable[LandedFile],
    time_zone: str,
) -> dict[str, tuple[date, date]]:
    """First and last service date that each file's rows can fall on, over all depots' zones, by path.

    Where a file can't be read, the manifest's UTC dates and a day around them: its check says why later.
    """
    dated = [file for file in files if file.rows]
    if source.event_time is None or not dated:
        return {}
    sql = _SPANS.format(
        zones=_depot_zones(lake, depot_files),
        zone=time_zone,
        event_time=source.event_time,
        files=parquet_list(lake, [file.path for file in dated]),
    )
    root = lake.as_posix() + "/"
    try:
        spans = connection.execute(sql).fetchall()
    except duckdb.Error:
        spans = [_span_by_manifest(file) for file in dated]
    return {
        path.removeprefix(root): (max(first, EARLIEST), max(last, EARLIEST)) for path, first, last in spans
    }


def _span_by_manifest(file: LandedFile) -> tuple[str, date, date]:
    day, dates = timedelta(days=1), [found for found, _ in file.event_dates]
    return file.path, max(min(dates), EARLIEST) - day, min(max(dates), LATEST) + day


def _depot_zones(lake: Path, depot_files: Iterable[LandedFile]) -> str:
    files = parquet_list(lake, [file.path for file in depot_files if file.rows])
    if files == "[]":
        return ""
    return (
        " union select time_zone, cutover_hour from read_parquet("
        f"{files}, union_by_name = true, hive_partitioning = false) "
        "where time_zone in (select name from pg_timezone_names())"
    )


def unpassed(connection: duckdb.DuckDBPyConnection, topic: str) -> Slice:
    """The files of ``topic`` whose checks are still to pass."""
    rows = connection.execute(
        "select path, topic_id, rows, rejected from meta.raw_files "
        "where topic = ? and not has_passed order by path",
        [topic],
    ).fetchall()
    return Slice(
        topic,
        tuple(row[0] for row in rows),
        tuple(row[1] for row in rows),
        sum(row[2] for row in rows),
        sum(row[3] for row in rows),
    )


def mark_passed(connection: duckdb.DuckDBPyConnection, checked: Slice) -> None:
    """From now on staging reads these files."""
    connection.execute(
        "update meta.raw_files set has_passed = true where list_contains(?, path)", [list(checked.paths)]
    )


def mark_built(connection: duckdb.DuckDBPyConnection, dates: DateRange) -> None:
    """The files that passed and lie within ``dates`` need no further build."""
    connection.execute(
        "update meta.raw_files set is_built = true where has_passed and "
        "coalesce(first_service_date >= ? and last_service_date <= ?, true)",
        [dates.first, dates.last],
    )


def dates_to_build(connection: duckdb.DuckDBPyConnection) -> tuple[int, DateRange | None]:
    """How many files no build has covered, and the service dates they need; ``None`` where they have none."""
    count, first, last = connection.execute(
        "select count(*), min(first_service_date), max(last_service_date) "
        "from meta.raw_files where not is_built"
    ).fetchall()[0]
    return count, DateRange(first, last) if first else None


def dates_of_late_verdicts(connection: duckdb.DuckDBPyConnection, lake: Path) -> DateRange | None:
    """The service dates of staged fixes that verdicts speak of which no build has covered."""
    unbuilt = f"select path from meta.raw_files where not is_built and rows > 0 and topic = '{VERDICTS.name}'"
    paths = [path for path in _column(connection, unbuilt) if (lake / path).exists()]
    staged = "select 1 from information_schema.tables where table_name = 'stg_gps_fixes'"
    if not paths or not connection.execute(staged).fetchall():
        return None
    first, last = connection.execute(
        "select min(service_date), max(service_date) from staging.stg_gps_fixes where event_id in "
        f"(select judged_event_id from read_parquet({parquet_list(lake, paths)}, hive_partitioning = false))"
    ).fetchall()[0]
    return DateRange(first, last) if first else None


def passed_paths(connection: duckdb.DuckDBPyConnection, topic: str, dates: DateRange | None) -> list[str]:
    """The files of ``topic`` that passed: those that touch ``dates`` (a day more at each end), or all."""
    sql = "select path from meta.raw_files where has_passed and rows > 0 and topic = ?"
    if dates is None:
        return _column(connection, f"{sql} order by path", [topic])
    day = timedelta(days=1)
    near = " and last_service_date >= ? and first_service_date <= ? order by path"
    return _column(connection, sql + near, [topic, dates.first - day, dates.last + day])


def parquet_list(lake: Path, paths: Iterable[str]) -> str:
    """Files of the lake as a SQL list."""
    quoted = ("'" + (lake / path).as_posix().replace("'", "''") + "'" for path in paths)
    return "[" + ", ".join(quoted) + "]"


def _column(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: list[object] | None = None
) -> list[str]:
    return [str(row[0]) for row in connection.execute(sql, parameters or []).fetchall()]
