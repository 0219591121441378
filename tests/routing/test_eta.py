from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.eta import Z_P90, Pace, Spread, estimate_etas, leg_us, microseconds
from routing.plan import Break, Location
from routing.schedule import schedule_visits
from routing.travel import StraightLine
from tests.factories import DEPOT, TRAVEL, at, stop

CERTAIN = Spread(leg=0.0, service=0.0, day=0.0)


def test_etas_follow_the_sequence_with_its_services() -> None:
    # 08:00 ──100 s──► a, 5 min ──100 s──► b
    stops = [stop("a", 1000, service_s=300), stop("b", 2000)]

    first, second = estimate_etas(stops, DEPOT, at("08:00"), TRAVEL)

    assert (first.p50_at - at("08:00")).total_seconds() == pytest.approx(100, abs=0.1)
    assert (second.p50_at - at("08:00")).total_seconds() == pytest.approx(500, abs=0.1)


def test_slack_is_what_is_left_until_the_window_closes() -> None:
    stops = [stop("a", 3000, window=("08:00", "08:10")), stop("b", 9000, window=("08:00", "08:10"))]

    in_time, late = estimate_etas(stops, DEPOT, at("08:00"), TRAVEL)

    assert in_time.slack_s == pytest.approx(300, abs=1)
    assert late.slack_s == pytest.approx(-300, abs=1)


def test_a_stop_without_a_window_has_no_slack() -> None:
    (eta,) = estimate_etas([stop("a")], DEPOT, at("08:00"), TRAVEL)

    assert eta.slack_s is None


def test_deviations_of_legs_and_services_add_as_variances() -> None:
    stops = [stop("a", 1000, service_s=100), stop("b", 2000)]

    *_, last = estimate_etas(stops, DEPOT, at("08:00"), TRAVEL, Spread(leg=0.3, service=0.4, day=0.0))

    deviation_s = (30**2 + 40**2 + 30**2) ** 0.5
    assert (last.p90_at - last.p50_at).total_seconds() == pytest.approx(Z_P90 * deviation_s, rel=1e-3)


def test_what_makes_a_whole_day_slow_grows_with_the_work_ahead() -> None:
    # 100 s of driving, 300 s of service, 100 s of driving: 500 s of work, a tenth of it
    stops = [stop("a", 1000, service_s=300), stop("b", 2000)]

    first, last = estimate_etas(stops, DEPOT, at("08:00"), TRAVEL, Spread(leg=0.0, service=0.0, day=0.1))

    assert (first.p90_at - first.p50_at).total_seconds() == pytest.approx(Z_P90 * 10, rel=1e-3)
    assert (last.p90_at - last.p50_at).total_seconds() == pytest.approx(Z_P90 * 50, rel=1e-3)


def test_a_long_wait_absorbs_all_uncertainty() -> None:
    # 08:00 ─► a opens at 10:00 ─► b: as if started anew at 10:00
    stops = [stop("a", 1000, window=("10:00", "11:00")), stop("b", 2000)]

    *_, last = estimate_etas(stops, DEPOT, at("08:00"), TRAVEL, Spread(leg=0.1, service=0.0, day=0.0))

    assert (last.p50_at - at("10:00")).total_seconds() == pytest.approx(100, abs=0.1)
    assert (last.p90_at - last.p50_at).total_seconds() == pytest.approx(Z_P90 * 10, rel=1e-2)


@given(st.lists(st.tuples(st.integers(-9000, 9000), st.integers(0, 900)), max_size=8), st.booleans())
def test_without_spread_both_quantiles_are_the_schedule(
    places: list[tuple[int, int]], has_window: bool
) -> None:
    window = ("09:00", "10:00") if has_window else None
    stops = [stop(str(n), east_m, service_s=s, window=window) for n, (east_m, s) in enumerate(places)]

    etas = estimate_etas(stops, DEPOT, at("08:00"), TRAVEL, CERTAIN)

    visits = schedule_visits(stops, DEPOT, at("08:00"), TRAVEL)
    for eta, visit in zip(etas, visits, strict=True):
        assert abs(eta.p50_at - visit.arrive_at) < timedelta(milliseconds=1)
        assert abs(eta.p90_at - visit.arrive_at) < timedelta(milliseconds=1)


# 08:00 ──100 s──► a, 5 min ─ break of 30 min, due at 08:05 ──100 s──► b
def test_a_break_is_taken_once_what_is_under_way_is_over() -> None:
    stops = [stop("a", 1000, service_s=300), stop("b", 2000)]

    first, second = estimate_etas(
        stops, DEPOT, at("08:00"), TRAVEL, breaks=[Break(at("08:05"), duration_s=1800)]
    )

    assert (first.p50_at - at("08:00")).total_seconds() == pytest.approx(100, abs=0.1)
    assert (second.p50_at - at("08:00")).total_seconds() == pytest.approx(2300, abs=0.1)


# 08:00 ─► a opens at 10:00: the break of 30 min, due at 09:00, costs nothing; one of 09:45 lasts till 10:15
@pytest.mark.parametrize(("due", "left_at"), [("09:00", "10:00"), ("09:45", "10:15")])
def test_a_break_is_taken_while_a_window_is_waited_for(due: str, left_at: str) -> None:
    stops = [stop("a", 1000, window=("10:00", "11:00")), stop("b", 2000)]

    *_, last = estimate_etas(stops, DEPOT, at("08:00"), TRAVEL, breaks=[Break(at(due), duration_s=1800)])

    assert (last.p50_at - at(left_at)).total_seconds() == pytest.approx(100, abs=0.1)


def test_a_slow_day_stretches_legs_and_services_each_by_its_own_factor() -> None:
    stops = [stop("a", 1000, service_s=300), stop("b", 2000)]

    *_, last = estimate_etas(stops, DEPOT, at("08:00"), TRAVEL, pace=Pace(leg=1.2, service=2.0))

    assert (last.p50_at - at("08:00")).total_seconds() == pytest.approx(120 + 600 + 120, abs=0.1)


def test_a_leg_goes_by_the_hour_it_begins_in() -> None:
    travel = StraightLine(detour=1.0, speeds_mps=(10.0,) * 9 + (5.0,) * 15)
    stops = [stop("a", 1000, service_s=3600), stop("b", 2000)]

    first, second = estimate_etas(stops, DEPOT, at("08:00"), travel)

    assert (second.p50_at - first.p50_at).total_seconds() == pytest.approx(3600 + 200, abs=0.1)


@given(st.floats(-80, 80), st.floats(-179, 179), st.floats(-80, 80), st.floats(-179, 179))
def test_the_compiled_leg_is_that_of_the_travel_times(
    lat_a: float, lon_a: float, lat_b: float, lon_b: float
) -> None:
    _, leg_s = TRAVEL.leg(Location(lat_a, lon_a), Location(lat_b, lon_b), at("08:00"))

    compiled_us = leg_us(
        lat_a, lon_a, lat_b, lon_b, microseconds(at("08:00")), np.array(TRAVEL.speeds_mps), TRAVEL.detour
    )

    assert compiled_us == pytest.approx(leg_s * 1e6, abs=2)
