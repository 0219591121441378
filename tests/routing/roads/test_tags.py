import pytest

from routing.roads.tags import (
    LIMIT_SHARE,
    LINK_SHARE,
    USUAL_KMH,
    Passage,
    RoadClass,
    is_blocked,
    limit_kmh,
    passage_of,
)

ROAD = {"highway": "residential"}


def passage(**tags: str) -> Passage:
    found = passage_of({name.replace("__", ":"): text for name, text in (ROAD | tags).items()})
    assert found is not None
    return found


def test_a_road_without_other_tags_is_driven_both_ways_at_its_usual_speed() -> None:
    found = passage(highway="tertiary")

    assert found.road_class is RoadClass.TERTIARY
    assert found.forward_mps == found.backward_mps == pytest.approx(USUAL_KMH[RoadClass.TERTIARY] / 3.6)


def test_a_ramp_is_slower_than_its_road() -> None:
    ramp = passage(highway="trunk_link")

    assert ramp.road_class is RoadClass.TRUNK
    assert ramp.forward_mps == pytest.approx(LINK_SHARE * USUAL_KMH[RoadClass.TRUNK] / 3.6)


@pytest.mark.parametrize(
    "tags",
    [
        {"highway": "footway"},
        {"highway": "pedestrian"},
        {"highway": "construction"},
        {"highway": ""},
        {"route": "ferry"},
        {"highway": "residential", "route": "ferry"},
        {"highway": "service", "area": "yes"},
        {"highway": "service", "service": "emergency_access"},
        {"highway": "residential", "access": "private"},
        {"highway": "residential", "access": "no"},
        {"highway": "residential", "motor_vehicle": "no"},
        {"highway": "residential", "access": "yes", "vehicle": "private"},
        {"highway": "residential", "oneway": "reversible"},
    ],
)
def test_where_no_van_drives(tags: dict[str, str]) -> None:
    assert passage_of(tags) is None


@pytest.mark.parametrize(
    "tags",
    [
        {"access": "no", "motor_vehicle": "yes"},
        {"access": "private", "motorcar": "delivery"},
        {"motor_vehicle": "no", "motorcar": "destination"},
        {"access": "destination"},
        {"bicycle": "no", "foot": "no"},
    ],
)
def test_the_most_specific_access_tag_decides(tags: dict[str, str]) -> None:
    assert passage_of(ROAD | tags) is not None


@pytest.mark.parametrize("highway", ["pedestrian", "track"])
@pytest.mark.parametrize(
    ("tags", "is_driven"),
    [
        ({"motor_vehicle": "delivery"}, True),
        ({"vehicle": "destination"}, True),
        ({"access": "delivery"}, True),
        ({"access": "yes"}, False),
        ({"access": "delivery", "motor_vehicle": "no"}, False),
        ({"motor_vehicle": "yes", "motorcar": "no"}, False),
    ],
)
def test_pedestrian_streets_and_tracks_are_driven_on_invitation(
    highway: str, tags: dict[str, str], is_driven: bool
) -> None:
    assert (passage_of({"highway": highway} | tags) is not None) is is_driven


@pytest.mark.parametrize(
    ("tags", "forward", "backward"),
    [
        ({"oneway": "yes"}, True, False),
        ({"oneway": "1"}, True, False),
        ({"oneway": "-1"}, False, True),
        ({"oneway": "no"}, True, True),
        ({"junction": "roundabout"}, True, False),
        ({"junction": "roundabout", "oneway": "no"}, True, True),
        ({"highway": "motorway"}, True, False),
        ({"highway": "motorway_link", "oneway": "no"}, True, True),
        ({"oneway": "yes", "oneway__motor_vehicle": "no"}, True, True),
    ],
)
def test_which_way_a_road_is_driven(tags: dict[str, str], forward: bool, backward: bool) -> None:
    found = passage(**tags)

    assert (found.forward_mps is not None, found.backward_mps is not None) == (forward, backward)


@pytest.mark.parametrize(
    ("text", "kmh"),
    [
        ("50", 50),
        ("30 mph", 48.28032),
        ("30mph", 48.28032),
        ("50 km/h", 50),
        ("80;60", 80),
        ("PT:urban", 50),
        ("FR:zone30", 30),
        ("PT:zone:20", 20),
        ("walk", 6),
        ("none", None),
        ("signals", None),
        ("-20", None),
        ("", None),
    ],
)
def test_what_a_limit_says(text: str, kmh: float | None) -> None:
    assert limit_kmh(text) == (None if kmh is None else pytest.approx(kmh))


def test_a_limit_sets_the_speed_of_a_through_road_and_only_slows_down_a_quiet_one() -> None:
    through, quiet, slow = (
        passage(highway="primary", maxspeed="70"),
        passage(maxspeed="50"),
        passage(maxspeed="20"),
    )

    assert through.forward_mps == pytest.approx(70 * LIMIT_SHARE / 3.6)
    assert quiet.forward_mps == pytest.approx(USUAL_KMH[RoadClass.RESIDENTIAL] / 3.6)
    assert slow.forward_mps == pytest.approx(20 * LIMIT_SHARE / 3.6)


def test_a_limit_may_differ_by_direction() -> None:
    found = passage(highway="primary", maxspeed="70", maxspeed__backward="50")

    assert found.forward_mps == pytest.approx(70 * LIMIT_SHARE / 3.6)
    assert found.backward_mps == pytest.approx(50 * LIMIT_SHARE / 3.6)


@pytest.mark.parametrize("limit", ["0", "1", "999"])
def test_no_limit_makes_a_road_stand_still_or_fly(limit: str) -> None:
    speed_mps = passage(highway="primary", maxspeed=limit).forward_mps

    assert speed_mps is not None
    assert 3 <= speed_mps * 3.6 <= 130


@pytest.mark.parametrize(
    ("tags", "blocked"),
    [
        ({"barrier": "bollard"}, True),
        ({"barrier": "bollard", "motor_vehicle": "yes"}, False),
        ({"barrier": "gate"}, False),
        ({"barrier": "gate", "access": "private"}, True),
        ({"barrier": "toll_booth"}, False),
        ({"highway": "crossing"}, False),
    ],
)
def test_what_lets_no_van_through(tags: dict[str, str], blocked: bool) -> None:
    assert is_blocked(tags) is blocked
