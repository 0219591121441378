from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from streams.lake.manifest import (
    LandedFile,
    append_entries,
    current,
    drop_lines,
    end_offset,
    manifest_path,
    read_lines,
    read_manifest,
)
from tests.streams.lake.records import NOON, landed


def compacted(first: int, last: int) -> LandedFile:
    return replace(landed(first, last), path=f"{first}-{last}.sorted.parquet", compacted_at=NOON)


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    (tmp_path / "_manifest").mkdir()
    return tmp_path


def test_nothing_landed_is_an_empty_manifest(tmp_path: Path) -> None:
    assert read_manifest(tmp_path, "gps.fixes") == ()


def test_what_was_appended_is_read_back_in_order(lake: Path) -> None:
    append_entries(lake, "gps.fixes", [landed(0, 9)])
    append_entries(lake, "gps.fixes", [landed(10, 14), landed(0, 4, partition=1)])

    assert read_manifest(lake, "gps.fixes") == (landed(0, 9), landed(10, 14), landed(0, 4, partition=1))


@given(kept=st.integers(0, 400))
def test_a_torn_last_line_is_not_there_and_the_next_line_stands_alone(
    tmp_path_factory: pytest.TempPathFactory, kept: int
) -> None:
    lake = tmp_path_factory.mktemp("lake")
    (lake / "_manifest").mkdir()
    append_entries(lake, "gps.fixes", [landed(0, 9), landed(10, 19)])
    path = manifest_path(lake, "gps.fixes")
    whole = path.read_bytes()
    path.write_bytes(whole[:kept])
    readable = (landed(0, 9), landed(10, 19))[: whole[:kept].count(b"\n")]

    assert read_manifest(lake, "gps.fixes") == readable
    append_entries(lake, "gps.fixes", [landed(20, 29)])

    assert read_manifest(lake, "gps.fixes") == (*readable, landed(20, 29))


def test_a_compacted_files_line_stands_for_the_files_whose_offsets_it_covers(lake: Path) -> None:
    small = [
        landed(0, 9),
        landed(10, 14),
        landed(15, 19),
        landed(0, 9, topic_id="B"),
        landed(0, 19, partition=1),
    ]
    append_entries(lake, "gps.fixes", small)

    append_entries(lake, "gps.fixes", [compacted(0, 14)])

    assert read_manifest(lake, "gps.fixes") == (*small[2:], compacted(0, 14))
    assert read_lines(lake, "gps.fixes") == (*small, compacted(0, 14))


def test_of_two_compacted_files_of_the_same_offsets_the_later_counts() -> None:
    first, second = compacted(0, 9), replace(compacted(0, 9), path="other")

    assert current((landed(0, 9), first, second)) == (second,)


@given(st.data())
def test_every_offset_is_in_one_file_that_counts_however_often_was_compacted(data: st.DataObject) -> None:
    ends = sorted(data.draw(st.sets(st.integers(1, 40), min_size=1)))
    lines = [landed(first, end - 1) for first, end in pairwise([0, *ends])]
    for _ in range(data.draw(st.integers(0, 6))):
        files = sorted(current(lines), key=lambda file: file.first_offset)
        first = data.draw(st.integers(0, len(files) - 1))
        last = data.draw(st.integers(first, len(files) - 1))
        lines.append(compacted(files[first].first_offset, files[last].last_offset))

    counting = current(lines)

    held = [offset for file in counting for offset in range(file.first_offset, file.last_offset + 1)]
    assert sorted(held) == list(range(ends[-1]))
    assert end_offset(counting, "A", 0) == ends[-1]


def test_lines_are_dropped_in_one_step(lake: Path) -> None:
    append_entries(lake, "gps.fixes", [landed(0, 9), landed(10, 19)])

    drop_lines(lake, "gps.fixes", lambda line: line.first_offset == 0)
    append_entries(lake, "gps.fixes", [landed(20, 29)])

    assert read_manifest(lake, "gps.fixes") == (landed(10, 19), landed(20, 29))


def test_a_topic_made_anew_starts_at_offset_0() -> None:
    entries = [landed(0, 9, topic_id="old"), landed(10, 19, topic_id="old")]

    assert end_offset(entries, "old", 0) == 20
    assert end_offset(entries, "new", 0) == 0
    assert end_offset(entries, "old", 1) == 0


@given(
    st.lists(
        st.tuples(st.sampled_from("AB"), st.integers(0, 2), st.integers(0, 50), st.integers(0, 50)),
        max_size=20,
    )
)
def test_landing_resumes_after_the_highest_offset_of_its_own_partition(
    files: list[tuple[str, int, int, int]],
) -> None:
    entries = [landed(first, first + n, topic_id=t, partition=p) for t, p, first, n in files]

    end = end_offset(entries, "A", 1)

    own = [entry for entry in entries if (entry.topic_id, entry.partition) == ("A", 1)]
    assert all(entry.last_offset < end for entry in own)
    assert end == 0 if not own else any(entry.last_offset == end - 1 for entry in own)
