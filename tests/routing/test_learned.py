"""Legs at learned speeds: the finest that is known counts, and tables say what single legs say."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.learned import LearnedSpeeds, ZoneAndHour
from routing.plan import Location
from routing.problem import Problem, StopCriterion
from routing.solve import solve
from routing.travel import StraightLine
from tests.factories import DAY, DEPOT, at, place, shift, stop

EAST, WEST = place(1000), place(-1000)
OTHERWISE = StraightLine(detour=1.25, speeds_mps=(5.0,) * 24)


def zone_of(place: Location) -> str:
    return "east" if place.lon_deg > DEPOT.lon_deg else "west"


def learned(**speeds: float) -> LearnedSpeeds:
    """``east_9=4`` is 4 m/s to the east at nine; ``any`` stands for any zone, no number for any hour."""
    keys: dict[ZoneAndHour, float] = {}
    for name, mps in speeds.items():
        zone, _, hour = name.partition("_")
        keys[None if zone == "any" else zone, int(hour) if hour else None] = mps
    return LearnedSpeeds(keys, zone_of, frozenset([DEPOT]), OTHERWISE)


def seconds(travel: LearnedSpeeds, origin: Location, destination: Location, clock: str = "09:00") -> float:
    return travel.leg(origin, destination, at(clock))[1]


@pytest.mark.parametrize(
    ("speeds", "mps"),
    [
        ({"east_9": 1, "east": 2, "any_9": 3, "any": 4}, 1),
        ({"east_8": 1, "east": 2, "any_9": 3, "any": 4}, 2),
        ({"west_9": 1, "west": 2, "any_9": 3, "any": 4}, 3),
        ({"west_9": 1, "west": 2, "any_8": 3, "any": 4}, 4),
        ({"west_9": 1}, 5 / 1.25),
    ],
)
def test_the_finest_that_is_known_counts(speeds: Mapping[str, float], mps: float) -> None:
    travel = learned(**speeds)

    distance_m, duration_s = travel.leg(WEST, EAST, at("09:59"))

    assert distance_m == pytest.approx(2000 * 1.25, rel=1e-3)
    assert duration_s == pytest.approx(2000 / mps, rel=1e-3)


def test_the_way_home_is_of_the_zone_that_is_left() -> None:
    travel = learned(east=2, west=8)

    assert seconds(travel, EAST, DEPOT) == pytest.approx(1000 / 2, rel=1e-3)
    assert seconds(travel, WEST, DEPOT) == pytest.approx(1000 / 8, rel=1e-3)
    assert seconds(travel, DEPOT, EAST) == pytest.approx(1000 / 2, rel=1e-3)


def test_hours_are_utc_whatever_the_zone_of_the_departure() -> None:
    travel = learned(any=4, any_8=1)

    in_berlin = at("08:30").astimezone(ZoneInfo("Europe/Berlin"))

    assert travel.leg(WEST, EAST, in_berlin)[1] == pytest.approx(2000, rel=1e-3)


def test_what_is_the_same_at_any_hour_is_steady() -> None:
    assert learned(any=4, east=2).is_steady
    assert learned().is_steady
    assert not learned(any=4, east_9=2).is_steady


@pytest.mark.parametrize("mps", [0.0, -1.0, 101.0, float("nan")])
def test_a_speed_that_is_none_is_refused(mps: float) -> None:
    with pytest.raises(ValueError, match="in zone east and hour None; it is above 0"):
        learned(east=mps)


POINTS = st.builds(place, st.floats(-5000, 5000), st.floats(-5000, 5000))


@given(st.lists(POINTS, min_size=1, max_size=4), st.integers(0, 23))
def test_tables_say_what_single_legs_say(points: list[Location], hour: int) -> None:
    travel = learned(east_9=1, west=2, any_9=3, any=4)
    places = [DEPOT, *points]

    distances_m, durations_s = travel.matrices(places, at(f"{hour:02d}:30"))

    legs = [[travel.leg(a, b, at(f"{hour:02d}:30")) for b in places] for a in places]
    np.testing.assert_allclose(distances_m, [[leg[0] for leg in row] for row in legs], rtol=1e-6, atol=1e-3)
    np.testing.assert_allclose(durations_s, [[leg[1] for leg in row] for row in legs], rtol=1e-6, atol=1e-3)


def test_a_zone_that_is_slow_in_the_morning_is_served_later() -> None:
    # At 1 m/s the east takes 17 minutes until nine, and under two from then on.
    travel = learned(any=10, east_8=1)
    stops = (stop("east", 1000, window=("08:00", "16:00")), stop("west", -3000, window=("08:00", "08:30")))

    solution = solve(Problem("D1", DAY, (shift(),), stops, travel), StopCriterion(iterations=50), 1)

    (route,) = solution.plan.routes
    assert [visit.stop.stop_id for visit in route.visits] == ["west", "east"]
    assert solution.evaluation.is_feasible
