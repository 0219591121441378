from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.codec import encode
from streams.dead_letters import Origin
from streams.events.delivery import OrderEvent, OrderKind, Package
from streams.judge import DeadLetter
from streams.lake import rows as slowly
from streams.lake.chunk import Chunk, join
from streams.lake.scanned import Tables
from streams.topics import DEAD_LETTERS, GPS_FIXES, ORDERS, PROPOSALS, ROUTES, Topic
from tests.streams.lake.records import NOON, NOON_MS, fetched, fix, ids

TABLES = Tables()


def to_rows(topic: Topic, records: list[Chunk]) -> slowly.Rows:
    """The rows of some records, which are the same with the scanner and without it."""
    chunk = join(records)

    quickly = TABLES.rows(topic, chunk)

    assert quickly == slowly.to_rows(topic, chunk)
    return quickly


def test_a_row_has_its_place_its_fields_and_its_cell() -> None:
    rows = to_rows(GPS_FIXES, [fetched(7, partition=3)])

    row = rows.table.to_pylist()[0]
    assert (row["topic"], row["partition"], row["offset"], row["index"]) == ("gps.fixes", 3, 7, 0)
    assert (row["appended_at"], row["fix_at"]) == (NOON, NOON)
    assert (row["event_id"], row["lat_deg"], row["speed_mps"]) == (str(fix(7).event_id), 52.0, None)
    assert row["schema_version"] == 1
    assert row["h3_cell"] == "8819697149fffff"
    assert rows.event_dates == ((date(2026, 3, 2), 1),)


def test_each_element_of_a_batch_is_a_row_with_its_index() -> None:
    good = msgspec.json.encode([fix(1), fix(2)])
    broken_in_the_middle = b"[" + encode(fix(3)) + b',{"lat_deg":91},' + encode(fix(4)) + b"]"

    rows = to_rows(GPS_FIXES, [fetched(0, good), fetched(1, broken_in_the_middle)])

    assert rows.table.select(["offset", "index"]).to_pylist() == [
        {"offset": 0, "index": 0},
        {"offset": 0, "index": 1},
        {"offset": 1, "index": 0},
        {"offset": 1, "index": 2},
    ]
    assert rows.rejected == 1


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"nonsense",
        b"[1",
        b"\xff\xfe",
        b"[" * 100_000,
        b'"\\ud800"',
        encode(fix(at=NOON + timedelta(days=9))),
    ],
    ids=["empty", "no JSON", "cut", "no UTF-8", "deep", "half a character", "days ahead"],
)
def test_what_breaks_its_contract_is_counted_and_stops_nothing(value: bytes) -> None:
    rows = to_rows(GPS_FIXES, [fetched(0), fetched(1, value), fetched(2)])

    assert rows.table["offset"].to_pylist() == [0, 2]
    assert rows.rejected == 1


def test_a_row_under_another_key_is_counted_as_rejected_as_the_judges_reject_it() -> None:
    rows = to_rows(GPS_FIXES, [fetched(0), fetched(1, key=b"v2"), fetched(2, key=None)])

    assert rows.table["offset"].to_pylist() == [0]
    assert rows.rejected == 2


def test_a_mark_of_deletion_is_no_row() -> None:
    rows = to_rows(ROUTES, [fetched(0, b"", topic=ROUTES)])

    assert (rows.table.num_rows, rows.rejected) == (0, 0)


def test_nested_values_become_structs_and_lists() -> None:
    order = OrderEvent(
        event_id=fix().event_id,
        source="shop",
        received_at=NOON,
        order_id="o1",
        depot_id="d1",
        kind=OrderKind.PLACED,
        ordered_at=NOON,
        promised_day=date(2026, 3, 4),
        packages=(Package(package_id="p1"), Package(package_id="p2", weight_kg=2.5)),
    )

    row = to_rows(ORDERS, [fetched(0, encode(order), topic=ORDERS, key=b"d1")]).table.to_pylist()[0]

    assert row["kind"] == "placed"
    assert row["stop_kind"] == "deliver"
    assert row["promised_day"] == date(2026, 3, 4)
    assert [package["weight_kg"] for package in row["packages"]] == [0.0, 2.5]
    assert row["h3_cell"] is None


def test_no_records_make_an_empty_table() -> None:
    rows = to_rows(PROPOSALS, [fetched(0, topic=PROPOSALS).part(0, 0)])

    assert (rows.table.num_rows, rows.event_dates) == (0, ())


def test_a_dead_letter_lands_with_its_bytes_and_where_they_stood() -> None:
    source = fetched(41, b"\xff nonsense", partition=2)
    origin = Origin.of(DeadLetter(source.records()[0], 3, b"\xff nonsense", "not JSON", "JSON"))
    letter = fetched(5, b"\xff nonsense", topic=DEAD_LETTERS, headers=tuple(origin.to_headers()))

    row = to_rows(DEAD_LETTERS, [letter]).table.to_pylist()[0]

    assert row["raw"] == b"\xff nonsense"
    assert (row["reason"], row["rule"], row["source_topic"]) == ("not JSON", "JSON", "gps.fixes")
    assert (row["source_partition"], row["source_offset"], row["source_index"]) == (2, 41, 3)
    assert (row["offset"], row["source_file"], row["source_row"]) == (5, None, None)


def test_a_header_that_is_no_number_is_no_place() -> None:
    headers = (("offset", b"9" * 30), ("row", b"\xc2\xb2"), ("index", b"-1"), ("partition", None))

    row = to_rows(DEAD_LETTERS, [fetched(0, b"x", topic=DEAD_LETTERS, headers=headers)]).table.to_pylist()[0]

    assert (row["source_offset"], row["source_row"], row["source_index"]) == (None, None, None)


@given(st.lists(st.tuples(st.text(max_size=9), st.one_of(st.none(), st.binary(max_size=30))), max_size=9))
def test_anybodys_headers_land(headers: list[tuple[str, bytes | None]]) -> None:
    named = [(name, value) for name, (_, value) in zip(("reason", "offset", "row"), headers, strict=False)]
    letter = fetched(0, b"x", topic=DEAD_LETTERS, headers=(*headers, *named))

    assert to_rows(DEAD_LETTERS, [letter]).table.num_rows == 1


@given(st.lists(st.integers(0, int(NOON.timestamp() * 1e6)), max_size=20))
def test_dates_count_the_rows_by_the_day_they_speak_of(moments: list[int]) -> None:
    instants = [datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us) for us in moments]
    records = [fetched(n, encode(fix(n, at=instant))) for n, instant in enumerate(instants)]

    rows = to_rows(GPS_FIXES, records or [fetched(0).part(0, 0)])

    assert sum(count for _, count in rows.event_dates) == len(moments)
    assert {day for day, _ in rows.event_dates} == {instant.date() for instant in instants}
    assert rows.table["fix_at"].to_pylist() == instants
    assert set(rows.table["event_id"].to_pylist()) == {str(one) for one in ids(range(len(moments)))}


def test_appended_milliseconds_are_kept() -> None:
    rows = to_rows(GPS_FIXES, [fetched(0, appended_at_ms=NOON_MS + 123)])

    assert rows.table["appended_at"].to_pylist() == [NOON + timedelta(milliseconds=123)]
