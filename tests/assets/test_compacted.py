"""What the warehouse makes of files that a compaction has put in the place of others."""

from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from assets.lake_source import LakeSource
from assets.ledger import (
    dates_to_build,
    mark_built,
    mark_passed,
    open_ledger,
    passed_paths,
    register,
    unpassed,
)
from assets.models.project import DateRange
from routing.errors import ConfigurationError
from streams.lake.compaction import merge
from streams.lake.manifest import append_entries, drop_lines, read_manifest
from streams.topics import GPS_FIXES
from tests.models.events import fix
from tests.models.given import PROJECT, Lake, Warehouse

GPS = PROJECT.source("gps_fixes")
SECOND, THIRD = date(2026, 3, 2), date(2026, 3, 3)
MIDNIGHT = datetime(2026, 3, 4, tzinfo=UTC)
STAGING = ("assumptions", "stg_verdicts", "stg_depots", "stg_vehicles", "stg_shifts", "stg_gps_fixes")


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path)
    lake.land(fix("09:00"))
    lake.land(fix("10:00", day="2026-03-03"), fix("11:00", day="2026-03-03"))
    return lake


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    open_ledger(connection)
    return connection


def compact_all(lake: Lake) -> str:
    """One file of all that counts, the replaced ones gone; its path."""
    files = read_manifest(lake.root, GPS.topic)
    made = merge(lake.root, GPS_FIXES, sorted(files, key=lambda file: file.first_offset), MIDNIGHT)
    append_entries(lake.root, GPS.topic, [made])
    for file in files:
        (lake.root / file.path).unlink()
    return made.path


def register_all(connection: duckdb.DuckDBPyConnection, lake: Lake) -> int:
    return register(connection, lake.root, GPS, read_manifest(lake.root, GPS.topic), [], "UTC")


def let_pass(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    register_all(connection, lake)
    mark_passed(connection, unpassed(connection, GPS.topic))


def test_what_was_built_is_not_due_again(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    let_pass(connection, lake)
    mark_built(connection, DateRange(SECOND, THIRD))
    compacted = compact_all(lake)

    new = register_all(connection, lake)

    assert new == 0
    assert dates_to_build(connection) == (0, ())
    assert unpassed(connection, GPS.topic).paths == ()
    assert passed_paths(connection, GPS.topic, None) == [compacted]


def test_what_was_not_built_is_still_due_and_no_other_date(
    connection: duckdb.DuckDBPyConnection, lake: Lake
) -> None:
    let_pass(connection, lake)
    mark_built(connection, DateRange(SECOND, SECOND))
    compact_all(lake)

    register_all(connection, lake)

    assert dates_to_build(connection) == (1, (THIRD,))


def test_files_that_have_not_passed_are_checked_as_one(
    connection: duckdb.DuckDBPyConnection, lake: Lake
) -> None:
    register_all(connection, lake)
    compacted = compact_all(lake)

    register_all(connection, lake)

    found = unpassed(connection, GPS.topic)
    assert (found.paths, found.rows) == ((compacted,), 3)
    assert dates_to_build(connection) == (1, (SECOND, THIRD))


def test_rows_that_are_new_wait_for_their_check_and_are_read_once(
    connection: duckdb.DuckDBPyConnection, lake: Lake
) -> None:
    let_pass(connection, lake)
    before = passed_paths(connection, GPS.topic, None)
    lake.land(fix("12:00"))
    compacted = compact_all(lake)

    new = register_all(connection, lake)
    waiting = passed_paths(connection, GPS.topic, None)
    mark_passed(connection, unpassed(connection, GPS.topic))

    assert (new, waiting) == (1, before)
    assert passed_paths(connection, GPS.topic, None) == [compacted]
    assert dates_to_build(connection) == (1, (SECOND, THIRD))


def test_a_file_that_was_compacted_alone_and_one_that_was_compacted_again_are_followed(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    lake = Lake(tmp_path)
    lake.land(fix("09:00"))
    let_pass(connection, lake)
    mark_built(connection, DateRange(SECOND, SECOND))
    alone = compact_all(lake)
    register_all(connection, lake)
    followed = passed_paths(connection, GPS.topic, None)
    lake.land(fix("10:00"))
    let_pass(connection, lake)
    again = compact_all(lake)

    register_all(connection, lake)

    assert followed == [alone]
    assert passed_paths(connection, GPS.topic, None) == [again]
    assert dates_to_build(connection) == (1, (SECOND,))


def test_another_partitions_files_stay(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    let_pass(connection, lake)
    connection.execute("update meta.landed_files set partition = 1")

    compacted = compact_all(lake)
    register_all(connection, lake)

    assert unpassed(connection, GPS.topic).paths == (compacted,)
    assert len(passed_paths(connection, GPS.topic, None)) == 2


def test_a_step_that_runs_alone_reads_what_was_compacted_since(
    connection: duckdb.DuckDBPyConnection, lake: Lake
) -> None:
    let_pass(connection, lake)
    compact_all(lake)

    relation = LakeSource(connection, lake.root, "UTC").resolve(GPS, DateRange(SECOND, THIRD))

    assert connection.execute(f"select count(*) from {relation}").fetchall() == [(3,)]


def test_a_file_that_passed_and_went_into_one_that_has_not_is_told(
    connection: duckdb.DuckDBPyConnection, lake: Lake
) -> None:
    let_pass(connection, lake)
    lake.land(fix("12:00"))
    compact_all(lake)
    register_all(connection, lake)

    with pytest.raises(ConfigurationError, match="raw/gps_fixes: 2 files that passed are gone, such as "):
        LakeSource(connection, lake.root, "UTC").resolve(GPS, DateRange(SECOND, THIRD))


def test_where_the_line_of_a_compacted_file_is_deleted_those_that_it_replaced_count_again(
    connection: duckdb.DuckDBPyConnection, lake: Lake
) -> None:
    let_pass(connection, lake)
    passed = passed_paths(connection, GPS.topic, None)
    lake.land(fix("12:00"))
    files = read_manifest(lake.root, GPS.topic)
    made = merge(lake.root, GPS_FIXES, files, MIDNIGHT)
    append_entries(lake.root, GPS.topic, [made])
    register_all(connection, lake)

    drop_lines(lake.root, GPS.topic, lambda line: line.path == made.path)
    register_all(connection, lake)

    assert passed_paths(connection, GPS.topic, None) == passed
    assert unpassed(connection, GPS.topic).paths == (files[-1].path,)


def test_a_ledger_from_before_compaction_knows_its_files_places(
    connection: duckdb.DuckDBPyConnection, lake: Lake
) -> None:
    let_pass(connection, lake)
    mark_built(connection, DateRange(SECOND, THIRD))
    for column in ("partition", "first_offset", "last_offset", "compacted_at"):
        connection.execute(f"alter table meta.landed_files drop column {column}")
    compacted = compact_all(lake)

    open_ledger(connection)
    register_all(connection, lake)

    assert passed_paths(connection, GPS.topic, None) == [compacted]
    assert dates_to_build(connection) == (0, ())


def test_staging_has_the_same_rows_before_and_after(lake: Lake) -> None:
    rows = "select event_id, vehicle_id, fix_at, service_date from staging.stg_gps_fixes order by all"
    warehouse = Warehouse(lake.root)
    before = warehouse.build("2026-03-02", "2026-03-03", STAGING).rows(rows)
    compact_all(lake)

    after = warehouse.build("2026-03-02", "2026-03-03", STAGING).rows(rows)

    assert len(before) == 3
    assert after == before
