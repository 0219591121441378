"""Which hours of a service date are due: an hour of new fixes is built, not their day.

Fixes are most of all that lands. What is made of them fix by fix says when its rows' moments are, so that
the rows of some hours can be replaced alone. Each landed file has the moments of fixes that it brings or
changes; all other tables are built by whole dates.
"""

from collections.abc import Sequence

import duckdb

from assets.models.project import ALL_HOURS, NO_HOURS, DateRange, Hours
from streams.lake.manifest import LandedFile
from streams.topics import DEPOTS, GPS_FIXES, SCANS, SHIFTS, VEHICLES, VERDICTS

LARGE_ROWS = 1_000_000
"""More new fixes than these are built by whole dates, without a look at what is there already."""

_SOURCES = (GPS_FIXES, SCANS, VERDICTS, VEHICLES, DEPOTS, SHIFTS)
"""What tables of fixes are made of. Of the last three a file that changes a date changes all of it."""

_DUE = """
with files as (
    -- A scan shows its vehicle on duty, for hours: its fixes since then change with it.
    select
        if(topic = $scans, first_at - interval 15 minutes, first_at) as first_at,
        if(topic = $scans, last_at + interval 1 day, last_at) as last_at
    from meta.landed_files
    where
        has_passed
        and list_contains($sources, topic)
        and path in (
            select path from meta.landed_dates
            where not is_built and service_date between $first and $last
        )
)
select count(*), bool_or(first_at is null or last_at is null), min(first_at)::varchar, max(last_at)::varchar
from files
where first_at is null or first_at <= last_at
"""


def due_hours(connection: duckdb.DuckDBPyConnection, dates: DateRange) -> Hours:
    """The hours of ``dates`` whose fixes are new or changed by what no build has covered."""
    files, is_unknown, first_at, last_at = connection.execute(
        _DUE,
        {
            "scans": SCANS.name,
            "sources": [topic.name for topic in _SOURCES],
            "first": dates.first,
            "last": dates.last,
        },
    ).fetchall()[0]
    if not files:
        return NO_HOURS
    return ALL_HOURS if is_unknown else Hours(first_at, last_at)


def note_changed_hours(connection: duckdb.DuckDBPyConnection, files: Sequence[LandedFile]) -> None:
    """Begin with no fixes for files of verdicts, `late` adds those that they speak of; many have no hours."""
    of_verdicts = [file.path for file in files if file.topic == VERDICTS.name]
    if of_verdicts:
        _widen(connection, of_verdicts, "'infinity'", "'-infinity'")
    fixes = [file for file in files if file.topic == GPS_FIXES.name]
    if sum(file.rows for file in fixes) > LARGE_ROWS:
        _widen(connection, [file.path for file in fixes], "'-infinity'", "'infinity'")


def _widen(connection: duckdb.DuckDBPyConnection, paths: list[str], first_at: str, last_at: str) -> None:
    connection.execute(
        f"update meta.landed_files set first_at = {first_at}, last_at = {last_at} "
        "where list_contains(?, path)",
        [paths],
    )
