"""Drivers' scores by Geotab's default weights, and exceptions by cause with what they cost."""

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from streams.events.base import Event
from streams.events.delivery import ScanKind
from streams.events.telematics import HarshEvent, HarshKind
from tests.models.conftest import Build
from tests.models.events import DAY, at, depot, fix, order, rate, scan, shift, telemetry, vehicle, visit

TENTH_KM = 11.119508


def driven(
    tenths: int, speed_mps: float | None = 20.0, kinds: tuple[HarshKind, ...] = (), has_telemetry: bool = True
) -> list[Event]:
    """``tenths`` of a degree due north, one in ten minutes; harsh events of these kinds."""
    fixes: list[Event] = [
        replace(fix(f"{9 + step // 6:02d}:{step % 6}0", 50 + step / 10), speed_mps=speed_mps)
        for step in range(tenths + 1)
    ]
    harsh = tuple(HarshEvent(kind=kind, happened_at=at("09:30")) for kind in kinds)
    readings = [telemetry("09:00", idle_s=0), replace(telemetry("10:00", idle_s=360), harsh_events=harsh)]
    return [depot(), vehicle(), shift(), *fixes, *(readings if has_telemetry else [])]


def silent_bus() -> list[Event]:
    """The same driver's other route: 12 tenths of a degree, and no fix tells a speed."""
    fixes: list[Event] = [
        replace(fix(f"{9 + step // 6:02d}:{step % 6}0", 50 + step / 10, vehicle_id="bus"), speed_mps=None)
        for step in range(13)
    ]
    return [vehicle("bus"), shift("second", "bus"), *fixes]


def scored(given: Build, *events: Event) -> dict[str, object]:
    warehouse = given(*events)
    ((row),) = warehouse.whole().connection.execute("select * from marts.driver_scorecard").fetchall()
    names = [column[0] for column in warehouse.connection.description or []]
    assert warehouse.broken_tests() == []
    return dict(zip(names, row, strict=True))


def test_harsh_events_cost_ten_points_of_their_rule_each_a_100_km(given: Build) -> None:
    card = scored(given, *driven(12, kinds=(HarshKind.BRAKING, HarshKind.BRAKING, HarshKind.CORNERING)))

    km = 12 * TENTH_KM
    assert card["harsh_brakings_per_100_km"] == pytest.approx(200 / km, abs=1e-3)
    assert card["braking_score"] == pytest.approx(100 - 2000 / km, abs=1e-2)
    assert (card["acceleration_score"], card["speeding_score"], card["excessive_score"]) == (100, 100, 100)
    assert card["known_weight"] == pytest.approx(0.8)
    assert card["score"] == pytest.approx((80 - 0.1 * 3000 / km) / 0.8, abs=1e-2)
    assert card["risk"] == "low"
    assert card["idle_share"] == pytest.approx(0.05)


def test_speeding_counts_by_its_time_and_excess_by_its_minutes(given: Build) -> None:
    card = scored(given, *driven(12, speed_mps=41.0))

    assert (card["speeding_share"], card["speeding_score"]) == (1, 0)
    assert card["excessive_score"] == pytest.approx(100 - 12_000 / (12 * TENTH_KM), abs=1e-2)
    assert card["risk"] == "high"


def test_excess_counts_by_the_distance_of_which_speeds_are_known(given: Build) -> None:
    card = scored(given, *driven(12, speed_mps=41.0), *silent_bus())

    assert card["distance_m"] == pytest.approx(24_000 * TENTH_KM, rel=1e-3)
    assert card["speeds_known_m"] == pytest.approx(12_000 * TENTH_KM, rel=1e-3)
    assert card["excessive_minutes_per_100_km"] == pytest.approx(1200 / (12 * TENTH_KM), abs=1e-2)
    assert card["excessive_score"] == pytest.approx(100 - 12_000 / (12 * TENTH_KM), abs=1e-2)


def test_excess_is_not_judged_below_the_minimum_distance_of_known_speeds(given: Build) -> None:
    card = scored(given, *driven(8, speed_mps=41.0), *silent_bus())

    assert (card["is_rated"], card["speeding_score"], card["excessive_score"]) == (True, None, None)


def test_time_on_duty_needs_no_rate(given: Build) -> None:
    warehouse = given(*driven(6))

    assert warehouse.rows("select duty_s, total_cost from marts.routes") == [(3600, None)]


def test_a_driver_below_the_minimum_distance_has_rates_and_no_score(given: Build) -> None:
    card = scored(given, *driven(8, kinds=(HarshKind.BRAKING,)))

    assert card["harsh_brakings_per_100_km"] == pytest.approx(100 / (8 * TENTH_KM), abs=1e-3)
    assert (card["is_rated"], card["score"], card["risk"], card["known_weight"]) == (False, None, None, 0)


def test_without_telemetry_only_speed_is_judged(given: Build) -> None:
    card = scored(given, *driven(12, has_telemetry=False))

    assert (card["braking_score"], card["score"]) == (None, 100)
    assert card["known_weight"] == pytest.approx(0.5)


def test_a_score_is_over_four_weeks(given: Build) -> None:
    last, first_of_weeks = date.fromisoformat(DAY), date.fromisoformat(DAY) - timedelta(days=27)
    warehouse = given(*driven(3)).whole()
    copies = (
        "insert into marts.drivers select * replace (date '{}' as service_date) from marts.drivers limit 1"
    )
    for day in (first_of_weeks, first_of_weeks - timedelta(days=1)):
        warehouse.connection.execute(copies.format(day))

    warehouse.build(DAY, models=["driver_scorecard"])

    assert warehouse.rows(
        f"select days, round(distance_m / 1000, 1) from marts.driver_scorecard where service_date = '{last}'"
    ) == [(2, round(6 * TENTH_KM, 1))]


def test_exceptions_stand_by_cause_with_cost_and_emissions(given: Build) -> None:
    warehouse = given(
        replace(depot(), lat_deg=52.5, lon_deg=13.4),
        vehicle(),
        shift(),
        rate(driver_per_h=36, per_km=1),
        order("a", until="12:00", where=(52.6, 13.4)),
        order("b", until="12:00", where=(52.7, 13.4)),
        *(
            replace(fix(when, lat), speed_mps=18.0)
            for when, lat in (("09:00", 52.5), ("09:10", 52.6), ("09:20", 52.7))
        ),
        scan(ScanKind.DEPARTED, "09:00", order_id=None),
        replace(visit("09:10", "stop-a", visit_id="a"), departed_at=at("09:12"), dwell_s=120.0),
        replace(visit("09:20", "stop-b", visit_id="b"), departed_at=at("09:22"), dwell_s=120.0),
        scan(ScanKind.FAILED, "09:11", "a"),
        scan(ScanKind.FAILED, "09:21", "b"),
    )

    ((kind, cause, exceptions, costed, cost, co2e),) = warehouse.rows(
        "select kind, cause, exceptions, costed, added_cost, added_co2e_kg from marts.exception_causes "
        "where kind = 'failed_attempt'"
    )

    assert (kind, cause, exceptions, costed) == ("failed_attempt", "not_at_home", 2, 2)
    assert warehouse.rows("select sum(added_cost), sum(added_co2e_kg) from marts.exceptions") == [
        (cost, co2e)
    ]
    assert cost
    assert warehouse.broken_tests() == []
