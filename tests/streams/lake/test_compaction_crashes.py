"""Compaction that is killed, meets files that are not what they should be, or another compaction."""

from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Never

import pytest
from msgspec.structs import replace

from routing.errors import ConfigurationError
from streams.lake import compaction
from streams.lake.compaction import KEPT
from streams.lake.locks import only_compactor
from streams.lake.manifest import append_entries, read_manifest
from tests.streams.lake.compacting import AFTERWARDS, HOUR_FOLDER, LATER, land_files, offsets_that_count, run
from tests.streams.lake.records import HOUR_MS, NOON, NOON_MS, parquet_files


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
