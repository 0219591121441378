"""The service dates that the rows of landed files can fall on.

Over the zones and cut-over hours of all depots: a file's rows are of many vehicles, and a depot's zone may
land after it. A date too many costs a build of a date in which nothing changes.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from assets.models.changed import quoted
from assets.models.project import Source
from streams.lake.manifest import LandedFile
from streams.topics import VISITS

EARLIEST = date(2015, 1, 1)
"""The first service date that is built; what lies before it stays in the lake."""

LATEST = date(9999, 12, 30)

READ_WHOLE = frozenset({VISITS.name})
"""Topics with an event time of which builds read all rows, and not those of the dates that are built.

Of these a row that Kafka appended before its date was closed still counts, however late it landed.
"""

IS_OPEN = "closed.service_date is null"
"""SQL: whether the join of ``closed_to`` found a row's service date open."""

_DATES = """
with
zones as ({zones}),
moments as (
    select
        filename,
        time_bucket(interval 15 minutes, {event_time}) as moment_at,
        {appended_at} as appended_at,
        count(*) as moment_rows
    from read_parquet({files}, filename = true, union_by_name = true, hive_partitioning = false)
    group by all
),
dated as (
    select
        filename,
        moment_at,
        moment_rows,
        list_distinct(list({service_date})) as service_dates,
        bool_or({service_date} >= date '{earliest}' and {is_open}) as is_counted
    from moments cross join zones {closed}
    group by filename, moment_at, appended_at, moment_rows
)
select
    filename,
    list_sort(list_distinct(flatten(list(service_dates)))),
    coalesce(sum(moment_rows) filter (not is_counted), 0),
    min(moment_at),
    max(moment_at) + interval 15 minutes
from dated
group by filename
"""
"""No zone in use today begins its days off the quarter of an hour."""


@dataclass(frozen=True, slots=True)
class FileDates:
    """The service dates that a file's rows can fall on, and its rows that no date is built for any more."""

    service_dates: tuple[date, ...] = ()
    too_old_rows: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None


def service_dates(
    connection: duckdb.DuckDBPyConnection,
    lake: Path,
    source: Source,
    files: Iterable[LandedFile],
    zones: str,
    closed: Collection[date],
) -> dict[str, FileDates]:
    """The service dates that each file's rows can fall on, over all of ``zones``, by path.

    Where a file can't be read, the manifest's UTC dates and a day around them: its check says why later.
    """
    dated = [file for file in files if file.rows]
    if source.event_time is None or not dated:
        return {}
    sql = _DATES.format(
        zones=zones,
        service_date=service_date_of("moment_at"),
        event_time=source.event_time,
        files=parquet_list(lake, [file.path for file in dated]),
        earliest=EARLIEST,
        appended_at="appended_at" if source.topic in READ_WHOLE else "'infinity'::timestamptz",
        closed=closed_to("moment_at"),
        is_open=IS_OPEN,
    )
    root = lake.as_posix() + "/"
    try:
        found = connection.execute(sql).fetchall()
    except duckdb.Error:
        return {file.path: _dates_by_manifest(file, closed) for file in dated}
    return {
        path.removeprefix(root): FileDates(_built(dates, closed), old, first_at, last_at)
        for path, dates, old, first_at, last_at in found
    }


def _dates_by_manifest(file: LandedFile, closed: Collection[date]) -> FileDates:
    day = timedelta(days=1)
    inner = [min(max(found, EARLIEST), LATEST) for found, _ in file.event_dates if found >= EARLIEST]
    dates = sorted({near for found in inner for near in (found - day, found, found + day)})
    return FileDates(_built(dates, closed), sum(rows for found, rows in file.event_dates if found < EARLIEST))


def _built(dates: Iterable[date], closed: Collection[date]) -> tuple[date, ...]:
    return tuple(found for found in dates if found >= EARLIEST and found not in closed)


def zones_of(lake: Path, depot_files: Iterable[LandedFile], time_zone: str) -> str:
    """A query of all zones and cut-over hours there are; ``time_zone`` is where no depot is.

    A file of depots that can't be read has none: its check says why, and blocks.
    """
    own = f"select '{time_zone}' as time_zone, 0 as cutover_hour"
    paths = [file.path for file in depot_files if file.rows and is_readable(lake / file.path)]
    files = parquet_list(lake, paths)
    if files == "[]":
        return own
    return (
        f"{own} union select time_zone, cutover_hour from read_parquet("
        f"{files}, union_by_name = true, hive_partitioning = false) "
        "where time_zone in (select name from pg_timezone_names())"
    )


def service_date_of(moment: str) -> str:
    """SQL of the service date of a moment beside a row of ``zones_of``."""
    return f"cast(timezone(time_zone, {moment} - to_hours(cutover_hour)) as date)"


def closed_to(moment: str) -> str:
    """SQL that joins, beside a row of ``zones_of``, the row's service date if it was closed by its append."""
    return (
        f"left join meta.closed_dates as closed on closed.service_date = {service_date_of(moment)} "
        "and closed.closed_at <= appended_at"
    )


def parquet_list(lake: Path, paths: Iterable[str]) -> str:
    """Files of the lake as a SQL list."""
    return "[" + ", ".join(quoted((lake / path).as_posix()) for path in paths) + "]"


def is_readable(path: Path) -> bool:
    """Whether a file is there with its figures; where it isn't, its check says why."""
    try:
        pq.read_metadata(path)
    except (OSError, pa.ArrowInvalid):
        return False
    return True
