from math import cos, hypot, pi, sin
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.geometry import haversine_m
from routing.plan import Location
from streams.simulator.roads import Plane, Point, path_through, streets

PLANE = Plane(Location(52.3745, 9.7386))
metres = st.floats(-20_000, 20_000)
points = st.builds(Point, metres, metres)


@given(origin=points, destination=points)
def test_distances_on_the_plane_are_those_on_the_earth(origin: Point, destination: Point) -> None:
    on_earth_m = haversine_m(PLANE.location(origin), PLANE.location(destination))

    assert on_earth_m == pytest.approx(origin.distance_m(destination), rel=0.005, abs=0.1)


@given(point=points)
def test_a_place_is_found_again(point: Point) -> None:
    again = PLANE.point(PLANE.location(point))

    assert again.distance_m(point) < 0.05


@given(origin=points, destination=points, grid_rad=st.floats(0, pi / 2), seed=st.integers(0, 99))
def test_streets_join_both_ends_at_the_taxicab_distance(
    origin: Point, destination: Point, grid_rad: float, seed: int
) -> None:
    path = streets(origin, destination, grid_rad, Random(seed))

    straight_m = origin.distance_m(destination)
    assert path.at(0.0)[0].distance_m(origin) < 0.01
    assert path.at(path.length_m)[0].distance_m(destination) < 0.01
    assert straight_m - 0.01 <= path.length_m <= straight_m * 2**0.5 + 0.01


def test_streets_are_on_average_four_over_pi_times_the_straight_line() -> None:
    generator = Random(1)
    here = Point(0, 0)
    around = [Point(5000 * cos(turn), 5000 * sin(turn)) for turn in (2 * pi * n / 360 for n in range(360))]

    ratios = [streets(here, there, 0.7, generator).length_m / 5000 for there in around]

    assert sum(ratios) / len(ratios) == pytest.approx(4 / pi, abs=0.02)


def test_a_path_is_walked_block_by_block_with_its_heading() -> None:
    path = path_through([Point(0, 0), Point(100, 0), Point(100, 50)])

    assert path.length_m == 150
    assert path.at(40) == (Point(40, 0), 90.0)
    assert path.at(125) == (Point(100, 25), 0.0)
    assert hypot(path.at(999)[0].east_m - 100, path.at(999)[0].north_m - 50) == 0


def test_a_path_to_the_same_place_has_no_length() -> None:
    path = streets(Point(5, 5), Point(5, 5), 0.3, Random(1))

    assert path.length_m == 0.0
    assert path.at(0.0) == (Point(5, 5), 0.0)
