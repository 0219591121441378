from datetime import timedelta, timezone

import numpy as np
import pytest

from routing.legs import hourly_legs
from routing.plan import Location
from routing.roads.network import RoadLegs, RoadNetwork
from routing.roads.tags import ROAD_CLASSES, RoadClass
from routing.roads.travel import HourlySpeeds, RoadTravel
from tests.factories import at
from tests.routing.roads.drawing import network_of, road, spot

RUSH = (1.0,) * 8 + (0.5,) + (1.0,) * 15
"""Half as fast from 8 to 9, UTC."""


class Counting(RoadNetwork):
    """Notes how many places each search was for."""

    def __init__(self, network: RoadNetwork) -> None:
        self._inner = network
        self.searches: list[int] = []

    def legs(self, places: tuple[Location, ...], groups: tuple[int, ...] = ()) -> RoadLegs:
        if places:
            self.searches.append(len(places))
        return self._inner.legs(places, groups)


@pytest.fixture
def network() -> Counting:
    """A quiet road from a to b, then a main road to c."""
    return Counting(network_of("a b c", [road("a-b", 1), road("b-c", 2, highway="primary")])[0])


A, B, C = spot(0, 0), spot(1, 0), spot(2, 0)


def test_legs_are_the_same_alone_and_in_a_table(network: Counting) -> None:
    travel = RoadTravel(network)

    alone = travel.leg(A, C, at("08:00"))
    distances_m, durations_s = travel.matrices((C, A, B), at("08:00"))

    assert travel.is_steady
    assert (distances_m[1, 0], durations_s[1, 0]) == alone == travel.leg(A, C, at("20:00"))
    assert distances_m.shape == (3, 3)


def test_an_hour_slows_its_classes_and_no_others(network: Counting) -> None:
    travel = RoadTravel(network, HourlySpeeds({RoadClass.PRIMARY: RUSH}))

    (_, quiet_s), (_, main_s), (distance_m, both_s) = (
        travel.leg(*pair, at("08:30")) for pair in ((A, B), (B, C), (A, C))
    )

    assert not travel.is_steady
    assert quiet_s == pytest.approx(travel.leg(A, B, at("07:59"))[1])
    assert main_s == pytest.approx(2 * travel.leg(B, C, at("09:00"))[1])
    assert both_s == pytest.approx(quiet_s + main_s)
    assert distance_m == travel.leg(A, C, at("12:00"))[0]


def test_the_hour_is_utcs(network: Counting) -> None:
    travel = RoadTravel(network, HourlySpeeds({RoadClass.PRIMARY: RUSH}))
    in_lisbon = at("08:30").astimezone(timezone(timedelta(hours=1)))

    assert travel.leg(B, C, in_lisbon) == travel.leg(B, C, at("08:30"))


def test_all_hours_are_reckoned_from_one_search(network: Counting) -> None:
    travel = RoadTravel(network, HourlySpeeds({RoadClass.PRIMARY: RUSH, RoadClass.SERVICE: (0.7,) * 24}))

    legs = hourly_legs((A, B, C), travel, at("06:00"), at("16:00"))

    assert network.searches == [3]
    assert not legs.is_steady
    assert legs.durations_s[2][1, 2] == pytest.approx(2 * legs.durations_s[1][1, 2])
    assert travel.leg(A, C, at("08:00"))[1] == pytest.approx(legs.durations_s[2][0, 2])
    assert network.searches == [3], "a leg of the table needs no search"


def test_a_new_place_is_searched_once(network: Counting) -> None:
    travel = RoadTravel(network)
    travel.matrices((A, B), at("08:00"))

    for _ in range(3):
        travel.leg(A, C, at("08:00"))
    travel.matrices((B, A), at("09:00"))

    assert network.searches == [2, 2]


def test_speeds_that_differ_from_the_roads_own_but_not_by_hour_are_steady(network: Counting) -> None:
    travel = RoadTravel(network, HourlySpeeds({RoadClass.PRIMARY: (0.8,) * 24}))

    assert travel.is_steady
    assert travel.leg(B, C, at("08:00"))[1] == pytest.approx(
        RoadTravel(network).leg(B, C, at("08:00"))[1] / 0.8
    )


def test_a_leg_from_a_place_to_itself_is_none(network: Counting) -> None:
    speeds = HourlySpeeds({RoadClass.PRIMARY: RUSH})

    assert RoadTravel(network, speeds).leg(A, A, at("08:00")) == (0, 0)


def test_the_same_place_may_stand_in_a_table_twice(network: Counting) -> None:
    distances_m, _ = RoadTravel(network).matrices((A, B, A), at("08:00"))

    assert distances_m[0, 2] == 0
    assert distances_m[0, 1] == distances_m[2, 1]


def test_classes_of_the_same_shares_are_one_group() -> None:
    groups, slowness = HourlySpeeds({RoadClass.PRIMARY: RUSH, RoadClass.TRUNK: RUSH}).grouped()

    assert [groups[ROAD_CLASSES.index(each)] for each in (RoadClass.PRIMARY, RoadClass.TRUNK)] == [1, 1]
    assert slowness.shape == (24, 2)
    assert np.all(slowness[8] == [1, 2])


@pytest.mark.parametrize("shares", [(1.0,) * 23, (0.0,) * 24, (float("nan"),) * 24, (3.0,) * 24])
def test_shares_that_make_no_sense_are_refused(shares: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="wants 24 shares for primary"):
        HourlySpeeds({RoadClass.PRIMARY: shares})
