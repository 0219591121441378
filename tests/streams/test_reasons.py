import pytest

from routing.errors import ContractError
from streams.codec import decode
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
