"""Taking a publication down: figures that changed get a new version, and a row in the log with the reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from assets.history.causes import WORDS, note_causes
from assets.history.tables import FIGURES, KEY, open_history
from assets.models.project import DateRange

_SAME_KEY = " and ".join(f"old.{name} is not distinct from new.{name}" for name in KEY)

_DIFFERS = " or ".join(
    (
        "old.definition_version <> new.definition_version",
        *(f"(old.{name} is null) <> (new.{name} is null)" for name in FIGURES),
        *(f"abs(old.{name} - new.{name}) > 2e-6 + 1e-12 * abs(old.{name})" for name in FIGURES),
    )
)
"""Sums of parallel threads differ in the last digits, which may tip the sixth decimal after rounding."""

_HASH = f"bit_xor(hash({', '.join((*KEY, *FIGURES, 'definition_version'))})) as figures, count(*) as rows"

_STEPS = (
    # The dates of which any figure is another one: all that follows looks at these alone.
    f"""
    create or replace temp table dates_now as
    select service_date, {_HASH} from marts.kpi_daily group by service_date
    """,
    """
    create or replace temp table changed_dates as
    select coalesce(before.service_date, now.service_date) as service_date
    from history.kpi_dates as before full join dates_now as now on before.service_date = now.service_date
    where (before.figures, before.rows) is distinct from (now.figures, now.rows)
    """,
    """
    create or replace temp table day_ends as
    with zones as (
        select time_zone, cutover_hour from staging.stg_depots
        union
        select $time_zone, 0 where not exists (from staging.stg_depots)
    )
    select
        service_date,
        max(timezone(time_zone, cast(service_date + 1 as timestamp) + to_hours(cutover_hour))) as ends_at
    from dates_now cross join zones
    group by service_date
    """,
    """
    create or replace temp table new_figures as
    select kpi_daily.*, coalesce(as_of >= ends_at, false) as is_day_over
    from marts.kpi_daily as kpi_daily
    inner join day_ends using (service_date)
    where service_date in (select service_date from changed_dates)
    """,
    f"""
    create or replace temp table changes as
    select
        {", ".join(f"coalesce(old.{name}, new.{name}) as {name}" for name in KEY)},
        old.kpi_id is not null as has_old, new.kpi_id is not null as has_new,
        {", ".join(f"old.{name} as old_{name}, new.{name} as new_{name}" for name in FIGURES)},
        old.definition_version as old_definition_version, new.definition_version as new_definition_version,
        old.as_of as old_as_of, new.as_of as new_as_of, old.is_day_over as old_is_day_over
    from (
        from history.kpi_versions
        where known_until_at is null and service_date in (select service_date from changed_dates)
    ) as old
    full join new_figures as new on {_SAME_KEY}
    where old.kpi_id is null or new.kpi_id is null or {_DIFFERS}
    """,
    # What is added to a date that was published before is a correction too, where its segment was there.
    """
    create or replace temp table corrections as
    with known as (
        select service_date, segment, bool_or(is_day_over) as was_day_over
        from history.kpi_versions
        where known_until_at is null and service_date in (select service_date from changed_dates)
        group by all
    )
    select changes.*, coalesce(old_is_day_over, known.was_day_over) as was_day_over
    from changes
    inner join known using (service_date, segment)
    where coalesce(old_is_day_over, known.was_day_over) or segment = 'all'
    """,
)

_DAYS_THAT_ENDED = """
update history.kpi_versions as old set is_day_over = true
from (
    from day_ends where (select any_value(as_of) from marts.kpi_daily) >= ends_at
) as ended
where old.known_until_at is null and not old.is_day_over and old.service_date = ended.service_date
"""
"""A figure that stands still when its day ends is that of the whole day: changing it is a correction."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a publication came to: figures for the first time, changed ones, and those of them in the log."""

    new_figures: int
    changed_figures: int
    corrections: int
    corrected_dates: tuple[date, ...]


def record(
    connection: duckdb.DuckDBPyConnection,
    publication_id: str,
    published_at: datetime,
    built: Sequence[DateRange],
    time_zone: str,
) -> Recorded:
    """Compare ``marts.kpi_daily`` with what was published last, and take down what is another figure now.

    All of it or nothing. A second time for the same figures adds the publication alone.
    """
    connection.execute("begin")
    try:
        open_history(connection)
        found = _record(connection, publication_id, published_at, built, time_zone)
        connection.execute("commit")
    except duckdb.Error:
        connection.execute("rollback")
        raise
    return found


def _record(
    connection: duckdb.DuckDBPyConnection,
    publication_id: str,
    published_at: datetime,
    built: Sequence[DateRange],
    time_zone: str,
) -> Recorded:
    known_from_at = _after_the_last(connection, published_at)
    for step in _STEPS:
        connection.execute(step, {"time_zone": time_zone} if "$time_zone" in step else None)
    counts = "select count(*) filter (not has_old), count(*) filter (has_old) from changes"
    ((new, changed),) = connection.execute(counts).fetchall()
    dates = connection.execute("select distinct service_date from corrections order by 1").fetchall()
    corrections = _log(connection, publication_id, known_from_at) if dates else 0
    _note_dropped(connection, known_from_at)
    _replace_versions(connection, publication_id, known_from_at)
    connection.execute(_DAYS_THAT_ENDED)
    connection.execute(
        "insert into history.kpi_publications "
        "select ?, ?, (select any_value(as_of) from marts.kpi_daily), ?, ?, ?, ?",
        [publication_id, known_from_at, ", ".join(map(str, built)), new, changed, corrections],
    )
    connection.execute("create or replace table history.kpi_dates as from dates_now")
    return Recorded(new, changed, corrections, tuple(row[0] for row in dates))


def _after_the_last(connection: duckdb.DuckDBPyConnection, published_at: datetime) -> datetime:
    """A clock that was set back must not make two versions known at once."""
    sql = "select max(published_at) + interval 1 microsecond from history.kpi_publications"
    ((after,),) = connection.execute(sql).fetchall()
    return max(published_at, after) if after else published_at


def _log(connection: duckdb.DuckDBPyConnection, publication_id: str, corrected_at: datetime) -> int:
    note_causes(connection, publication_id)
    figures = ", ".join(f"old_{name}, new_{name}" for name in (*FIGURES, "definition_version", "as_of"))
    inserted = connection.execute(
        f"""
        insert into history.kpi_corrections by name
        {WORDS}
        select
            {", ".join(f"corrections.{name}" for name in KEY)}, {figures}, was_day_over,
            ?::timestamptz as corrected_at, ? as publication_id,
            coalesce(nullif(concat_ws(
                '; ',
                case
                    when old_definition_version <> new_definition_version
                        then concat(
                            'definition version ', old_definition_version, ' became ', new_definition_version
                        )
                end,
                dated,
                undated,
                case
                    when has_old and has_new and old_as_of <> new_as_of
                        then strftime(old_as_of, 'as of %Y-%m-%d %H:%M:%S became ')
                            || strftime(new_as_of, '%Y-%m-%d %H:%M:%S UTC')
                end
            ), ''), 'nothing has landed: models, seeds or settings changed') as reason
        from corrections
        left join of_dates using (service_date)
        """,
        [publication_id, corrected_at, publication_id],
    ).fetchall()
    return int(inserted[0][0])


def _replace_versions(
    connection: duckdb.DuckDBPyConnection, publication_id: str, known_from_at: datetime
) -> None:
    """Versions that end; of a day under way those by segment are not kept, as each build makes all anew."""
    ended = "(select * from changes where has_old) as new"
    connection.execute(
        f"delete from history.kpi_versions as old using {ended} "
        f"where known_until_at is null and not is_day_over and old.segment <> 'all' and {_SAME_KEY}"
    )
    connection.execute(
        f"update history.kpi_versions as old set known_until_at = ? from {ended} "
        f"where known_until_at is null and {_SAME_KEY}",
        [known_from_at],
    )
    connection.execute(
        "insert into history.kpi_versions by name "
        "select new_figures.*, ?::timestamptz as known_from_at, ? as publication_id "
        f"from new_figures as new_figures semi join (from changes where has_new) as old "
        f"on {_SAME_KEY.replace('new.', 'new_figures.')}",
        [known_from_at, publication_id],
    )


def _note_dropped(connection: duckdb.DuckDBPyConnection, complete_from_at: datetime) -> None:
    """Of which dates and segments `_replace_versions` drops figures, lest the rest be taken for all."""
    connection.execute(
        "create or replace temp table dropped as select distinct service_date, segment from changes "
        "where has_old and not old_is_day_over and segment <> 'all'"
    )
    connection.execute(
        "delete from history.kpi_dropped_versions as former using dropped "
        "where former.service_date = dropped.service_date and former.segment = dropped.segment"
    )
    connection.execute(
        "insert into history.kpi_dropped_versions select *, ? from dropped", [complete_from_at]
    )
