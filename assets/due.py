"""What is to be built: the service dates of all that landed and that no build has covered."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

import duckdb

from assets.ledger import Slice, dates_to_build, fingerprint, too_old_rows, unpassed
from assets.models.project import DateRange, Project
from assets.warehouse import Warehouse

LONGEST_GAP_DAYS = 14
"""Empty days between two dates of one range; a longer gap parts them, so that nobody builds it."""


@dataclass(frozen=True, slots=True)
class Due:
    """Files that no build has covered, the ranges to build for them, and rows too old to have a date.

    ``fingerprint`` is another one whenever the files are others.
    """

    files: int
    ranges: tuple[DateRange, ...]
    too_old_rows: int = 0
    fingerprint: str = ""


def find_due(warehouse: Warehouse, project: Project) -> Due:
    """Take note of what landed, and say what is to be built; no range where nothing is.

    Files that need no date of their own (visits, rates) are taken in by building the latest
    service date once more.
    """
    with warehouse.connect() as connection:
        for source in project.sources:
            warehouse.register(connection, source)
        files, dates = dates_to_build(connection)
        built = _built(connection)
        if files and built and not dates:
            dates = (max(built),)
        ranges = ranges_of(dates, built)
        return Due(files, ranges, too_old_rows(connection), fingerprint(connection))


def find_waiting(warehouse: Warehouse, project: Project, topics: Collection[str]) -> tuple[Slice, ...]:
    """Take note of what landed of ``topics``, and say which files of each wait for their checks."""
    if not topics:
        return ()
    with warehouse.connect() as connection:
        for source in project.sources:
            if source.topic in topics:
                warehouse.register(connection, source)
        return tuple(unpassed(connection, topic) for topic in sorted(set(topics)))


def ranges_of(dates: Iterable[date], built: Collection[date] = ()) -> tuple[DateRange, ...]:
    """The dates as few ranges in order, with no gap of more than ``LONGEST_GAP_DAYS`` in any.

    A date of ``built`` that is not due stands in no range: what nothing has touched is not built again.
    """
    ranges: list[DateRange] = []
    for found in sorted(dates):
        if ranges and _is_free(ranges[-1].last, found, built):
            ranges[-1] = DateRange(ranges[-1].first, found)
        else:
            ranges.append(DateRange(found, found))
    return tuple(ranges)


def _is_free(before: date, after: date, built: Collection[date]) -> bool:
    """Whether the gap between two dates is short and was never built."""
    between = range(before.toordinal() + 1, after.toordinal())
    return len(between) <= LONGEST_GAP_DAYS and not any(date.fromordinal(day) in built for day in between)


def _built(connection: duckdb.DuckDBPyConnection) -> frozenset[date]:
    tables = "select 1 from information_schema.tables where table_name = 'int_service_dates'"
    if not connection.execute(tables).fetchall():
        return frozenset()
    sql = "select service_date from intermediate.int_service_dates"
    return frozenset(row[0] for row in connection.execute(sql).fetchall())
