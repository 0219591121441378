"""What the tags of an OpenStreetMap way say to a van: may it drive there, which way, and how fast."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class RoadClass(StrEnum):
    """The kinds of road that are told apart; a link counts as the road it leads to."""

    MOTORWAY = "motorway"
    TRUNK = "trunk"
    PRIMARY = "primary"
    SECONDARY = "secondary"
    TERTIARY = "tertiary"
    UNCLASSIFIED = "unclassified"
    RESIDENTIAL = "residential"
    LIVING_STREET = "living_street"
    SERVICE = "service"


ROAD_CLASSES: Final = tuple(RoadClass)

USUAL_KMH: Final = {
    RoadClass.MOTORWAY: 95.0,
    RoadClass.TRUNK: 75.0,
    RoadClass.PRIMARY: 45.0,
    RoadClass.SECONDARY: 40.0,
    RoadClass.TERTIARY: 35.0,
    RoadClass.UNCLASSIFIED: 30.0,
    RoadClass.RESIDENTIAL: 25.0,
    RoadClass.LIVING_STREET: 8.0,
    RoadClass.SERVICE: 12.0,
}
"""What a van drives where no limit is tagged, crossings and lights included."""

LINK_SHARE: Final = 0.6
"""A ramp is driven at this share of its road's usual speed."""

LIMIT_SHARE: Final = 0.8
"""Of a tagged limit, so much is driven on average."""

QUIET: Final = frozenset({RoadClass.RESIDENTIAL, RoadClass.LIVING_STREET, RoadClass.SERVICE})
"""Here a limit only slows down: nobody drives 40 km/h in a yard because 50 are allowed."""

SLOWEST_KMH, FASTEST_KMH = 3.0, 130.0
KMH_PER_MPS: Final = 3.6
KMH_PER_MPH: Final = 1.609344

ACCESS_TAGS: Final = ("motorcar", "motor_vehicle", "vehicle", "access")
"""From the most to the least specific: the first that is there decides."""

CLOSED: Final = frozenset(
    {"no", "private", "agricultural", "forestry", "agricultural;forestry", "military", "emergency"}
    | {"psv", "bus", "permit", "residents", "use_sidepath"}
)
WELCOME: Final = frozenset({"yes", "permissive", "designated", "destination", "delivery", "customers"})
"""What opens a way that is closed to motors where nothing is said."""

BARRIERS: Final = frozenset(
    {"block", "bollard", "chain", "cycle_barrier", "debris", "jersey_barrier", "kissing_gate", "log"}
    | {"motorcycle_barrier", "planter", "rope", "stile", "sump_buster", "turnstile"}
)
"""They close the way at their node unless an access tag there opens it."""

_HIGHWAYS: Final = {
    **{each.value: (each, 1.0) for each in RoadClass},
    **{f"{each.value}_link": (each, LINK_SHARE) for each in ROAD_CLASSES[:5]},
    "road": (RoadClass.UNCLASSIFIED, 1.0),
}
_ON_INVITATION: Final = {"pedestrian": (RoadClass.LIVING_STREET, 1.0), "track": (RoadClass.SERVICE, 1.0)}
_LIMIT: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(km/h|kmh|kph|mph)?")
_NAMED_LIMITS_KMH: Final = {"urban": 50.0, "rural": 90.0, "trunk": 100.0, "motorway": 120.0, "walk": 6.0}
"""Where a tag names the kind of its limit and no figure, ``PT:urban``; Europe's usual ones."""


@dataclass(frozen=True, slots=True)
class Passage:
    """How a way is driven: its class, and the speed in each direction, ``None`` where it is closed."""

    road_class: RoadClass
    forward_mps: float | None
    backward_mps: float | None


def passage_of(tags: Mapping[str, str]) -> Passage | None:
    """How a way with these tags is driven; ``None`` where no van drives: paths, ferries, private ground."""
    roads = _HIGHWAYS | _ON_INVITATION if _is_invited(tags) else _HIGHWAYS
    road_class, share = roads.get(tags.get("highway", ""), (None, 1.0))
    if road_class is None or tags.get("route") == "ferry" or tags.get("area") == "yes":
        return None
    if tags.get("service") == "emergency_access" or is_closed(tags):
        return None
    forward, backward = _directions(tags)
    if not (forward or backward):
        return None
    return Passage(
        road_class,
        _speed_mps(tags, road_class, share, "forward") if forward else None,
        _speed_mps(tags, road_class, share, "backward") if backward else None,
    )


def is_closed(tags: Mapping[str, str]) -> bool:
    """Whether the access tags shut a way or a barrier to a delivery van."""
    return next((tags[name] for name in ACCESS_TAGS if name in tags), "yes") in CLOSED


def _is_invited(tags: Mapping[str, str]) -> bool:
    """Whether vans may drive where other motors may not: deliveries in a pedestrian street."""
    motors = next((tags[name] for name in ACCESS_TAGS[:-1] if name in tags), None)
    return motors in WELCOME or tags.get("access") == "delivery"


def is_blocked(tags: Mapping[str, str]) -> bool:
    """Whether a node with these tags lets no van through."""
    if any(name in tags for name in ACCESS_TAGS):
        return is_closed(tags)
    return tags.get("barrier") in BARRIERS


def limit_kmh(text: str) -> float | None:
    """The figure of a ``maxspeed`` tag; ``None`` where it has none (``none``, ``signals``, ``variable``)."""
    first = text.split(";")[0].strip().lower()
    if match := _LIMIT.fullmatch(first):
        return float(match[1]) * (KMH_PER_MPH if match[2] == "mph" else 1.0)
    kind = first.rpartition(":")[2]
    if match := re.fullmatch(r"(?:zone)?(\d+)", kind):
        return float(match[1])
    return _NAMED_LIMITS_KMH.get(kind)


def _directions(tags: Mapping[str, str]) -> tuple[bool, bool]:
    """Whether it may be driven as drawn, and against."""
    oneway = next((tags[name] for name in ("oneway:motor_vehicle", "oneway") if name in tags), None)
    if oneway in ("reversible", "alternating_by_time"):
        return False, False
    if oneway in ("-1", "reverse"):
        return False, True
    if oneway in ("yes", "true", "1"):
        return True, False
    is_implied = tags.get("junction") in ("roundabout", "circular") or tags["highway"] in (
        "motorway",
        "motorway_link",
    )
    return True, oneway is not None or not is_implied


def _speed_mps(tags: Mapping[str, str], road_class: RoadClass, share: float, direction: str) -> float:
    usual_kmh = USUAL_KMH[road_class] * share
    tagged = tags.get(f"maxspeed:{direction}", tags.get("maxspeed"))
    limit = limit_kmh(tagged) if tagged else None
    if limit is not None:
        driven_kmh = limit * LIMIT_SHARE
        usual_kmh = min(usual_kmh, driven_kmh) if road_class in QUIET else driven_kmh
    return min(max(usual_kmh, SLOWEST_KMH), FASTEST_KMH) / KMH_PER_MPS
