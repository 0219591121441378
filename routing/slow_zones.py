"""Roads closed or slow for a while: circles through which legs take longer, or round which they go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import asin, cos, radians, sqrt

import numpy as np
from numpy.typing import NDArray

from routing.checks import require_time_zone
from routing.geometry import EARTH_RADIUS_M
from routing.plan import Location
from routing.travel import NO_WAY_S, TravelTimes

LEAST_SHARE = 0.1
"""Nothing is slower than this share of its usual speed; so slow is the way to a stop in a closed zone."""

WIDEST_M = 100_000.0

LONGEST = timedelta(days=3)
"""Of what lasts longer the usual speeds should know."""


@dataclass(frozen=True, slots=True)
class SlowZone:
    """A circle in which vehicles drive at ``share`` of their usual speed; into a closed one only who has to.

    It counts for legs that begin in the UTC hours that ``from_at`` to ``until_at`` touch.
    """

    centre: Location
    radius_m: float
    from_at: datetime
    until_at: datetime
    share: float = LEAST_SHARE
    is_closed: bool = False

    def __post_init__(self) -> None:
        require_time_zone("SlowZone", self.from_at, self.until_at)
        if not 0 < self.radius_m <= WIDEST_M:
            raise ValueError(f"SlowZone has a radius outside 0..{WIDEST_M:g} m: {self.radius_m}")
        if self.until_at <= self.from_at:
            raise ValueError(f"SlowZone ends before it begins: {self.from_at} >= {self.until_at}")
        if self.until_at - self.from_at > LONGEST:
            raise ValueError(
                f"SlowZone is longer than {LONGEST.days} days: {self.from_at} to {self.until_at}"
            )
        if not LEAST_SHARE <= self.share <= 1:
            raise ValueError(f"SlowZone has a share of speed outside {LEAST_SHARE:g}..1: {self.share}")
        if self.is_closed and self.share > LEAST_SHARE:
            raise ValueError(f"SlowZone is closed, and has a share of speed: {self.share}")

    def counts_at(self, depart_at: datetime) -> bool:
        """Whether it counts for a leg that begins then."""
        begins_at = self.from_at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        ends_at = self.until_at.astimezone(UTC)
        hour_at = depart_at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        return begins_at <= hour_at < ends_at

    def factor(self, origin: Location, destination: Location) -> float:
        """How many times as long as usual a leg takes that counts; the way is a straight line."""
        here_x, here_y = self._flat(origin)
        there_x, there_y = self._flat(destination)
        way_x, way_y = there_x - here_x, there_y - here_y
        way2 = way_x * way_x + way_y * way_y
        out2 = here_x * here_x + here_y * here_y - self.radius_m**2
        along = here_x * way_x + here_y * way_y
        if way2 == 0.0:
            return 1.0
        room2 = along * along - way2 * out2
        if room2 <= 0.0:
            return 1.0
        enters = max(0.0, (-along - sqrt(room2)) / way2)
        leaves = min(1.0, (-along + sqrt(room2)) / way2)
        if leaves <= enters:
            return 1.0
        inside = leaves - enters
        through = 1.0 + inside * (1.0 / self.share - 1.0)
        if enters == 0.0 or leaves == 1.0:
            return through
        round_it = 1.0 + self._extra_m(inside * sqrt(way2)) / sqrt(way2)
        return round_it if self.is_closed else min(through, round_it)

    def factors(self, places: Sequence[Location]) -> NDArray[np.float64]:
        """The same for all legs between ``places``: (n, n), row = origin."""
        flat = np.array([self._flat(place) for place in places])
        way = flat[None, :, :] - flat[:, None, :]
        way2 = np.maximum((way**2).sum(axis=2), 1e-12)
        out2 = (flat**2).sum(axis=1)[:, None] - self.radius_m**2
        along = (flat[:, None, :] * way).sum(axis=2)
        room = np.sqrt(np.maximum(along**2 - way2 * out2, 0.0))
        enters = np.maximum(0.0, (-along - room) / way2)
        leaves = np.minimum(1.0, (-along + room) / way2)
        inside = np.where(way2 > 1e-12, np.maximum(0.0, leaves - enters), 0.0)
        through = 1.0 + inside * (1.0 / self.share - 1.0)
        chord_m = inside * np.sqrt(way2)
        half = np.minimum(1.0, chord_m / (2 * self.radius_m))
        round_it = 1.0 + (2 * self.radius_m * np.arcsin(half) - chord_m) / np.sqrt(way2)
        best = round_it if self.is_closed else np.minimum(through, round_it)
        has_to = (enters == 0.0) | (leaves == 1.0)
        factors: NDArray[np.float64] = np.where(inside > 0, np.where(has_to, through, best), 1.0)
        return factors

    def _extra_m(self, chord_m: float) -> float:
        """What the way along the edge is longer than straight through."""
        return 2 * self.radius_m * asin(min(1.0, chord_m / (2 * self.radius_m))) - chord_m

    def _flat(self, place: Location) -> tuple[float, float]:
        """Metres east and north of the centre."""
        east = radians(place.lon_deg - self.centre.lon_deg) * cos(radians(self.centre.lat_deg))
        return EARTH_RADIUS_M * east, EARTH_RADIUS_M * radians(place.lat_deg - self.centre.lat_deg)


@dataclass(frozen=True, slots=True)
class Slowed:
    """Travel times with slow zones over them; distances are those of the usual ways."""

    usual: TravelTimes
    zones: tuple[SlowZone, ...]

    @property
    def is_steady(self) -> bool:
        """Only where there is no zone, as each one ends."""
        return not self.zones and self.usual.is_steady

    def leg(self, origin: Location, destination: Location, depart_at: datetime) -> tuple[float, float]:
        """Distance in metres and duration in seconds of one leg."""
        distance_m, duration_s = self.usual.leg(origin, destination, depart_at)
        factor = 1.0
        for zone in self.zones:
            if zone.counts_at(depart_at):
                factor *= zone.factor(origin, destination)
        return distance_m, min(duration_s * factor, NO_WAY_S)

    def matrices(
        self, places: Sequence[Location], depart_at: datetime
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Distances and durations: two arrays (n, n), metres and seconds, row = origin."""
        distances_m, durations_s = self.usual.matrices(places, depart_at)
        for zone in self.zones:
            if zone.counts_at(depart_at):
                durations_s = np.minimum(durations_s * zone.factors(places), NO_WAY_S)
        return distances_m, durations_s
