"""Travel times on real roads, behind the same Protocol as straight lines and matrices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from routing.plan import Location
from routing.roads.network import RoadLegs, RoadNetwork
from routing.roads.tags import ROAD_CLASSES, RoadClass

LEAST_SHARE, MOST_SHARE = 0.05, 2.0
OWN_SPEED: Final = (1.0,) * 24
PAIRS_KEPT: Final = 100_000


@dataclass(frozen=True, slots=True)
class HourlySpeeds:
    """What share of the roads' own speed is driven on each class, in each of the 24 UTC hours.

    A class that is not named is driven at its own speed at any hour. Shares lie from ``LEAST_SHARE``
    to ``MOST_SHARE``.
    """

    shares: Mapping[RoadClass, tuple[float, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for road_class, shares in self.shares.items():
            if len(shares) != 24 or not all(LEAST_SHARE <= share <= MOST_SHARE for share in shares):
                raise ValueError(
                    f"HourlySpeeds wants 24 shares for {road_class}, one per UTC hour, from {LEAST_SHARE:g} "
                    f"to {MOST_SHARE:g}: {shares}"
                )

    @property
    def is_steady(self) -> bool:
        """Whether every hour is the same."""
        return all(len(set(shares)) == 1 for shares in self.shares.values())

    def grouped(self) -> tuple[tuple[int, ...], NDArray[np.float64]]:
        """The group of each of ``ROAD_CLASSES``, and how many times its duration a group takes (24, groups).

        Classes of the same shares are one group.
        """
        shares = [self.shares.get(each, OWN_SPEED) for each in ROAD_CLASSES]
        different = list(dict.fromkeys(shares))
        return tuple(map(different.index, shares)), 1.0 / np.array(different).T


class RoadTravel:
    """Fastest legs on the roads; places snap to the nearest of them, and what lies between counts nothing.

    The fastest way is found at the roads' own speeds, once for a set of places; an hour's duration is
    that way's at the hour's speeds, class by class. All methods raise ``ValueError`` that names a
    place too far from any road.
    """

    def __init__(self, network: RoadNetwork, speeds: HourlySpeeds | None = None) -> None:
        speeds = speeds or HourlySpeeds()
        self.is_steady = speeds.is_steady
        self._network = network
        self._groups, self._slowness = speeds.grouped() if speeds.shares else ((), np.ones((24, 0)))
        self._rows: dict[Location, int] = {}
        self._legs = network.legs(())
        self._pair = lru_cache(PAIRS_KEPT)(self._solve_pair)

    def leg(self, origin: Location, destination: Location, depart_at: datetime) -> tuple[float, float]:
        """Distance in metres and duration in seconds of one leg; from a place to itself it is none."""
        row, column = self._rows.get(origin), self._rows.get(destination)
        if row is None or column is None:
            legs, row, column = self._pair(origin, destination), 0, -1
        else:
            legs = self._legs
        distance_m, duration_s = float(legs.distances_m[row, column]), float(legs.durations_s[row, column])
        if self._groups:
            duration_s = float(legs.group_s[row, column] @ self._slowness[_hour(depart_at)])
        return distance_m, duration_s

    def matrices(
        self, places: Sequence[Location], depart_at: datetime
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Distances and durations: two arrays (n, n), metres and seconds, row = origin.

        The legs of the last new set of places are kept, for other hours and for ``leg``.
        """
        if not self._rows.keys() >= set(places):
            self._legs = self._solve(tuple(dict.fromkeys(places)))
            self._rows = {place: row for row, place in enumerate(dict.fromkeys(places))}
        chosen = np.ix_(*[np.array([self._rows[place] for place in places], dtype=np.intp)] * 2)
        durations_s = self._legs.durations_s
        if self._groups:
            durations_s = self._legs.group_s @ self._slowness[_hour(depart_at)]
        return self._legs.distances_m[chosen], durations_s[chosen]

    def path(self, origin: Location, destination: Location) -> tuple[Location, ...]:
        """The way of a leg as a line along the roads."""
        return self._network.path(origin, destination)

    def _solve(self, places: tuple[Location, ...]) -> RoadLegs:
        return self._network.legs(places, self._groups)

    def _solve_pair(self, origin: Location, destination: Location) -> RoadLegs:
        return self._solve(tuple(dict.fromkeys((origin, destination))))


def _hour(depart_at: datetime) -> int:
    return (depart_at if depart_at.tzinfo is UTC else depart_at.astimezone(UTC)).hour
