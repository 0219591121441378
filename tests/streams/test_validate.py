from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.codec import encode
from streams.events.delivery import OrderEvent, OrderKind
from streams.events.dispatch import Command
from streams.events.judgements import ClockTick, VehicleProgress
from streams.events.telematics import GpsFix
from streams.judge import DeadLetter, Record
from streams.topics import COMMANDS, DEPOTS, GPS_FIXES, MIB, ORDERS, PROGRESS, TICKS, Topic
from streams.validate import Element, read

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def record(value: bytes, topic: Topic = GPS_FIXES, appended_at: datetime = NOON) -> Record:
    return Record(topic.name, 0, 7, int(appended_at.timestamp() * 1000), b"v1", value)


def fix(fix_at: datetime = NOON, received_at: datetime = NOON, number: int = 1) -> GpsFix:
    return GpsFix(
        event_id=UUID(int=number),
        source="device",
        received_at=received_at,
        vehicle_id="v1",
        fix_at=fix_at,
        lat_deg=52.0,
        lon_deg=5.0,
    )


def reason(found: object) -> str:
    assert isinstance(found, DeadLetter)
    return found.reason


def test_each_element_of_an_array_is_judged_on_its_own() -> None:
    good = encode(fix())
    bad = good.replace(b'"lat_deg":52.0', b'"lat_deg":91.0')

    first, second, third = read(record(b"[" + b",".join((good, bad, good)) + b"]"), GpsFix)

    assert isinstance(first, Element)
    assert isinstance(third, Element)
    assert (first.index, third.index) == (0, 2)
    assert isinstance(second, DeadLetter)
    assert (second.index, second.raw) == (1, bad)
    assert "lat_deg" in second.reason


def test_the_bytes_of_an_element_are_kept_verbatim() -> None:
    (found,) = read(record(b'  [ {"event_id" : 1 } ] '), GpsFix)

    assert isinstance(found, DeadLetter)
    assert found.raw == b'{"event_id" : 1 }'


def test_a_batch_keeps_its_order() -> None:
    batch = msgspec.json.encode([fix(number=number) for number in (3, 1, 2)])

    found = read(record(batch), GpsFix)

    assert [element.event.event_id.int for element in found if isinstance(element, Element)] == [3, 1, 2]


@pytest.mark.parametrize(
    "rubbish",
    [b"", b"\xff\xfe", b"null", b"[", b"[" * MIB, b'{"a":' * (MIB // 5), b"0" * MIB],
    ids=["empty", "not UTF-8", "null", "open array", "a deep array", "a deep object", "digits"],
)
def test_rubbish_of_any_size_is_one_dead_letter_with_all_its_bytes(rubbish: bytes) -> None:
    (found,) = read(record(rubbish), GpsFix)

    assert isinstance(found, DeadLetter)
    assert found.raw == rubbish
    assert found.reason


@given(
    st.binary(max_size=400)
    | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(msgspec.json.encode)
)
def test_any_bytes_become_events_or_dead_letters_and_never_an_error(data: bytes) -> None:
    found = read(record(data), GpsFix)

    assert all(isinstance(one, DeadLetter) for one in found)


def test_a_deletion_mark_on_a_compacted_topic_says_nothing() -> None:
    found = read(record(b"", DEPOTS), GpsFix)

    assert found == []


# append time         12:00 ------------------ +1 day ----->
# received_at                 ok               | dead letter
@pytest.mark.parametrize(
    ("ahead", "is_taken"), [(timedelta(days=1), True), (timedelta(days=1, seconds=1), False)]
)
def test_a_receipt_more_than_a_day_ahead_of_kafkas_append_time_is_refused(
    ahead: timedelta, is_taken: bool
) -> None:
    (found,) = read(record(encode(fix(NOON, NOON + ahead))), GpsFix)

    assert isinstance(found, Element) == is_taken


def test_an_event_more_than_a_day_ahead_of_its_receipt_is_refused_in_words() -> None:
    (found,) = read(record(encode(fix(datetime(2099, 1, 1, tzinfo=UTC)))), GpsFix)

    assert reason(found) == (
        "the event's time is more than a day ahead of received_at: "
        "2099-01-01T00:00:00+00:00 against 2026-03-02T12:00:00+00:00"
    )


def test_ten_year_old_history_is_taken() -> None:
    old = datetime(2016, 1, 1, tzinfo=UTC)

    (found,) = read(record(encode(fix(old, old))), GpsFix)

    assert isinstance(found, Element)


def test_times_at_the_ends_of_the_calendar_are_refused_and_do_not_overflow() -> None:
    value = encode(fix())
    first = value.replace(b"2026-03-02T12:00:00Z", b"0001-01-01T00:00:00+23:00")
    last = value.replace(b"2026-03-02T12:00:00Z", b"9999-12-31T23:59:59-23:00")

    reasons = [reason(found) for data in (first, last) for found in read(record(data), GpsFix)]

    assert "before 1970" in reasons[0]
    assert "more than a day ahead" in reasons[1]


def test_a_tick_from_2099_does_not_become_now() -> None:
    tick = ClockTick(event_id=UUID(int=1), source="clock", now_at=datetime(2099, 1, 1, tzinfo=UTC))

    (found,) = read(record(encode(tick), TICKS), ClockTick)

    assert isinstance(found, DeadLetter)


def test_a_command_and_a_judgement_from_2099_are_refused() -> None:
    far = b'"2099-01-01T00:00:00Z"'
    command = (
        b'{"event_id":"6b1f1f0e-4a0b-5d52-9a53-6f4a2f6f0d11","source":"x","command_id":"c","depot_id":"d",'
        b'"kind":"reject","issued_by":"me","proposal_id":"p","issued_at":' + far + b"}"
    )
    progress = (
        b'{"event_id":"6b1f1f0e-4a0b-5d52-9a53-6f4a2f6f0d11","source":"x","vehicle_id":"v","depot_id":"d",'
        b'"shift_id":"s","plan_revision":1,"location":{"lat_deg":1,"lon_deg":1},'
        b'"free_at":"2026-03-02T12:00:00Z","judged_at":' + far + b"}"
    )

    (first,) = read(record(command, COMMANDS), Command)
    (second,) = read(record(progress, PROGRESS), VehicleProgress)

    assert isinstance(first, DeadLetter)
    assert "issued_at" in first.reason
    assert isinstance(second, DeadLetter)
    assert "judged_at" in second.reason


def test_a_parcel_of_a_thousand_tonnes_is_no_parcel() -> None:
    order = OrderEvent(
        event_id=UUID(int=1),
        source="shop",
        received_at=NOON,
        order_id="o",
        depot_id="d",
        kind=OrderKind.PLACED,
        ordered_at=NOON,
    )
    data = encode(order).replace(b'"kind"', b'"packages":[{"package_id":"p","weight_kg":1e300}],"kind"')

    (found,) = read(record(data, ORDERS), OrderEvent)

    assert isinstance(found, DeadLetter)
    assert "weight_kg" in found.reason


def test_no_field_of_an_event_lies_before_1970() -> None:
    order = OrderEvent(
        event_id=UUID(int=1),
        source="shop",
        received_at=NOON,
        order_id="o1",
        depot_id="d1",
        kind=OrderKind.PLACED,
        ordered_at=NOON,
        promised_from=datetime(1969, 12, 31, 23, 59, tzinfo=UTC),
    )

    (found,) = read(record(encode(order), ORDERS), OrderEvent)

    assert reason(found) == "promised_from lies before 1970: 1969-12-31T23:59:00+00:00"
