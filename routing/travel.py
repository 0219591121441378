"""Travel times behind one Protocol."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from routing.geometry import EARTH_RADIUS_M, haversine_m
from routing.plan import Location

FREE_FLOW_MPS = 8.33
"""About 30 km/h, a van's average between urban stops; only a default where nothing is known."""


WORST_DETOUR = 10.0
SLOWEST_MPS, FASTEST_MPS = 0.1, 100.0
"""What lies beyond is a wrong field, and would run out of a solver's whole numbers."""


NO_WAY_M, NO_WAY_S = 1e7, 1e7
"""What a leg counts where no way leads: 10,000 km and 115 days, more than any shift lasts."""

MOST_M = 1e9
"""No leg counts as longer: more would run out of a solver's whole numbers."""


class TravelTimes(Protocol):
    """How far and how long between places, leaving at a given moment."""

    @property
    def is_steady(self) -> bool:
        """Whether a leg takes as long at any hour."""
        ...

    def leg(self, origin: Location, destination: Location, depart_at: datetime) -> tuple[float, float]:
        """Distance in metres and duration in seconds of one leg."""
        ...

    def matrices(
        self, places: Sequence[Location], depart_at: datetime
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Distances and durations: two arrays (n, n), metres and seconds, row = origin."""
        ...


@runtime_checkable
class HasPaths(Protocol):
    """Travel times that know the way of a leg."""

    def path(self, origin: Location, destination: Location) -> tuple[Location, ...]:
        """The way as a line."""
        ...


@dataclass(frozen=True, slots=True)
class StraightLine:
    """Great circle times ``detour`` at the speed of the UTC hour in which the leg begins.

    ``speeds_mps`` holds 24 values, one per UTC hour of departure, from ``SLOWEST_MPS`` to ``FASTEST_MPS``;
    ``detour`` lies from 1 to ``WORST_DETOUR``.
    """

    detour: float = 1.3
    speeds_mps: tuple[float, ...] = (FREE_FLOW_MPS,) * 24

    def __post_init__(self) -> None:
        if self.detour < 1.0:
            raise ValueError(f"StraightLine has a detour factor below 1: {self.detour}")
        if not self.detour <= WORST_DETOUR:
            raise ValueError(f"StraightLine has a detour factor above {WORST_DETOUR:g}: {self.detour}")
        is_drivable = all(SLOWEST_MPS <= speed <= FASTEST_MPS for speed in self.speeds_mps)
        if len(self.speeds_mps) != 24 or not is_drivable:
            raise ValueError(
                f"StraightLine wants 24 speeds, one per UTC hour, of {SLOWEST_MPS:g} to {FASTEST_MPS:g} m/s: "
                f"{self.speeds_mps}"
            )

    @property
    def is_steady(self) -> bool:
        """Whether all hours have one speed."""
        return len(set(self.speeds_mps)) == 1

    def leg(self, origin: Location, destination: Location, depart_at: datetime) -> tuple[float, float]:
        """Distance in metres and duration in seconds of one leg."""
        distance_m = haversine_m(origin, destination) * self.detour
        return distance_m, min(NO_WAY_S, distance_m / self._speed_mps(depart_at))

    def matrices(
        self, places: Sequence[Location], depart_at: datetime
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Distances and durations: two arrays (n, n), metres and seconds, row = origin."""
        lat = np.radians([place.lat_deg for place in places])
        lon = np.radians([place.lon_deg for place in places])
        half_dlat = (lat[:, None] - lat[None, :]) / 2
        half_dlon = (lon[:, None] - lon[None, :]) / 2
        chord = np.sin(half_dlat) ** 2 + np.cos(lat)[:, None] * np.cos(lat)[None, :] * np.sin(half_dlon) ** 2
        distances_m = 2 * EARTH_RADIUS_M * np.arcsin(np.minimum(1.0, np.sqrt(chord))) * self.detour
        return distances_m, np.minimum(NO_WAY_S, distances_m / self._speed_mps(depart_at))

    def _speed_mps(self, depart_at: datetime) -> float:
        utc_at = depart_at if depart_at.tzinfo is UTC else depart_at.astimezone(UTC)
        return self.speeds_mps[utc_at.hour]
