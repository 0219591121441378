import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.geometry import EARTH_RADIUS_M, haversine_m
from routing.plan import Location
from tests.factories import DEPOT, place

locations = st.builds(Location, st.floats(-90, 90), st.floats(-180, 180))


def test_a_degree_of_latitude_is_a_360th_of_a_meridian_circle() -> None:
    distance_m = haversine_m(Location(10.0, 20.0), Location(11.0, 20.0))

    assert distance_m == pytest.approx(2 * 3.141592653589793 * EARTH_RADIUS_M / 360)


def test_antipodes_are_half_a_circle_apart() -> None:
    distance_m = haversine_m(Location(0.0, 0.0), Location(0.0, 180.0))

    assert distance_m == pytest.approx(3.141592653589793 * EARTH_RADIUS_M)


def test_places_of_the_factory_are_as_far_as_they_say() -> None:
    assert haversine_m(DEPOT, place(3000, 4000)) == pytest.approx(5000, rel=1e-3)


@given(locations, locations)
def test_distance_is_the_same_both_ways_and_never_negative(a: Location, b: Location) -> None:
    there_m, back_m = haversine_m(a, b), haversine_m(b, a)

    assert there_m == pytest.approx(back_m)
    assert 0 <= there_m <= 3.1415926536 * EARTH_RADIUS_M


@given(locations)
def test_a_place_is_no_distance_from_itself(a: Location) -> None:
    assert haversine_m(a, a) == 0
