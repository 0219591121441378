"""A day on which nothing happened, and a product that nobody has fed yet."""

import pytest

from tests.e2e.product import Product

pytestmark = [pytest.mark.e2e, pytest.mark.kafka]


def test_a_day_without_orders_has_kpis_without_value_over_a_denominator_of_zero(product: Product) -> None:
    product.run("land", "--once")
    product.run("build", "--from=2026-10-13", "--to=2026-10-13")

    rows, table = product.kpis("--date=2026-10-13"), product.run("kpis", "--date=2026-10-13")

    assert {"on_time_rate", "failed_delivery_rate", "cost_per_mile"} <= {row["kpi_id"] for row in rows}
    assert {(row["value"], row["denominator"]) for row in rows} == {(None, 0)}
    assert "–" in table


def test_kpis_before_any_build_say_what_to_run(product: Product) -> None:
    said = product.run("kpis", expect=2)

    assert said == ""
