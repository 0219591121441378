from pathlib import Path

import numpy as np
import pytest

from pipelines.roads.osm import read_osm
from routing.errors import ConfigurationError
from routing.roads.contract import contract
from routing.roads.map import RoadMap
from routing.roads.network import RoadNetwork
from routing.roads.tags import ROAD_CLASSES, RoadClass
from tests.factories import place
from tests.pipelines.roads.town import write_town


@pytest.fixture
def roads(tmp_path: Path) -> RoadMap:
    return read_osm(write_town(tmp_path / "town.osm"))


def test_the_roads_of_a_file_are_read_and_nothing_else(roads: RoadMap) -> None:
    kinds = {ROAD_CLASSES[each] for each in roads.road_class}

    assert len(roads.tail) == 2 * 2 + 1 + 2 + 2 * 2
    assert kinds == {RoadClass.SECONDARY, RoadClass.RESIDENTIAL, RoadClass.SERVICE}
    assert roads.speed_mps.max() == pytest.approx(50 * 0.8 / 3.6)


def test_a_turn_restriction_of_the_file_bans_its_turns(tmp_path: Path) -> None:
    roads = read_osm(write_town(tmp_path / "town.osm", restriction="only_straight_on", via=3, to=2))

    (turn,) = roads.banned_turns
    assert turn[0] == turn[2], "at the end of way 1 nobody turns round"
    assert roads.n_rules_passed_over == 0


def test_a_turn_restriction_that_leaves_doubt_is_passed_over(tmp_path: Path) -> None:
    roads = read_osm(write_town(tmp_path / "town.osm"))

    # Way 1 goes on beyond the node of the turn, both ways: which arm is meant, the relation doesn't say.
    assert len(roads.banned_turns) == 0
    assert roads.n_rules_passed_over == 1


@pytest.mark.parametrize(
    ("restriction", "more", "n_rules"),
    [
        ("no_left_turn", "", 1),
        ("only_straight_on", "", 1),
        ("give_way", "", 0),
        ("no_left_turn", '<tag k="except" v="psv;motorcar"/>', 0),
        ("no_left_turn", '<tag k="except" v="psv"/>', 1),
        ("no_left_turn", '<member type="way" ref="3" role="via"/>', 1),
    ],
)
def test_which_restrictions_are_a_vans(tmp_path: Path, restriction: str, more: str, n_rules: int) -> None:
    if more.startswith("<member"):
        file = write_town(tmp_path / "town.osm", restriction=restriction)
        file.write_text(file.read_text().replace('<tag k="type"', f'{more}<tag k="type"'))
    else:
        file = write_town(tmp_path / "town.osm", restriction=restriction, more=more)

    roads = read_osm(file)

    assert len(roads.banned_turns) + roads.n_rules_passed_over == n_rules


def test_a_bollard_in_the_file_closes_its_road(tmp_path: Path) -> None:
    behind = place(100, 85)
    open_road = RoadNetwork(contract(read_osm(write_town(tmp_path / "open.osm"))))
    closed_road = RoadNetwork(contract(read_osm(write_town(tmp_path / "closed.osm", bollard=True))))

    assert open_road.distances_to_road_m((behind,)) == pytest.approx([0], abs=0.1)
    assert closed_road.distances_to_road_m((behind,)) == pytest.approx([31.3], abs=0.1)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.osm.pbf", b"", r"is empty: an OpenStreetMap extract, \.osm\.pbf or \.osm, would be right"),
        ("text.osm.pbf", b"hello, this is no map", "PBF error"),
        ("cut.osm", b'<osm version="0.6"><node id', "XML parsing error"),
        ("bare.osm", b'<osm version="0.6"></osm>', "no road that a van may drive"),
        ("map.txt", b"hello", "Could not detect file format"),
    ],
)
def test_a_file_that_is_no_map_is_named_with_what_is_wrong(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)

    with pytest.raises(ConfigurationError, match=message) as refused:
        read_osm(file)

    assert str(file) in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.osm\.pbf is no file: an OpenStreetMap extract"):
        read_osm(tmp_path / "none.osm.pbf")


@pytest.mark.parametrize("share", [0.01, 0.3, 0.9])
def test_a_truncated_extract_is_an_error(shared_data: Path, tmp_path: Path, share: float) -> None:
    whole = (shared_data / "osm" / "porto.osm.pbf").read_bytes()
    file = tmp_path / "cut.osm.pbf"
    file.write_bytes(whole[: int(share * len(whole))])

    with pytest.raises(ConfigurationError, match=r"cut\.osm\.pbf: PBF error"):
        read_osm(file)


@pytest.mark.parametrize(("city", "km"), [("porto", (150, 156)), ("monaco", (297, 304))])
def test_a_real_extract_has_its_roads(shared_data: Path, city: str, km: tuple[float, float]) -> None:
    roads = read_osm(shared_data / "osm" / f"{city}.osm.pbf")

    graph = contract(roads)

    shape_m = np.add.reduceat(graph.piece_m(), graph.first_point[:-1])
    ground_km = (shape_m[graph.twin < 0].sum() + shape_m[graph.twin >= 0].sum() / 2) / 1000
    assert km[0] < ground_km < km[1]
    assert len(roads.banned_turns) > 30
