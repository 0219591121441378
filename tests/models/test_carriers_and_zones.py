"""Own fleet, carriers and gig side by side; zones against zones of equal density; sites for stock.

The vans of these tests drive due north from a depot at 52.5, and back.
"""

from collections.abc import Iterable
from math import asin, ceil, cos, floor, log2, radians, sin, sqrt
from statistics import median

import h3
import pytest
from msgspec.structs import replace

from streams.events.base import Event
from streams.events.delivery import ScanEvent, ScanKind
from streams.events.reference import CarrierModel, CarrierRecord
from tests.models.conftest import Build
from tests.models.events import (
    at,
    depot,
    fix,
    fresh_id,
    order,
    rate,
    scan,
    shift,
    telemetry,
    tick,
    vehicle,
    visit,
)
from tests.models.given import LEAST_SAMPLE, Warehouse

DELIVERED, FAILED, DEPARTED = ScanKind.DELIVERED, ScanKind.FAILED, ScanKind.DEPARTED
Place = tuple[float, float]


def home() -> Event:
    return replace(depot(), lat_deg=52.5, lon_deg=13.4)


def tour(van: str, *, model: CarrierModel = CarrierModel.OWN_FLEET, litres: float = 10) -> list[Event]:
    """A vehicle with its shift, out at nine and back at half past; it burns ``litres``."""
    return [
        replace(vehicle(van), carrier_model=model),
        shift(van, van, f"driver-{van}"),
        scan(DEPARTED, "09:00", order_id=None, vehicle_id=van, shift_id=van),
        fix("09:00", 52.5, vehicle_id=van),
        fix("09:10", 52.6, vehicle_id=van),
        fix("09:20", 52.6, vehicle_id=van),
        fix("09:30", 52.5, vehicle_id=van),
        telemetry("09:00", van, fuel_used_l=0),
        telemetry("09:30", van, fuel_used_l=litres),
        replace(visit("09:30", "north", visit_id=f"home-{van}", is_depot=True), vehicle_id=van, shift_id=van),
    ]


def tried(
    van: str, name: str, kind: ScanKind = DELIVERED, where: Place | None = (52.6, 13.4), packages: int = 1
) -> list[Event]:
    return [
        order(name, where=where, packages=packages),
        scan(kind, "09:10", name, vehicle_id=van, shift_id=van),
    ]


def by_carrier(
    van: str | None, name: str, carrier_id: str, where: Place | None = (52.5, 13.4)
) -> list[Event]:
    said: ScanEvent = replace(
        scan(DELIVERED, "09:10", name, shift_id=None), vehicle_id=van, carrier_id=carrier_id
    )
    return [order(name, where=where), said]


def carrier(carrier_id: str, model: CarrierModel) -> Event:
    return CarrierRecord(
        event_id=fresh_id(),
        source="test",
        effective_at=at("00:00"),
        carrier_id=carrier_id,
        name=carrier_id,
        carrier_model=model,
    )


def side_by_side(warehouse: Warehouse, columns: str) -> list[tuple[object, ...]]:
    return warehouse.rows(f"select carrier_model, {columns} from marts.carrier_comparison order by 1")


def test_own_fleet_carrier_and_gig_stand_side_by_side_and_what_is_unknown_is_said(given: Build) -> None:
    own_class, gig_class = "van_class_iii_diesel", "van_class_i_diesel"
    bike = tour("bike", model=CarrierModel.GIG)
    bike[0] = replace(bike[0], vehicle_class=gig_class)
    warehouse = given(
        home(),
        rate(own_class, overhead_per_route=60),
        rate(gig_class, carrier_fee_per_delivery=4),
        carrier("swift", CarrierModel.PARTNER),
        *tour("van"),
        *tried("van", "o1", packages=3),
        *tried("van", "o2", FAILED),
        *tour("idle"),
        *bike,
        *tried("bike", "g1"),
        *tried("bike", "g2"),
        *by_carrier(None, "p1", "swift"),
        order("unheard"),
        tick("20:00"),
    )

    volumes = (
        "routes, attempts, failed_attempts, delivered_orders, parcels, "
        "due_orders, on_time_orders, unheard_orders"
    )
    assert side_by_side(warehouse, volumes) == [
        ("gig", 1, 2, 0, 2, 2, 2, 2, 0),
        ("own_fleet", 2, 2, 1, 1, 3, 2, 1, 0),
        ("partner", 0, 1, 0, 1, 1, 1, 1, 0),
        ("unknown", 0, 0, 0, 0, 0, 1, 0, 1),
    ]
    money = (
        "costed_orders, total_cost::double, unallocated_cost::double, "
        "carrier_fees, cost_per_delivery, currency"
    )
    assert side_by_side(warehouse, money) == [
        ("gig", 2, 8, None, 8, 4, "EUR"),
        ("own_fleet", 1, 120, 60, 0, 120, "EUR"),
        ("partner", 0, None, None, None, None, "EUR"),
        ("unknown", 0, None, None, None, None, "EUR"),
    ]
    litre_kg = 3.18183
    co2e = {row[0]: row[1:] for row in side_by_side(warehouse, "measured_parcels, co2e_kg_per_parcel")}
    assert co2e["gig"] == (2, pytest.approx(10 * litre_kg / 2, abs=1e-5))
    assert co2e["own_fleet"] == (3, pytest.approx(20 * litre_kg / 3, abs=1e-5)), (
        "the idle van's emissions are in it"
    )
    assert co2e["partner"] == (0, None)
    assert warehouse.broken_tests() == []


def test_a_route_without_a_rate_is_counted_as_uncosted(given: Build) -> None:
    warehouse = given(home(), *tour("van"), *tried("van", "o1"))

    columns = "routes, uncosted_routes, delivered_orders, costed_orders, cost_per_delivery, currency"
    assert side_by_side(warehouse, columns) == [("own_fleet", 1, 1, 1, 0, None, None)]


def apart_m(a: Place, b: Place) -> float:
    half_lat, half_lon = radians(b[0] - a[0]) / 2, radians(b[1] - a[1]) / 2
    chord = sin(half_lat) ** 2 + cos(radians(a[0])) * cos(radians(b[0])) * sin(half_lon) ** 2
    return 2 * 6_371_008.8 * asin(sqrt(chord))


def zone_costs(
    warehouse: Warehouse, columns: str, where: str = "zone <> 'unknown'"
) -> list[tuple[object, ...]]:
    return warehouse.rows(f"select {columns} from marts.zone_costs where {where} order by all")


def spread(van: str, deliveries: Iterable[Place]) -> list[Event]:
    """A tour of one vehicle: deliveries at places, in their order, five minutes each."""
    events = tour(van)
    for number, where in enumerate(deliveries):
        name = f"{van}-{number}"
        events.append(order(name, where=where))
        events.append(
            scan(
                DELIVERED,
                f"09:{10 + number // 4:02d}:{number % 4 * 15:02d}",
                name,
                vehicle_id=van,
                shift_id=van,
            )
        )
    return events


def test_a_zone_is_held_against_the_median_of_zones_as_dense(given: Build) -> None:
    tours: dict[str, list[Place]] = {
        "v1": [(52.60, 13.4)],
        "v2": [(52.63, 13.4), (52.66, 13.4)],
        "v3": [(52.69, 13.4)] * 4,
        "v4": [(52.72, 13.4)] * 3,
    }
    warehouse = given(
        home(),
        rate(overhead_per_route=60),
        *(event for van, places in tours.items() for event in spread(van, places)),
    )

    costs = {place: 60 / len(places) for places in tours.values() for place in places}
    counts = {place: sum(places.count(place) for places in tours.values()) for place in costs}
    classes = {place: 2 ** floor(log2(count)) for place, count in counts.items()}
    ones = median(cost for place, cost in costs.items() if classes[place] == 1)
    found = zone_costs(
        warehouse,
        "density_from, deliveries, cost_per_delivery, zones_of_density, median_of_density, excess_cost, "
        "is_high_cost",
    )
    assert found == [
        (1, 1, 30, 3, ones, 30 - ones, False),
        (1, 1, 30, 3, ones, 30 - ones, False),
        (1, 1, 60, 3, ones, 60 - ones, True),
        (2, 3, 20, 1, None, None, None),
        (4, 4, 15, 1, None, None, None),
    ]
    assert warehouse.broken_tests() == []


def test_failed_attempts_cost_their_zone_and_all_zones_are_what_the_routes_cost(given: Build) -> None:
    far, near = (52.6, 13.4), (52.53, 13.4)
    warehouse = given(
        home(),
        rate(overhead_per_route=90),
        *tour("van"),
        *tried("van", "ok", where=near),
        *tried("van", "ok too", where=far),
        *tried("van", "no", FAILED, where=far),
        *tried("van", "lost", where=None),
        *tour("idle"),
    )

    assert zone_costs(warehouse, "attempts, deliveries, cost, cost_per_delivery, is_enough", "true") == [
        (1, 1, 22.5, 22.5, False),
        (1, 1, 22.5, 22.5, False),
        (2, 1, 45, 45, False),
    ]
    assert zone_costs(warehouse, "density_from, zones_of_density", "zone = 'unknown'") == [(None, 0)]
    assert warehouse.broken_tests() == []


def stood(van: str, name: str, arrived: str, departed: str) -> Event:
    came = replace(visit(arrived, f"stop-{name}", visit_id=f"v-{name}"), vehicle_id=van, shift_id=van)
    return replace(came, departed_at=at(departed), dwell_s=(at(departed) - at(arrived)).total_seconds())


def test_what_a_stop_added_to_its_route_weighs_where_that_is_known(given: Build) -> None:
    """The near stop is on the way to the far one, and adds the minutes of its stay alone."""
    warehouse = given(
        home(),
        rate(driver_per_h=60, per_km=1),
        *tour("van"),
        *tried("van", "near", where=(52.55, 13.4)),
        *tried("van", "far", where=(52.6, 13.4)),
        stood("van", "near", "09:05", "09:08"),
        stood("van", "far", "09:10", "09:13"),
    )

    (near, far) = warehouse.rows(
        "select order_id, cost, is_by_stop from intermediate.int_attempt_costs order by order_id desc"
    )

    way_m = 2 * apart_m((52.5, 13.4), (52.6, 13.4))
    added_far_m = 2 * apart_m((52.55, 13.4), (52.6, 13.4))
    total = 30 + way_m / 1000
    added_near = 3.0
    added_far = 3 + 24 * added_far_m / way_m + added_far_m / 1000
    assert near[2] is far[2] is True
    assert near[1] == pytest.approx(total * added_near / (added_near + added_far), rel=1e-3)
    assert float(str(near[1])) + float(str(far[1])) == pytest.approx(total, abs=1e-3)


def test_what_a_stop_added_weighs_nowhere_on_a_route_where_it_is_not_known_of_all(given: Build) -> None:
    """Nobody saw the visit of the third stop."""
    warehouse = given(
        home(),
        rate(overhead_per_route=90, driver_per_h=60),
        *tour("van"),
        *tried("van", "near", where=(52.55, 13.4)),
        *tried("van", "far", where=(52.6, 13.4)),
        *tried("van", "unseen", where=(52.58, 13.4)),
        stood("van", "near", "09:05", "09:08"),
        stood("van", "far", "09:10", "09:13"),
    )

    rows = warehouse.rows("select cost, is_by_stop from intermediate.int_attempt_costs")

    assert rows == [(40.0, False)] * 3


def test_a_zone_with_few_deliveries_of_known_cost_is_not_enough_whatever_carriers_deliver_there(
    given: Build,
) -> None:
    far = (52.6, 13.4)
    warehouse = given(
        home(),
        rate(overhead_per_route=60),
        carrier("swift", CarrierModel.PARTNER),
        *tour("van"),
        *tried("van", "ours", where=far),
        *(event for number in range(LEAST_SAMPLE) for event in by_carrier(None, f"p{number}", "swift", far)),
    )

    found = zone_costs(warehouse, "deliveries, costed_deliveries, is_enough")

    assert found == [(21, 1, False)]


def test_a_site_saves_stems_and_pays_for_its_own_supply(given: Build) -> None:
    """Ten stops of one tour 20 km away within two kilometres, two more next door to the depot."""
    south = (52.5, 13.4)
    cluster = [(52.68 + number * 0.001, 13.4) for number in range(10)]
    warehouse = given(home(), rate(per_km=2), *spread("van", [*cluster, (52.51, 13.4), (52.52, 13.4)]))

    rows = warehouse.rows(
        "select zone, lat_deg, lon_deg, stem_m, attempts_per_day, attempts_per_route, saved_stem_km_per_day, "
        "supply_km_per_day, net_km_per_day, cost_per_km, saved_cost_per_day, saved_co2e_kg_per_day, "
        "rank_in_depot "
        "from marts.site_candidates order by rank_in_depot"
    )

    ((way_m, litres_kg),) = warehouse.rows("select distance_m, co2e_wtw_kg from marts.routes")
    lats: dict[str, list[float]] = {}
    for place in cluster:
        lats.setdefault(h3.latlng_to_cell(*place, 8), []).append(place[0])
    middles = {zone: (sum(of_zone) / len(of_zone), len(of_zone)) for zone, of_zone in lats.items()}
    assert len(rows) == len(middles) > 1
    for zone, lat, lon, stem_m, per_day, per_route, saved, supply, net, price, money, kg, _ in rows:
        site = (middles[str(zone)][0], 13.4)
        reached = [
            (count, apart_m(south, (middle, 13.4)) - apart_m(site, (middle, 13.4)))
            for middle, count in middles.values()
        ]
        assert (lat, lon) == pytest.approx(site)
        assert stem_m == pytest.approx(apart_m(south, site), abs=0.1)
        assert (per_day, per_route) == (10, 12)
        assert saved == pytest.approx(sum(n * 2 * 1.3 * gain for n, gain in reached) / 12 / 1000, rel=1e-6)
        assert supply == pytest.approx(ceil(10 / 300) * 2 * 1.3 * apart_m(south, site) / 1000, rel=1e-6)
        assert net == pytest.approx(float(str(saved)) - float(str(supply)))
        assert price == pytest.approx(2)
        assert money == pytest.approx(2 * float(str(net)))
        assert kg == pytest.approx(float(str(net)) * float(str(litres_kg)) / float(str(way_m)) * 1000)
    assert [row[-1] for row in rows] == list(range(1, len(rows) + 1))
    assert warehouse.broken_tests() == []


def test_what_a_carrier_delivers_without_a_route_makes_no_site(given: Build) -> None:
    far = [(52.68 + number * 0.001, 13.4) for number in range(10)]
    by_others = [by_carrier(None, f"p{number}", "swift", far[0]) for number in range(10)]
    warehouse = given(
        home(),
        rate(per_km=2),
        carrier("swift", CarrierModel.PARTNER),
        *spread("van", far),
        *(event for events in by_others for event in events),
    )

    per_day = warehouse.rows("select distinct attempts_per_day from marts.site_candidates")

    assert per_day == [(10,)]
