"""Which files a build covers, and what is left to build."""

from datetime import date
from pathlib import Path

import duckdb
import pytest
from msgspec.structs import replace

from assets.due import ranges_of
from assets.ledger import (
    dates_to_build,
    mark_built,
    mark_passed,
    open_ledger,
    passed_paths,
    register,
    too_old_rows,
    unpassed,
)
from assets.models.project import DateRange
from assets.service_dates import ranges_of_run, run_tags
from streams.events.judgements import VerdictKind
from streams.lake.manifest import read_manifest
from tests.models.events import at, depot, fix, vehicle, verdict
from tests.models.given import PROJECT, Lake

GPS = PROJECT.source("gps_fixes")
VEHICLES = PROJECT.source("reference_vehicles")
VERDICTS = PROJECT.source("stream_verdicts")
REPEAT = VerdictKind.REPEAT
SECOND, THIRD = date(2026, 3, 2), date(2026, 3, 3)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path)


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    open_ledger(connection)
    return connection


def register_all(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    depots = read_manifest(lake.root, "reference.depots")
    for source in (GPS, VEHICLES, VERDICTS):
        files = read_manifest(lake.root, source.topic)
        register(connection, lake.root, source, files, depots, "UTC")


def test_new_files_say_which_service_dates_to_build(
    connection: duckdb.DuckDBPyConnection, lake: Lake
) -> None:
    lake.land(fix("09:00"), fix("09:00", day="2026-03-03"))
    lake.land(vehicle())

    register_all(connection, lake)
    register_all(connection, lake)

    assert dates_to_build(connection) == (2, (SECOND, THIRD))


def test_every_depots_zone_counts_for_the_dates_of_a_file(
    connection: duckdb.DuckDBPyConnection, lake: Lake
) -> None:
    lake.land(depot("west", "America/Los_Angeles"), fix("03:00"))

    register_all(connection, lake)

    assert dates_to_build(connection)[1] == (date(2026, 3, 1), SECOND)


def test_a_depot_file_that_cannot_be_read_stops_no_other_file(
    connection: duckdb.DuckDBPyConnection, lake: Lake
) -> None:
    lake.land(depot("west", "America/Los_Angeles"))
    (lake.root / read_manifest(lake.root, "reference.depots")[0].path).write_bytes(b"cut")
    lake.land(fix("09:00"), replace(verdict(fix("09:00"), 0, REPEAT, "any"), corrected_at=at("08:59")))

    register_all(connection, lake)

    assert dates_to_build(connection)[1] == (SECOND,)


def test_a_file_is_built_once_a_build_has_covered_all_of_its_dates(
    connection: duckdb.DuckDBPyConnection, lake: Lake
) -> None:
    lake.land(fix("09:00"), fix("09:00", day="2026-03-03"))
    register_all(connection, lake)
    mark_passed(connection, unpassed(connection, GPS.topic))

    mark_built(connection, DateRange(SECOND, SECOND))
    after_one_day = dates_to_build(connection)
    mark_built(connection, DateRange(SECOND, THIRD))

    assert after_one_day == (1, (THIRD,))
    assert dates_to_build(connection) == (0, ())


def test_a_file_that_did_not_pass_is_neither_read_nor_built(
    connection: duckdb.DuckDBPyConnection, lake: Lake
) -> None:
    lake.land(fix("09:00"))
    register_all(connection, lake)

    mark_built(connection, DateRange(SECOND, SECOND))

    assert passed_paths(connection, GPS.topic, None) == []
    assert dates_to_build(connection)[0] == 1


def test_a_range_reads_the_files_that_touch_it(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    for day in ("2026-02-20", "2026-03-02", "2026-03-09"):
        lake.land(fix("09:00", day=day))
    register_all(connection, lake)
    mark_passed(connection, unpassed(connection, GPS.topic))

    paths = passed_paths(connection, GPS.topic, DateRange(SECOND, SECOND))

    assert [Path(path).name for path in paths] == ["topicid-0-1-1.parquet"]


def test_dates_before_2015_are_counted_and_not_built(
    connection: duckdb.DuckDBPyConnection, lake: Lake
) -> None:
    lake.land(fix("00:00", day="1970-01-01"), fix("09:00"))

    register_all(connection, lake)

    assert dates_to_build(connection)[1] == (SECOND,)
    assert too_old_rows(connection) == 1


def test_a_lone_date_costs_a_range_of_its_own_and_short_gaps_none() -> None:
    lone, friday, monday = date(2016, 5, 1), date(2026, 2, 27), date(2026, 3, 2)

    assert ranges_of([monday, lone, friday]) == (DateRange(lone, lone), DateRange(friday, monday))


def test_a_date_that_stands_is_in_no_range_of_others() -> None:
    days = [date(2026, 3, day) for day in range(1, 6)]
    first, second, _, fourth, fifth = days

    assert ranges_of([first, second, fifth], built=days) == (
        DateRange(first, second),
        DateRange(fifth, fifth),
    )
    assert ranges_of([first, fifth], built=[first, fifth]) == (DateRange(first, fifth),)
    assert ranges_of([first, fifth], built=[fourth]) == (DateRange(first, first), DateRange(fifth, fifth))


@pytest.mark.parametrize("days", [0, 13, 14, 3000])
def test_a_run_carries_its_dates_in_its_tags(days: int) -> None:
    dates = DateRange(date(2017, 1, 1), date.fromordinal(date(2017, 1, 1).toordinal() + days))

    assert ranges_of_run(run_tags([dates])) == (dates,)
    assert ("dagster/asset_partition_range_start" in run_tags([dates])) == (days < 14)


def test_a_run_carries_ranges_that_other_dates_part() -> None:
    second, fifth = date(2026, 3, 2), date(2026, 3, 5)
    ranges = (DateRange(second, second), DateRange(fifth, date(2026, 3, 6)))

    assert ranges_of_run(run_tags(ranges)) == ranges


def test_a_run_without_dates_has_none() -> None:
    assert ranges_of_run({}) == ()


def test_a_range_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="ends before it starts: 2026-03-03 > 2026-03-02"):
        DateRange(THIRD, SECOND)
