import numpy as np
import pytest

from routing.geometry import haversine_m
from routing.plan import Location
from routing.roads.contract import contract
from routing.roads.map import TurnRule
from routing.roads.network import RoadNetwork
from tests.routing.roads.drawing import RESIDENTIAL_MPS, draw, network_of, node_id, road, spot


def steps(network: RoadNetwork, origin: Location, destination: Location) -> float:
    """How many steps of the drawing the fastest way is long, to the decimetre."""
    return round(float(network.legs((origin, destination)).distances_m[0, 1]) / 100, 3)


def test_a_leg_follows_the_bends_of_the_road() -> None:
    network, at = network_of(
        """
        b c
        a d
        """,
        [road("a-b-c-d")],
    )

    legs = network.legs((at["a"], at["d"]))

    assert legs.distances_m[0, 1] == pytest.approx(300, abs=0.1)
    assert legs.durations_s[0, 1] == pytest.approx(legs.distances_m[0, 1] / RESIDENTIAL_MPS)
    assert legs.durations_s[0, 0] == legs.distances_m[1, 1] == 0


def test_a_bend_is_no_junction() -> None:
    roads, _ = draw(
        """
        b c d
        a   e
        """,
        [road("a-b-c-d-e")],
    )

    graph = contract(roads)

    assert (graph.n_junctions, graph.n_shapes) == (2, 2)


def test_a_one_way_road_is_driven_one_way() -> None:
    network, at = network_of(
        """
        c b
        d a
        """,
        [road("a-b", oneway="yes"), road("b-c-d-a")],
    )

    assert steps(network, at["a"], at["b"]) == 1
    assert steps(network, at["b"], at["a"]) == 3


def test_a_place_behind_on_a_one_way_road_is_reached_by_going_round() -> None:
    network, _ = network_of(
        """
        d   c
        a   b
        """,
        [road("a-b-c-d-a", oneway="yes")],
    )
    early, late = spot(0.5, 0), spot(1.5, 0)

    assert steps(network, early, late) == 1
    assert steps(network, late, early) == 5


def test_opposite_doors_of_a_one_way_road_are_no_way_apart() -> None:
    network, _ = network_of(
        """
        d   c
        a   b
        """,
        [road("a-b-c-d-a", oneway="yes")],
    )
    left, right = spot(0.7, 0.1), spot(0.699999, -0.1)  # a tenth of a millimetre behind

    assert steps(network, left, right) == steps(network, right, left) == 0
    assert len(network.path(left, right)) <= 2


def test_a_place_stands_where_its_road_is_nearest_and_may_be_left_both_ways() -> None:
    network, at = network_of("a   b", [road("a-b")])
    beside = spot(0.5, 0.3)

    assert steps(network, beside, at["a"]) == 0.5
    assert steps(network, beside, at["b"]) == 1.5
    assert network.distances_to_road_m((beside, at["a"])) == pytest.approx([30, 0], abs=0.01)


def test_no_place_stands_on_a_motorway_that_has_a_street_anywhere_near() -> None:
    motorway = road("a-b", 1, highway="motorway", oneway="no")
    network, at = network_of(
        """
        c d
        a b
        """,
        [motorway, road("a-c-d-b", 2)],
    )
    alone, _ = network_of("a b", [motorway])

    assert network.distances_to_road_m((spot(0.5, 0.1),)) == pytest.approx([50], abs=0.1)
    assert steps(network, at["a"], at["b"]) == 1, "but it is driven"
    assert alone.distances_to_road_m((spot(0.5, 0.1),)) == pytest.approx([10], abs=0.1)


def test_a_place_at_a_corner_may_be_left_and_reached_by_every_road_there() -> None:
    network, at = network_of(
        """
        d c
        a b
        """,
        [road("a-b", oneway="yes"), road("b-c", oneway="yes"), road("c-d-a", oneway="yes")],
    )

    assert steps(network, at["a"], at["b"]) == 1
    assert steps(network, at["b"], at["a"]) == 3


def test_a_place_too_far_from_any_road_is_named_with_its_distance() -> None:
    network, at = network_of("a b", [road("a-b")])
    far = spot(0, 60)

    with pytest.raises(
        ValueError, match=r"no road within 500 m of 52\.05.*, 5\.0: the nearest is 6\.0 km away"
    ):
        network.legs((at["a"], far))
    with pytest.raises(ValueError, match=r"the nearest is 6\.0 km away"):
        network.path(far, at["a"])
    assert network.distances_to_road_m((far,)) == pytest.approx([6000], rel=1e-3)


def test_how_far_away_a_place_may_be_is_a_positive_distance() -> None:
    roads, _ = draw("a b", [road("a-b")])

    with pytest.raises(ValueError, match="furthest_m that is not positive: -1"):
        RoadNetwork(contract(roads), -1)


def test_places_snap_to_the_largest_part_alone() -> None:
    network, at = network_of(
        """
        e f
        a b c
        """,
        [road("a-b-c"), road("e-f")],
    )

    assert network.distances_to_road_m((at["e"],)) == pytest.approx([100], abs=0.1)
    assert steps(network, at["e"], at["c"]) == 2


def test_a_one_way_road_out_of_the_map_is_left_out() -> None:
    roads, _ = draw("a b c", [road("a-b"), road("b-c", oneway="yes")])

    graph = contract(roads)

    assert graph.piece_m().sum() == pytest.approx(200, abs=0.1)


def test_nothing_leads_through_a_bollard_but_both_sides_are_reached() -> None:
    network, at = network_of(
        """
        d   c
        a x b
        """,
        [road("a-x-b"), road("b-c-d-a")],
        blocked="x",
    )

    assert steps(network, spot(0.9, 0), spot(1.1, 0)) == pytest.approx(0.9 + 1 + 2 + 1 + 0.9)
    assert steps(network, at["a"], spot(0.9, 0)) == 0.9


CROSSING = """
  n
w v e
  s
"""
ARMS = [road("s-v", 1), road("v-n", 2), road("v-e", 3), road("v-w", 4)]


@pytest.mark.parametrize(
    ("rule", "long"),
    [
        # From s to w over v, where every arm ends in a place to turn round.
        (None, 2),
        # No left turn: a driver goes on to an arm's end, turns, and comes back.
        (TurnRule(1, node_id("v"), 4, is_only=False), 4),
        # Straight on alone: to n and back.
        (TurnRule(1, node_id("v"), 2, is_only=True), 4),
        # A rule for others.
        (TurnRule(3, node_id("v"), 4, is_only=False), 2),
    ],
)
def test_turn_rules_are_kept_to(rule: TurnRule | None, long: float) -> None:
    network, at = network_of(CROSSING, ARMS, () if rule is None else (rule,))

    assert steps(network, at["s"], at["w"]) == long


@pytest.mark.parametrize(
    "rule",
    [
        TurnRule(9, node_id("v"), 4, is_only=False),
        TurnRule(1, node_id("q"), 4, is_only=False),
        TurnRule(1, node_id("s"), 4, is_only=False),
    ],
)
def test_rules_about_other_roads_are_counted_and_passed_over(rule: TurnRule) -> None:
    roads, _ = draw(CROSSING, ARMS, (rule,))

    assert roads.n_rules_passed_over == 1
    assert len(roads.banned_turns) == 0


def test_a_faster_detour_is_taken() -> None:
    network, at = network_of(
        """
        c d
        a b
        """,
        [road("a-b", highway="living_street"), road("a-c-d-b", highway="primary")],
    )

    assert steps(network, at["a"], at["b"]) == 3


def test_a_road_in_a_circle_without_any_junction_is_a_road() -> None:
    network, _ = network_of(
        """
        d c
        a b
        """,
        [road("a-b-c-d-a")],
    )

    assert steps(network, spot(0.5, 0), spot(0.5, 1)) == 2


def test_two_roads_between_the_same_junctions_are_told_apart() -> None:
    network, at = network_of(
        """
          n
        a   b e
          s
        """,
        [road("b-e", 3), road("a-n-b", 1), road("a-s-b", 2, highway="primary")],
    )

    middle = network.path(at["a"], at["b"])[1]

    assert haversine_m(middle, at["s"]) == pytest.approx(0, abs=0.01)


def test_a_path_has_every_bend_and_ends_beside_the_places() -> None:
    network, at = network_of(
        """
        b c
        a d e
        """,
        [road("a-b-c-d", 1), road("d-e", 2)],
    )

    path = network.path(spot(-0.1, 0.5), spot(1.5, -0.2))

    expected = [spot(0, 0.5), at["b"], at["c"], at["d"], spot(1.5, 0)]
    assert [haversine_m(*pair) for pair in zip(path, expected, strict=True)] == pytest.approx(
        [0] * 5, abs=0.01
    )


def test_a_path_along_one_piece_of_road_is_a_straight_line() -> None:
    network, _ = network_of("a   b", [road("a-b")])

    there, back = network.path(spot(0.5, 0), spot(1.5, 0)), network.path(spot(1.5, 0), spot(0.5, 0))

    assert len(there) == 2
    assert [haversine_m(*pair) for pair in zip(there, back[::-1], strict=True)] == pytest.approx(
        [0, 0], abs=0.01
    )


def test_a_path_from_a_place_to_itself_is_a_point() -> None:
    network, _ = network_of("a   b", [road("a-b")])

    assert len(network.path(spot(0.5, 0), spot(0.5, 0))) == 1


def test_seconds_are_told_apart_by_groups_of_road_classes() -> None:
    network, at = network_of("a b c", [road("a-b", 1), road("b-c", 2, highway="primary")])
    groups = (0, 0, 1, 0, 0, 0, 0, 0, 0)  # primary roads, and all others

    legs = network.legs((at["a"], at["c"]), groups)

    assert legs.group_s[0, 1] == pytest.approx([100 / RESIDENTIAL_MPS, 100 / (45 / 3.6)], rel=1e-3)
    assert legs.group_s.sum(axis=2) == pytest.approx(legs.durations_s)


def test_no_places_have_no_legs() -> None:
    network, _ = network_of("a b", [road("a-b")])

    assert network.legs(()).durations_s.shape == (0, 0)


def test_the_same_place_twice_is_no_way_apart() -> None:
    network, at = network_of("a b", [road("a-b")])

    assert not np.any(network.legs((at["a"], at["a"])).durations_s)


def test_a_map_without_roads_is_refused() -> None:
    with pytest.raises(ValueError, match="no road that a van may drive"):
        draw("a b", [])
    with pytest.raises(ValueError, match="no two places that can be reached from each other"):
        contract(draw("a b", [road("a-b", oneway="yes")])[0])


def test_a_way_with_a_node_that_the_map_lacks_is_interrupted_there() -> None:
    roads, _ = draw("a b d e", [road("a-b-c-d-e")])

    assert len(roads.tail) == 4
