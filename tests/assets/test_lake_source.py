"""What the warehouse reads of a day in whose middle a contract got another field."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from msgspec.structs import replace

from streams.lake.compaction import merge
from streams.lake.manifest import append_entries, read_manifest
from streams.topics import GPS_FIXES, PROPOSALS, Topic
from tests.models.events import fix
from tests.models.given import Lake, Warehouse
from tests.models.test_a_planned_route import proposal
from tests.pipelines.test_proposals import CHOICES

STAGING = ("assumptions", "stg_verdicts", "stg_depots", "stg_vehicles", "stg_shifts", "stg_gps_fixes")
DAY = "2026-03-02"
EVENING = datetime(2026, 3, 2, 23, tzinfo=UTC)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Two fixes landed before ``odometer_m`` was a field, one after, one by a landing that knows more yet."""
    lake = Lake(tmp_path)
    lake.land(fix("09:00"), fix("10:00"))
    lake.land(replace(fix("11:00"), odometer_m=1100.0))
    lake.land(replace(fix("12:00"), odometer_m=1200.0))
    older, _, newer = (tmp_path / entry.path for entry in read_manifest(tmp_path, GPS_FIXES.name))
    pq.write_table(pq.ParquetFile(older).read().drop_columns(["odometer_m"]), older)
    known = pq.ParquetFile(newer).read()
    pq.write_table(known.append_column("altitude_m", pa.array([7.5] * known.num_rows)), newer)
    return lake


def odometers(lake: Lake) -> list[tuple[object, ...]]:
    built = Warehouse(lake.root).build(DAY, models=STAGING)
    return built.rows("select hour(fix_at), odometer_m from staging.stg_gps_fixes order by fix_at")


def compact_all(lake: Lake, topic: Topic = GPS_FIXES) -> None:
    files = read_manifest(lake.root, topic.name)
    append_entries(lake.root, topic.name, [merge(lake.root, topic, files, EVENING)])
    for file in files:
        (lake.root / file.path).unlink()


def test_a_field_added_in_the_middle_of_a_day_is_there_from_then_on_and_null_before(lake: Lake) -> None:
    assert odometers(lake) == [(9, None), (10, None), (11, 1100.0), (12, 1200.0)]


def test_and_so_it_is_after_the_days_files_have_become_one(lake: Lake) -> None:
    compact_all(lake)

    assert len(read_manifest(lake.root, GPS_FIXES.name)) == 1
    assert odometers(lake) == [(9, None), (10, None), (11, 1100.0), (12, 1200.0)]


def test_a_day_of_older_files_alone_has_the_column_too(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.land(fix("09:00"))
    (older,) = (tmp_path / entry.path for entry in read_manifest(tmp_path, GPS_FIXES.name))
    pq.write_table(pq.ParquetFile(older).read().drop_columns(["odometer_m"]), older)

    assert odometers(lake) == [(9, None)]


@pytest.mark.parametrize("is_compacted", [False, True])
def test_proposals_from_before_they_had_choices_are_read_with_those_that_have_some(
    tmp_path: Path, is_compacted: bool
) -> None:
    lake = Lake(tmp_path)
    lake.land(proposal())
    (older,) = (tmp_path / entry.path for entry in read_manifest(tmp_path, PROPOSALS.name))
    pq.write_table(pq.ParquetFile(older).read().drop_columns(["choices", "choices_note"]), older)
    lake.land(replace(proposal(), proposal_id="p2", choices=CHOICES))
    if is_compacted:
        compact_all(lake, PROPOSALS)

    built = Warehouse(lake.root).build(DAY, models=("stg_proposals",))

    files = f"read_parquet('{tmp_path}/{PROPOSALS.name}/**/*.parquet', union_by_name = true)"
    kinds = "list_transform(choices, lambda choice: choice.kind)"
    assert built.rows("select proposal_id from staging.stg_proposals order by all") == [("p1",), ("p2",)]
    assert built.rows(f"select {kinds} from {files} order by proposal_id") == [
        (None,),
        (["resequence", "move", "nothing"],),
    ]
