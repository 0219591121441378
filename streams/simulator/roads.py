"""The city's ground: a plane in metres, and the paths that vans take over its street grid."""

from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise
from math import atan2, cos, degrees, hypot, radians, sin
from random import Random

from routing.geometry import EARTH_RADIUS_M
from routing.plan import Location

M_PER_LAT_DEG = EARTH_RADIUS_M * radians(1.0)
BLOCK_M = 600.0
"""About how far a van goes along one street before it turns."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the plane: metres east and north of the city's centre."""

    east_m: float
    north_m: float

    def distance_m(self, other: "Point") -> float:
        """The straight line to ``other``, metres."""
        return hypot(other.east_m - self.east_m, other.north_m - self.north_m)


@dataclass(frozen=True, slots=True)
class Plane:
    """The plane that touches the earth at ``centre``; within 20 km it is true to some metres."""

    centre: Location

    def point(self, location: Location) -> Point:
        """Where ``location`` is on the plane."""
        east_m = (location.lon_deg - self.centre.lon_deg) * self._m_per_lon_deg
        return Point(east_m, (location.lat_deg - self.centre.lat_deg) * M_PER_LAT_DEG)

    def location(self, point: Point) -> Location:
        """Where ``point`` is on the earth, to seven decimals, which is about a centimetre."""
        return Location(
            round(self.centre.lat_deg + point.north_m / M_PER_LAT_DEG, 7),
            round(self.centre.lon_deg + point.east_m / self._m_per_lon_deg, 7),
        )

    @property
    def _m_per_lon_deg(self) -> float:
        return M_PER_LAT_DEG * cos(radians(self.centre.lat_deg))


@dataclass(frozen=True, slots=True)
class Path:
    """A line along streets; ``reached_m[i]`` is how far along it ``points[i]`` lies."""

    points: tuple[Point, ...]
    reached_m: tuple[float, ...]

    @property
    def length_m(self) -> float:
        """The length from end to end."""
        return self.reached_m[-1]

    def at(self, along_m: float) -> tuple[Point, float]:
        """The point ``along_m`` from the start, and the heading there, degrees clockwise from north."""
        if len(self.points) == 1:
            return self.points[0], 0.0
        index = min(max(1, bisect_left(self.reached_m, along_m)), len(self.points) - 1)
        start, end = self.points[index - 1], self.points[index]
        done_m, block_m = self.reached_m[index - 1], self.reached_m[index] - self.reached_m[index - 1]
        share = min(1.0, (along_m - done_m) / block_m)
        east_m, north_m = end.east_m - start.east_m, end.north_m - start.north_m
        point = Point(start.east_m + share * east_m, start.north_m + share * north_m)
        return point, degrees(atan2(east_m, north_m)) % 360.0


def path_through(points: list[Point]) -> Path:
    """The path that joins ``points`` by straight lines; points on the spot are left out."""
    kept, reached_m = [points[0]], [0.0]
    for before, point in pairwise(points):
        step_m = before.distance_m(point)
        if step_m > 0.0:
            kept.append(point)
            reached_m.append(reached_m[-1] + step_m)
    return Path(tuple(kept), tuple(reached_m))


def streets(origin: Point, destination: Point, grid_rad: float, generator: Random) -> Path:
    """A staircase over a street grid turned by ``grid_rad``.

    Its length is the taxicab distance: 1 to 1.41 times the straight line, 4/pi = 1.27 on average.
    """
    east_m = destination.east_m - origin.east_m
    north_m = destination.north_m - origin.north_m
    along_m = east_m * cos(grid_rad) + north_m * sin(grid_rad)
    across_m = north_m * cos(grid_rad) - east_m * sin(grid_rad)
    turns = max(1, round((abs(along_m) + abs(across_m)) / 2 / BLOCK_M))
    shares = sorted(generator.random() for _ in range(turns - 1))
    corners, done_across_m = [origin], 0.0
    for share in [*shares, 1.0]:
        corners.append(_on_grid(origin, grid_rad, along_m * share, done_across_m))
        done_across_m = across_m * share
        corners.append(_on_grid(origin, grid_rad, along_m * share, done_across_m))
    return path_through([*corners[:-1], destination])


def _on_grid(origin: Point, grid_rad: float, along_m: float, across_m: float) -> Point:
    return Point(
        origin.east_m + along_m * cos(grid_rad) - across_m * sin(grid_rad),
        origin.north_m + along_m * sin(grid_rad) + across_m * cos(grid_rad),
    )
