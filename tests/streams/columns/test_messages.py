"""The scanner against msgspec: what it reads is the same, what it leaves is never lost."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.columns.messages import Rows, Scanner
from streams.events.delivery import ScanEvent
from streams.events.telematics import GpsFix, Telemetry
from streams.judge import DeadLetter, Record
from streams.validate import read

APPENDED_AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
APPENDED_MS = int(APPENDED_AT.timestamp() * 1000)
FIXES = Scanner(GpsFix, "vehicle_id", "fix_at")
TELEMETRY = Scanner(Telemetry, "vehicle_id", "measured_at")

FIX = {
    "event_id": "f91caa1d-b55b-4b87-a322-38d97f5e59e7",
    "source": "tracker",
    "received_at": "2026-03-02T08:00:00Z",
    "vehicle_id": "van-1",
    "fix_at": "2026-03-02T07:59:59.25+01:00",
    "lat_deg": 43.975113149913426,
    "lon_deg": -89.25294412818398,
}


def fix(**fields: object) -> bytes:
    """A valid fix with some fields changed; ``...`` takes a field away."""
    kept = {name: value for name, value in {**FIX, **fields}.items() if value is not ...}
    return msgspec.json.encode(kept)


def scan(value: bytes, key: bytes | None = b"van-1", scanner: Scanner = FIXES) -> Rows:
    return scanner.scan([value], [key], np.array([APPENDED_MS]))


def slowly(value: bytes, key: bytes | None = b"van-1", event: type = GpsFix) -> list:
    record = Record("gps.fixes", 0, 0, APPENDED_MS, key, value)
    return read(record, event)


def assert_same(rows: Rows, row: int, event: msgspec.Struct) -> None:
    """Every cell of a row is what msgspec read into the event's field."""
    for name in rows.layout.fields:
        value = getattr(event, name)
        if not rows.has(name)[row]:
            assert value in (None, (), 1), name
        elif isinstance(value, str):
            assert rows.text(row, name) == value
        elif isinstance(value, UUID):
            cells = rows.cells[row, rows.layout.cell(name) :][:2]
            assert cells.astype(">i8").tobytes() == value.bytes
        elif isinstance(value, datetime):
            assert rows.ints(name)[row] == round(value.timestamp() * 1e6)
        elif isinstance(value, float):
            assert rows.floats(name)[row] == value
        elif value != ():
            assert rows.ints(name)[row] == value


instants = st.datetimes(
    datetime(1971, 1, 1),  # noqa: DTZ001, as hypothesis wants it
    datetime(2026, 3, 2, 12),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5))]),
)
texts = st.text(min_size=1, max_size=200)
fixes = st.builds(
    GpsFix,
    event_id=st.uuids(),
    source=texts,
    correlation_id=st.none() | st.uuids(),
    received_at=instants,
    device_id=st.none() | texts,
    device_seq=st.none() | st.integers(0, 2**63 - 1),
    vehicle_id=st.sampled_from(["van-1", "van-2"]),
    fix_at=instants,
    lat_deg=st.floats(-90, 90),
    lon_deg=st.floats(-180, 180),
    speed_mps=st.none() | st.floats(0, 1e9),
    ignition_on=st.none() | st.booleans(),
    odometer_m=st.none() | st.floats(0, allow_infinity=False),
)


@given(st.lists(fixes, min_size=1, max_size=4), st.booleans())
def test_what_the_scanner_reads_is_what_msgspec_reads(events: list[GpsFix], is_spaced: bool) -> None:
    value = msgspec.json.encode(events)
    if is_spaced:
        value = b" " + msgspec.json.format(value) + b"\n"

    rows = scan(value)

    valid = slowly(value)
    if len(rows):
        assert [rows.indexes[row] for row in range(len(rows))] == list(range(len(valid)))
        for row, element in enumerate(valid):
            assert not isinstance(element, DeadLetter)
            assert_same(rows, row, element.event)
    else:
        assert rows.unread.tolist() == [0]


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(GpsFix.__struct_fields__), json_values)
def test_a_fix_with_any_value_in_a_field_is_read_as_msgspec_does_or_left(field: str, value: object) -> None:
    message = fix(**{field: value})

    rows = scan(message)

    if len(rows):
        (element,) = slowly(message)
        assert not isinstance(element, DeadLetter), element.reason
        assert_same(rows, 0, element.event)


@given(st.binary(max_size=12), st.integers(0, 300), st.integers(0, 12))
def test_a_fix_with_bytes_spoilt_is_read_as_msgspec_does_or_left(spoilt: bytes, at: int, cut: int) -> None:
    whole = fix(speed_mps=12.5, device_seq=17, ignition_on=True)
    message = whole[:at] + spoilt + whole[at + cut :]

    rows = scan(message)

    if len(rows):
        elements = slowly(message)
        assert len(elements) == len(rows)
        for row, element in enumerate(elements):
            assert not isinstance(element, DeadLetter), element.reason
            assert_same(rows, row, element.event)


@pytest.mark.parametrize(
    ("message", "key"),
    [
        (fix(vehicle_id="van-2"), b"van-1"),
        (fix(), None),
        (fix(received_at="2026-03-04T08:00:00Z"), b"van-1"),
        (fix(fix_at="2026-03-04T08:00:00Z"), b"van-1"),
        (fix(vehicle_id=...), b"van-1"),
        (fix(lat_deg=91.0), b"van-1"),
        (b"[]", b"van-1"),
        (b"[" + fix() + b"," + fix(lon_deg="west") + b"]", b"van-1"),
        (fix()[:-1] + b',"lat_deg":1.0}', b"van-1"),
        (fix() + b"x", b"van-1"),
        (fix(wheel_count=4), b"van-1"),
        (fix(source="z\u00fcrich"), b"van-1"),
        (b"", b"van-1"),
    ],
)
def test_what_is_not_surely_valid_is_left_whole(message: bytes, key: bytes | None) -> None:
    rows = scan(message, key)

    assert len(rows) == 0
    assert rows.unread.tolist() == [0]


def test_messages_of_many_kinds_keep_their_places() -> None:
    batch = b"[" + fix() + b"," + fix(speed_mps=3) + b"]"
    values = [fix(), b"rubbish", batch, fix(speed_mps=None)]

    rows = FIXES.scan(values, [b"van-1"] * 4, np.full(4, APPENDED_MS))

    assert rows.messages.tolist() == [0, 2, 2, 3]
    assert rows.indexes.tolist() == [0, 0, 1, 0]
    assert rows.unread.tolist() == [1]
    assert np.isnan(rows.floats("speed_mps")).tolist() == [True, True, False, True]


def test_telemetry_with_an_array_that_holds_something_is_left() -> None:
    plain = {
        "event_id": FIX["event_id"],
        "source": "tracker",
        "received_at": "2026-03-02T08:00:00Z",
        "vehicle_id": "van-1",
        "measured_at": "2026-03-02T08:00:00Z",
        "fault_codes": [],
        "odometer_m": 12,
    }
    broken = {**plain, "fault_codes": ["P0420"]}

    read_rows = scan(msgspec.json.encode(plain), scanner=TELEMETRY)
    left_rows = scan(msgspec.json.encode(broken), scanner=TELEMETRY)

    assert read_rows.floats("odometer_m").tolist() == [12.0]
    assert left_rows.unread.tolist() == [0]


def test_a_contract_with_checks_of_its_own_is_refused() -> None:
    with pytest.raises(TypeError, match="ScanEvent has checks of its own"):
        Scanner(ScanEvent, "vehicle_id", "scanned_at")
