"""What the report takes from the marts that operators act on."""

from datetime import date
from pathlib import Path

import pytest

from pipelines.report.operating import DEAREST_ZONES, read_operating
from streams.events.delivery import ScanKind
from tests.models.conftest import Build
from tests.models.events import order, rate, scan, tick
from tests.models.test_carriers_and_zones import home, spread, tour, tried


def test_the_report_reads_carriers_odds_dear_zones_and_sites(given: Build) -> None:
    far = [(52.68 + number * 0.001, 13.4) for number in range(40)]
    warehouse = given(
        home(),
        rate(overhead_per_route=60, per_km=1),
        *spread("van", far),
        *spread("near", [(52.53, 13.4), (52.51, 13.4)]),
        *tour("dear", litres=0),
        *tried("dear", "lost", ScanKind.FAILED, where=(52.55, 13.4)),
        scan(ScanKind.DELIVERED, "09:20", "lost", attempt=2, vehicle_id="dear", shift_id="dear"),
        order("unheard"),
        tick("20:00"),
    )

    read = read_operating(warehouse.whole().connection, Path("kpi.duckdb"))

    (own, unknown) = read.carriers
    assert (own.carrier_model, own.routes, own.attempts, own.due_orders) == ("own_fleet", 3, 44, 43)
    ((way_cost,),) = warehouse.rows("select sum(distance_cost)::double from marts.routes")
    assert own.cost_per_delivery == pytest.approx((3 * 60 + float(str(way_cost))) / 43)
    assert (unknown.carrier_model, unknown.on_time_rate, unknown.cost_per_delivery) == ("unknown", 0, None)
    (everything, first, of_hour, of_zone) = read.odds
    assert [everything.of, first.of, of_hour.of] == ["all attempts", "attempt 1", "09 to 10 h"]
    assert of_zone.of.startswith("zone ")
    assert read.odds_dates == (date(2026, 3, 2), date(2026, 3, 2))
    assert everything.rate_low < everything.failed_rate == 1 / 44 < everything.rate_high
    (dear,) = read.dear_zones
    # Itself, the two that share a tour, and the last cell of the far ones.
    assert read.all_dear_zones == 1
    assert (dear.costed_deliveries, dear.zones_of_density, dear.is_enough) == (1, 4, False)
    assert dear.excess_cost == pytest.approx(dear.cost_per_delivery / 2, rel=0.01)
    nets = [site.net_km_per_day for site in read.sites]
    assert nets == sorted(nets, reverse=True)
    assert nets[-1] > 0


def test_dear_zones_are_ranked_within_their_currency(given: Build) -> None:
    """Twelve zones in yen, a thousand times as dear in figures, do not crowd out the one in euros."""
    warehouse = given(home()).whole()
    warehouse.connection.execute(
        "create or replace table marts.zone_costs as select 'd' as depot_id, 'z' || n as zone, "
        "if(n = 0, 'EUR', 'JPY') as currency, 30 as deliveries, 30 as costed_deliveries, "
        "9.0 as cost_per_delivery, 6.0 as median_of_density, 4 as zones_of_density, "
        "if(n = 0, 3.0, 1000.0 * n) as excess_cost, true as is_enough, true as is_high_cost "
        "from range(13) as numbers(n)"
    )

    read = read_operating(warehouse.connection, Path("kpi.duckdb"))

    assert [each.currency for each in read.dear_zones] == ["EUR", *["JPY"] * DEAREST_ZONES]
    assert read.dear_zones[1].excess_cost == 12_000
    assert read.all_dear_zones == 13
