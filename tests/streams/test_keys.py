from unittest.mock import create_autospec
from uuid import UUID

import pytest

from routing.errors import ContractError
from streams.events.delivery import ScanEvent, ScanKind
from streams.events.judgements import Verdict, VerdictKind
from streams.events.reference import DeviceRecord, ShiftRecord
from streams.keys import ensure_key, key_of, partition_key_of
from streams.topics import TICKS, TOPICS, Topic
from streams.worker.ticks import tick
from tests.factories import DAY, at
from tests.streams.dispatch.world import command, delay, order


def scan(vehicle_id: str | None, carrier_id: str | None) -> ScanEvent:
    return ScanEvent(
        event_id=UUID(int=1),
        source="scanner",
        received_at=at("09:00"),
        kind=ScanKind.ARRIVED,
        scanned_at=at("09:00"),
        vehicle_id=vehicle_id,
        carrier_id=carrier_id,
    )


def test_the_key_is_that_of_the_thing_an_event_is_about() -> None:
    shift = ShiftRecord(
        event_id=UUID(int=1),
        source="roster",
        effective_at=at("00:00"),
        shift_id="A",
        depot_id="D1",
        service_date=DAY,
        vehicle_id="v-A",
        driver_id="ada",
        starts_at=at("08:00"),
        ends_at=at("16:00"),
    )
    verdict = Verdict(
        event_id=UUID(int=1),
        source="doorstep.fleet",
        topic="gps.fixes",
        partition=2,
        offset=7,
        index=1,
        kind=VerdictKind.REPEAT,
        rule="same_fix_time",
        judged_event_id="x",
    )

    keys = [key_of(event) for event in (order(), command(), delay(), shift, verdict)]

    assert keys == ["D1", "D1", "D1", "A", "gps.fixes,2,7,1"]


def test_a_scan_goes_by_its_vehicle_else_by_its_carrier() -> None:
    assert key_of(scan("v1", "c1")) == "v1"
    assert key_of(scan(None, "c1")) == "c1"


def test_a_record_under_another_key_or_none_is_refused_naming_the_field() -> None:
    with pytest.raises(ContractError, match=r"^key c1 but vehicle_id v1$"):
        ensure_key(scan("v1", "c1"), b"c1")
    with pytest.raises(ContractError, match=r"^the record has no key; it must be the carrier_id, c1$"):
        ensure_key(scan(None, "c1"), None)


def test_a_device_and_a_shift_go_to_the_partition_of_their_vehicle() -> None:
    device = DeviceRecord(
        event_id=UUID(int=1), source="s", effective_at=at("12:00"), device_id="t1", vehicle_id="v1"
    )

    assert partition_key_of(device) == "v1"
    assert partition_key_of(tick(0, at("09:00"))) is None


def test_a_tick_has_no_key() -> None:
    ensure_key(tick(0, at("09:00")), None)

    with pytest.raises(ValueError, match="ClockTick has no key"):
        key_of(tick(0, at("09:00")))


@pytest.mark.parametrize(
    "topic", [topic for topic in TOPICS if topic.event and topic is not TICKS], ids=lambda topic: topic.name
)
def test_every_topics_records_are_held_to_their_key(topic: Topic) -> None:
    assert topic.event is not None
    event = create_autospec(topic.event, instance=True)

    with pytest.raises(ContractError, match="the record has no key"):
        ensure_key(event, None)
