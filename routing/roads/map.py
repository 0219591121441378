"""A map's ways and turn restrictions as one-way arcs between its nodes: roads before contraction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from routing.roads.tags import ROAD_CLASSES, Passage


@dataclass(frozen=True, slots=True)
class Way:
    """A drivable way: the map's node ids along it, as drawn."""

    way_id: int
    node_ids: tuple[int, ...]
    passage: Passage


@dataclass(frozen=True, slots=True)
class TurnRule:
    """A turn restriction at one node: this turn is not allowed, or (``is_only``) no other is."""

    from_way_id: int
    via_node_id: int
    to_way_id: int
    is_only: bool


@dataclass(frozen=True, slots=True)
class RoadMap:
    """One-way arcs between nodes; a two-way road is two of them.

    ``banned_turns`` has rows (node before, node of the turn, node after). ``n_rules_passed_over`` counts
    the restrictions whose ways or node are not in the map as drivable, or leave the turn open to doubt.
    """

    lat_deg: NDArray[np.float64]
    lon_deg: NDArray[np.float64]
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    speed_mps: NDArray[np.float64]
    road_class: NDArray[np.uint8]
    banned_turns: NDArray[np.int32]
    n_rules_passed_over: int


@dataclass(slots=True)
class _Draft:
    """The map while its ways are laid: nodes by the map's id, arcs by their two nodes."""

    places: Mapping[int, tuple[float, float]]
    blocked: frozenset[int]
    index: dict[int, int] = field(default_factory=dict)
    positions: list[tuple[float, float]] = field(default_factory=list)
    arcs: dict[tuple[int, int], tuple[float, int]] = field(default_factory=dict)
    neighbours: dict[tuple[int, int], set[int]] = field(default_factory=dict)
    """The nodes next to a node along a way, by (way id, node)."""

    def node(self, node_id: int) -> int:
        """The node's index. One that is blocked gets a new one each time, so that nothing leads through."""
        if node_id in self.blocked or node_id not in self.index:
            self.index[node_id] = len(self.positions)
            self.positions.append(self.places[node_id])
        return self.index[node_id]

    def lay(self, way: Way) -> None:
        """Add the arcs of a way; it is interrupted where the map lacks a node."""
        road_class = ROAD_CLASSES.index(way.passage.road_class)
        for before_id, after_id in pairwise(way.node_ids):
            if before_id == after_id or before_id not in self.places or after_id not in self.places:
                continue
            before, after = self.node(before_id), self.node(after_id)
            self.neighbours.setdefault((way.way_id, before), set()).add(after)
            self.neighbours.setdefault((way.way_id, after), set()).add(before)
            self._arc(before, after, way.passage.forward_mps, road_class)
            self._arc(after, before, way.passage.backward_mps, road_class)

    def _arc(self, tail: int, head: int, speed_mps: float | None, road_class: int) -> None:
        """Where two ways lie on each other, the faster one counts."""
        if speed_mps is not None and speed_mps > self.arcs.get((tail, head), (0.0, 0))[0]:
            self.arcs[tail, head] = speed_mps, road_class


def lay_map(
    ways: Iterable[Way],
    places: Mapping[int, tuple[float, float]],
    blocked: frozenset[int] = frozenset(),
    rules: Sequence[TurnRule] = (),
) -> RoadMap:
    """The arcs of ``ways``; ``places`` has each node's latitude and longitude by its id, degrees.

    Nothing leads through the ``blocked`` nodes. Raises ``ValueError`` where no road is left.
    """
    draft = _Draft(places, blocked)
    for way in ways:
        draft.lay(way)
    if not draft.arcs:
        raise ValueError("the map has no road that a van may drive")
    banned, n_passed_over = _banned_turns(draft, rules)
    ends = np.array(list(draft.arcs), dtype=np.int32)
    positions = np.array(draft.positions, dtype=np.float64)
    return RoadMap(
        lat_deg=positions[:, 0],
        lon_deg=positions[:, 1],
        tail=ends[:, 0],
        head=ends[:, 1],
        speed_mps=np.array([speed for speed, _ in draft.arcs.values()]),
        road_class=np.array([each for _, each in draft.arcs.values()], dtype=np.uint8),
        banned_turns=banned,
        n_rules_passed_over=n_passed_over,
    )


def _banned_turns(draft: _Draft, rules: Sequence[TurnRule]) -> tuple[NDArray[np.int32], int]:
    banned: set[tuple[int, int, int]] = set()
    n_passed_over = 0
    onward: dict[int, set[int]] = {}
    for tail, head in draft.arcs:
        onward.setdefault(tail, set()).add(head)
    for rule in rules:
        turn = _turn(draft, rule)
        if turn is None:
            n_passed_over += 1
            continue
        before, via, after = turn
        others = onward.get(via, set()) - {after}
        banned |= {(before, via, each) for each in (others if rule.is_only else {after})}
    return np.array(sorted(banned), dtype=np.int32).reshape(-1, 3), n_passed_over


def _turn(draft: _Draft, rule: TurnRule) -> tuple[int, int, int] | None:
    """The three nodes of the turn, where the ways say them without doubt."""
    via = draft.index.get(rule.via_node_id)
    if via is None:
        return None
    before = draft.neighbours.get((rule.from_way_id, via), set())
    after = draft.neighbours.get((rule.to_way_id, via), set())
    # A one-way road that goes through its node is left where it leads on, and entered where it comes from.
    before = {each for each in before if (each, via) in draft.arcs}
    after = {each for each in after if (via, each) in draft.arcs}
    if len(before) != 1 or len(after) != 1:
        return None
    return before.pop(), via, after.pop()
