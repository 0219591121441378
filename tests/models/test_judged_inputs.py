"""Scans and telemetry count as they were judged, and the clock of the KPIs is a sensible one."""

from datetime import UTC, datetime

from streams.events.base import Event
from streams.events.delivery import ScanKind
from streams.events.judgements import Verdict, VerdictKind
from tests.models.conftest import Build
from tests.models.events import at, fix, fresh_id, order, scan, telemetry, tick
from tests.models.given import Lake, Warehouse
from tests.models.test_on_time import counts

DELIVERED = ScanKind.DELIVERED


def verdict_on(judged: Event, topic: str, kind: VerdictKind, corrected_at: datetime | None = None) -> Verdict:
    return Verdict(
        event_id=fresh_id(),
        source="test",
        topic=topic,
        partition=0,
        offset=0,
        index=0,
        kind=kind,
        rule="test",
        judged_event_id=str(judged.event_id),
        corrected_at=corrected_at,
    )


def test_a_scan_that_was_not_judged_delivers_nothing(given: Build) -> None:
    delivered = scan(DELIVERED, "11:00")

    warehouse = given(
        order(), delivered, verdict_on(delivered, "delivery.scans", VerdictKind.NOT_JUDGED), tick("18:00")
    )

    assert warehouse.rows("select outcome from staging.stg_scans") == [("not_judged",)]
    assert warehouse.kpi("failed_delivery_rate") == counts(0, 0)
    assert warehouse.kpi("on_time_rate") == counts(0, 1, unknown=1)


def test_a_scan_with_a_corrected_clock_counts_at_the_corrected_time(given: Build) -> None:
    delivered = scan(DELIVERED, "13:00")
    corrected = verdict_on(delivered, "delivery.scans", VerdictKind.CLOCK_CORRECTED, at("11:00"))

    warehouse = given(order(until="12:00"), delivered, corrected, tick("18:00"))

    assert warehouse.kpi("on_time_rate") == counts(1, 1)


def test_telemetry_that_was_not_judged_makes_no_step(given: Build) -> None:
    absurd = telemetry("09:00", odometer_m=1)

    warehouse = given(
        absurd,
        telemetry("09:10", odometer_m=500_000),
        telemetry("09:20", odometer_m=501_000),
        verdict_on(absurd, "vehicle.telemetry", VerdictKind.NOT_JUDGED),
    )

    assert warehouse.rows("select sum(distance_m) from intermediate.int_counter_steps") == [(1000.0,)]


def test_a_receipt_from_tomorrow_does_not_move_the_clock(lake: Lake) -> None:
    lake.land(order(until="20:00"), fix("09:00", received="18:30"), appended_at=at("10:00"))

    warehouse = Warehouse(lake.root).build("2026-03-02")

    assert warehouse.rows("select as_of from intermediate.int_as_of") == [
        (datetime(2026, 3, 2, 10, tzinfo=UTC),)
    ]
