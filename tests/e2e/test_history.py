"""Real histories through the front door: ingest, Kafka, the worker, Parquet, DuckDB.

The figures were computed outside the project; they stand in the README of the shared data.
"""

from pathlib import Path

import duckdb
import pytest

from tests.e2e.product import Product

pytestmark = [pytest.mark.e2e, pytest.mark.kafka]

History = tuple[Product, dict[str, dict[str, object]]]


def query(file: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(file), read_only=True) as database:
        rows: list[tuple[object, ...]] = database.execute(sql).fetchall()
        return rows


def overall(product: Product, kpi_id: str, depot_id: str) -> dict[str, object]:
    rows = product.kpis("--by", "depot")
    return next(row for row in rows if row["kpi_id"] == kpi_id and row["segment_value"] == depot_id)


def test_every_ping_is_accounted_for(history: History) -> None:
    product, said = history

    rows = query(
        product.published, "select outcome, sum(messages) from marts.fix_accounting group by outcome"
    )

    outcomes = {str(outcome): int(str(count)) for outcome, count in rows}
    assert said["madison"]["rows_read"] == 97_779
    assert outcomes == {"accepted": 97_779 - 349, "repeat": 349}


def test_all_vehicles_and_their_kilometres_arrive(history: History) -> None:
    product, _ = history

    [(vehicles, km, segments, gaps)] = query(
        product.warehouse,
        """
        select count(distinct vehicle_id), sum(distance_m) filter (not is_gap) / 1000,
            count(*) filter (not is_gap), count(*) filter (is_gap)
        from intermediate.int_legs
        """,
    )

    assert vehicles == 172
    assert km == pytest.approx(97_794.1, rel=0.001)
    assert (segments, gaps) == (94_405, 2_853)


def test_fixes_ahead_of_their_receipt_and_over_80_mph_are_flagged_and_kept(history: History) -> None:
    product, _ = history

    flags = dict(query(product.published, "select rule, sum(fixes) from marts.fix_flags group by rule"))

    assert flags["clock_ahead"] == 156
    assert flags["over_speed_limit"] == 126


def test_orders_on_time_by_timestamp_by_date_and_of_those_due(history: History) -> None:
    product, _ = history

    by_timestamp = overall(product, "on_time_rate_delivered_only", "olist")
    by_date = overall(product, "on_time_rate_by_date", "olist")
    of_due = overall(product, "on_time_rate", "olist")

    assert (by_timestamp["numerator"], by_timestamp["denominator"]) == (904, 979)
    assert (by_date["numerator"], by_date["denominator"]) == (917, 979)
    # All promises lie before the last event of the two files; 2 of the 1,000 orders were cancelled.
    assert (of_due["numerator"], of_due["denominator"], of_due["excluded"]) == (904, 998, 2)


def test_ingesting_the_same_file_twice_adds_nothing(history: History) -> None:
    product, said = history

    [(orders, scans)] = query(
        product.warehouse,
        "select (select count(*) from staging.stg_orders where depot_id = 'olist' and kind = 'placed'), "
        "(select count(*) from staging.stg_scans where carrier_id = 'olist-partner')",
    )

    assert (orders, scans) == (1_000, 979)
    assert said["olist"]["rows_read"] == 1_000
