"""What is made of cells is what is made of events, of anything that devices send."""

import json
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.codec import encode
from streams.events.base import Event
from streams.events.telematics import GpsFix, HarshEvent, HarshKind, Telemetry
from streams.lake.chunk import Chunk, join
from streams.lake.rows import to_rows
from streams.lake.scanned import Tables
from streams.topics import GPS_FIXES, TELEMETRY, Topic
from tests.streams.lake.records import NOON, NOON_MS, fetched, fix

TABLES = Tables()

texts = st.text(min_size=1, max_size=12) | st.text(alphabet="abc-019", min_size=1, max_size=30)
numbers = st.floats(0, 1e9) | st.sampled_from([0.0, -0.0, 5e-324, 1e22, 0.1])
moments = st.timedeltas(timedelta(days=-9000), timedelta(hours=30)).map(lambda before: NOON + before)


def maybe(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.none() | values


observed = {
    "event_id": st.uuids(),
    "source": texts,
    "received_at": moments,
    "vehicle_id": st.sampled_from(["v1", "v2", "vé"]),
    "schema_version": st.integers(1, 3),
    "correlation_id": maybe(st.uuids()),
    "causation_id": maybe(st.uuids()),
    "device_id": maybe(texts),
    "device_seq": maybe(st.integers(0, 2**63 - 1)),
}
fixes = st.builds(
    GpsFix,
    **observed,
    fix_at=moments,
    lat_deg=st.floats(-90, 90),
    lon_deg=st.floats(-180, 180),
    speed_mps=maybe(numbers),
    heading_deg=maybe(st.floats(0, 360)),
    accuracy_m=maybe(numbers),
    ignition_on=maybe(st.booleans()),
    odometer_m=maybe(numbers),
)
telemetry = st.builds(
    Telemetry,
    **observed,
    measured_at=moments,
    fuel_used_l=maybe(numbers),
    speed_mps=maybe(numbers),
    cargo_temperature_c=maybe(st.floats(-80, 80)),
    fault_codes=st.lists(texts, max_size=2).map(tuple),
    harsh_events=st.lists(
        st.builds(HarshEvent, kind=st.sampled_from(HarshKind), happened_at=moments), max_size=1
    ).map(tuple),
)


def respelled(data: bytes) -> st.SearchStrategy[bytes]:
    """The same event as others would write it, or one that is broken."""
    fields = json.loads(data)
    nulls = {**dict.fromkeys(("device_id", "causation_id"), None), **fields}
    return st.sampled_from(
        [
            data,
            json.dumps(fields, indent=1).encode(),
            json.dumps(dict(reversed(fields.items()))).encode(),
            json.dumps(nulls).encode(),
            json.dumps({**fields, "altitude_m": [1, {"a": "}"}]}).encode(),
            json.dumps({**fields, "received_at": "yesterday"}).encode(),
            json.dumps({**fields, "event_id": fields["event_id"].upper()}).encode(),
            data[:-1],
            b"",
        ]
    )


def values(events: st.SearchStrategy[Event]) -> st.SearchStrategy[bytes]:
    """Messages of one event or an array of some."""
    one = events.map(encode).flatmap(respelled)
    return one | st.lists(one, max_size=4).map(lambda each: b"[" + b",".join(each) + b"]")


def chunk_of(topic: Topic, messages: list[tuple[bytes, bytes | None]]) -> Chunk:
    """The messages at every third offset, a second apart."""
    return join(
        [
            fetched(3 * n, value, topic=topic, key=key, partition=2, appended_at_ms=NOON_MS + 1000 * n)
            for n, (value, key) in enumerate(messages)
        ]
    )


keys = st.sampled_from([b"v1", "vé".encode(), None])


@pytest.mark.parametrize(("topic", "events"), [(GPS_FIXES, fixes), (TELEMETRY, telemetry)])
@settings(max_examples=150)
@given(data=st.data())
def test_the_table_is_the_same_with_the_scanner_and_without_it(
    topic: Topic, events: st.SearchStrategy[Event], data: st.DataObject
) -> None:
    chunk = chunk_of(topic, data.draw(st.lists(st.tuples(values(events), keys), min_size=1, max_size=12)))

    quickly, slowly = TABLES.rows(topic, chunk), to_rows(topic, chunk)

    quickly.table.validate(full=True)
    assert quickly.table.schema.equals(slowly.table.schema, check_metadata=True)
    assert quickly == slowly


def test_plain_fixes_are_not_left_to_the_slow_way(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_args: object) -> None:
        raise AssertionError("a plain fix was left unread")

    monkeypatch.setattr("streams.lake.scanned.to_rows", never)

    rows = TABLES.rows(GPS_FIXES, chunk_of(GPS_FIXES, [(encode(fix(n)), b"v1") for n in range(20)]))

    assert rows.table.num_rows == 20


def test_what_the_scanner_leaves_stands_in_its_place() -> None:
    odd = encode(fix(1)).replace(b'"test"', b'"t\\u00e9st"')
    batch = b"[" + encode(fix(2)) + b"," + odd + b"]"

    rows = TABLES.rows(
        GPS_FIXES, chunk_of(GPS_FIXES, [(one, b"v1") for one in (encode(fix(0)), batch, odd, b"{")])
    )

    assert list(zip(rows.table["offset"].to_pylist(), rows.table["index"].to_pylist(), strict=True)) == [
        (0, 0),
        (3, 0),
        (3, 1),
        (6, 0),
    ]
    assert rows.table["source"].to_pylist() == ["test", "test", "tést", "tést"]
    assert rows.rejected == 1


@pytest.mark.parametrize("number", [0, 1, 2**127, 2**128 - 1, 0x0123456789ABCDEF << 64])
def test_ids_are_written_as_everywhere(number: int) -> None:
    value = encode(fix(0)).replace(str(fix(0).event_id).encode(), str(UUID(int=number)).encode())

    rows = TABLES.rows(GPS_FIXES, chunk_of(GPS_FIXES, [(value, b"v1")]))

    assert rows.table["event_id"].to_pylist() == [str(UUID(int=number))]
