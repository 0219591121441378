import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.errors import ContractError
from streams.codec import decode
from streams.events.delivery import OrderEvent, ScanEvent
from streams.events.telematics import GpsFix

GOOD = (
    b'{"event_id":"6b1f1f0e-4a0b-5d52-9a53-6f4a2f6f0d11","source":"x","received_at":"2026-03-02T08:00:00Z",'
    b'"vehicle_id":"v1","fix_at":"2026-03-02T08:00:00Z","lat_deg":52.0,"lon_deg":5.0}'
)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b'"lat_deg":52.0', b'"lat_deg":91', "lat_deg is 91; it must be a number, at most 90.0"),
        (b'"lat_deg":52.0', b'"lat_deg":"x"', 'lat_deg is "x"; it must be a number'),
        (b'"lon_deg":5.0', b'"lon":5.0', "the field lon_deg is missing"),
        (
            b'"fix_at":"2026-03-02T08:00:00Z"',
            b'"fix_at":"yesterday"',
            'fix_at is "yesterday"; it must be a time with its offset from UTC, such as 2026-03-02T08:00:00Z',
        ),
        (
            b'"lon_deg":5.0',
            b'"lon_deg":5.0,"device_seq":1.5',
            "device_seq is 1.5; it must be a whole number or null",
        ),
        (
            b'"vehicle_id":"v1"',
            b'"vehicle_id":""',
            'vehicle_id is ""; it must be text, at least this long: 1',
        ),
        (GOOD, b"[1]", "the value is [1]; it must be an object"),
        (GOOD, b"  ", "the value is empty"),
        (GOOD, b"\xff\xfe", "it is not JSON: JSON is malformed: invalid character (byte 0)"),
        (GOOD, b'{"a":' * 100_000, "it is nested too deeply"),
    ],
)
def test_a_reason_names_the_field_its_value_and_what_would_be_right(
    old: bytes, new: bytes, reason: str
) -> None:
    with pytest.raises(ContractError) as caught:
        decode(GpsFix, GOOD.replace(old, new))

    assert str(caught.value) == f"not a valid GpsFix: {reason}"


def test_a_long_wrong_value_is_shown_in_part() -> None:
    with pytest.raises(ContractError) as caught:
        decode(GpsFix, GOOD.replace(b'"lat_deg":52.0', b'"lat_deg":"' + b"x" * 5000 + b'"'))

    assert len(str(caught.value)) < 200


ORDER = (
    b'{"event_id":"6b1f1f0e-4a0b-5d52-9a53-6f4a2f6f0d11","source":"x","received_at":"2026-03-02T08:00:00Z",'
    b'"order_id":"o","depot_id":"d","kind":"placed","ordered_at":"2026-03-02T08:00:00Z"'
)


@pytest.mark.parametrize(
    ("fields", "reason", "rule"),
    [
        (
            b'"kind":"Maria"',
            'kind is "Maria"; it must be one of placed, rescheduled, cancelled',
            "kind: it must be one of placed, rescheduled, cancelled",
        ),
        (
            b'"stop_kind":7',
            "stop_kind is 7; it must be one of deliver, pick_up, return",
            "stop_kind: it must be one of deliver, pick_up, return",
        ),
        (
            b'"packages":[{"package_id":"p"},{"package_id":"q","weight_kg":-1}]',
            "packages[1].weight_kg is -1; it must be a number, at least 0.0",
            "packages[].weight_kg: it must be a number, at least 0.0",
        ),
        (
            b'"packages":[{}]',
            "the field packages[0].package_id is missing",
            "the field packages[].package_id is missing",
        ),
        (
            b'"promised_day":"Maria"',
            'promised_day is "Maria"; it must be a date, such as 2026-03-02',
            "promised_day: it must be a date, such as 2026-03-02",
        ),
        (
            b'"promised_from":"2026-03-02T08:00:00Z","promised_until":"2026-03-01T08:00:00Z"',
            "the promise ends before it starts: 2026-03-02 08:00:00+00:00 > 2026-03-01 08:00:00+00:00",
            "the promise ends before it starts",
        ),
        (
            b'"customer_ref":"' + b"x" * 201 + b'"',
            f'customer_ref is "{"x" * 79}…; it must be text, at most 200 characters',
            "customer_ref: it must be text, at most 200 characters",
        ),
        (
            b'"kind":Maria',
            "it is not JSON: JSON is malformed: invalid character (byte 190)",
            "it is not JSON",
        ),
    ],
)
def test_the_rule_beside_a_reason_holds_no_value(fields: bytes, reason: str, rule: str) -> None:
    with pytest.raises(ContractError) as caught:
        decode(OrderEvent, ORDER + b"," + fields + b"}")

    assert str(caught.value) == f"not a valid OrderEvent: {reason}"
    assert caught.value.rule == rule


@given(st.from_regex("[A-Z]{12}", fullmatch=True), st.sampled_from(ScanEvent.__struct_fields__))
def test_no_rule_holds_a_value_whatever_field_it_stands_in(name: str, field: str) -> None:
    scan = {
        "event_id": "6b1f1f0e-4a0b-5d52-9a53-6f4a2f6f0d11",
        "source": name,
        "received_at": "2026-03-02T08:00:00Z",
        "kind": "failed",
        "scanned_at": "2026-03-02T08:00:00Z",
        "order_id": name,
        field: [{name: name}],
    }

    with pytest.raises(ContractError) as caught:
        decode(ScanEvent, msgspec.json.encode(scan))

    assert name not in caught.value.rule


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (
            b'"kind":"failed"',
            "a failed scan needs a failure_reason, one of "
            "not_at_home, no_access, refused, address_not_found, damaged, out_of_time, other",
        ),
        (
            b'"kind":"delivered","failure_reason":"refused"',
            "a failure_reason goes with failed scans alone, not with a delivered one",
        ),
    ],
)
def test_a_failed_scan_and_its_reason_come_together(fields: bytes, reason: str) -> None:
    scan = GOOD.replace(b'"fix_at"', b'"order_id":"o","scanned_at"').replace(b"}", b"," + fields + b"}")

    with pytest.raises(ContractError) as caught:
        decode(ScanEvent, scan)

    assert str(caught.value) == f"not a valid ScanEvent: {reason}"
    assert caught.value.rule == reason
