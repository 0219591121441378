"""The warehouse's ledger of landed files: which are known, which passed their checks, which are built.

A file is registered with the service dates that its rows can fall on. Staging reads files that passed,
and no others: what was checked is what is loaded. A file counts as built when builds covered all of
its service dates, so that what landed since is known without a clock. Rows dated before ``EARLIEST``,
which is how a clock that was reset speaks, have no service date: they are counted and not built. So are
rows of closed dates, of which retention has removed what they would have to be built from.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import duckdb

from assets.compacted import follow_compaction, forget, forget_replaced
from assets.corrected import note_corrected_dates
from assets.file_dates import FileDates, service_dates, zones_of
from assets.hours import note_changed_hours
from assets.late import note_changed_dates
from assets.models.project import DateRange, Source
from routing.errors import ConfigurationError
from streams.lake.manifest import LandedFile

_TABLES = """
create schema if not exists meta;
create table if not exists meta.landed_files (
    topic varchar, path varchar primary key, topic_id varchar, rows bigint, rejected bigint,
    too_old_rows bigint, has_passed boolean, is_built boolean
);
create table if not exists meta.landed_dates (path varchar, service_date date, is_built boolean);
create table if not exists meta.kept_alone (topic varchar, path varchar);
create table if not exists meta.closed_dates (service_date date primary key);
alter table meta.closed_dates add column if not exists closed_at timestamptz;
update meta.closed_dates set closed_at = now() where closed_at is null;
alter table meta.landed_files add column if not exists partition integer;
alter table meta.landed_files add column if not exists first_offset bigint;
alter table meta.landed_files add column if not exists last_offset bigint;
alter table meta.landed_files add column if not exists compacted_at timestamptz;
alter table meta.landed_files add column if not exists first_at timestamptz;
alter table meta.landed_files add column if not exists last_at timestamptz;
update meta.landed_files set
    partition = cast(regexp_extract(path, '-(\\d+)-(\\d+)-(\\d+)[.]parquet$', 1) as integer),
    first_offset = cast(regexp_extract(path, '-(\\d+)-(\\d+)-(\\d+)[.]parquet$', 2) as bigint),
    last_offset = cast(regexp_extract(path, '-(\\d+)-(\\d+)-(\\d+)[.]parquet$', 3) as bigint)
where partition is null;
create or replace view meta.uncounted_rows as
select topic, path as file, too_old_rows as rows
from meta.landed_files where too_old_rows > 0;
"""
"""A warehouse from before compaction lacks the columns that are added; its files' names say what they are.
Its closed dates are closed as of this upgrade: when they were is not known, and visits that came
until now stay.

``first_at`` and ``last_at`` are the moments of fixes that a file brings or changes: null where that is
not known, and infinity to -infinity where it changes none.
"""


@dataclass(frozen=True, slots=True)
class Slice:
    """The files of a topic that have not passed their checks yet, with what the manifest says of them."""

    topic: str
    paths: tuple[str, ...]
    topic_ids: tuple[str, ...]
    rows: int
    rejected: int

    @property
    def fingerprint(self) -> str:
        """A short text that is another one whenever the files are others."""
        return sha256(" ".join(sorted(self.paths)).encode()).hexdigest()[:16]


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
    """Note the files that the ledger doesn't know yet; says how many. ``time_zone`` is where no depot is.

    Rows that are known and have only moved to a compacted file are nothing new. A file that has not passed
    and is in the manifest no longer, as somebody took its line out, is forgotten. What files change that
    wait for their check is told by what is staged now: builds went on without them.
    """
    files = tuple(files)
    follow_compaction(connection, files)
    known = set(_column(connection, f"select path from meta.landed_files where topic = '{source.topic}'"))
    new = [file for file in files if file.path not in known]
    gone = set(unpassed(connection, source.topic).paths) - {file.path for file in files}
    zones = zones_of(lake, depot_files, time_zone)
    found = service_dates(connection, lake, source, new, zones, closed_dates(connection)) if new else {}
    connection.execute("begin")
    forget(connection, gone)
    _insert(connection, new, found)
    note_changed_hours(connection, new)
    connection.execute("commit")
    waiting = set(unpassed(connection, source.topic).paths)
    changing = [file.path for file in files if file.path in waiting and file.rows]
    note_changed_dates(connection, lake, source, changing, zones, time_zone)
    note_corrected_dates(connection, lake, source, zones)
    return len(new)


def _insert(
    connection: duckdb.DuckDBPyConnection, files: list[LandedFile], found: dict[str, FileDates]
) -> None:
    """All files and their dates at once: a statement a file costs 20 ms."""
    dated = [(file.path, day) for file in files for day in found.get(file.path, FileDates()).service_dates]
    connection.execute(
        "insert into meta.landed_dates select unnest(?::varchar[]), unnest(?::date[]), false",
        [[path for path, _ in dated], [day for _, day in dated]],
    )
    connection.execute(
        "insert into meta.landed_files select unnest(?::varchar[]), unnest(?::varchar[]), "
        "unnest(?::varchar[]), unnest(?::bigint[]), unnest(?::bigint[]), unnest(?::bigint[]), false, false, "
        "unnest(?::integer[]), unnest(?::bigint[]), unnest(?::bigint[]), unnest(?::timestamptz[]), "
        "unnest(?::timestamptz[]), unnest(?::timestamptz[])",
        [
            [file.topic for file in files],
            [file.path for file in files],
            [file.topic_id for file in files],
            [file.rows for file in files],
            [file.rejected for file in files],
            [found.get(file.path, FileDates()).too_old_rows for file in files],
            [file.partition for file in files],
            [file.first_offset for file in files],
            [file.last_offset for file in files],
            [file.compacted_at for file in files],
            [found.get(file.path, FileDates()).first_at for file in files],
            [found.get(file.path, FileDates()).last_at for file in files],
        ],
    )


def closed_dates(connection: duckdb.DuckDBPyConnection) -> frozenset[date]:
    """The service dates that are not built any more."""
    return frozenset(
        row[0] for row in connection.execute("select service_date from meta.closed_dates").fetchall()
    )


def close_dates(connection: duckdb.DuckDBPyConnection, dates: Iterable[date], closed_at: datetime) -> None:
    """From then on these service dates stay as they were built; none that is still to build is among them."""
    sql = "insert or ignore into meta.closed_dates select unnest(?::date[]), ?::timestamptz"
    connection.execute(sql, [list(dates), closed_at])


def open_ranges(connection: duckdb.DuckDBPyConnection, ranges: Sequence[DateRange]) -> tuple[DateRange, ...]:
    """``ranges`` without closed dates. Raises ``ConfigurationError`` where nothing else is in them."""
    closed = closed_dates(connection)
    if not closed:
        return tuple(ranges)
    found: list[DateRange] = []
    for number in (day for one in ranges for day in range(one.first.toordinal(), one.last.toordinal() + 1)):
        day = date.fromordinal(number)
        if day in closed:
            continue
        if found and found[-1].last == day - timedelta(days=1):
            found[-1] = DateRange(found[-1].first, day)
        else:
            found.append(DateRange(day, day))
    if ranges and not found:
        raise ConfigurationError(
            f"{', '.join(map(str, ranges))}: what these service dates are built from is gone after its "
            "retention; their figures stay as they are (docs/operating.md, What is kept how long)"
        )
    return tuple(found)


def unpassed(connection: duckdb.DuckDBPyConnection, topic: str) -> Slice:
    """The files of ``topic`` whose checks are still to pass."""
    rows = connection.execute(
        "select path, topic_id, rows, rejected from meta.landed_files "
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
        "update meta.landed_files set has_passed = true where list_contains(?, path)", [list(checked.paths)]
    )
    forget_replaced(connection, checked.paths)


def kept_alone(connection: duckdb.DuckDBPyConnection, topic: str) -> frozenset[str]:
    """The files of ``topic`` that stay out by themselves since an earlier build."""
    return frozenset(_column(connection, "select path from meta.kept_alone where topic = ?", [topic]))


def keep_alone(connection: duckdb.DuckDBPyConnection, topic: str, paths: Iterable[str]) -> None:
    """From now on ``paths`` and no other files of ``topic`` stay out by themselves."""
    connection.execute("delete from meta.kept_alone where topic = ?", [topic])
    connection.execute("insert into meta.kept_alone select ?, unnest(?::varchar[])", [topic, [*paths]])


def mark_built(connection: duckdb.DuckDBPyConnection, dates: DateRange) -> None:
    """What passed of ``dates`` needs no further build, nor do files with no other dates."""
    connection.execute(
        "update meta.landed_dates set is_built = true where service_date between ? and ? "
        "and path in (select path from meta.landed_files where has_passed)",
        [dates.first, dates.last],
    )
    connection.execute(
        "update meta.landed_files set is_built = true where has_passed "
        "and path not in (select path from meta.landed_dates where not is_built)"
    )


def dates_to_build(connection: duckdb.DuckDBPyConnection) -> tuple[int, tuple[date, ...]]:
    """How many files no build has covered, and the service dates they need, in order."""
    files = connection.execute("select count(*) from meta.landed_files where not is_built").fetchall()[0][0]
    dates = connection.execute(
        "select distinct service_date from meta.landed_dates where not is_built order by service_date"
    ).fetchall()
    return files, tuple(row[0] for row in dates)


def fingerprint(connection: duckdb.DuckDBPyConnection) -> str:
    """A short text that is another one whenever the files that no build has covered are others."""
    unbuilt = "select path from meta.landed_files where not is_built"
    sql = f"select coalesce(md5(string_agg(path, ' ' order by path)), '') from ({unbuilt})"
    return str(connection.execute(sql).fetchall()[0][0])


def too_old_rows(connection: duckdb.DuckDBPyConnection) -> int:
    """How many landed rows are dated before ``EARLIEST`` or on closed dates, and so in no build."""
    sql = "select coalesce(sum(too_old_rows), 0)::bigint from meta.landed_files"
    return int(connection.execute(sql).fetchall()[0][0])


def passed_paths(connection: duckdb.DuckDBPyConnection, topic: str, dates: DateRange | None) -> list[str]:
    """The files of ``topic`` that passed: those that touch ``dates`` (a day more at each end), or all."""
    sql = "select path from meta.landed_files where has_passed and rows > 0 and topic = ?"
    if dates is None:
        return _column(connection, f"{sql} order by path", [topic])
    day = timedelta(days=1)
    near = (
        " and path in (select path from meta.landed_dates where service_date between ? and ?) order by path"
    )
    return _column(connection, sql + near, [topic, dates.first - day, dates.last + day])


def _column(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: list[object] | None = None
) -> list[str]:
    return [str(row[0]) for row in connection.execute(sql, parameters or []).fetchall()]
