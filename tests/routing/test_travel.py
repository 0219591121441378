from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from routing.plan import Location
from routing.travel import StraightLine
from tests.factories import DEPOT, at, place

RUSH = StraightLine(detour=1.0, speeds_mps=tuple(5.0 if hour == 9 else 10.0 for hour in range(24)))
"""Half as fast from 09:00 to 10:00 UTC."""


def test_a_leg_takes_the_speed_of_the_hour_in_which_it_begins() -> None:
    _, free_s = RUSH.leg(DEPOT, place(1000), at("08:59:59"))
    _, rush_s = RUSH.leg(DEPOT, place(1000), at("09:00"))

    assert free_s == pytest.approx(100, abs=0.1)
    assert rush_s == pytest.approx(200, abs=0.1)


def test_the_hour_is_that_of_utc_whatever_the_offset_of_the_moment() -> None:
    half_past_nine_utc = datetime(2026, 3, 2, 11, 30, tzinfo=timezone(timedelta(hours=2)))

    _, rush_s = RUSH.leg(DEPOT, place(1000), half_past_nine_utc)

    assert rush_s == pytest.approx(200, abs=0.1)


def test_the_detour_stretches_distance_and_time() -> None:
    straight_m, straight_s = StraightLine(detour=1.0).leg(DEPOT, place(1000), at("08:00"))
    bent_m, bent_s = StraightLine(detour=1.5).leg(DEPOT, place(1000), at("08:00"))

    assert bent_m == pytest.approx(1.5 * straight_m)
    assert bent_s == pytest.approx(1.5 * straight_s)


def test_matrices_hold_the_legs() -> None:
    places = [DEPOT, place(1000, 500), place(-2000, 300), Location(-33.9, 151.2)]

    distances_m, durations_s = RUSH.matrices(places, at("09:30"))

    legs = np.array([[RUSH.leg(a, b, at("09:30")) for b in places] for a in places])
    np.testing.assert_allclose(distances_m, legs[:, :, 0], rtol=1e-9, atol=1e-3)
    np.testing.assert_allclose(durations_s, legs[:, :, 1], rtol=1e-9, atol=1e-3)


@pytest.mark.parametrize(
    ("detour", "speeds_mps", "message"),
    [
        (0.9, (10.0,) * 24, "detour factor below 1: 0.9"),
        (1e9, (10.0,) * 24, "detour factor above 10: 1000000000.0"),
        (float("nan"), (10.0,) * 24, "detour factor above 10: nan"),
        (1.0, (1e9,) * 24, "of 0.1 to 100 m/s"),
        (1.0, (float("nan"),) * 24, "wants 24 speeds, one per UTC hour, of 0.1 to 100 m/s"),
        (1.0, (1e-9,) * 24, "wants 24 speeds, one per UTC hour, of 0.1 to 100 m/s"),
        (1.0, (10.0,) * 23, "wants 24 speeds, one per UTC hour, of 0.1 to 100 m/s"),
        (1.0, (0.0,) * 24, "wants 24 speeds, one per UTC hour, of 0.1 to 100 m/s"),
    ],
)
def test_impossible_travel_is_refused(detour: float, speeds_mps: tuple[float, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        StraightLine(detour, speeds_mps)


def test_the_factory_moments_are_utc() -> None:
    assert at("09:00").tzinfo is UTC
