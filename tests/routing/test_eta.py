from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.eta import Z_P90, Spread, estimate_etas
from routing.schedule import schedule_visits
from tests.factories import DEPOT, TRAVEL, at, stop

CERTAIN = Spread(leg=0.0, service=0.0)


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

    *_, last = estimate_etas(stops, DEPOT, at("08:00"), TRAVEL, Spread(leg=0.3, service=0.4))

    deviation_s = (30**2 + 40**2 + 30**2) ** 0.5
    assert (last.p90_at - last.p50_at).total_seconds() == pytest.approx(Z_P90 * deviation_s, rel=1e-3)


def test_a_long_wait_absorbs_all_uncertainty() -> None:
    # 08:00 ─► a opens at 10:00 ─► b: as if started anew at 10:00
    stops = [stop("a", 1000, window=("10:00", "11:00")), stop("b", 2000)]

    *_, last = estimate_etas(stops, DEPOT, at("08:00"), TRAVEL, Spread(leg=0.1, service=0.0))

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
