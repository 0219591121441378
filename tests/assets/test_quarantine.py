"""A bad file stays out alone where its topic allows it, is counted, and comes in once it is mended."""

from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from assets.great_checks import LEAST_ABSURD_ROWS, check_facts
from assets.ledger import Slice
from assets.raw import check_and_part
from assets.slice_facts import Fact
from streams.events.base import Event
from streams.lake.manifest import read_manifest
from tests.assets.test_slice_checks import replaced
from tests.models.events import fix, order
from tests.models.given import Lake, nothing_landed, topic_of


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path)


def two_files(lake: Lake, event: Callable[[], Event]) -> Slice:
    """Two rows in a first file, one in a second."""
    lake.land(event(), event())
    lake.land(event())
    topic = topic_of(event()).name
    paths = tuple(file.path for file in read_manifest(lake.root, topic))
    return Slice(topic, paths, ("topicid", "topicid"), 3, 0)


def without(lake: Lake, path: str, column: str) -> None:
    """All values of a column are gone from a file."""
    pq.write_table(replaced(pq.read_table(lake.root / path), column, None), lake.root / path)


def test_a_file_of_fixes_that_fails_stays_out_alone_and_is_counted(lake: Lake) -> None:
    found = two_files(lake, lambda: fix("09:00"))
    without(lake, found.paths[0], "h3_cell")

    parted = check_and_part(lake.root, found, nothing_landed)

    assert (parted.good.paths, parted.good.rows) == ((found.paths[1],), 1)
    assert (parted.kept_files, parted.kept_rows) == (1, 2)
    (told,) = [outcome for outcome in parted.outcomes if outcome.kept_out]
    assert told.kept_out.startswith(
        "1 of 2 files with 2 of 3 rows stay out until they pass, the rest goes on"
    )
    assert not told.has_passed
    assert not told.blocks


def test_a_missing_file_of_fixes_stays_out_alone_too(lake: Lake) -> None:
    found = two_files(lake, lambda: fix("09:00"))
    (lake.root / found.paths[1]).unlink()

    assert check_and_part(lake.root, found, nothing_landed).good.paths == (found.paths[0],)


def test_files_that_are_bad_together_and_none_alone_stay_out_together(lake: Lake) -> None:
    found = two_files(lake, lambda: fix("09:00"))
    twice = replaced(pq.read_table(lake.root / found.paths[1]), "offset", 0)
    pq.write_table(twice, lake.root / found.paths[1])

    parted = check_and_part(lake.root, found, nothing_landed)

    assert parted.good.paths == ()
    assert parted.kept_rows == 3


def test_a_bad_file_of_orders_keeps_all_of_them_out_and_blocks(lake: Lake) -> None:
    found = two_files(lake, order)
    without(lake, found.paths[0], "depot_id")

    parted = check_and_part(lake.root, found, nothing_landed)

    assert (parted.good.paths, parted.kept_files, parted.kept_rows) == ((), 2, 3)
    assert any(outcome.blocks for outcome in parted.outcomes)


@pytest.mark.parametrize(
    ("share", "rows", "blocks"),
    [(0.6, LEAST_ABSURD_ROWS, True), (0.4, LEAST_ABSURD_ROWS, False), (0.6, LEAST_ABSURD_ROWS - 1, False)],
)
def test_a_large_slice_that_was_mostly_flagged_stays_out(share: float, rows: int, blocks: bool) -> None:
    fact = Fact("flagged_share", "slice", share, 0.0, 0.2, "flagged")

    assert check_facts("gps.fixes", rows, (fact,)).blocks is blocks


def test_however_late_or_few_or_unknown_rows_are_they_only_warn() -> None:
    facts = tuple(
        Fact(name, "slice", 99.0, 0.0, 0.2, name) for name in ("late_share", "volume", "unknown_vehicle_id")
    )

    outcome = check_facts("gps.fixes", LEAST_ABSURD_ROWS, facts)

    assert not outcome.has_passed
    assert not outcome.blocks
