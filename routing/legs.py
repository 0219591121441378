"""All legs between a set of places for every hour of a span: what searches look durations up in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from routing.plan import Location
from routing.travel import TravelTimes

LONGEST_SPAN_H = 48
"""So many hours are told apart at most, so that a shift of a year by mistake costs nothing."""

OVERTIME_H = 6
"""Hours after the span that are told apart as well; a later leg takes what it takes in the last one."""


@dataclass(frozen=True, slots=True)
class HourlyLegs:
    """Legs between places by the hour of departure, counted from the full UTC hour ``epoch``.

    ``distances_m`` is (n, n); ``durations_s`` holds one (n, n) per hour, or a single one where every
    hour is the same. The first ``n_planned`` hours are the span in which work is planned.
    """

    epoch: datetime
    distances_m: NDArray[np.float64]
    durations_s: tuple[NDArray[np.float64], ...]
    n_planned: int

    @property
    def is_steady(self) -> bool:
        """Whether every hour is the same."""
        return len(self.durations_s) == 1

    def mean_s(self) -> NDArray[np.float64]:
        """Durations (n, n) averaged over the planned hours."""
        return self.durations_s[0] if self.is_steady else np.mean(self.durations_s[: self.n_planned], axis=0)

    def slowest_s(self) -> NDArray[np.float64]:
        """Durations (n, n) of each leg's slowest planned hour."""
        return self.durations_s[0] if self.is_steady else np.max(self.durations_s[: self.n_planned], axis=0)


def hourly_legs(
    places: Sequence[Location], travel: TravelTimes, from_at: datetime, until_at: datetime
) -> HourlyLegs:
    """The legs between ``places`` from the full hour of ``from_at`` to ``until_at``, and overtime."""
    epoch = from_at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    n_planned = min(LONGEST_SPAN_H, int((until_at - epoch) / timedelta(hours=1)) + 1)
    n_hours = 1 if travel.is_steady else n_planned + OVERTIME_H
    matrices = [travel.matrices(places, epoch + timedelta(hours=hour)) for hour in range(n_hours)]
    durations_s = tuple(durations_s for _, durations_s in matrices)
    if all(np.array_equal(each, durations_s[0]) for each in durations_s[1:]):
        durations_s = durations_s[:1]
    return HourlyLegs(epoch, matrices[0][0], durations_s, n_planned)
