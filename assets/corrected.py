"""Events of files that no build has covered, of which a verdict corrects the clock to another service date.

A file's dates are those that its devices said. Verdict and event may land in either order: whatever files
are still to build get the dates that the verdicts on their offsets put their events on.
"""

from pathlib import Path

import duckdb

from assets.file_dates import is_readable, parquet_list, service_date_of
from assets.models.project import Source
from streams.topics import VERDICTS

_COLUMNS = "judged_topic, judged_partition, judged_offset, corrected_at"

_NOTE_DATES = """
insert into meta.landed_dates
with corrected as (
    select
        judged_topic, judged_partition, {service_date} as service_date,
        min(judged_offset) as first_offset, max(judged_offset) as last_offset
    from ({verdicts}) as verdicts
    cross join ({zones}) as zones
    where corrected_at is not null
    group by judged_topic, judged_partition, {service_date}, judged_offset // 10_000
)
select distinct files.path, corrected.service_date, false
from meta.landed_files as files
inner join corrected
    on files.topic = corrected.judged_topic and files.partition = corrected.judged_partition
    and files.first_offset <= corrected.last_offset and corrected.first_offset <= files.last_offset
where
    not files.is_built
    and corrected.service_date not in (select service_date from meta.closed_dates)
    and (files.path, corrected.service_date) not in (select (path, service_date) from meta.landed_dates)
"""
"""Neighbours that go to the same date are one: months of files and of verdicts would be too many pairs."""


def note_corrected_dates(
    connection: duckdb.DuckDBPyConnection, lake: Path, source: Source, zones: str
) -> None:
    """Give files that are still to build the dates to which verdicts move their events.

    Once in a round of registering is enough: verdicts come after all that they judge.
    """
    if source.topic != VERDICTS.name:
        return
    verdicts = " union all ".join([*_staged(connection), *_to_build(connection, lake)])
    if verdicts:
        service_date = service_date_of("corrected_at")
        connection.execute(_NOTE_DATES.format(service_date=service_date, verdicts=verdicts, zones=zones))


def _staged(connection: duckdb.DuckDBPyConnection) -> list[str]:
    found = "from duckdb_tables() where schema_name = 'staging' and table_name = 'stg_verdicts'"
    is_there = connection.execute(found).fetchall()
    return [f"select {_COLUMNS} from staging.stg_verdicts"] if is_there else []


def _to_build(connection: duckdb.DuckDBPyConnection, lake: Path) -> list[str]:
    found = connection.execute(
        "select path from meta.landed_files where topic = ? and not is_built and rows > 0", [VERDICTS.name]
    )
    paths = [path for (path,) in found.fetchall() if is_readable(lake / path)]
    if not paths:
        return []
    files = parquet_list(lake, paths)
    return [f"select {_COLUMNS} from read_parquet({files}, union_by_name = true, hive_partitioning = false)"]
