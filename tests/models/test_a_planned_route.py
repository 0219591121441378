"""One planned route, driven: what its stops, its ETAs, its alerts and its proposal come to.

The van drives due north, a tenth of a degree (11,119.5 m) in ten minutes:

    depot 52.5 ── a 52.6 ── b 52.7 ── a's place ── depot
    09:00      09:10–09:20  09:30–09:40            10:00

``a`` is delivered, ``b`` fails after its window and comes back, ``c`` was planned between them and
is never reached. A second shift is rostered and not driven.
"""

from datetime import date, datetime

import pytest
from msgspec.structs import replace

from routing.changes import Effects, EtaChange
from routing.plan import Location, PlannedVisit, Route, Shift, Stop, Vehicle
from routing.travel import StraightLine
from streams.events.base import Event
from streams.events.delivery import ScanEvent, ScanKind
from streams.events.dispatch import Outcome, OutcomeStatus, Proposal, RouteAssignment, Trigger
from streams.events.judgements import (
    DelayEvent,
    DelayPhase,
    DelayRule,
    StopVisit,
    VisitPhase,
)
from streams.events.telematics import HarshEvent, HarshKind
from tests.models.events import (
    DAY,
    at,
    depot,
    eta,
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
from tests.models.given import Lake, Warehouse
from tests.models.test_on_time import counts

LOADED, DELIVERED, FAILED, RETURNED = ScanKind.LOADED, ScanKind.DELIVERED, ScanKind.FAILED, ScanKind.RETURNED
TENTH_KM = 11.119508


def route(*stops: tuple[str, float], distance_m: float) -> Route:
    visits = tuple(
        PlannedVisit(Stop(f"stop-{name}", Location(lat_deg, 13.4)), at("09:00"), at("09:00"), at("09:10"))
        for name, lat_deg in stops
    )
    home = Location(52.5, 13.4)
    return Route(
        Shift("shift", Vehicle("van"), "ada", home, home, at("08:00"), at("16:00")),
        visits,
        at("10:00"),
        distance_m,
    )


def assignment(revision: int, planned: Route) -> RouteAssignment:
    return RouteAssignment(
        event_id=fresh_id(),
        source="test",
        depot_id="north",
        service_date=date.fromisoformat(DAY),
        vehicle_id="van",
        shift_id="shift",
        revision=revision,
        effective_at=at("07:00"),
        route=planned,
        travel=StraightLine(),
    )


def delay(alert_id: str, name: str, raised: str, closes: str, rule: DelayRule = DelayRule.LATE) -> DelayEvent:
    return DelayEvent(
        event_id=fresh_id(),
        source="test",
        alert_id=alert_id,
        depot_id="north",
        vehicle_id="van",
        shift_id="shift",
        stop_id=f"stop-{name}",
        rule=rule,
        phase=DelayPhase.RAISED,
        judged_at=at(raised),
        delay_s=600,
        cause="late start",
        evidence="test",
        p50_at=at(closes),
        p90_at=at(closes),
        closes_at=at(closes),
    )


def proposal() -> Proposal:
    change = EtaChange("stop-a", at("09:40"), at("09:08"), 600.0, 0.0, "shift", "shift")
    return Proposal(
        event_id=fresh_id(),
        source="test",
        proposal_id="p1",
        request_id="r1",
        depot_id="north",
        service_date=date.fromisoformat(DAY),
        trigger=Trigger.DELAY,
        base_revision=1,
        requested_at=at("08:46"),
        expires_at=at("09:00"),
        routes=(route(("a", 52.6), distance_m=1.0),),
        effects=Effects(lateness_delta_s=-600, saved_stop_ids=("stop-a",), changes=(change,)),
        travel=StraightLine(),
    )


def outcome() -> Outcome:
    return Outcome(
        event_id=fresh_id(),
        source="test",
        depot_id="north",
        command_id="c1",
        status=OutcomeStatus.ACCEPTED,
        decided_at=at("08:50"),
        reason="test",
        proposal_id="p1",
        plan_revision=2,
    )


def stay(name: str, arrived: str, departed: str) -> StopVisit:
    ended: datetime = at(departed)
    told = visit(arrived, f"stop-{name}", VisitPhase.DEPARTED, visit_id=name)
    return replace(told, departed_at=ended, dwell_s=(ended - at(arrived)).total_seconds())


def loaded(name: str, *packages: str) -> ScanEvent:
    return replace(scan(LOADED, "08:30", name, attempt=None), package_ids=packages)


def driven(*moments: tuple[str, float, float]) -> list[Event]:
    return [replace(fix(when, lat_deg), speed_mps=speed) for when, lat_deg, speed in moments]


def place(name: str) -> tuple[float, float]:
    return {"a": 52.6, "b": 52.7, "c": 52.65}[name], 13.4


def land_the_day(lake: Lake) -> None:
    """The route of the drawing, with all that was planned and told of it."""
    harsh = tuple(HarshEvent(kind=HarshKind.BRAKING, happened_at=at("09:30")) for _ in range(2))
    lake.land(
        replace(depot(), lat_deg=52.5, lon_deg=13.4),
        replace(vehicle(), capacity_packages=10, speed_limit_mps=20.0),
        replace(vehicle("spare"), capacity_packages=10),
        shift(),
        shift("idle", "spare", "bob"),
        rate(driver_per_h=36, per_km=1),
        assignment(1, route(("b", 52.7), ("a", 52.6), distance_m=99_000)),
        assignment(2, route(("a", 52.6), ("c", 52.65), ("b", 52.7), distance_m=40_000)),
        order("a", opens="09:00", until="09:30", packages=2, where=place("a")),
        order("b", opens="08:00", until="09:00", where=place("b")),
        order("c", opens="09:00", until="10:00", where=place("c")),
        loaded("a", "a-0", "a-1"),
        loaded("b", "b-0"),
        *driven(
            ("09:00", 52.5, 0.0),
            ("09:10", 52.6, 18.0),
            ("09:20", 52.6, 0.0),
            ("09:30", 52.7, 25.0),
            ("09:40", 52.7, 0.0),
            ("09:50", 52.6, 18.0),
            ("10:00", 52.5, 18.0),
        ),
        telemetry("09:00", idle_s=0),
        replace(telemetry("10:00", idle_s=360), harsh_events=harsh),
        scan(ScanKind.DEPARTED, "09:00", order_id=None),
        stay("a", "09:10", "09:20"),
        stay("b", "09:30", "09:40"),
        visit("10:00", "north", visit_id="home", is_depot=True),
        scan(DELIVERED, "09:15", "a"),
        scan(FAILED, "09:35", "b"),
        scan(RETURNED, "10:00", "b", attempt=None),
        eta(at("08:30"), a=(at("09:05"), at("09:15")), b=(at("09:20"), at("09:40"))),
        eta(at("09:12"), b=(at("09:27"), at("09:29"))),
        eta(at("09:29"), b=(at("09:30"), at("09:30"))),
        delay("right", "b", "08:40", "09:00"),
        delay("averted", "a", "08:45", "09:30"),
        delay("false_alarm", "a", "08:55", "09:30"),
        delay("early", "a", "08:56", "09:30", DelayRule.EARLY),
        proposal(),
        outcome(),
        tick("18:00"),
    )


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    lake = Lake(tmp_path_factory.mktemp("day") / "lake")
    land_the_day(lake)
    return Warehouse(lake.root).build(DAY)


def test_all_promises_of_the_models_hold(day: Warehouse) -> None:
    assert day.broken_tests() == []


def test_what_comes_back_and_what_is_never_reached_is_no_completed_stop(day: Warehouse) -> None:
    assert day.kpi("completion_rate") == counts(1, 3)


def test_stops_per_hour_are_over_the_time_on_duty_and_undriven_shifts_are_excluded(day: Warehouse) -> None:
    assert day.kpi("stops_per_hour") == counts(1, 1, excluded=1)


def test_a_skipped_stop_is_no_change_of_order(day: Warehouse) -> None:
    assert day.kpi("route_order_adherence") == counts(1, 1)


def test_the_driven_distance_is_held_against_the_last_plan(day: Warehouse) -> None:
    ratio = day.kpi("route_distance_ratio")

    assert ratio["numerator"] == pytest.approx(4 * TENTH_KM, abs=1e-3)
    assert (ratio["denominator"], ratio["excluded"]) == (40, 1)


def test_a_rostered_shift_that_was_not_driven_stands_in_the_available_hours(day: Warehouse) -> None:
    assert day.kpi("route_hours_utilisation") == counts(1, 16)


def test_load_fill_counts_packages_against_the_capacity_of_what_was_driven(day: Warehouse) -> None:
    assert day.kpi("load_fill") == counts(3, 10, excluded=1)


def test_the_way_after_the_last_attempt_is_empty(day: Warehouse) -> None:
    empty = day.kpi("empty_distance_share")

    assert empty["numerator"] == pytest.approx(2 * TENTH_KM, abs=1e-3)
    assert empty["denominator"] == pytest.approx(4 * TENTH_KM, abs=1e-3)


def test_driving_is_measured_per_hour_and_kilometre(day: Warehouse) -> None:
    harsh = day.kpi("harsh_events_per_100_km")

    assert day.kpi("idle_share") == counts(0.1, 1, excluded=1)
    assert (harsh["numerator"], harsh["excluded"]) == (2, 1)
    assert harsh["denominator"] == pytest.approx(4 * TENTH_KM / 100, abs=1e-5)


def test_speeding_is_over_the_vehicles_own_limit_and_the_time_it_moved(day: Warehouse) -> None:
    speeding = day.kpi("speeding_share")

    assert speeding["numerator"] == pytest.approx(600 / 3600, abs=1e-6)
    assert speeding["denominator"] == pytest.approx(2400 / 3600, abs=1e-6)


def test_a_minute_of_the_duty_is_seen_when_a_fix_falls_into_it(day: Warehouse) -> None:
    assert day.kpi("observability") == counts(7, 61, excluded=1)


def test_service_time_is_from_arrival_to_departure_with_median_and_p90(day: Warehouse) -> None:
    rows = day.rows(
        "select numerator, denominator, median, p90 from marts.kpi_daily "
        "where kpi_id = 'service_time_min' and segment = 'all'"
    )

    assert rows == [(20, 2, 10, 10)]


def test_an_eta_is_judged_by_the_last_word_before_its_horizon(day: Warehouse) -> None:
    # told       08:30                09:12            09:29
    # arrival               a 09:10           b 09:30
    assert day.kpi("eta_mae_15_min") == counts(5 + 3, 2)
    assert day.kpi("eta_bias_15_min") == counts(5 + 3, 2)
    assert day.kpi("eta_p90_coverage_15_min") == counts(1, 2)
    assert day.kpi("eta_mae_30_min") == counts(5 + 10, 2)
    assert day.kpi("eta_within_10_min_30_min") == counts(2, 2)
    assert day.kpi("eta_mae_60_min") == counts(10, 1, unknown=1)
    assert day.kpi("eta_mae_120_min") == counts(0, 0, unknown=2)


def test_an_alert_is_held_against_what_then_happened(day: Warehouse) -> None:
    rows = day.rows("select alert_id, judgement from marts.delay_alerts where alert_id <> judgement")

    assert rows == []
    assert day.kpi("delay_alert_precision") == counts(1, 2, excluded=2)
    assert day.kpi("delay_alert_lead_time_min") == counts(20, 1, excluded=3)


def test_a_missed_stop_that_nobody_spoke_of_lowers_the_recall(day: Warehouse) -> None:
    assert day.kpi("delay_alert_recall") == counts(1, 2, excluded=1)


def test_a_proposal_is_held_against_what_its_stops_came_to(day: Warehouse) -> None:
    rows = day.rows(
        "select decision, predicted_lateness_before_s, predicted_lateness_after_s, realised_lateness_s, "
        "mean_arrival_error_s from marts.proposals"
    )

    assert rows == [("accepted", 600, 0, 0, 120)]


def test_a_failed_attempt_costs_its_stay_and_its_detour(day: Warehouse) -> None:
    # The way to b and back to a's place is half of the round: half of the 40 minutes on the road.
    cost = day.kpi("cost_per_failed_attempt")
    co2e = day.kpi("co2e_per_failed_attempt")

    assert cost["numerator"] == pytest.approx(36 * 1800 / 3600 + 2 * TENTH_KM, abs=1e-3)
    assert (cost["denominator"], cost["unknown"]) == (1, 0)
    assert co2e["numerator"] == pytest.approx(2 * TENTH_KM * 0.34584, abs=1e-4)


def test_cost_per_attempt_counts_what_failed_too(day: Warehouse) -> None:
    cost = day.kpi("cost_per_attempt")

    assert cost["numerator"] == pytest.approx(36 + 4 * TENTH_KM, abs=1e-3)
    assert cost["denominator"] == 2
    assert day.kpi("co2e_per_attempt")["denominator"] == 2


def test_a_delivery_takes_its_time_from_dispatch_and_from_the_order(day: Warehouse) -> None:
    assert day.kpi("dispatch_to_drop_min") == counts(15, 1)
    assert day.kpi("order_to_drop_h") == counts(3.25, 1)


def test_packages_in_are_delivered_returned_or_open(day: Warehouse) -> None:
    rows = day.rows("select status, count(*) from marts.packages group by 1 order by 1")

    assert rows == [("delivered", 2), ("open", 1), ("returned", 1)]


def test_an_exception_names_its_cause_and_what_it_cost(day: Warehouse) -> None:
    rows = day.rows("select exception_id, cause, added_cost > 40 from marts.exceptions order by 1")

    assert rows == [
        ("failed_attempt/b/1", "not_at_home", True),
        ("undelivered_order/b", "late start", None),
        ("undelivered_order/c", "never attempted", None),
    ]


def test_every_segment_that_the_catalogue_allows_is_there_and_no_other(day: Warehouse) -> None:
    rows = day.rows(
        "select kpi_id from marts.kpi_daily inner join seeds.kpi_catalogue using (kpi_id) "
        "group by kpi_id, segments having list_sort(list_distinct(list(segment))) "
        "<> list_sort(string_split('all ' || segments, ' '))"
    )

    assert rows == []
