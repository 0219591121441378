"""Built service dates that files without dates of their own change: late verdicts and reference data.

Tables that are built by service dates take verdicts, vehicles, depots, shifts and the duty that scans show
in as they are then. What lands later makes the dates of the rows that it speaks of due again. All other
tables are made whole by every build. Of events that are not staged yet `assets.corrected` says the dates.
"""

from collections.abc import Iterable
from pathlib import Path

import duckdb

from assets.file_dates import is_readable, parquet_list, service_date_of
from assets.models.changed import quoted
from assets.models.project import Source
from streams.topics import DEPOTS, GPS_FIXES, SCANS, SHIFTS, TELEMETRY, VEHICLES, VERDICTS

_JUDGED = ("stg_gps_fixes", "stg_telemetry", "stg_scans")
_OF_VEHICLES = ("stg_gps_fixes", "stg_telemetry", "stg_scans")
_OF_DEPOTS = ("stg_gps_fixes", "stg_scans", "stg_orders")

_BY_VERDICTS = """
with judged as (
    select new.path, new.corrected_at, staged.service_date, {moment} as moment_at
    from staging.{table} as staged
    inner join ({new}) as new on staged.event_id = cast(new.judged_event_id as {id_type})
)
select path, service_date, moment_at as first_at, moment_at as last_at from judged
union
select path, {corrected_date}, moment_at, moment_at
from judged
cross join ({zones}) as zones
where corrected_at is not null
"""
"""The date on which an event is staged, and the one that it goes to where its clock is corrected.

Cast on this side, which is the small one.
"""

_BY_COPIES = """
select
    new.path, staged.service_date,
    '-infinity'::timestamptz as first_at, 'infinity'::timestamptz as last_at
from staging.{table} as staged
inner join ({new}) as new on staged.event_id = cast(new.event_id as {id_type})
where staged.{event_time} <> new.{event_time}
"""
"""An event that comes again as of another moment: which copy counts is judged over the whole date."""

_BY_VEHICLES = """
with changed as (
    select new.path, new.vehicle_id, if(isfinite(old.valid_from_at), new.effective_at, null) as from_at
    from ({new}) as new
    asof left join staging.stg_vehicles as old
        on new.vehicle_id = old.vehicle_id and new.effective_at >= old.valid_from_at
    where new.depot_id is distinct from old.depot_id
),
rows_of_them as (
    select distinct path, service_date from staging.{table} inner join changed using (vehicle_id)
    where service_date >= coalesce(cast(from_at as date) - 1, service_date)
)
select path, service_date, null as first_at, null as last_at from rows_of_them
union
select rows_of_them.path, near.service_date, null, null
from (select distinct service_date from meta.landed_dates) as near
inner join rows_of_them on abs(near.service_date - rows_of_them.service_date) = 1
"""
"""A vehicle's rows move by a day at most, to a date that some file may have."""

_BY_DEPOTS = """
with changed as (
    select new.path, new.depot_id, if(isfinite(old.valid_from_at), new.effective_at, null) as from_at
    from ({new}) as new
    asof left join staging.stg_depots as old
        on new.depot_id = old.depot_id and new.effective_at >= old.valid_from_at
    where (new.time_zone, new.cutover_hour)
        is distinct from (coalesce(old.time_zone, '{time_zone}'), coalesce(old.cutover_hour, 0))
)
select path, service_date + shift as service_date, null as first_at, null as last_at
from staging.{table}
inner join changed using (depot_id)
cross join (select cast(unnest([-1, 0, 1]) as integer) as shift)
where service_date >= coalesce(cast(from_at as date) - 1, service_date)
"""

_BY_SHIFTS = """
with changed as (
    select
        new.path, new.vehicle_id,
        min(new.service_date) as first_date, min(old.service_date) as next_date
    from ({new}) as new
    left join staging.stg_shifts as old
        on new.vehicle_id = old.vehicle_id and new.service_date < old.service_date
    group by new.path, new.vehicle_id
)
select path, service_date, null as first_at, null as last_at
from staging.{table} as rows
inner join changed on rows.vehicle_id = changed.vehicle_id
where service_date between first_date - 1 and coalesce(next_date, service_date)
"""
"""From a vehicle's first shift on, what it does outside of shifts is off duty."""

_BY_SCANS = """
with quarters as (
    select distinct
        path, vehicle_id,
        unnest(generate_series(
            time_bucket(interval 15 minutes, scanned_at),
            scanned_at + to_seconds((select value from seeds.assumptions where assumption = 'duty_after_s')),
            interval 15 minutes
        )) as quarter_at
    from ({new})
    where vehicle_id is not null
)
select quarters.path, staged.service_date, staged.fix_at as first_at, staged.fix_at as last_at
from staging.{table} as staged
inner join quarters
    on staged.vehicle_id = quarters.vehicle_id
    and time_bucket(interval 15 minutes, coalesce(staged.corrected_at, staged.fix_at)) = quarters.quarter_at
where staged.lat_deg is null
"""
"""Fixes that have no position because nothing showed their vehicle on duty; they may be of the next date."""

_NOTE_DATES = """
insert into meta.landed_dates (path, service_date, is_built)
select path, service_date, false from changed_dates anti join meta.landed_dates using (path, service_date)
"""

_NOTE_HOURS = """
update meta.landed_files as files
set first_at = least(files.first_at, changed.first_at), last_at = greatest(files.last_at, changed.last_at)
from (
    select path, min(first_at) as first_at, max(last_at) as last_at from changed_dates group by path
) as changed
where files.path = changed.path and changed.first_at is not null
"""

_WHAT_CHANGES = {
    GPS_FIXES.name: (("stg_gps_fixes",), _BY_COPIES),
    TELEMETRY.name: (("stg_telemetry",), _BY_COPIES),
    VERDICTS.name: (_JUDGED, _BY_VERDICTS),
    VEHICLES.name: (_OF_VEHICLES, _BY_VEHICLES),
    DEPOTS.name: (_OF_DEPOTS, _BY_DEPOTS),
    SCANS.name: (("stg_gps_fixes",), _BY_SCANS),
    SHIFTS.name: (("stg_gps_fixes",), _BY_SHIFTS),
}


def note_changed_dates(
    connection: duckdb.DuckDBPyConnection,
    lake: Path,
    source: Source,
    paths: Iterable[str],
    zones: str,
    time_zone: str,
) -> None:
    """Give files of ``source`` the built service dates that they change, so that they are due again.

    A file that can't be read gets none: its check says why, and nothing is built from it.
    """
    if source.topic not in _WHAT_CHANGES:
        return
    tables, sql = _WHAT_CHANGES[source.topic]
    built = _built(connection, tables)
    readable = [path for path in paths if is_readable(lake / path)] if built else []
    if not readable:
        return
    root = quoted(lake.as_posix() + "/")
    new = (
        f"select *, replace(filename, {root}, '') as path from read_parquet({parquet_list(lake, readable)}, "
        "filename = true, union_by_name = true, hive_partitioning = false)"
    )
    for table, id_type in built:
        changed = sql.format(
            table=table,
            new=new,
            time_zone=time_zone,
            id_type=id_type,
            event_time=source.event_time,
            moment="staged.fix_at" if table == "stg_gps_fixes" else "null",
            zones=zones,
            corrected_date=service_date_of("corrected_at"),
        )
        connection.execute(
            "create or replace temp table changed_dates as "
            "select path, service_date, min(first_at) as first_at, max(last_at) as last_at "
            f"from ({changed}) as changed_rows "
            "where service_date not in (select service_date from meta.closed_dates) group by all"
        )
        connection.execute(_NOTE_DATES)
        connection.execute(_NOTE_HOURS)


def _built(connection: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> list[tuple[str, str]]:
    """Those of ``tables`` that are there, and of which type their event ids are."""
    found = connection.execute(
        "select table_name, data_type from duckdb_columns() "
        "where schema_name = 'staging' and column_name = 'event_id' and list_contains(?, table_name)",
        [list(tables)],
    )
    return [(str(table), str(kind)) for table, kind in found.fetchall()]
