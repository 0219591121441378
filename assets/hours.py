"""Which hours of a service date are due: an hour of new fixes is built, not their day.

Fixes are most of all that lands. What is made of them fix by fix says when its rows' moments are, so that
the rows of some hours can be replaced alone. Each landed file has the moments of fixes that it brings or
changes; all other tables are built by whole dates.
"""

from collections.abc import Sequence

import duckdb

from assets.models.project import ALL_HOURS, NO_HOURS, DateRange, Hours, Project, Source
from assets.models.runner import Runner
from streams.lake.manifest import LandedFile
from streams.topics import DEPOTS, GPS_FIXES, SCANS, SHIFTS, VEHICLES, VERDICTS

LARGE_ROWS = 1_000_000
"""More new fixes than these are built by whole dates, whose hours they mostly are."""

_SOURCES = (GPS_FIXES, SCANS, VERDICTS, VEHICLES, DEPOTS, SHIFTS)
"""What tables of fixes are made of. Of the last three a file that changes a date changes all of it."""

_DUE = """
with files as (
    -- A scan shows its vehicle on duty for a while: its fixes since then change with it.
    select
        first_at,
        if(topic = $scans, last_at + to_seconds($duty_after_s) + interval 15 minutes, last_at) as last_at
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

_HAS_COPIES_OUTSIDE = """
with ids as (
    select hash(event_id) as id_hash, fix_at between $first_at and $last_at as is_inside from {fixes}
)
select count(*) > 0 from ids
where not is_inside and id_hash in (select id_hash from ids where is_inside)
"""
"""Hashes are an eighth of the ids; two ids of one hash only make more due than has to be."""


def hours_to_build(runner: Runner, dates: DateRange) -> Hours:
    """The hours of ``dates`` to build: all, where an event of those that are due has a copy outside of them.

    Which copy counts is judged over all copies, and takes the place of another hour's row.
    """
    hours = due_hours(runner.connection, dates)
    if hours.is_empty or hours == ALL_HOURS:
        return hours
    fixes = runner.resolve(_source(runner.project, GPS_FIXES.name), dates)
    moments = {"first_at": hours.first_at, "last_at": hours.last_at}
    found = runner.connection.execute(_HAS_COPIES_OUTSIDE.format(fixes=fixes), moments).fetchall()
    return ALL_HOURS if found[0][0] else hours


def _source(project: Project, topic: str) -> Source:
    return next(source for source in project.sources if source.topic == topic)


def due_hours(connection: duckdb.DuckDBPyConnection, dates: DateRange) -> Hours:
    """The hours of ``dates`` whose fixes are new or changed by what no build has covered."""
    files, is_unknown, first_at, last_at = connection.execute(
        _DUE,
        {
            "scans": SCANS.name,
            "duty_after_s": _duty_after_s(connection),
            "sources": [topic.name for topic in _SOURCES],
            "first": dates.first,
            "last": dates.last,
        },
    ).fetchall()[0]
    if not files:
        return NO_HOURS
    return ALL_HOURS if is_unknown else Hours(first_at, last_at)


def _duty_after_s(connection: duckdb.DuckDBPyConnection) -> float:
    """For how long a scan shows its vehicle on duty, as fixes were last built; 0 where none were."""
    if not connection.execute("from duckdb_tables() where table_name = 'assumptions'").fetchall():
        return 0.0
    found = connection.execute("select value from seeds.assumptions where assumption = 'duty_after_s'")
    return float(found.fetchall()[0][0])


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
