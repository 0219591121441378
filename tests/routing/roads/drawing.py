"""Small maps drawn by hand: nodes are letters, a hundred metres a step east or north of 52 N 5 E.

road("a-b-c")            two-way residential road by the nodes a, b, c
road("a-b", oneway="yes", highway="primary")
"""

from collections.abc import Sequence

from routing.plan import Location
from routing.roads.contract import contract
from routing.roads.map import RoadMap, TurnRule, Way, lay_map
from routing.roads.network import RoadNetwork
from routing.roads.tags import passage_of
from tests.factories import place

STEP_M = 100.0
RESIDENTIAL_MPS = 25 / 3.6


def node_id(letter: str) -> int:
    """The id of a node on the map."""
    return 1000 + ord(letter)


def road(nodes: str, way_id: int = 1, **tags: str) -> Way:
    """A way by these nodes; without a tag it is residential."""
    passage = passage_of({"highway": "residential"} | tags)
    assert passage is not None, "no van drives there"
    return Way(way_id, tuple(node_id(each) for each in nodes.split("-")), passage)


def spot(east: float, north: float) -> Location:
    """A place so many steps from the corner of the map."""
    return place(STEP_M * east, STEP_M * north)


def draw(
    plan: str, ways: Sequence[Way], rules: Sequence[TurnRule] = (), blocked: str = ""
) -> tuple[RoadMap, dict[str, Location]]:
    """The map whose nodes stand as the letters of ``plan`` do, and where each is; 0, 0 is below left."""
    lines = [line for line in plan.splitlines() if line.strip()]
    margin = min(len(line) - len(line.lstrip()) for line in lines)
    spots = {
        letter: spot((column - margin) / 2, len(lines) - 1 - row)
        for row, line in enumerate(lines)
        for column, letter in enumerate(line)
        if letter.isalpha()
    }
    places = {node_id(letter): (at.lat_deg, at.lon_deg) for letter, at in spots.items()}
    return lay_map(ways, places, frozenset(map(node_id, blocked)), rules), spots


def network_of(
    plan: str, ways: Sequence[Way], rules: Sequence[TurnRule] = (), blocked: str = ""
) -> tuple[RoadNetwork, dict[str, Location]]:
    """The same, contracted and ready."""
    roads, spots = draw(plan, ways, rules, blocked)
    return RoadNetwork(contract(roads)), spots
