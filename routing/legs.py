"""All legs between a set of places for every hour of a span: what searches look durations up in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from routing.plan import Location
from routing.travel import TravelTimes

LONGEST_SPAN_H = 48
"""Hours that are told apart; a leg after them takes what it takes in the last one."""


@dataclass(frozen=True, slots=True)
class HourlyLegs:
    """Legs between places by the hour of departure, counted from the full UTC hour ``epoch``.

    ``distances_m`` is (n, n); ``durations_s`` holds one (n, n) per hour, or a single one where every
    hour is the same.
    """

    epoch: datetime
    distances_m: NDArray[np.float64]
    durations_s: tuple[NDArray[np.float64], ...]

    def mean_s(self) -> NDArray[np.float64]:
        """Durations (n, n) averaged over the hours."""
        return self.durations_s[0] if len(self.durations_s) == 1 else np.mean(self.durations_s, axis=0)

    def slowest_s(self) -> NDArray[np.float64]:
        """Durations (n, n) of each leg's slowest hour: nothing takes longer."""
        return self.durations_s[0] if len(self.durations_s) == 1 else np.max(self.durations_s, axis=0)


def hourly_legs(
    places: Sequence[Location], travel: TravelTimes, from_at: datetime, until_at: datetime
) -> HourlyLegs:
    """The legs between ``places`` from the full hour of ``from_at`` to ``until_at``."""
    epoch = from_at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    hours = int((until_at - epoch) / timedelta(hours=1)) + 1
    matrices = [
        travel.matrices(places, epoch + timedelta(hours=hour))
        for hour in range(max(1, min(hours, LONGEST_SPAN_H)))
    ]
    durations_s = tuple(durations_s for _, durations_s in matrices)
    if all(np.array_equal(each, durations_s[0]) for each in durations_s[1:]):
        durations_s = durations_s[:1]
    return HourlyLegs(epoch, matrices[0][0], durations_s)
