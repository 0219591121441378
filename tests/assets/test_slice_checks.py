"""Each check of a raw slice, passing and failing."""

from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assets.great_checks import check_expectations
from assets.ledger import Slice
from assets.raw import check_slice
from assets.slice_checks import EXPECTED, check_manifest, read_slice
from streams.events.base import Event
from streams.events.delivery import ScanKind
from tests.models.events import fix, fresh_id, order, scan, telemetry, vehicle
from tests.models.given import Lake, nothing_landed, topic_of

EVENTS: dict[str, Event] = {
    "gps.fixes": fix("09:00"),
    "vehicle.telemetry": telemetry("09:00", odometer_m=1, fuel_used_l=1, energy_used_kwh=1),
    "delivery.scans": scan(ScanKind.DELIVERED, "09:00"),
    "delivery.orders": order(),
}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path)


def landed(lake: Lake, *events: Event, claimed_rows: int | None = None) -> Slice:
    """The slice of the one file that ``events`` land in."""
    lake.land(*events)
    topic = topic_of(events[0]).name
    path = next((lake.root / topic).rglob("*.parquet")).relative_to(lake.root).as_posix()
    return Slice(topic, (path,), ("topicid",), claimed_rows or len(events), 0)


def replaced(table: pa.Table, column: str, value: object) -> pa.Table:
    """The table with one value in all rows of a column."""
    position = table.schema.get_field_index(column)
    kind = table.schema.field(column).type
    return table.set_column(position, pa.field(column, kind), pa.array([value] * table.num_rows, kind))


def test_a_whole_slice_passes_its_checks(lake: Lake) -> None:
    found = landed(lake, fix("09:00"), fix("09:01"))

    outcomes = check_slice(lake.root, found, nothing_landed)

    assert [(outcome.check, outcome.has_passed, outcome.rows) for outcome in outcomes] == [
        ("matches_the_manifest", True, 2),
        ("meets_expectations", True, 2),
        ("is_as_usual", True, 2),
    ]


def test_a_slice_of_another_topic_is_held_to_its_manifest_alone(lake: Lake) -> None:
    (outcome,) = check_slice(lake.root, landed(lake, vehicle()), nothing_landed)

    assert outcome.has_passed


def test_a_missing_file_is_named(lake: Lake) -> None:
    found = landed(lake, fix("09:00"))
    (lake.root / found.paths[0]).unlink()

    outcome = check_manifest(lake.root, found)

    assert found.paths[0] in outcome.failures[0]


def test_a_cut_file_is_named(lake: Lake) -> None:
    found = landed(lake, fix("09:00"))
    path = lake.root / found.paths[0]
    path.write_bytes(path.read_bytes()[:-20])

    assert found.paths[0] in check_manifest(lake.root, found).failures[0]


def test_rows_that_the_manifest_does_not_know_are_counted(lake: Lake) -> None:
    found = landed(lake, fix("09:00"), fix("09:01"), claimed_rows=3)

    assert check_manifest(lake.root, found).failures == ("the files hold 2 rows, the manifest says 3",)


@pytest.mark.parametrize(
    ("topic", "column"), [(topic, column) for topic in EXPECTED for column in EXPECTED[topic].not_null]
)
def test_each_expected_column_may_not_be_null(lake: Lake, topic: str, column: str) -> None:
    frame = read_slice(lake.root, landed(lake, EVENTS[topic]))
    frame[column] = None

    outcome = check_expectations(topic, EXPECTED[topic], frame)

    assert f"not_be_null of {column}: 1 of 1 rows (100 %)" in outcome.failures[0]


@pytest.mark.parametrize(
    ("topic", "column", "value"),
    [(topic, bounds.column, bounds.most * 2) for topic in EXPECTED for bounds in EXPECTED[topic].bounds],
)
def test_each_range_can_be_left(lake: Lake, topic: str, column: str, value: float) -> None:
    events = [msgspec.structs.replace(EVENTS[topic], event_id=fresh_id()) for _ in range(10)]
    frame = read_slice(lake.root, landed(lake, *events))
    frame[column] = value

    outcome = check_expectations(topic, EXPECTED[topic], frame)

    assert [failure.split(":")[0] for failure in outcome.failures] == [
        f"expect_column_values_to_be_between of {column}"
    ]


def test_the_same_place_twice_is_found(lake: Lake) -> None:
    found = landed(lake, fix("09:00"), fix("09:01"))
    path = lake.root / found.paths[0]
    pq.write_table(replaced(pq.read_table(path), "offset", 7), path)

    _, outcome, _ = check_slice(lake.root, found, nothing_landed)

    assert (
        "compound_columns_to_be_unique of topic_id, partition, offset, index: 2 of 2" in outcome.failures[0]
    )


def test_the_same_offset_of_a_topic_that_was_made_again_is_another_place(lake: Lake) -> None:
    lake.land(fix("09:00"))
    first = landed(lake, fix("09:01"))
    paths = tuple(
        sorted(
            path.relative_to(lake.root).as_posix() for path in (lake.root / "gps.fixes").rglob("*.parquet")
        )
    )
    for path in paths:
        pq.write_table(replaced(pq.read_table(lake.root / path), "offset", 0), lake.root / path)

    outcomes = check_slice(lake.root, Slice(first.topic, paths, ("old", "new"), 2, 0), nothing_landed)

    assert all(outcome.has_passed for outcome in outcomes)


def test_single_absurd_values_are_told_and_block_nothing(lake: Lake) -> None:
    frame = read_slice(lake.root, landed(lake, EVENTS["vehicle.telemetry"]))
    frame["odometer_m"] = 6e9

    outcome = check_expectations("vehicle.telemetry", EXPECTED["vehicle.telemetry"], frame)

    assert outcome.has_passed
    assert "odometer_m: 1 of 1 rows" in outcome.outliers[0]


def test_an_implausible_speed_may_be_one_in_a_hundred_and_not_more(lake: Lake) -> None:
    frame = read_slice(lake.root, landed(lake, *(fix(f"09:{n // 60:02}:{n % 60:02}") for n in range(1000))))
    frame["speed_mps"] = [300.0] * 10 + [10.0] * 990

    assert check_expectations("gps.fixes", EXPECTED["gps.fixes"], frame).has_passed
    frame["speed_mps"] = [300.0] * 11 + [10.0] * 989
    assert not check_expectations("gps.fixes", EXPECTED["gps.fixes"], frame).has_passed


def test_nothing_is_looked_at_where_nothing_landed(tmp_path: Path) -> None:
    outcomes = check_slice(tmp_path, Slice("gps.fixes", (), (), 0, 0), nothing_landed)

    assert [(outcome.rows, outcome.has_passed) for outcome in outcomes] == [(0, True)] * 3
