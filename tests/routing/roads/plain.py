"""The reference: Dijkstra over the pieces of the uncontracted map, in plain Python.

Its states are the map's one-way pieces, so that a turn is a step from one to the next. It shares no code
with the graph: nothing is contracted, and places are held against every piece.
"""

from collections import defaultdict, deque
from collections.abc import Iterable
from heapq import heappop, heappush
from math import cos, hypot, inf, radians

from routing.geometry import EARTH_RADIUS_M, haversine_m
from routing.plan import Location
from routing.roads.map import RoadMap

Piece = tuple[int, int]
Stand = tuple[Piece, float]
"""A piece, and how much of it lies behind."""

MOTORWAY = 0
NOWHERE: Piece = (-1, -1)
AS_NEAR_M = 0.001
SAME_SPOT_S = 1e-4


class PlainRoads:
    """The part of the map that can be reached from ``inside`` and left to it."""

    def __init__(self, roads: RoadMap, inside: Piece) -> None:
        self._places = [Location(*each) for each in zip(roads.lat_deg, roads.lon_deg, strict=True)]
        ends = list(zip(roads.tail.tolist(), roads.head.tolist(), strict=True))
        self.metres = {(a, b): haversine_m(self._places[a], self._places[b]) for a, b in ends}
        self.seconds = {
            piece: self.metres[piece] / speed for piece, speed in zip(ends, roads.speed_mps, strict=True)
        }
        self.road_class = dict(zip(ends, roads.road_class.tolist(), strict=True))
        banned = {tuple(turn) for turn in roads.banned_turns.tolist()}
        onward, back, neighbours = defaultdict(list), defaultdict(list), defaultdict(set)
        for a, b in ends:
            onward[a].append(b)
            back[b].append(a)
            neighbours[a].add(b)
            neighbours[b].add(a)
        ruled = {via for _, via, _ in banned}
        bends = {
            b
            for b in neighbours
            if len(neighbours[b]) == 2 and len(onward[b]) == len(back[b]) and b not in ruled
        }
        self._next: dict[Piece, list[Piece]] = {
            (a, b): [(b, c) for c in onward[b] if (a, b, c) not in banned and not (a == c and b in bends)]
            for a, b in ends
        }
        before = defaultdict(list)
        for piece, nexts in self._next.items():
            for each in nexts:
                before[each].append(piece)
        self.pieces = _reached(inside, self._next) & _reached(inside, before)

    def stands(self, place: Location) -> tuple[list[Stand], float]:
        """Where the place is on its nearest pieces, and how far they are from it, metres."""
        found = []
        metres = radians(1) * EARTH_RADIUS_M
        width = metres * cos(radians(place.lat_deg))
        for a, b in self.pieces:
            if self.road_class[a, b] == MOTORWAY:
                continue
            begin, end = self._places[a], self._places[b]
            x, y = (begin.lon_deg - place.lon_deg) * width, (begin.lat_deg - place.lat_deg) * metres
            dx, dy = (end.lon_deg - begin.lon_deg) * width, (end.lat_deg - begin.lat_deg) * metres
            share = min(1.0, max(0.0, -(x * dx + y * dy) / (dx * dx + dy * dy or 1.0)))
            found.append((hypot(x + share * dx, y + share * dy), (a, b), share))
        nearest = min(found)[0]
        return [(piece, share) for away, piece, share in found if away <= nearest + AS_NEAR_M], nearest

    def leg(self, origin: Location, destination: Location) -> tuple[float, list[tuple[Piece, float]]]:
        """Seconds of the fastest way, and its pieces, each with the share of it that is driven."""
        begins, ends = dict(self.stands(origin)[0]), dict(self.stands(destination)[0])
        best, way = inf, []
        for piece, share in begins.items():
            along = ends.get(piece, -1.0) - share
            if along * self.seconds[piece] >= -SAME_SPOT_S and along * self.seconds[piece] < best:
                best, way = max(0.0, along * self.seconds[piece]), [(piece, max(0.0, along))]
        done: dict[Piece, tuple[float, Piece]] = {}
        heap = [((1 - share) * self.seconds[piece], piece, NOWHERE) for piece, share in begins.items()]
        heap.sort()
        while heap:
            cost, piece, came_by = heappop(heap)
            if piece in done:
                continue
            done[piece] = (cost, came_by)
            for each in self._next[piece]:
                if each in ends and cost + ends[each] * self.seconds[each] < best:
                    best = cost + ends[each] * self.seconds[each]
                    way = [*self._way(piece, done, begins), (each, ends[each])]
                if each not in done:
                    heappush(heap, (cost + self.seconds[each], each, piece))
        return best, way

    def _way(
        self, last: Piece, done: dict[Piece, tuple[float, Piece]], begins: dict[Piece, float]
    ) -> list[tuple[Piece, float]]:
        way: list[tuple[Piece, float]] = []
        while last != NOWHERE:
            came_by = done[last][1]
            way.append((last, 1.0 if came_by != NOWHERE else 1.0 - begins[last]))
            last = came_by
        return way[::-1]


def _reached(begin: Piece, steps: dict[Piece, list[Piece]]) -> set[Piece]:
    seen, todo = {begin}, deque([begin])
    while todo:
        new = [each for each in steps.get(todo.popleft(), ()) if each not in seen]
        seen.update(new)
        todo.extend(new)
    return seen


def metres_of(roads: PlainRoads, way: Iterable[tuple[Piece, float]]) -> float:
    """The length of a way."""
    return sum(roads.metres[piece] * share for piece, share in way)
