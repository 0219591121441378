"""Files of a large slice that Parquet's figures clear, and those that they don't."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import assets.raw
from assets.ledger import Slice
from assets.proven import is_proven, unproven
from assets.raw import check_slice
from assets.slice_checks import EXPECTED
from tests.models.events import fix
from tests.models.given import Lake, nothing_landed

FIXES = EXPECTED["gps.fixes"]


@pytest.fixture
def found(tmp_path: Path) -> Slice:
    """Two files of fixes, each of two."""
    lake = Lake(tmp_path)
    lake.land(fix("09:00"), fix("09:01"))
    lake.land(fix("09:02"), fix("09:03"))
    paths = sorted(
        path.relative_to(tmp_path).as_posix() for path in (tmp_path / "gps.fixes").rglob("*.parquet")
    )
    return Slice("gps.fixes", tuple(paths), ("topicid", "topicid"), 4, 0)


def spoil(path: Path, column: str, values: list[object], **options: object) -> None:
    """Write the file anew with other values in a column."""
    table = pq.read_table(path)
    position = table.schema.get_field_index(column)
    kind = table.schema.field(column).type
    spoilt = table.set_column(position, pa.field(column, kind), pa.array(values, kind))
    pq.write_table(spoilt, path, **options)


def test_sound_files_need_no_look(tmp_path: Path, found: Slice) -> None:
    assert unproven(tmp_path, found, FIXES).paths == ()


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("event_id", ["one", None]),
        ("speed_mps", [1.0, 91.0]),
        ("lat_deg", [-90.5, 0.0]),
        ("offset", [2, 2]),
    ],
)
def test_a_file_that_breaks_something_is_looked_at_and_no_other(
    tmp_path: Path, found: Slice, column: str, values: list[object]
) -> None:
    spoil(tmp_path / found.paths[1], column, values)

    doubtful = unproven(tmp_path, found, FIXES)

    assert (doubtful.paths, doubtful.topic_ids, doubtful.rows) == ((found.paths[1],), ("topicid",), 2)


def test_a_file_without_figures_is_looked_at(tmp_path: Path, found: Slice) -> None:
    spoil(tmp_path / found.paths[0], "speed_mps", [1.0, 2.0], write_statistics=False)

    assert not is_proven(tmp_path / found.paths[0], FIXES)


def test_a_column_of_nulls_alone_leaves_no_range(tmp_path: Path, found: Slice) -> None:
    spoil(tmp_path / found.paths[0], "speed_mps", [None, None])

    assert is_proven(tmp_path / found.paths[0], FIXES)


def test_rows_in_another_order_than_their_offsets_are_sound(tmp_path: Path, found: Slice) -> None:
    spoil(tmp_path / found.paths[0], "offset", [1, 0])

    assert is_proven(tmp_path / found.paths[0], FIXES)


@pytest.mark.parametrize("speeds", [[1.0, 2.0], [1.0, 91.0]])
def test_a_large_slice_comes_to_what_a_small_one_does(
    tmp_path: Path, found: Slice, speeds: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(tmp_path / found.paths[1], "speed_mps", speeds)
    small = check_slice(tmp_path, found, nothing_landed)

    monkeypatch.setattr(assets.raw, "LARGE_ROWS", 0)
    large = check_slice(tmp_path, found, nothing_landed)

    assert [(one.check, one.rows, one.has_passed) for one in large] == [
        (one.check, one.rows, one.has_passed) for one in small
    ]
    assert len(large[1].broken) == len(small[1].broken)
