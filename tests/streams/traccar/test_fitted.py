from uuid import uuid4

from streams.events.reference import DeviceRecord
from streams.traccar.fitted import Fitted
from tests.factories import at


def fitted(*records: tuple[str, str, str]) -> Fitted:
    """Device, vehicle, since when."""
    table = Fitted()
    for device_id, vehicle_id, clock in records:
        record = DeviceRecord(
            event_id=uuid4(),
            source="test",
            device_id=device_id,
            vehicle_id=vehicle_id,
            effective_at=at(clock),
        )
        table.take(record)
    return table


def test_a_device_is_in_the_vehicle_that_it_was_fitted_to_last() -> None:
    #        08:00        10:00
    #  d1 ---- van-1 ------ van-2 ----
    table = fitted(("d1", "van-2", "10:00"), ("d1", "van-1", "08:00"))

    assert table.vehicle_of("d1", at("07:59")) is None
    assert table.vehicle_of("d1", at("08:00")) == "van-1"
    assert table.vehicle_of("d1", at("09:59")) == "van-1"
    assert table.vehicle_of("d1", at("10:00")) == "van-2"
    assert table.vehicle_of("d2", at("10:00")) is None


def test_of_two_records_from_one_moment_the_later_word_counts() -> None:
    table = fitted(("d1", "van-9", "08:00"), ("d1", "van-1", "08:00"))

    assert table.vehicle_of("d1", at("09:00")) == "van-1"
