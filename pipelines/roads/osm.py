"""Roads from an OpenStreetMap file: ``.osm.pbf``, ``.osm``, whatever osmium reads."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import osmium
from osmium.osm import Node, Relation
from osmium.osm import Way as OsmWay

from routing.errors import ConfigurationError
from routing.roads.map import RoadMap, TurnRule, Way, lay_map
from routing.roads.tags import is_blocked, passage_of

WANTED = "an OpenStreetMap extract, .osm.pbf or .osm,"

VANS = frozenset({"motor_vehicle", "motorcar"})
"""A turn restriction that excepts one of these is none for a van."""


@dataclass(slots=True)
class _Read:
    ways: list[Way] = field(default_factory=list)
    places: dict[int, tuple[float, float]] = field(default_factory=dict)
    blocked: set[int] = field(default_factory=set)
    rules: list[TurnRule] = field(default_factory=list)
    n_rules_over_ways: int = 0


def read_osm(path: Path) -> RoadMap:
    """The roads of a file. Raises ``ConfigurationError`` where it can't be read whole, or has no roads."""
    if not path.is_file():
        raise ConfigurationError(f"{path} is no file: {WANTED} would be right")
    if not path.stat().st_size:
        raise ConfigurationError(f"{path} is empty: {WANTED} would be right")
    try:
        read = _read(path)
        roads = lay_map(read.ways, read.places, frozenset(read.blocked), read.rules)
    except (RuntimeError, ValueError) as error:
        raise ConfigurationError(f"{path}: {error}") from error
    return replace(roads, n_rules_passed_over=roads.n_rules_passed_over + read.n_rules_over_ways)


def _read(path: Path) -> _Read:
    read = _Read()
    relevant = osmium.filter.KeyFilter("highway", "barrier", "restriction", "restriction:motorcar")
    for entity in osmium.FileProcessor(str(path)).with_locations().with_filter(relevant):
        if isinstance(entity, Node):
            if is_blocked(dict(entity.tags)):
                read.blocked.add(entity.id)
        elif isinstance(entity, OsmWay):
            _keep_way(read, entity)
        elif isinstance(entity, Relation):
            _keep_rules(read, entity)
    return read


def _keep_way(read: _Read, way: OsmWay) -> None:
    passage = passage_of(dict(way.tags))
    if passage is None:
        return
    read.ways.append(Way(way.id, tuple(node.ref for node in way.nodes), passage))
    for node in way.nodes:
        if node.location.valid():
            read.places[node.ref] = (node.location.lat, node.location.lon)


def _keep_rules(read: _Read, relation: Relation) -> None:
    """Keep the relation's turns at one node; count it where it leads over a way."""
    tags = dict(relation.tags)
    kind = tags.get("restriction:motorcar", tags.get("restriction", ""))
    excepted = set(tags.get("except", "").replace(" ", "").split(";"))
    if tags.get("type") != "restriction" or excepted & VANS or not kind.startswith(("no_", "only_")):
        return
    members = [(member.role, member.type, member.ref) for member in relation.members]
    via = [(kind_of, ref) for role, kind_of, ref in members if role == "via"]
    if [kind_of for kind_of, _ in via] != ["n"]:
        read.n_rules_over_ways += 1
        return
    for from_way in (ref for role, _, ref in members if role == "from"):
        for to_way in (ref for role, _, ref in members if role == "to"):
            read.rules.append(TurnRule(from_way, via[0][1], to_way, kind.startswith("only_")))
