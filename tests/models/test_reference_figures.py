"""Figures that were computed outside of the project, over real data, through the models alone."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

from streams.events.base import derived_id
from streams.events.delivery import OrderEvent, OrderKind, ScanEvent, ScanKind
from streams.events.judgements import Verdict, VerdictKind
from streams.events.telematics import GpsFix
from tests.models.given import Lake, Warehouse
from tests.models.test_on_time import counts

CHICAGO = ZoneInfo("America/Chicago")
MPH = 0.44704


def madison_fixes(path: Path) -> list[GpsFix]:
    pings = sorted(pq.read_table(path).to_pylist(), key=lambda ping: ping["received_at"])
    return [
        GpsFix(
            event_id=derived_id("ping", number),
            source="madison",
            received_at=ping["received_at"].replace(tzinfo=CHICAGO),
            vehicle_id=ping["vehicle_id"],
            fix_at=ping["fix_time_local"].replace(tzinfo=CHICAGO),
            lat_deg=ping["lat"],
            lon_deg=ping["lon"],
            speed_mps=ping["speed_mph"] * MPH,
        )
        for number, ping in enumerate(pings)
    ]


def verdicts_on(fixes: list[GpsFix]) -> list[Verdict]:
    """What the fleet judge says of these fixes, by the rules that the figures were computed under."""
    seen: set[tuple[str, datetime]] = set()
    found = []
    for offset, fix in enumerate(fixes):
        if (fix.vehicle_id, fix.fix_at) in seen:
            found.append((offset, fix, VerdictKind.REPEAT, "same_fix_time"))
        seen.add((fix.vehicle_id, fix.fix_at))
        if fix.speed_mps is not None and fix.speed_mps > 80 * MPH:
            found.append((offset, fix, VerdictKind.FLAGGED, "over_speed_limit"))
        if fix.fix_at > fix.received_at:
            found.append((offset, fix, VerdictKind.CLOCK_CORRECTED, "clock_ahead"))
    return [
        Verdict(
            event_id=derived_id("verdict", offset, rule),
            source="judge",
            topic="gps.fixes",
            partition=0,
            offset=offset,
            index=0,
            kind=kind,
            rule=rule,
            judged_event_id=str(fix.event_id),
            corrected_at=fix.received_at if rule == "clock_ahead" else None,
        )
        for offset, fix, kind, rule in found
    ]


def test_every_ping_of_a_real_bus_fleet_is_accounted_for(shared_data: Path, lake: Lake) -> None:
    fixes = madison_fixes(shared_data / "madison_bus" / "pings_2025-09_to_10.parquet")
    lake.land(*fixes[:50_000])
    lake.land(*fixes[50_000:])
    lake.land(*verdicts_on(fixes))

    warehouse = Warehouse(lake.root, "America/Chicago").build("2025-09-01", "2025-10-31")

    assert warehouse.rows(
        "select outcome, sum(messages)::int from marts.fix_accounting group by 1 order by 1"
    ) == [
        ("accepted", 97_430),
        ("repeat", 349),
    ]
    assert warehouse.rows("select rule, sum(fixes)::int from marts.fix_flags group by 1 order by 1") == [
        ("clock_ahead", 156),
        ("over_speed_limit", 126),
        ("same_fix_time", 349),
    ]
    ((vehicles, legs, gaps, driven_km),) = warehouse.rows(
        "select count(distinct vehicle_id), count_if(not is_gap), count_if(is_gap), "
        "sum(distance_m) filter (not is_gap) / 1000 from intermediate.int_legs"
    )
    assert (vehicles, legs, gaps) == (172, 94_405, 2_853)
    assert driven_km == pytest.approx(97_794.1, abs=0.05)
    assert warehouse.rows("select sum(gps_m) / 1000 from marts.routes")[0][0] == pytest.approx(
        97_794.1, abs=0.05
    )
    assert warehouse.broken_tests() == []


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def placed(row: dict[str, str]) -> OrderEvent:
    until = instant(row["order_estimated_delivery_date"])
    return OrderEvent(
        event_id=derived_id("placed", row["order_id"]),
        source="olist",
        received_at=instant(row["order_purchase_timestamp"]),
        order_id=row["order_id"],
        depot_id="olist",
        kind=OrderKind.PLACED,
        ordered_at=instant(row["order_purchase_timestamp"]),
        promised_until=until,
        promised_day=until.date(),
    )


def delivered(row: dict[str, str]) -> ScanEvent:
    scanned_at = instant(row["order_delivered_customer_date"])
    return ScanEvent(
        event_id=derived_id("delivered", row["order_id"]),
        source="olist",
        received_at=scanned_at,
        kind=ScanKind.DELIVERED,
        scanned_at=scanned_at,
        carrier_id="olist",
        order_id=row["order_id"],
    )


def test_on_time_rates_of_a_thousand_real_orders(shared_data: Path, lake: Lake) -> None:
    with (shared_data / "olist" / "olist_orders_dataset.csv").open() as file:
        rows = list(csv.DictReader(file))
    lake.land(*(placed(row) for row in rows))
    lake.land(*(delivered(row) for row in rows if row["order_delivered_customer_date"]))

    warehouse = Warehouse(lake.root).build("2016-09-01", "2018-12-31")

    # As of the last delivery, 15 promises were not due yet; of 21 due orders nothing was heard.
    assert warehouse.kpi("on_time_rate") == counts(889, 985, excluded=15, unknown=21)
    assert warehouse.kpi("on_time_rate_delivered_only") == counts(904, 979, excluded=21)
    assert warehouse.kpi("on_time_rate_by_date") == counts(917, 979, excluded=21)
    carriers = (
        "sum(due_orders)::int, sum(on_time_orders)::int, sum(unheard_orders)::int, sum(delivered_orders)::int"
    )
    assert warehouse.rows(f"select {carriers}, sum(costed_orders)::int from marts.carrier_comparison") == [
        (985, 889, 21, 979, 0)
    ]
    dates = [
        instant(row["order_delivered_customer_date"]).date()
        for row in rows
        if row["order_delivered_customer_date"]
    ]
    recent = sum(day > max(dates) - timedelta(days=90) for day in dates)
    assert warehouse.rows(
        "select attempts, zone, attempt from marts.failure_odds where counted_by = 'zone'"
    ) == [(recent, "unknown", "all")]
    assert warehouse.broken_tests() == []
