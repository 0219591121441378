"""Legs, measures and paths of the contracted graph against Dijkstra on the map as it is."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from pipelines.roads.osm import read_osm
from routing.geometry import haversine_m
from routing.plan import Location
from routing.roads.contract import contract
from routing.roads.graph import RoadGraph
from routing.roads.map import RoadMap, TurnRule, Way, lay_map
from routing.roads.network import RoadNetwork
from routing.roads.tags import ROAD_CLASSES, Passage, RoadClass
from tests.routing.roads.drawing import spot
from tests.routing.roads.plain import PlainRoads, metres_of

CLASSES = (RoadClass.PRIMARY, RoadClass.TERTIARY, RoadClass.RESIDENTIAL)
SIDE = 4
EVERY_CLASS = tuple(range(len(ROAD_CLASSES)))
TENTHS = st.integers(-3, 3).map(lambda each: each / 10)
METRES = st.integers(-50, 100 * SIDE - 50).map(lambda each: each / 100)
"""Whole ones: a place as far from one road as from another is so for both sides, or clearly not."""

PHASES = [Phase.explicit, Phase.reuse, Phase.generate]
"""Making a failing map smaller would take minutes."""


@st.composite
def maps(draw: st.DrawFn) -> RoadMap:
    """Streets on a bent grid, some one-way, some missing, with turn rules and barriers."""
    bends = draw(st.lists(st.tuples(TENTHS, TENTHS), min_size=SIDE**2, max_size=SIDE**2))
    places = {}
    for node in range(SIDE**2):
        at = spot(node % SIDE + bends[node][0], node // SIDE + bends[node][1])
        places[node] = (at.lat_deg, at.lon_deg)
    pairs = [(node, node + 1) for node in range(SIDE**2) if node % SIDE < SIDE - 1]
    pairs += [(node, node + SIDE) for node in range(SIDE**2 - SIDE)]
    speeds = st.sampled_from([3.0, 7.0, 12.5])
    ways = []
    for way_id, pair in enumerate(pairs):
        kind = draw(st.sampled_from(["two-way"] * 4 + ["forward", "backward", "none"]))
        if kind != "none":
            forward = None if kind == "backward" else draw(speeds)
            backward = None if kind == "forward" else draw(speeds)
            ways.append(Way(way_id, pair, Passage(draw(st.sampled_from(CLASSES)), forward, backward)))
    rules = []
    for _ in range(draw(st.integers(0, 12))):
        node = draw(st.integers(0, SIDE**2 - 1))
        met = [way.way_id for way in ways if node in way.node_ids]
        if met:
            turn = draw(st.sampled_from(met)), node, draw(st.sampled_from(met))
            rules.append(TurnRule(*turn, is_only=draw(st.integers(0, 3)) == 0))
    return lay_map(ways, places, draw(st.frozensets(st.integers(0, SIDE**2 - 1), max_size=2)), rules)


def plain_of(roads: RoadMap, graph: RoadGraph) -> PlainRoads:
    """The reference, for the part of the map that the graph has kept."""
    nodes = list(zip(roads.lat_deg.tolist(), roads.lon_deg.tolist(), strict=True))
    kept = [(float(graph.lat_deg[point]), float(graph.lon_deg[point])) for point in (0, 1)]
    pieces = zip(roads.tail.tolist(), roads.head.tolist(), strict=True)
    return PlainRoads(roads, next(piece for piece in pieces if [nodes[each] for each in piece] == kept))


@given(maps(), st.lists(st.tuples(METRES, METRES), min_size=2, max_size=4))
@settings(max_examples=150, phases=PHASES)
def test_legs_on_small_maps_are_plain_dijkstras(roads: RoadMap, around: list[tuple[float, float]]) -> None:
    try:
        graph = contract(roads)
    except ValueError:
        assume(False)
    network, plain = RoadNetwork(graph), plain_of(roads, graph)
    places = [spot(*each) for each in around]

    legs = network.legs(places, EVERY_CLASS)

    expected = [[plain.leg(a, b)[0] if a != b else 0.0 for b in places] for a in places]
    assert legs.durations_s == pytest.approx(np.array(expected), rel=1e-9, abs=1e-6)
    assert legs.group_s.sum(axis=2) == pytest.approx(legs.durations_s, abs=1e-6)
    assert network.distances_to_road_m(places) == pytest.approx(
        [plain.stands(each)[1] for each in places], rel=1e-4, abs=1e-3
    )
    alone = network.legs(places[:2])
    path = network.path(*places[:2])
    assert sum(haversine_m(*each) for each in pairwise(path)) == pytest.approx(
        alone.distances_m[0, 1], abs=0.01
    )


@given(maps())
@settings(max_examples=50, phases=PHASES)
def test_all_that_can_reach_each_other_is_kept(roads: RoadMap) -> None:
    try:
        graph = contract(roads)
    except ValueError:
        assume(False)

    plain = plain_of(roads, graph)

    assert graph.piece_m().sum() == pytest.approx(sum(plain.metres[piece] for piece in plain.pieces))


@pytest.mark.parametrize("city", ["porto", "monaco"])
def test_legs_in_a_city_are_plain_dijkstras(city: str, shared_data: Path) -> None:
    roads = read_osm(shared_data / "osm" / f"{city}.osm.pbf")
    graph = contract(roads)
    network, plain = RoadNetwork(graph), plain_of(roads, graph)
    dice = np.random.default_rng(7)
    points = dice.integers(0, len(graph.lat_deg), 8)
    shifted = dice.normal(0, 5e-4, (2, len(points)))
    at = zip(graph.lat_deg[points] + shifted[0], graph.lon_deg[points] + shifted[1], strict=True)
    places = [Location(float(lat), float(lon)) for lat, lon in at]

    legs = network.legs(places, EVERY_CLASS)

    assert network.distances_to_road_m(places) == pytest.approx(
        [plain.stands(each)[1] for each in places], rel=1e-4, abs=1e-3
    )
    for origin, destination in [(0, each) for each in range(1, 8)] + [(each, 0) for each in range(1, 8)]:
        seconds, way = plain.leg(places[origin], places[destination])
        pair = origin, destination
        assert legs.durations_s[pair] == pytest.approx(seconds, rel=1e-9)
        assert legs.distances_m[pair] == pytest.approx(metres_of(plain, way), rel=1e-9)
        assert legs.group_s[pair] == pytest.approx(by_class(plain, way), rel=1e-6, abs=1e-6)
        path = network.path(places[origin], places[destination])
        assert sum(haversine_m(*each) for each in pairwise(path)) == pytest.approx(
            legs.distances_m[pair], rel=1e-6
        )


def by_class(plain: PlainRoads, way: list[tuple[tuple[int, int], float]]) -> list[float]:
    """The seconds of a way on roads of each class."""
    seconds = [0.0] * len(ROAD_CLASSES)
    for piece, share in way:
        seconds[plain.road_class[piece]] += share * plain.seconds[piece]
    return seconds
