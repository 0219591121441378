"""Travel times by what vehicles took in the days before: by zone and hour, where enough was seen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from routing.geometry import haversine_m
from routing.plan import Location
from routing.travel import FASTEST_MPS, StraightLine

ZoneAndHour = tuple[str | None, int | None]
"""A zone and a UTC hour of departure; ``None`` stands for any."""


@dataclass(frozen=True, slots=True)
class LearnedSpeeds:
    """Great circles at the speed that was learned for the zone driven to and the UTC hour of departure.

    ``crow_mps`` are metres as the crow flies a second. The finest that is there counts: zone and hour,
    zone, hour, any; without any, ``otherwise``, whose detour gives the distances. Legs that end at one
    of ``ends``, the depots, take the zone that they leave.
    """

    crow_mps: Mapping[ZoneAndHour, float]
    zone_of: Callable[[Location], str | None]
    ends: frozenset[Location]
    otherwise: StraightLine

    def __post_init__(self) -> None:
        for (zone, hour), speed_mps in self.crow_mps.items():
            if not 0 < speed_mps <= FASTEST_MPS:
                raise ValueError(
                    f"LearnedSpeeds has a speed of {speed_mps} m/s in zone {zone} and hour {hour}; "
                    f"it is above 0 and at most {FASTEST_MPS:g}"
                )

    @property
    def is_steady(self) -> bool:
        """Whether a leg takes as long at any hour."""
        has_rest = (None, None) in self.crow_mps
        return all(hour is None for _, hour in self.crow_mps) and (has_rest or self.otherwise.is_steady)

    def leg(self, origin: Location, destination: Location, depart_at: datetime) -> tuple[float, float]:
        """Distance in metres and duration in seconds of one leg."""
        place = origin if destination in self.ends else destination
        crow_m = haversine_m(origin, destination)
        return crow_m * self.otherwise.detour, crow_m / self._crow_mps(place, depart_at)

    def matrices(
        self, places: Sequence[Location], depart_at: datetime
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Distances and durations: two arrays (n, n), metres and seconds, row = origin."""
        distances_m, _ = self.otherwise.matrices(places, depart_at)
        speeds_mps = np.array([self._crow_mps(place, depart_at) for place in places])
        is_end = np.array([place in self.ends for place in places], dtype=np.bool_)
        by_leg = np.where(is_end[None, :], speeds_mps[:, None], speeds_mps[None, :])
        return distances_m, distances_m / (self.otherwise.detour * by_leg)

    def _crow_mps(self, place: Location, depart_at: datetime) -> float:
        hour = depart_at.astimezone(UTC).hour
        zone = self.zone_of(place)
        for key in ((zone, hour), (zone, None), (None, hour), (None, None)):
            if key in self.crow_mps:
                return self.crow_mps[key]
        return self.otherwise.speeds_mps[hour] / self.otherwise.detour
