"""Cost and CO2e: loaded routes, shared by deliveries, reconciled.

The van of these tests drives due north, 0.1 degree (11,119.5 m) in ten minutes, and back.
"""

from decimal import Decimal

import pytest

from streams.events.base import Event
from streams.events.delivery import ScanKind
from streams.events.reference import EnergyKind
from tests.models.conftest import Build
from tests.models.events import depot, fix, order, rate, scan, shift, telemetry, vehicle, visit
from tests.models.given import Warehouse, driver

DELIVERED, FAILED, DEPARTED = ScanKind.DELIVERED, ScanKind.FAILED, ScanKind.DEPARTED
TENTH_OF_A_DEGREE_M = 11119.5080
MILE_M = 1609.344


def fleet(**money: float) -> tuple[Event, ...]:
    """One depot, one diesel van with a driver, and what it costs."""
    return (depot(), vehicle(), shift(), rate(**money))


def there_and_back() -> tuple[Event, ...]:
    """Out with the parcels by 9:10, home empty by 9:30: two legs of a tenth of a degree."""
    return (
        scan(DEPARTED, "09:00", order_id=None),
        fix("09:00", 52.5),
        fix("09:10", 52.6),
        fix("09:20", 52.6),
        fix("09:30", 52.5),
        visit("09:30", "north", visit_id="home", is_depot=True),
    )


def routes(warehouse: Warehouse, columns: str) -> list[tuple[object, ...]]:
    return warehouse.rows(f"select {columns} from marts.routes where is_driven order by route_id")


def test_a_route_costs_hours_distance_the_day_and_overhead(given: Build) -> None:
    warehouse = given(
        *fleet(driver_per_h=20, per_km=1, per_vehicle_day=30, overhead_per_route=5),
        *there_and_back(),
    )

    assert routes(
        warehouse, "duty_s, driver_cost, vehicle_day_cost, overhead_cost, distance_cost, currency"
    ) == [(1800.0, Decimal("10.0000"), Decimal("30.0000"), Decimal("5.0000"), Decimal("22.2390"), "EUR")]


def test_miles_driven_empty_on_the_way_back_count(given: Build) -> None:
    warehouse = given(*fleet(overhead_per_route=50), *there_and_back())

    cost_per_mile = warehouse.kpi("cost_per_mile")

    assert cost_per_mile["numerator"] == 50
    assert cost_per_mile["denominator"] == pytest.approx(2 * TENTH_OF_A_DEGREE_M / MILE_M, abs=1e-3)


def test_the_odometer_is_believed_before_gps(given: Build) -> None:
    warehouse = given(
        *fleet(per_km=1),
        *there_and_back(),
        telemetry("09:00", odometer_m=500_000),
        telemetry("09:15", odometer_m=514_000),
        telemetry("09:30", odometer_m=528_000),
    )

    assert routes(warehouse, "distance_basis, distance_m, distance_cost, distance_check") == [
        ("odometer", 28_000.0, Decimal("28.0000"), "differ")
    ]


def test_a_counter_that_falls_was_reset_and_counts_nothing(given: Build) -> None:
    warehouse = given(
        *fleet(),
        *there_and_back(),
        telemetry("09:00", odometer_m=500_000),
        telemetry("09:10", odometer_m=510_000),
        telemetry("09:20", odometer_m=0),
        telemetry("09:30", odometer_m=12_000),
    )

    assert routes(warehouse, "distance_m") == [(22_000.0,)]


def test_the_cost_of_a_route_is_shared_by_what_it_delivered(given: Build) -> None:
    warehouse = given(
        *fleet(overhead_per_route=100),
        *there_and_back(),
        *(order(f"o{n}") for n in range(4)),
        *(scan(DELIVERED, f"09:1{n}", f"o{n}") for n in range(3)),
        scan(FAILED, "09:15", "o3"),
    )

    costs = warehouse.rows("select cost from marts.deliveries order by order_id")

    assert warehouse.kpi("cost_per_delivery") == {
        "numerator": 100,
        "denominator": 3,
        "excluded": 0,
        "unknown": 0,
    }
    assert sorted(cost for (cost,) in costs) == [Decimal("33.3333"), Decimal("33.3333"), Decimal("33.3334")]
    assert warehouse.broken_tests() == []


def test_a_route_that_delivered_nothing_stands_as_unallocated_and_reconciles(given: Build) -> None:
    warehouse = given(
        *fleet(overhead_per_route=100),
        vehicle("other"),
        shift("second", "other", "bob"),
        *there_and_back(),
        fix("10:00", 52.5, vehicle_id="other"),
        fix("10:10", 52.6, vehicle_id="other"),
        order(),
        scan(DELIVERED, "09:12"),
    )

    per_delivery = warehouse.kpi("cost_per_delivery")
    unallocated = warehouse.kpi("cost_per_delivery", "zone", "unallocated")

    assert (per_delivery["numerator"], per_delivery["denominator"]) == (200, 1)
    assert (unallocated["numerator"], unallocated["denominator"]) == (100, 0)
    assert warehouse.rows("select sum(total_cost) from marts.routes") == [(Decimal("200.0000"),)]
    assert warehouse.broken_tests() == []


def test_a_rostered_shift_that_was_not_driven_costs_nothing_and_is_excluded(given: Build) -> None:
    warehouse = given(*fleet(overhead_per_route=100))

    assert warehouse.kpi("cost_per_mile") == {"numerator": 0, "denominator": 0, "excluded": 1, "unknown": 0}


def test_what_is_excluded_is_counted_beside_the_currency_of_its_depot(given: Build) -> None:
    warehouse = given(
        *fleet(overhead_per_route=100), vehicle("idle"), shift("idle", "idle"), *there_and_back()
    )

    rows = warehouse.rows(
        "select currency, excluded from marts.kpi_daily where kpi_id = 'cost_per_mile' and segment = 'all'"
    )

    assert rows == [("EUR", 1)]


def test_an_odometer_that_stands_still_says_that_nothing_was_driven(given: Build) -> None:
    warehouse = given(
        *fleet(),
        *there_and_back(),
        telemetry("09:00", odometer_m=500_000),
        telemetry("09:30", odometer_m=500_000),
    )

    assert routes(warehouse, "distance_basis, distance_m") == [("odometer", 0.0)]


def test_a_route_without_a_rate_is_unknown_and_so_are_its_deliveries(given: Build) -> None:
    warehouse = given(depot(), vehicle(), shift(), *there_and_back(), order(), scan(DELIVERED, "09:12"))

    assert warehouse.kpi("cost_per_mile") == {"numerator": 0, "denominator": 0, "excluded": 0, "unknown": 1}
    assert warehouse.kpi("cost_per_delivery")["unknown"] == 1


def test_cost_by_hour_adds_up_to_the_cost_of_the_day(given: Build) -> None:
    warehouse = given(
        *fleet(overhead_per_route=90),
        fix("09:40", 52.5),
        fix("09:50", 52.6),
        fix("10:00", 52.65),
        fix("10:10", 52.7),
    )

    by_hour = warehouse.rows(
        "select segment_value, numerator from marts.kpi_daily "
        "where kpi_id = 'cost_per_mile' and segment = 'hour' order by 1"
    )

    assert by_hour == [("09", 30.0), ("10", 60.0)]


def test_metered_fuel_is_tier_one(given: Build) -> None:
    warehouse = given(
        *fleet(fuel_per_l=2),
        *there_and_back(),
        telemetry("09:00", fuel_used_l=100),
        telemetry("09:30", fuel_used_l=110),
    )

    assert routes(warehouse, "emission_tier, co2e_wtw_kg, co2e_ttw_kg, energy_cost") == [
        (1, 31.8183, 25.7082, Decimal("20.0000"))
    ]


def test_without_a_meter_distance_and_class_are_tier_two(given: Build) -> None:
    warehouse = given(*fleet(), *there_and_back())

    ((tier, wtw_kg),) = routes(warehouse, "emission_tier, co2e_wtw_kg")

    assert tier == 2
    assert wtw_kg == pytest.approx(2 * TENTH_OF_A_DEGREE_M / 1000 * 0.34584, abs=1e-4)


def test_a_class_that_the_table_lacks_is_tier_three(given: Build) -> None:
    warehouse = given(depot(), vehicle(vehicle_class="tricycle"), shift(), *there_and_back())

    assert routes(warehouse, "emission_tier, emission_factor_id") == [(3, "van_average_diesel")]


def test_a_battery_van_emits_nothing_from_tank_to_wheel(given: Build) -> None:
    warehouse = given(
        depot(),
        vehicle(vehicle_class="van_class_iii_battery", energy=EnergyKind.ELECTRIC),
        shift(),
        *there_and_back(),
        telemetry("09:00", energy_used_kwh=1000),
        telemetry("09:30", energy_used_kwh=1010),
    )

    assert routes(warehouse, "emission_tier, co2e_wtw_kg, co2e_ttw_kg") == [(1, 2.454, 0.0)]


def test_a_failed_attempt_raises_the_co2e_of_what_was_delivered(given: Build) -> None:
    warehouse = given(
        *fleet(),
        *there_and_back(),
        telemetry("09:00", fuel_used_l=100),
        telemetry("09:30", fuel_used_l=110),
        order("three_parcels", packages=3),
        order("missed", packages=6),
        scan(DELIVERED, "09:10", "three_parcels"),
        scan(FAILED, "09:20", "missed"),
    )

    assert warehouse.kpi("co2e_per_delivery") == {
        "numerator": 31.8183,
        "denominator": 3,
        "excluded": 0,
        "unknown": 0,
    }
    assert warehouse.kpi("co2e_per_delivery_ttw")["numerator"] == 25.7082


def test_parcels_of_a_carrier_without_a_vehicle_are_unknown(given: Build) -> None:
    warehouse = given(
        order(packages=2),
        scan(DELIVERED, "09:12", vehicle_id=None, shift_id=None, carrier_id="partner"),
    )

    assert warehouse.kpi("co2e_per_delivery") == {
        "numerator": 0,
        "denominator": 0,
        "excluded": 0,
        "unknown": 2,
    }


def test_two_shifts_of_a_van_share_its_day(given: Build) -> None:
    warehouse = given(
        depot(),
        vehicle(),
        rate(per_vehicle_day=30),
        shift("morning", starts="08:00", ends="12:00"),
        shift("evening", driver_id="bob", starts="16:00", ends="20:00"),
        fix("09:00", 52.5),
        fix("09:10", 52.6),
        fix("17:00", 52.6),
        fix("17:10", 52.5),
    )

    assert routes(warehouse, "route_id, driver_id, vehicle_day_cost") == [
        ("evening", driver("bob"), Decimal("15.0000")),
        ("morning", driver("ada"), Decimal("15.0000")),
    ]


def test_a_second_year_of_factors_adds_no_rows_and_holds_from_its_day(given: Build) -> None:
    warehouse = given(*fleet(overhead_per_route=50), *there_and_back())
    before = routes(warehouse, "co2e_wtw_kg")
    warehouse.connection.execute(
        "insert into seeds.emission_factors select * replace ("
        "2027 as year, date '2027-01-01' as valid_from, wtw_kg * 2 as wtw_kg) "
        "from seeds.emission_factors"
    )

    for name in ("int_route_emissions", "int_route_costs", "routes"):
        warehouse.runner.build(warehouse.runner.project.model(name), None)

    assert routes(warehouse, "co2e_wtw_kg") == before


def test_a_route_with_no_known_return_has_unknown_hours(given: Build) -> None:
    warehouse = given(*fleet(driver_per_h=20), scan(DEPARTED, "09:00", order_id=None))

    assert routes(warehouse, "duty_s, driver_cost, total_cost") == [(None, None, None)]


def test_stops_of_a_depot_of_unknown_place_are_not_half_the_earth_away(given: Build) -> None:
    warehouse = given(
        *fleet(per_km=1),
        scan(DEPARTED, "09:00", order_id=None),
        fix("09:10", 52.6),
        fix("09:20", 52.7),
        order("near", where=(52.6, 13.4)),
        order("far", where=(52.7, 13.4)),
        scan(DELIVERED, "09:10", "near"),
        scan(DELIVERED, "09:20", "far"),
    )

    added = warehouse.rows("select stop_id, round(added_m, 1) from intermediate.int_stop_costs order by 1")

    assert added == [("stop-far", 11119.5), ("stop-near", 11119.5)]
