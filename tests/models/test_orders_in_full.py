"""A day of orders: in full, early, rescheduled, retried; and which customers stand by themselves."""

import pytest
from msgspec.structs import replace

from streams.events.delivery import OrderEvent, OrderKind, ScanEvent, ScanKind
from tests.models.events import DAY, at, order, scan, tick
from tests.models.given import Lake, Warehouse, customer
from tests.models.test_on_time import counts

DELIVERED, FAILED = ScanKind.DELIVERED, ScanKind.FAILED


def of_customer(placed: OrderEvent, customer_ref: str) -> OrderEvent:
    return replace(placed, customer_ref=customer_ref)


def parcels(scanned: ScanEvent, *package_ids: str) -> ScanEvent:
    return replace(scanned, package_ids=package_ids)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    lake = Lake(tmp_path_factory.mktemp("orders") / "lake")
    lake.land(
        of_customer(order("whole", opens="10:00", until="12:00", packages=2), "big"),
        parcels(scan(DELIVERED, "11:00", "whole"), "whole-0", "whole-1"),
        of_customer(order("part", opens="10:00", until="12:00", packages=2), "big"),
        parcels(scan(DELIVERED, "11:00", "part"), "part-0"),
        of_customer(order("second_too_late", until="12:00", packages=2), "big"),
        parcels(scan(DELIVERED, "11:00", "second_too_late"), "second_too_late-0"),
        parcels(scan(DELIVERED, "13:00", "second_too_late", attempt=2), "second_too_late-1"),
        of_customer(order("early", opens="10:00", until="11:00", packages=1), "big"),
        scan(DELIVERED, "09:00", "early"),
        of_customer(order("moved", until="12:00"), "big"),
        of_customer(order("moved", until="17:00", kind=OrderKind.RESCHEDULED, ordered=at("09:00")), "big"),
        scan(FAILED, "11:00", "moved"),
        scan(DELIVERED, "15:00", "moved", attempt=2),
        of_customer(order("small", opens="08:00", until="16:00"), "door"),
    )
    lake.land(tick("18:00"))
    return Warehouse(lake.root).build(DAY)


def test_all_promises_of_the_models_hold(day: Warehouse) -> None:
    assert day.broken_tests() == []


def test_in_full_is_every_package_by_the_end_of_the_promise(day: Warehouse) -> None:
    rows = day.rows("select order_id from marts.orders where is_on_time_in_full order by 1")

    assert rows == [("early",), ("whole",)]
    assert day.kpi("on_time_in_full_rate") == counts(2, 6, unknown=1)
    assert day.kpi("on_time_rate") == counts(4, 6, unknown=1)


def test_the_current_promise_is_reported_beside_the_original_one(day: Warehouse) -> None:
    assert day.kpi("on_time_rate_current_promise") == counts(5, 6, unknown=1)


def test_early_is_over_the_promises_that_have_an_opening(day: Warehouse) -> None:
    assert day.kpi("early_rate") == counts(1, 4, excluded=2, unknown=1)


def test_a_second_attempt_makes_a_redelivery_of_the_first_ones_day(day: Warehouse) -> None:
    assert day.kpi("redelivery_rate") == counts(2, 5)
    assert day.kpi("attempts_per_delivered_order") == counts(6, 5)


def test_a_customer_with_five_orders_stands_by_itself_and_the_others_together(day: Warehouse) -> None:
    assert day.kpi("on_time_rate", "customer", customer("big")) == counts(4, 5)
    assert day.kpi("on_time_rate", "customer", "others") == counts(0, 1, unknown=1)


def test_windows_are_told_apart_by_their_width(day: Warehouse) -> None:
    rows = day.rows(
        "select segment_value, denominator from marts.kpi_daily "
        "where kpi_id = 'on_time_rate' and segment = 'window_width' order by 1"
    )

    assert rows == [("none", 2), ("over 4 h", 1), ("up to 1 h", 1), ("up to 2 h", 2)]


def test_attempts_are_told_apart_by_their_number(day: Warehouse) -> None:
    rows = day.rows(
        "select segment_value, numerator, denominator from marts.kpi_daily "
        "where kpi_id = 'failed_delivery_rate' and segment = 'attempt_number' order by 1"
    )

    assert rows == [("1", 1, 5), ("2", 0, 2)]
