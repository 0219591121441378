import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.errors import ContractError
from streams.codec import encode
from streams.events.base import Event
from streams.events.telematics import GpsFix, HarshKind, Telemetry
from streams.judge import DeadLetter, Record
from streams.topics import GPS_FIXES, TELEMETRY
from streams.traccar.adapter import to_events
from streams.validate import read
from tests.factories import at
from tests.streams.traccar.messages import message

APPENDED = at("09:00:03")
PAGE = Path(__file__).parents[3] / "docs" / "traccar.md"


def nobody_knows(device_id: str, moment: datetime) -> str | None:
    return None


def events(data: bytes) -> list[GpsFix | Telemetry]:
    return to_events(data, nobody_knows, APPENDED).events


def refused(data: bytes) -> str:
    return str(to_events(data, nobody_knows, APPENDED).refused)


def fix(data: bytes) -> GpsFix:
    (found,) = (event for event in events(data) if isinstance(event, GpsFix))
    return found


def telemetry(data: bytes) -> Telemetry:
    (found,) = (event for event in events(data) if isinstance(event, Telemetry))
    return found


def test_a_position_is_a_fix_in_our_units() -> None:
    found = fix(
        message(speed=10.0, course=90.0, accuracy=7.5, attributes={"ignition": True, "odometer": 5e6})
    )

    assert (found.fix_at, found.received_at) == (at("09:00"), at("09:00:02"))
    assert found.speed_mps == pytest.approx(5.14444, abs=1e-5)
    assert (found.heading_deg, found.accuracy_m) == (90.0, 7.5)
    assert (found.ignition_on, found.odometer_m) == (True, 5e6)
    assert (found.device_id, found.vehicle_id, found.source) == (
        "350000000000012",
        "350000000000012",
        "traccar.teltonika",
    )


def test_an_accuracy_of_zero_is_one_that_nobody_knows() -> None:
    assert fix(message(accuracy=0.0)).accuracy_m is None


def test_attributes_that_a_fix_has_no_place_for_are_telemetry() -> None:
    found = telemetry(
        message(
            attributes={"fuelUsed": 812.5, "rpm": 1900, "dtcs": "P0301 P0420", "alarm": "hardBraking,tow"}
        )
    )

    assert (found.fuel_used_l, found.engine_rpm) == (812.5, 1900.0)
    assert found.fault_codes == ("P0301", "P0420")
    assert [each.kind for each in found.harsh_events] == [HarshKind.BRAKING]
    assert found.measured_at == at("09:00:01")


def test_a_position_with_nothing_but_a_fix_is_one_event() -> None:
    assert [type(event) for event in events(message(attributes={"ignition": True, "motion": True}))] == [
        GpsFix
    ]


@pytest.mark.parametrize("sign", [{"outdated": True}, {"valid": False}])
def test_a_place_that_is_not_of_now_is_no_fix_but_a_sign_of_life(sign: dict[str, object]) -> None:
    found = events(message(speed=20.0, **sign))

    assert [type(event) for event in found] == [Telemetry]
    assert isinstance(found[0], Telemetry)
    assert found[0].speed_mps is None


def test_the_vehicle_is_the_one_that_the_device_was_fitted_to_when_it_measured() -> None:
    def vehicle_of(device_id: str, moment: datetime) -> str | None:
        assert device_id == "350000000000012"
        return "van-1" if moment == at("09:00") else "van-2"

    found = to_events(message(attributes={"rpm": 900}), vehicle_of, APPENDED).events

    assert [event.vehicle_id for event in found] == ["van-1", "van-2"]
    assert [event.device_id for event in found] == ["350000000000012"] * 2


def test_figures_and_booleans_in_quotes_are_read() -> None:
    assert fix(message(attributes={"ignition": "true", "odometer": "12"})).odometer_m == 12.0


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "the value is empty"),
        (b"[]", "must be an object"),
        (b"nonsense", "it is not JSON"),
        (b"{}", "the field position is missing"),
        (message(latitude=95.0), "lat_deg is 95.0"),
        (message(latitude="north"), 'position.latitude is "north"; it must be a number'),
        (message(fixTime=None), "position.fixTime is missing"),
        (message(fixTime="2026-03-02 09:00"), "position.fixTime is"),
        (message(fixTime="2026-03-04T09:00:00Z"), "more than a day ahead"),
        (message(speed=-1.0), "speed_mps is"),
        (message(unique_id=""), "device.uniqueId is"),
        (message(attributes=["rpm"]), "position.attributes"),
        (message(valid=False, deviceTime="2026-03-04T09:00:00Z"), "more than a day ahead"),
    ],
)
def test_what_can_not_be_an_event_is_refused_with_its_field(data: bytes, why: str) -> None:
    with pytest.raises(ContractError, match=re.escape(why)):
        events(data)


WRONG = message(attributes={"odometer": -5})


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (WRONG[: WRONG.index(b'"uniqueId"')], "it is not JSON"),
        (WRONG.replace(b'"device":', b'"fitted":'), "the field device is missing"),
        (WRONG.replace(b'"deviceId"', b'"attributes": {}, "deviceId"'), "attributes.odometer is"),
        (WRONG.replace(b'"deviceId"', b'"attributes": null, "deviceId"'), "attributes.odometer is"),
        (WRONG.replace(b'"deviceId"', b'"attributes": 7, "deviceId"'), "must be an object"),
        (WRONG.replace(b'"device":', b'"position": {}, "device":'), "attributes.odometer is"),
    ],
)
def test_a_wrong_attribute_of_a_message_that_is_broken_elsewhere_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(ContractError, match=re.escape(why)):
        events(data)


@given(st.integers(0, len(WRONG) - 1))
def test_however_a_message_with_a_wrong_attribute_is_cut_it_is_refused(length: int) -> None:
    with pytest.raises(ContractError):
        events(WRONG[:length])


@pytest.mark.parametrize("name", ["rpm", "fuelUsed", "odometer"])
@pytest.mark.parametrize("wrong", [-5, "fast", {}])
def test_a_wrong_attribute_costs_neither_the_position_nor_the_other_attributes(
    name: str, wrong: object
) -> None:
    data = message(attributes={"ignition": True, "dtcs": "P0301", name: wrong})

    assert fix(data).ignition_on is True
    assert telemetry(data).fault_codes == ("P0301",)
    assert refused(data).startswith(f"left out of the position: position.attributes.{name} is ")


def test_each_wrong_attribute_is_named() -> None:
    data = message(attributes={"rpm": -5, "odometer": "far", "fuelUsed": 7.0})

    assert (fix(data).odometer_m, telemetry(data).fuel_used_l) == (None, 7.0)
    assert "attributes.rpm is -5" in refused(data)
    assert 'attributes.odometer is "far"' in refused(data)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (message(deviceTime="2026-03-04T09:00:00Z", attributes={"rpm": 900}), "more than a day ahead"),
        (message(attributes={"rpm": 900, "dtcs": "P" * 300}), "fault_codes"),
    ],
)
def test_telemetry_that_can_not_be_an_event_does_not_cost_the_position(wrong: bytes, why: str) -> None:
    assert [type(event) for event in events(wrong)] == [GpsFix]
    assert why in refused(wrong)


def test_of_a_good_message_nothing_is_refused() -> None:
    assert to_events(message(attributes={"rpm": 900}), nobody_knows, APPENDED).refused is None


ATTRIBUTES = st.fixed_dictionaries(
    {},
    optional={
        "ignition": st.booleans(),
        "odometer": st.floats(0, 1e9),
        "rpm": st.integers(0, 9000),
        "fuelUsed": st.floats(0, 1e6),
        "alarm": st.sampled_from(["hardBraking", "hardCornering,tow", "sos"]),
        "dtcs": st.sampled_from(["", "P0301", "P0301,P0420"]),
        "batteryLevel": st.integers(0, 100),
        "hours": st.integers(0, 10**12),
    },
)
MESSAGES = st.builds(
    message,
    unique_id=st.text("0123456789", min_size=1, max_size=15),
    attributes=ATTRIBUTES,
    latitude=st.floats(-90, 90),
    longitude=st.floats(-180, 180),
    speed=st.floats(0, 200),
    course=st.floats(0, 360),
    accuracy=st.floats(0, 5000),
    valid=st.booleans(),
    outdated=st.booleans(),
)


@given(MESSAGES)
def test_every_good_message_makes_events_that_the_judges_accept(data: bytes) -> None:
    found = events(data)

    assert found
    for event in found:
        topic, event_type = (GPS_FIXES, GpsFix) if isinstance(event, GpsFix) else (TELEMETRY, Telemetry)
        key = event.vehicle_id.encode()
        record = Record(topic.name, 0, 0, int(APPENDED.timestamp() * 1000), key, encode(event))
        assert not any(isinstance(each, DeadLetter) for each in read(record, event_type))


@given(MESSAGES, st.sampled_from([None, "van-1"]))
def test_the_same_message_makes_the_same_ids_whoever_the_device_is_fitted_to(
    data: bytes, vehicle_id: str | None
) -> None:
    again = to_events(data, lambda device_id, moment: vehicle_id, at("09:30")).events

    assert ids(again) == ids(events(data))


@given(st.lists(MESSAGES, min_size=2, max_size=4, unique_by=lambda data: json.dumps(json.loads(data))))
def test_no_two_events_that_differ_share_an_id(batch: list[bytes]) -> None:
    found = {encode(event) for data in batch for event in events(data)}

    assert len({json.loads(event)["event_id"] for event in found}) == len(found)


@given(st.binary(max_size=300) | MESSAGES.map(lambda data: data[: len(data) // 2]))
def test_rubbish_is_refused_and_never_anything_else(data: bytes) -> None:
    with pytest.raises(ContractError):
        events(data)


def test_the_sample_in_the_docs_makes_the_events_that_the_docs_say() -> None:
    sample, *said = re.findall(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    appended = datetime(2026, 3, 2, 8, 15, 40, tzinfo=UTC)

    found = to_events(sample.encode(), lambda device_id, moment: "van-7", appended).events

    assert [json.loads(encode(event)) for event in found] == [json.loads(each) for each in said]


def ids(found: list[GpsFix | Telemetry]) -> list[str]:
    return [str(event.event_id) for event in found if isinstance(event, Event)]
