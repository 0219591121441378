"""Reading the history out of a published file."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from assets.published_file import open_published, require_table
from routing.errors import ConfigurationError

_CORRECTIONS = """
select
    corrected_at, kpi_id, service_date, segment, segment_value, currency, was_day_over,
    old_numerator, old_denominator, old_value, new_numerator, new_denominator, new_value,
    old_excluded, new_excluded, old_unknown, new_unknown, old_median, new_median, old_p90, new_p90,
    old_definition_version, new_definition_version, reason, publication_id
from marts.kpi_corrections
where
    (was_day_over or $with_running)
    and ($kpi_id is null or kpi_id = $kpi_id)
    and ($segment = segment)
    and ($first is null or service_date >= $first)
    and ($last is null or service_date <= $last)
order by corrected_at, service_date, kpi_id, segment_value, currency
"""

_LACKING = """
select distinct service_date
from marts.kpi_versions as versions
where
    service_date between coalesce($first, service_date) and coalesce($last, service_date)
    and segment = 'all' and known_from_at <= $moment
    and (
        (not is_day_over and known_until_at > $moment)
        or exists (
            from marts.kpi_dropped_versions as dropped
            where dropped.service_date = versions.service_date
                and list_contains($segments, dropped.segment)
                and $moment < dropped.complete_from_at
        )
    )
order by 1
"""
"""What was dropped before it was noted shows by the figures over all alone."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A figure that was published and is another one since; ``None`` where there was or is none."""

    corrected_at: datetime
    kpi_id: str
    service_date: date
    segment: str
    segment_value: str
    currency: str | None
    was_day_over: bool
    old_numerator: float | None
    old_denominator: float | None
    old_value: float | None
    new_numerator: float | None
    new_denominator: float | None
    new_value: float | None
    old_excluded: int | None
    new_excluded: int | None
    old_unknown: int | None
    new_unknown: int | None
    old_median: float | None
    new_median: float | None
    old_p90: float | None
    new_p90: float | None
    old_definition_version: int | None
    new_definition_version: int | None
    reason: str
    publication_id: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which corrections to read; ``None`` is all. ``with_running`` adds those of days still under way."""

    kpi_id: str | None = None
    segment: str = "all"
    first: date | None = None
    last: date | None = None
    with_running: bool = False


def read_corrections(published: Path, wanted: Wanted) -> list[Correction]:
    """The corrections, oldest first. Raises ``ConfigurationError`` where nothing is published."""
    with open_published(published) as connection:
        require_table(connection, published, "kpi_corrections")
        found = connection.execute(
            _CORRECTIONS,
            {
                "kpi_id": wanted.kpi_id,
                "segment": wanted.segment,
                "first": wanted.first,
                "last": wanted.last,
                "with_running": wanted.with_running,
            },
        ).fetchall()
    return [Correction(*row) for row in found]


def require_known(
    connection: duckdb.DuckDBPyConnection,
    published: Path,
    moment: datetime,
    segments: tuple[str, ...],
    dates: tuple[date | None, date | None],
) -> None:
    """Raises ``ConfigurationError`` where the history can't say what was known at ``moment``.

    That is before the first publication, and by segment for a day that was under way and of which
    figures were replaced since: only those over all are kept.
    """
    require_table(connection, published, "kpi_versions")
    sql = "select min(published_at) from marts.kpi_publications"
    ((since,),) = connection.execute(sql).fetchall()
    if since is None or moment < since:
        raise ConfigurationError(
            f"nothing had been published by {moment}; the first publication is of {since}"
        )
    if segments == ("all",):
        return
    require_table(connection, published, "kpi_dropped_versions")
    lacking = connection.execute(
        _LACKING, {"moment": moment, "segments": list(segments), "first": dates[0], "last": dates[1]}
    ).fetchall()
    if lacking:
        days = ", ".join(str(row[0]) for row in lacking)
        raise ConfigurationError(
            f"{days} was still under way at {moment}: of such days only figures over all are kept, "
            "so leave --by out, or ask for other dates"
        )
