"""Why figures changed: what landed since the last publication, by service date, topic and partition."""

from collections.abc import Iterable
from datetime import date
from itertools import groupby

import duckdb

from streams.topics import ETAS, GPS_FIXES, ORDERS, SCANS, TELEMETRY, TICKS, VISITS

STAGED = {
    GPS_FIXES.name: "staging.stg_gps_fixes",
    TELEMETRY.name: "staging.stg_telemetry",
    SCANS.name: "staging.stg_scans",
    ORDERS.name: "staging.stg_orders",
    ETAS.name: "staging.stg_etas",
    VISITS.name: "(select * from staging.stg_visits inner join intermediate.int_visits using (visit_id))",
}
"""Topics whose events have a date of their own in staging, and so are counted one by one."""

SAMPLE_EVENTS = 5

_NEW = """
with new as (
    select files.*, dates.service_date
    from meta.landed_files as files
    left join meta.landed_dates as dates using (path)
    where
        files.has_passed
        and files.rows > 0
        and if(dates.path is null, not files.is_built, not dates.is_built)
)
"""

_BY_FILE = f"""
insert into history.kpi_correction_causes by name
{_NEW}
select
    ? as publication_id, service_date, topic, partition,
    sum(rows)::bigint as events, min(first_offset) as first_offset, max(last_offset) as last_offset
from new
where not list_contains(?, topic)
group by service_date, topic, partition
"""

_BY_EVENT = """
insert into history.kpi_correction_causes by name
select
    ? as publication_id, service_date, ? as topic, "partition", count(*) as events,
    min("offset") as first_offset, max("offset") as last_offset,
    min(appended_at) as first_appended_at, max(appended_at) as last_appended_at,
    list_transform(
        arg_min(event_id, ("offset", "index"), {sample}), lambda id: cast(id as varchar)
    ) as event_ids
from {staged}
where {is_new}
group by service_date, "partition"
"""

WORDS = """
with by_topic as (
    select service_date, topic, sum(events) as events
    from history.kpi_correction_causes
    where publication_id = ?
    group by all
),
told as (
    select
        service_date,
        string_agg(events || ' event' || if(events = 1, '', 's') || ' of ' || topic, ', ' order by topic)
            as words
    from by_topic
    group by service_date
),
elsewhere as (
    select string_agg(words || ' of ' || service_date, ', ' order by service_date desc) as words
    from (from told where service_date is not null order by service_date desc limit 3)
),
of_dates as (
    select
        dates.service_date,
        coalesce(
            'landed for this date: ' || own.words, 'landed for other dates: ' || elsewhere.words
        ) as dated,
        'landed with no date: ' || undated.words as undated
    from (select distinct service_date from corrections) as dates
    cross join elsewhere
    left join told as own on dates.service_date = own.service_date
    left join told as undated on undated.service_date is null
)
"""
"""``of_dates``: what landed, in words, for each date of ``corrections``; expects the publication's id."""


def note_causes(connection: duckdb.DuckDBPyConnection, publication_id: str) -> None:
    """Write down what passed its checks and no publication has shown before; ticks are told by ``as_of``."""
    connection.execute(_BY_FILE, [publication_id, [*STAGED, TICKS.name]])
    for topic, ranges in _new_ranges(connection).items():
        sql = _BY_EVENT.format(staged=STAGED[topic], sample=SAMPLE_EVENTS, is_new=_within(ranges))
        connection.execute(sql, [publication_id, topic])


def _new_ranges(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[date, int, int, int]]]:
    """Service date, partition and offsets of what is new, by topic; neighbours are put together."""
    rows = connection.execute(
        f"{_NEW} select topic, service_date, partition, first_offset, last_offset from new "
        "where list_contains(?, topic) and service_date is not null order by all",
        [list(STAGED)],
    ).fetchall()
    found: dict[str, list[tuple[date, int, int, int]]] = {}
    for (topic, day, partition), group in groupby(rows, key=lambda row: (row[0], row[1], row[2])):
        found.setdefault(topic, []).extend(
            (day, partition, first, last) for first, last in _joined((row[3], row[4]) for row in group)
        )
    return found


def _joined(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for first, last in ranges:
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined


def _within(ranges: Iterable[tuple[date, int, int, int]]) -> str:
    return " or ".join(
        f"(service_date = date '{day}' and \"partition\" = {partition} "
        f'and "offset" between {first} and {last})'
        for day, partition, first, last in ranges
    )
