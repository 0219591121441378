import dataclasses
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count, pairwise
from pathlib import Path
from typing import Never

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from routing.errors import ConfigurationError
from streams.codec import encode
from streams.events.telematics import GpsFix
from streams.lake import compaction
from streams.lake.chunk import join
from streams.lake.compaction import HOUR_SETTLES, KEPT, MANY, Compacted, compact, ready, sort_columns
from streams.lake.files import repair, write_file
from streams.lake.held import hold
from streams.lake.locks import only_compactor, only_writer
from streams.lake.manifest import LandedFile, append_entries, end_offset, read_lines, read_manifest
from streams.lake.scanned import Tables
from streams.lake.schema import LANDED, arrow_schema
from streams.topics import GPS_FIXES, ORDERS, Topic
from tests.streams.lake.records import HOUR_MS, NOON, NOON_MS, fetched, fix, landed, parquet_files

AFTERWARDS = NOON + timedelta(hours=1) + HOUR_SETTLES
LATER = AFTERWARDS + KEPT
TABLES = Tables()
HOUR_FOLDER = "gps.fixes/landed_date=2026-03-02/landed_hour=12"


def land_files(lake: Path, *offsets: range, topic: Topic = GPS_FIXES, appended_at_ms: int = NOON_MS) -> None:
    """One file for each range of offsets; fixes of three vehicles in turn, each older than the one before."""
    with only_writer(lake):
        for span in offsets:
            records = [
                fetched(
                    n,
                    encode(replace(fix(n, at=NOON - timedelta(seconds=n)), vehicle_id=f"v{n % 3}")),
                    key=f"v{n % 3}".encode(),
                    topic=topic,
                    appended_at_ms=appended_at_ms,
                )
                for n in span
            ]
            append_entries(lake, topic.name, [write_file(lake, topic, "A", join(records), TABLES)])


def run(
    lake: Path,
    now: datetime = AFTERWARDS,
    *,
    topics: Sequence[Topic] = (GPS_FIXES,),
    said: list[str] | None = None,
) -> Compacted:
    return compact(
        lake,
        topics,
        now=now,
        kept=KEPT,
        is_stopped=lambda: False,
        say=(said if said is not None else []).append,
    )


def offsets_that_count(lake: Path) -> list[int]:
    """Every offset of the files that count, sorted."""
    return sorted(
        offset
        for entry in read_manifest(lake, "gps.fixes")
        for offset in pq.read_table(lake / entry.path, columns=["offset"])["offset"].to_pylist()
    )


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


class Killed(Exception):
    """In place of kill -9: nothing after it happens."""


@pytest.mark.parametrize("at", range(4))
def test_killed_between_any_two_steps_nothing_is_lost_or_there_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    land_files(tmp_path, range(4), range(4, 6))
    land_files(tmp_path, range(6, 8), range(8, 9), appended_at_ms=NOON_MS + HOUR_MS)
    run(tmp_path)
    steps = count()

    def kill(*_args: object, **_kwargs: object) -> Never:
        raise Killed

    for name in ("write_durably", "append_entries", "drop_lines", "remove_unlisted"):
        step = getattr(compaction, name)
        monkeypatch.setattr(
            compaction, name, lambda *args, step=step: (kill if next(steps) == at else step)(*args)
        )
    with pytest.raises(Killed):
        run(tmp_path, LATER)
    monkeypatch.undo()

    after_the_kill = offsets_that_count(tmp_path)
    run(tmp_path, LATER)
    run(tmp_path, LATER + KEPT)

    assert after_the_kill == offsets_that_count(tmp_path) == list(range(9))
    assert {entry.path for entry in read_manifest(tmp_path, "gps.fixes")} == parquet_files(tmp_path)


def test_what_a_crash_left_of_a_compaction_is_removed_by_the_next(tmp_path: Path) -> None:
    land_files(tmp_path, range(4))
    hour = tmp_path / HOUR_FOLDER
    (hour / "A-0-0-9.sorted.parquet").write_bytes(b"a file without its line")
    (hour / ".A-0-0-9.sorted.parquet").write_bytes(b"half a file")
    (hour / ".A-0-4-9.parquet").write_bytes(b"what landing is writing just now")

    run(tmp_path, NOON)

    assert parquet_files(tmp_path) == {
        f"{HOUR_FOLDER}/{name}" for name in ("A-0-0-3.parquet", ".A-0-4-9.parquet")
    }


def test_a_file_that_cannot_be_read_stays_with_its_neighbours_and_is_said(tmp_path: Path) -> None:
    land_files(tmp_path, range(4), range(4, 6))
    land_files(tmp_path, range(6, 8), appended_at_ms=NOON_MS + HOUR_MS)
    (tmp_path / HOUR_FOLDER / "A-0-4-5.parquet").write_bytes(b"not Parquet any more")
    said: list[str] = []

    run(tmp_path, AFTERWARDS + timedelta(hours=1), said=said)

    assert said[0].startswith("2 files stay as they are: ")
    assert [entry.last_offset for entry in read_manifest(tmp_path, "gps.fixes")] == [3, 5, 7]


def test_a_file_with_other_rows_than_its_line_says_is_not_merged(tmp_path: Path) -> None:
    land_files(tmp_path, range(4))
    (entry,) = read_manifest(tmp_path, "gps.fixes")
    append_entries(tmp_path, "gps.fixes", [replace(entry, first_offset=4, last_offset=7, rows=5)])
    said: list[str] = []

    run(tmp_path, said=said)

    assert "hold 8 rows, their lines say 9" in said[0]


def test_a_lake_has_one_compaction(tmp_path: Path) -> None:
    with (
        only_compactor(tmp_path),
        pytest.raises(ConfigurationError, match=r"another compaction \(process \d+\) writes to the lake"),
    ):
        run(tmp_path)


class FixWithAltitude(GpsFix, frozen=True, kw_only=True):
    """A fix after a field was added to its contract."""

    altitude_m: float | None = None
    tags: tuple["Tag", ...] = ()


class Tag(Struct, frozen=True, kw_only=True):
    name: str


TODAY = dataclasses.replace(GPS_FIXES, event=FixWithAltitude)


def test_a_field_added_in_the_middle_of_a_day_lands_and_is_read_with_what_is_older(tmp_path: Path) -> None:
    land_files(tmp_path, range(3))
    new = FixWithAltitude(
        **{name: getattr(fix(3), name) for name in GpsFix.__struct_fields__}, altitude_m=7.5
    )
    records = [fetched(3, encode(new), topic=TODAY), fetched(4, encode(fix(4)), topic=TODAY)]
    append_entries(tmp_path, "gps.fixes", [write_file(tmp_path, TODAY, "A", join(records), TABLES)])

    before = altitudes(tmp_path)
    run(tmp_path, topics=[TODAY])
    after = altitudes(tmp_path)

    assert before == after == [(0, None), (1, None), (2, None), (3, 7.5), (4, None)]
    assert len(read_manifest(tmp_path, "gps.fixes")) == 1


def test_a_field_of_a_newer_contract_is_ignored_by_an_older_landing(tmp_path: Path) -> None:
    new = FixWithAltitude(
        **{name: getattr(fix(0), name) for name in GpsFix.__struct_fields__}, altitude_m=7.5
    )

    entry = write_file(tmp_path, GPS_FIXES, "A", fetched(0, encode(new)), TABLES)

    assert (entry.rows, entry.rejected) == (1, 0)
    assert pq.ParquetFile(tmp_path / entry.path).schema_arrow.equals(arrow_schema(GPS_FIXES))


def test_an_older_compaction_keeps_the_columns_of_a_newer_landing(tmp_path: Path) -> None:
    land_files(tmp_path, range(3))
    new = FixWithAltitude(
        **{name: getattr(fix(3), name) for name in GpsFix.__struct_fields__}, altitude_m=7.5
    )
    entry = write_file(tmp_path, TODAY, "A", fetched(3, encode(new), topic=TODAY), TABLES)
    append_entries(tmp_path, "gps.fixes", [entry])

    run(tmp_path, topics=[GPS_FIXES])

    assert altitudes(tmp_path) == [(0, None), (1, None), (2, None), (3, 7.5)]


def altitudes(lake: Path) -> list[tuple[int, float | None]]:
    """Offset and altitude as a reader of the lake finds them."""
    files = [str(lake / entry.path) for entry in read_manifest(lake, "gps.fixes")]
    with duckdb.connect() as connection:
        return connection.execute(
            'select "offset", altitude_m from read_parquet($files, union_by_name = true) order by all',
            {"files": files},
        ).fetchall()


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


def test_files_that_are_held_are_merged_with_none(tmp_path: Path) -> None:
    land_files(tmp_path, range(2), range(2, 4), range(4, 6), range(6, 8), range(8, 10))
    bad = read_manifest(tmp_path, GPS_FIXES.name)[2].path
    hold(tmp_path, GPS_FIXES.name, [bad])

    done = run(tmp_path)
    run(tmp_path, LATER)

    spans = [(one.first_offset, one.last_offset) for one in read_manifest(tmp_path, GPS_FIXES.name)]
    assert (done.merged, sorted(spans)) == (4, [(0, 3), (4, 5), (6, 9)])
    assert (tmp_path / bad).exists()


def test_what_is_held_no_longer_is_merged(tmp_path: Path) -> None:
    land_files(tmp_path, range(2), range(2, 4))
    hold(tmp_path, GPS_FIXES.name, [read_manifest(tmp_path, GPS_FIXES.name)[0].path])
    hold(tmp_path, GPS_FIXES.name, [])

    assert run(tmp_path).merged == 2


def test_a_file_that_is_held_while_it_is_merged_stays_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    land_files(tmp_path, range(2), range(2, 4))
    files, said, merge = read_manifest(tmp_path, GPS_FIXES.name), list[str](), compaction.merge

    def meanwhile(*given: object) -> LandedFile:
        hold(tmp_path, GPS_FIXES.name, [files[1].path])
        return merge(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(compaction, "merge", meanwhile)
    done = run(tmp_path, said=said)

    assert (done.merged, read_manifest(tmp_path, GPS_FIXES.name)) == (0, files)
    assert said == ["2 files stay as they are: a check that ran meanwhile found some of them bad"]
    assert len(parquet_files(tmp_path)) == 2
