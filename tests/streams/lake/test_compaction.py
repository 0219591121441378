"""What is merged, into what, and until when the replaced files stay."""

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from streams.lake import compaction
from streams.lake.chunk import join
from streams.lake.compaction import MANY, ready, sort_columns
from streams.lake.files import repair, write_file
from streams.lake.manifest import LandedFile, append_entries, end_offset, read_lines, read_manifest
from streams.lake.schema import LANDED, arrow_schema
from streams.topics import GPS_FIXES, ORDERS, Topic
from tests.streams.lake.compacting import (
    AFTERWARDS,
    HOUR_FOLDER,
    LATER,
    TABLES,
    land_files,
    offsets_that_count,
    run,
)
from tests.streams.lake.records import HOUR_MS, NOON, NOON_MS, fetched, landed, parquet_files


def test_an_hour_that_is_over_becomes_one_file_sorted_by_vehicle_and_time(tmp_path: Path) -> None:
    land_files(tmp_path, range(4), range(4, 6), range(6, 9))

    done = run(tmp_path)

    (entry,) = read_manifest(tmp_path, "gps.fixes")
    assert (done.merged, done.made, done.rows) == (3, 1, 9)
    assert entry.path == f"{HOUR_FOLDER}/A-0-0-8.sorted.parquet"
    assert (entry.first_offset, entry.last_offset, entry.rows) == (0, 8, 9)
    assert entry.event_dates == ((NOON.date(), 9),)
    table = pq.ParquetFile(tmp_path / entry.path).read()
    assert table.schema.equals(arrow_schema(GPS_FIXES))
    assert table["vehicle_id"].to_pylist() == ["v0"] * 3 + ["v1"] * 3 + ["v2"] * 3
    assert table["offset"].to_pylist() == [6, 3, 0, 7, 4, 1, 8, 5, 2]


def test_compacting_again_changes_nothing(tmp_path: Path) -> None:
    land_files(tmp_path, range(4), range(4, 6))
    run(tmp_path)
    before = read_lines(tmp_path, "gps.fixes")

    again = run(tmp_path)

    assert (again.made, again.removed) == (0, 0)
    assert read_lines(tmp_path, "gps.fixes") == before


def test_a_file_alone_is_sorted_once_its_hour_is_over(tmp_path: Path) -> None:
    land_files(tmp_path, range(6))

    assert run(tmp_path, NOON + timedelta(minutes=59)).made == 0
    assert run(tmp_path).made == 1
    assert run(tmp_path).made == 0


def test_an_hour_that_goes_on_is_merged_where_there_are_many_small_files(tmp_path: Path) -> None:
    during = NOON + timedelta(minutes=30)
    land_files(tmp_path, *(range(n, n + 1) for n in range(MANY - 1)))

    few = run(tmp_path, during)
    land_files(tmp_path, range(MANY - 1, MANY))
    many = run(tmp_path, during)

    assert (few.made, many.made, many.merged) == (0, 1, MANY)
    assert offsets_that_count(tmp_path) == list(range(MANY))


def test_what_came_late_is_merged_with_what_was_compacted(tmp_path: Path) -> None:
    land_files(tmp_path, range(4), range(4, 6))
    run(tmp_path)
    land_files(tmp_path, range(6, 8))

    run(tmp_path)

    assert [entry.path for entry in read_manifest(tmp_path, "gps.fixes")] == [
        f"{HOUR_FOLDER}/A-0-0-7.sorted.parquet"
    ]
    assert offsets_that_count(tmp_path) == list(range(8))


def test_each_hour_and_topic_made_anew_has_its_own_files(tmp_path: Path) -> None:
    land_files(tmp_path, range(4))
    land_files(tmp_path, range(4, 8), appended_at_ms=NOON_MS + HOUR_MS)
    records = [fetched(n) for n in range(8, 10)]
    append_entries(tmp_path, "gps.fixes", [write_file(tmp_path, GPS_FIXES, "B", join(records), TABLES)])

    run(tmp_path, AFTERWARDS + timedelta(hours=1))

    spans = {
        (one.topic_id, one.first_offset, one.last_offset) for one in read_manifest(tmp_path, "gps.fixes")
    }
    assert spans == {("A", 0, 3), ("A", 4, 7), ("B", 8, 9)}


def test_files_are_not_merged_over_offsets_that_never_landed(tmp_path: Path) -> None:
    land_files(tmp_path, range(4), range(10, 12), range(12, 14))

    run(tmp_path)

    spans = {(one.first_offset, one.last_offset) for one in read_manifest(tmp_path, "gps.fixes")}
    assert spans == {(0, 3), (10, 13)}


def test_a_reader_goes_on_with_the_files_it_knows_until_they_are_removed(tmp_path: Path) -> None:
    land_files(tmp_path, range(4), range(4, 6))
    known = [tmp_path / entry.path for entry in read_manifest(tmp_path, "gps.fixes")]

    run(tmp_path)
    read = sum(pq.read_metadata(path).num_rows for path in known)
    run(tmp_path, LATER - timedelta(seconds=1))
    still_there = all(path.exists() for path in known)
    done = run(tmp_path, LATER)

    assert (read, still_there, done.removed) == (6, True, 2)
    assert parquet_files(tmp_path) == {f"{HOUR_FOLDER}/A-0-0-5.sorted.parquet"}
    assert len(read_lines(tmp_path, "gps.fixes")) == 1
    assert offsets_that_count(tmp_path) == list(range(6))


def test_landing_goes_on_after_what_was_compacted_and_leaves_it_alone(tmp_path: Path) -> None:
    land_files(tmp_path, range(4), range(4, 6))
    run(tmp_path)
    run(tmp_path, LATER)
    unfinished = tmp_path / HOUR_FOLDER / ".A-0-6-9.sorted.parquet"
    unfinished.write_bytes(b"what a compaction is writing just now")

    entries = repair(tmp_path, GPS_FIXES)

    assert end_offset(entries, "A", 0) == 6
    assert unfinished.exists()


@pytest.mark.parametrize("topic", LANDED, ids=lambda topic: topic.name)
def test_every_topic_is_sorted_by_columns_that_it_has(topic: Topic) -> None:
    assert set(sort_columns(topic)) <= set(arrow_schema(topic).names)


def test_what_has_no_vehicle_stays_in_kafkas_order() -> None:
    assert sort_columns(ORDERS) == ("partition", "offset", "index")


@given(sizes=st.lists(st.integers(1, 700_000), max_size=12), compacted=st.sets(st.integers(0, 11)))
def test_whatever_is_ready_covers_neighbours_and_large_files_are_left(
    sizes: list[int], compacted: set[int]
) -> None:
    files: list[LandedFile] = []
    for number, rows in enumerate(sizes):
        file = landed(number * 10, number * 10 + 9)
        path = f"{HOUR_FOLDER}/{number}.parquet"
        at = NOON if number in compacted else None
        files.append(replace(file, path=path, rows=rows, compacted_at=at))

    found = ready(files, AFTERWARDS)

    for group in found:
        assert sum(file.rows for file in group) <= compaction.ROWS_A_FILE
        assert len(group) > 1 or group[0].compacted_at is None
        assert all(b.first_offset == a.last_offset + 1 for a, b in pairwise(group))
    merged = [file.path for group in found for file in group]
    assert len(merged) == len(set(merged))
    assert {file.path for file in files if file.compacted_at is None} <= set(merged)
