"""KPIs of attempts: failures, first attempts, windows."""

from streams.events.delivery import OrderKind, ScanKind
from streams.events.judgements import VisitPhase
from tests.models.conftest import Build
from tests.models.events import at, order, scan, tick, visit
from tests.models.test_on_time import counts

DELIVERED, FAILED, ARRIVED = ScanKind.DELIVERED, ScanKind.FAILED, ScanKind.ARRIVED


def test_a_retried_order_counts_once_for_each_attempt(given: Build) -> None:
    warehouse = given(
        order("retried"),
        order("easy"),
        scan(FAILED, "10:00", "retried", attempt=1),
        scan(DELIVERED, "15:00", "retried", attempt=2),
        scan(DELIVERED, "10:30", "easy"),
    )

    assert warehouse.kpi("failed_delivery_rate") == counts(1, 3)


def test_first_attempt_success_is_over_orders_first_attempted(given: Build) -> None:
    warehouse = given(
        order("retried"),
        order("easy"),
        order("never_attempted"),
        scan(FAILED, "10:00", "retried", attempt=1),
        scan(DELIVERED, "15:00", "retried", attempt=2),
        scan(DELIVERED, "10:30", "easy"),
    )

    assert warehouse.kpi("first_attempt_success_rate") == counts(1, 2)


def test_an_order_whose_first_attempt_nobody_saw_is_unknown(given: Build) -> None:
    warehouse = given(order(), scan(DELIVERED, "10:00", attempt=2))

    assert warehouse.kpi("first_attempt_success_rate") == counts(0, 0, unknown=1)


def test_scanners_that_do_not_count_make_an_attempt_after_half_an_hour(given: Build) -> None:
    warehouse = given(
        order(),
        scan(FAILED, "10:00", attempt=None),
        scan(FAILED, "10:30", attempt=None),
        scan(DELIVERED, "11:01", attempt=None),
    )

    assert warehouse.rows("select attempt_number, outcome from marts.attempts order by 1") == [
        (1, "failed"),
        (2, "delivered"),
    ]


def test_a_window_is_kept_by_the_arrival_not_by_the_scan(given: Build) -> None:
    # window      10:00 ─────────── 11:00
    # arrival               10:58
    # delivered                          11:05
    warehouse = given(
        order(opens="10:00", until="11:00"),
        visit("10:58", "stop-o1"),
        scan(DELIVERED, "11:05"),
        tick("18:00"),
    )

    assert warehouse.kpi("window_compliance") == counts(1, 1)
    assert warehouse.kpi("on_time_rate") == counts(0, 1)


def test_an_early_arrival_is_outside_the_window(given: Build) -> None:
    warehouse = given(
        order(opens="10:00", until="11:00"), visit("09:59", "stop-o1"), scan(DELIVERED, "10:01")
    )

    assert warehouse.kpi("window_compliance") == counts(0, 1)


def test_an_arrival_that_nobody_saw_is_unknown_and_no_window_is_excluded(given: Build) -> None:
    warehouse = given(
        order("o1", opens="10:00", until="11:00"),
        order("o2", until="11:00"),
        scan(DELIVERED, "10:30", "o1"),
        scan(DELIVERED, "10:40", "o2"),
    )

    assert warehouse.kpi("window_compliance") == counts(0, 0, excluded=1, unknown=1)


def test_an_arrival_scan_tells_the_arrival_too(given: Build) -> None:
    warehouse = given(
        order(opens="10:00", until="11:00"), scan(ARRIVED, "10:20", "o1"), scan(DELIVERED, "11:20")
    )

    assert warehouse.kpi("window_compliance") == counts(1, 1)


def test_the_window_in_force_at_the_attempt_counts(given: Build) -> None:
    warehouse = given(
        order(opens="10:00", until="11:00"),
        visit("10:30", "stop-o1"),
        scan(FAILED, "10:35"),
        order(opens="15:00", until="16:00", kind=OrderKind.RESCHEDULED, ordered=at("12:00")),
    )

    assert warehouse.kpi("window_compliance") == counts(1, 1)


def test_the_last_word_on_a_visit_counts(given: Build) -> None:
    warehouse = given(visit("10:30"), visit("10:20", phase=VisitPhase.CORRECTED))

    rows = warehouse.rows("select visit_id, arrived_at, last_phase from marts.stop_visits")

    assert rows == [("v1", at("10:20"), "corrected")]


def test_a_visit_that_was_withdrawn_is_none(given: Build) -> None:
    warehouse = given(visit("10:30"), visit("10:30", phase=VisitPhase.WITHDRAWN))

    assert warehouse.rows("select * from marts.stop_visits") == []


def test_a_rescheduling_without_a_window_ends_the_old_one(given: Build) -> None:
    warehouse = given(
        order(opens="10:00", until="12:00"),
        order(until="18:00", kind=OrderKind.RESCHEDULED, ordered=at("09:00")),
        scan(ARRIVED, "13:00"),
        scan(DELIVERED, "13:05"),
    )

    assert warehouse.kpi("window_compliance") == counts(0, 0, excluded=1)


def test_a_rescheduling_to_a_day_becomes_the_current_promise(given: Build) -> None:
    warehouse = given(
        order(until="12:00"),
        order(until=None, promised_day="2026-03-04", kind=OrderKind.RESCHEDULED, ordered=at("09:00")),
        scan(DELIVERED, "15:00"),
    )

    rows = warehouse.rows(
        "select current_until, current_day::varchar, is_on_time_for_current_promise from marts.orders"
    )

    assert rows == [(None, "2026-03-04", True)]
