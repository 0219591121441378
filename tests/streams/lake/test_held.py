"""Files that a check found bad are merged with none, whenever it says so."""

from pathlib import Path
from threading import Thread

import pytest

from streams.lake import compaction
from streams.lake.held import hold
from streams.lake.manifest import LandedFile, read_manifest
from streams.topics import GPS_FIXES
from tests.streams.lake.compacting import LATER, land_files, run
from tests.streams.lake.records import parquet_files


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


def test_a_file_that_is_held_just_before_the_merged_one_counts_stays_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    land_files(tmp_path, range(2), range(2, 4))
    files, append = read_manifest(tmp_path, GPS_FIXES.name), compaction.append_entries

    def meanwhile(*given: object) -> bool:
        hold(tmp_path, GPS_FIXES.name, [files[1].path])
        return append(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(compaction, "append_entries", meanwhile)
    done = run(tmp_path)

    assert (done.merged, read_manifest(tmp_path, GPS_FIXES.name)) == (0, files)
    assert len(parquet_files(tmp_path)) == 2


def test_nothing_is_held_between_the_last_look_and_the_line_of_the_merged_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    land_files(tmp_path, range(2), range(2, 4))
    files, looks, look = read_manifest(tmp_path, GPS_FIXES.name), list[bool](), compaction.held
    other = Thread(target=hold, args=(tmp_path, GPS_FIXES.name, [files[1].path]))

    def in_turn(lake: Path, topic: str) -> frozenset[str]:
        if looks:
            other.start()
            other.join(timeout=0.2)
        looks.append(other.is_alive())
        return look(lake, topic)

    monkeypatch.setattr(compaction, "held", in_turn)
    done = run(tmp_path)
    other.join()

    assert (done.merged, looks, look(tmp_path, GPS_FIXES.name)) == (2, [False, True], {files[1].path})
