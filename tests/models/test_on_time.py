"""On-time KPIs, given events and expecting figures. The day's clock stands at the last tick."""

import h3
import pytest

from streams.events.delivery import OrderKind, ScanKind
from tests.models.conftest import Build
from tests.models.events import DAY, at, order, scan, tick

DELIVERED, FAILED, LOCKER = ScanKind.DELIVERED, ScanKind.FAILED, ScanKind.LOCKER


def counts(numerator: float, denominator: float, excluded: int = 0, unknown: int = 0) -> dict[str, object]:
    return {
        "numerator": numerator,
        "denominator": denominator,
        "excluded": excluded,
        "unknown": unknown,
    }


def test_overdue_and_failed_orders_stand_in_the_denominator(given: Build) -> None:
    warehouse = given(
        *(order(name, until="12:00") for name in ("in_time", "late", "failed", "overdue")),
        scan(DELIVERED, "11:00", "in_time"),
        scan(DELIVERED, "12:01", "late"),
        scan(FAILED, "11:30", "failed"),
        tick("18:00"),
    )

    assert warehouse.kpi("on_time_rate") == counts(1, 4, unknown=1)
    assert warehouse.kpi("on_time_rate_delivered_only") == counts(1, 2, excluded=2)


def test_a_promise_is_kept_at_its_very_end(given: Build) -> None:
    warehouse = given(order(until="12:00"), scan(DELIVERED, "12:00"), tick("18:00"))

    assert warehouse.kpi("on_time_rate") == counts(1, 1)


def test_an_order_counts_when_its_promise_is_due_and_not_before(given: Build) -> None:
    warehouse = given(
        order("due", until="12:00"),
        order("tonight", until="20:00"),
        scan(DELIVERED, "10:00", "tonight"),
        tick("12:00"),
    )

    assert warehouse.kpi("on_time_rate") == counts(0, 1, excluded=1, unknown=1)


def test_the_first_promise_stays_the_promise_after_a_rescheduling(given: Build) -> None:
    warehouse = given(
        order(until="12:00"),
        order(until="17:00", kind=OrderKind.RESCHEDULED, ordered=at("11:00")),
        scan(DELIVERED, "16:00"),
        tick("18:00"),
    )

    assert warehouse.kpi("on_time_rate") == counts(0, 1)
    assert warehouse.rows("select is_on_time_for_current_promise, delay_s from marts.orders") == [
        (True, 14400.0)
    ]


def test_cancelled_before_it_was_due_is_excluded_and_cancelled_afterwards_is_not(given: Build) -> None:
    warehouse = given(
        order("early", until="12:00"),
        order("early", until=None, kind=OrderKind.CANCELLED, ordered=at("09:00")),
        order("too_late", until="12:00"),
        order("too_late", until=None, kind=OrderKind.CANCELLED, ordered=at("13:00")),
        tick("18:00"),
    )

    assert warehouse.kpi("on_time_rate") == counts(0, 1, excluded=1, unknown=1)


@pytest.mark.parametrize("is_cancelled_first", [True, False])
def test_an_order_cancelled_in_the_moment_it_was_placed_is_cancelled(
    given: Build, is_cancelled_first: bool
) -> None:
    placed = order(until="12:00", ordered=at("08:00"))
    cancelled = order(until=None, kind=OrderKind.CANCELLED, ordered=at("08:00"))

    warehouse = given(*((cancelled, placed) if is_cancelled_first else (placed, cancelled)), tick("18:00"))

    assert warehouse.kpi("on_time_rate") == counts(0, 0, excluded=1)


def test_an_order_without_a_promise_is_excluded(given: Build) -> None:
    warehouse = given(order(until=None), scan(DELIVERED, "11:00"), tick("18:00"))

    assert warehouse.kpi("on_time_rate") == counts(0, 0, excluded=1)


def test_a_parcel_in_a_locker_is_delivered(given: Build) -> None:
    warehouse = given(order(), scan(LOCKER, "11:00"), tick("18:00"))

    assert warehouse.kpi("on_time_rate") == counts(1, 1)


def test_early_is_on_time_and_told_apart(given: Build) -> None:
    warehouse = given(order(opens="10:00", until="12:00"), scan(DELIVERED, "09:00"), tick("18:00"))

    assert warehouse.kpi("on_time_rate") == counts(1, 1)
    assert warehouse.rows("select is_early from marts.orders") == [(True,)]


def test_a_promised_day_is_kept_until_that_day_ends(given: Build) -> None:
    # The source gives the day's midnight as the end: late by timestamp, on time by calendar date.
    warehouse = given(
        order(until="00:00", ordered=at("09:00", "2026-03-01"), promised_day=DAY),
        scan(DELIVERED, "15:00"),
        tick("18:00"),
        first="2026-03-01",
        last=DAY,
    )

    assert warehouse.kpi("on_time_rate_delivered_only") == counts(0, 1)
    assert warehouse.kpi("on_time_rate_by_date") == counts(1, 1)


def test_an_order_delivered_twice_counts_once(given: Build) -> None:
    again = scan(DELIVERED, "11:00")
    warehouse = given(order(), again, again, scan(DELIVERED, "11:05"), tick("18:00"))

    assert warehouse.kpi("on_time_rate") == counts(1, 1)
    assert warehouse.kpi("failed_delivery_rate") == counts(0, 1)


def test_segments_speak_of_zone_hour_vehicle_class_and_driver(given: Build) -> None:
    warehouse = given(order(), order("nowhere", where=None), scan(DELIVERED, "11:00"), tick("18:00"))

    segments = warehouse.rows(
        "select segment, segment_value, numerator, denominator from marts.kpi_daily "
        "where kpi_id = 'on_time_rate' order by all"
    )

    assert ("all", "all", 1, 2) in segments
    assert ("depot", "north", 1, 2) in segments
    assert ("hour", "12", 1, 2) in segments
    assert ("zone", h3.latlng_to_cell(52.5, 13.4, 8), 1, 1) in segments
    assert ("zone", "unknown", 0, 1) in segments
    assert warehouse.broken_tests() == []
