"""What a reader of one vehicle's hour has to read, by the statistics that the files carry."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest
from msgspec.structs import replace

from streams.codec import encode
from streams.lake.chunk import Chunk
from streams.lake.compaction import HOUR_SETTLES, KEPT, ROWS_A_GROUP, compact
from streams.lake.files import write_file
from streams.lake.manifest import append_entries, read_manifest
from streams.lake.scanned import Tables
from streams.topics import GPS_FIXES
from tests.streams.lake.records import NOON, NOON_MS, fix

VEHICLES, TURNS, FILES = 400, 250, 10
ROWS = VEHICLES * TURNS
ONE = "v0123"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An hour of a partition's fleet, every vehicle heard by turns, in ten files that became one."""
    lake = tmp_path_factory.mktemp("lake")
    (lake / "_manifest").mkdir()
    tables = Tables()
    for chunk in chunks():
        append_entries(lake, GPS_FIXES.name, [write_file(lake, GPS_FIXES, "A", chunk, tables)])
    compact(
        lake,
        [GPS_FIXES],
        now=NOON + timedelta(hours=1) + HOUR_SETTLES,
        kept=KEPT,
        is_stopped=lambda: False,
        say=lambda _: None,
    )
    return lake


def chunks() -> Iterator[Chunk]:
    """Every value is the same but for vehicle, second and id."""
    pattern = encode(replace(fix(0), vehicle_id="VVVVV")).decode()
    each = ROWS // FILES
    for first in range(0, ROWS, each):
        offsets = np.arange(first, first + each)
        names = [f"v{offset % VEHICLES:04d}" for offset in offsets.tolist()]
        values = [
            pattern.replace("VVVVV", name)
            .replace("12:00:00Z", f"12:{turn // 60:02d}:{turn % 60:02d}Z")
            .encode()
            for name, turn in zip(names, (offsets // VEHICLES).tolist(), strict=True)
        ]
        keys = [name.encode() for name in names]
        yield Chunk(GPS_FIXES.name, 0, offsets, np.full(each, NOON_MS), list(keys), values, [])


def groups_that_may_hold(file: pq.ParquetFile, vehicle_id: str) -> list[int]:
    """Row groups that a reader can't pass over, by the least and greatest vehicle of each."""
    place = file.schema_arrow.names.index("vehicle_id")
    found = []
    for group in range(file.metadata.num_row_groups):
        statistics = file.metadata.row_group(group).column(place).statistics
        if statistics.min <= vehicle_id <= statistics.max:
            found.append(group)
    return found


def test_one_vehicles_hour_lies_in_one_or_two_row_groups(lake: Path) -> None:
    (entry,) = read_manifest(lake, GPS_FIXES.name)

    file = pq.ParquetFile(lake / entry.path)

    assert entry.rows == ROWS
    assert file.metadata.num_row_groups == -(-ROWS // ROWS_A_GROUP) == 4
    assert all(len(groups_that_may_hold(file, f"v{vehicle:04d}")) in (1, 2) for vehicle in range(VEHICLES))


def test_within_its_row_group_a_vehicles_rows_stand_in_the_order_of_time(lake: Path) -> None:
    (entry,) = read_manifest(lake, GPS_FIXES.name)

    with duckdb.connect() as connection:
        read = connection.execute(
            "select fix_at from read_parquet(?) where vehicle_id = ?", [str(lake / entry.path), ONE]
        ).fetchall()

    assert len(read) == TURNS
    assert read == sorted(read)


def test_every_column_of_landed_and_compacted_files_is_packed_by_zstd(lake: Path) -> None:
    files = [pq.ParquetFile(path) for path in (lake / GPS_FIXES.name).rglob("*.parquet")]

    packed = {
        file.metadata.row_group(group).column(column).compression
        for file in files
        for group in range(file.metadata.num_row_groups)
        for column in range(file.metadata.num_columns)
    }

    assert len(files) == FILES + 1
    assert packed == {"ZSTD"}
