"""A bad file stays out alone where its topic allows it, is counted, and comes in once it is mended."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from assets.ledger import Slice, mark_passed, open_ledger, register, unpassed
from assets.raw import check_and_part
from assets.slice_checks import LEAST_ABSURD_ROWS
from streams.events.base import Event
from streams.events.judgements import VerdictKind
from streams.lake.compaction import merge
from streams.lake.manifest import append_entries, read_manifest
from streams.topics import GPS_FIXES, VERDICTS
from tests.assets.test_slice_checks import replaced
from tests.models.events import fix, order, verdict
from tests.models.given import PROJECT, Lake, nothing_landed, topic_of

MIDNIGHT = datetime(2026, 3, 3, tzinfo=UTC)


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


def test_a_torn_file_of_fixes_stays_out_alone_too(lake: Lake) -> None:
    found = two_files(lake, lambda: fix("09:00"))
    torn = lake.root / found.paths[0]
    torn.write_bytes(torn.read_bytes()[:100])

    assert check_and_part(lake.root, found, nothing_landed).good.paths == (found.paths[1],)


def test_files_that_are_bad_together_and_none_alone_block(lake: Lake) -> None:
    found = two_files(lake, lambda: fix("09:00"))
    twice = replaced(pq.read_table(lake.root / found.paths[1]), "offset", 0)
    pq.write_table(twice, lake.root / found.paths[1])

    parted = check_and_part(lake.root, found, nothing_landed)

    assert (parted.good.paths, parted.kept_rows) == ((), 3)
    assert any(outcome.blocks for outcome in parted.outcomes)


def test_where_all_files_of_fixes_are_bad_they_block(lake: Lake) -> None:
    found = two_files(lake, lambda: fix("09:00"))
    for path in found.paths:
        without(lake, path, "h3_cell")

    parted = check_and_part(lake.root, found, nothing_landed)

    assert (parted.good.paths, parted.kept_rows) == ((), 3)
    assert any(outcome.blocks for outcome in parted.outcomes)


def test_what_is_left_is_checked_together_and_blocks_where_it_fails(lake: Lake) -> None:
    lake.land(fix("09:00"))
    found = two_files(lake, lambda: fix("09:00"))
    paths = tuple(file.path for file in read_manifest(lake.root, found.topic))
    without(lake, paths[0], "h3_cell")
    twice = replaced(pq.read_table(lake.root / paths[2]), "offset", 1)
    pq.write_table(twice, lake.root / paths[2])

    found = Slice(found.topic, paths, ("topicid",) * 3, 4, 0)
    parted = check_and_part(lake.root, found, nothing_landed)

    assert (parted.good.paths, parted.kept_rows) == ((), 4)
    assert any(outcome.blocks for outcome in parted.outcomes)


def test_a_bad_file_that_was_compacted_blocks_as_it_may_hold_rows_that_passed(lake: Lake) -> None:
    two_files(lake, lambda: fix("09:00"))
    made = merge(lake.root, GPS_FIXES, read_manifest(lake.root, GPS_FIXES.name), MIDNIGHT)
    append_entries(lake.root, GPS_FIXES.name, [made])
    lake.land(fix("10:00"))
    paths = tuple(file.path for file in read_manifest(lake.root, GPS_FIXES.name))
    without(lake, made.path, "h3_cell")

    found = Slice(GPS_FIXES.name, paths, ("topicid",) * 2, 4, 0)
    parted = check_and_part(lake.root, found, nothing_landed)

    assert parted.good.paths == ()
    assert any(outcome.blocks for outcome in parted.outcomes)


def test_a_file_that_stays_out_alone_needs_no_new_rest_in_later_builds(lake: Lake) -> None:
    found = two_files(lake, lambda: fix("09:00"))
    without(lake, found.paths[0], "h3_cell")
    first = check_and_part(lake.root, found, nothing_landed)

    left = replace(found, paths=found.paths[:1], topic_ids=found.topic_ids[:1], rows=2)
    again = check_and_part(lake.root, left, nothing_landed, first.alone)

    assert first.alone == again.alone == {found.paths[0]}
    assert (again.good.paths, again.kept_rows) == ((), 2)
    assert not any(outcome.blocks for outcome in again.outcomes)


def test_what_comes_out_mended_is_good(lake: Lake) -> None:
    found = two_files(lake, lambda: fix("09:00"))
    whole = pq.read_table(lake.root / found.paths[0])
    without(lake, found.paths[0], "h3_cell")
    kept_rows = check_and_part(lake.root, found, nothing_landed).kept_rows
    pq.write_table(whole, lake.root / found.paths[0])

    parted = check_and_part(lake.root, found, nothing_landed)

    assert (kept_rows, parted.good, parted.kept_rows) == (2, found, 0)


def test_a_bad_file_of_orders_keeps_all_of_them_out_and_blocks(lake: Lake) -> None:
    found = two_files(lake, order)
    without(lake, found.paths[0], "depot_id")

    parted = check_and_part(lake.root, found, nothing_landed)

    assert (parted.good.paths, parted.kept_files, parted.kept_rows) == ((), 2, 3)
    assert any(outcome.blocks for outcome in parted.outcomes)


def test_a_large_slice_that_was_mostly_flagged_stays_out_of_later_builds_too(lake: Lake) -> None:
    count = LEAST_ABSURD_ROWS
    lake.land(*(fix(f"09:{n // 60:02}:{n % 60:02}") for n in range(count)))
    lake.land(*(verdict(fix("09:00"), n, VerdictKind.FLAGGED, "null_island") for n in range(count)))
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    open_ledger(connection)
    for source in PROJECT.sources:
        register(connection, lake.root, source, read_manifest(lake.root, source.topic), [], "UTC")

    def build() -> bool:
        parted = check_and_part(lake.root, unpassed(connection, GPS_FIXES.name), nothing_landed)
        mark_passed(connection, parted.good)
        mark_passed(connection, unpassed(connection, VERDICTS.name))
        return any(outcome.blocks for outcome in parted.outcomes)

    assert [build(), build()] == [True, True]
    assert unpassed(connection, GPS_FIXES.name).rows == count
