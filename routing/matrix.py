"""Travel times that somebody else has worked out: a table of legs between known places."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import ArrayLike, NDArray

from routing.plan import Location
from routing.travel import MOST_M, NO_WAY_M, NO_WAY_S


class TravelMatrix:
    """Legs between ``places`` from two tables (n, n), row = origin; the same at any hour.

    An infinite entry says that no way leads there, and so does a duration of ``NO_WAY_S`` or more.
    Raises ``ValueError`` for a table of the wrong shape, or with an entry that is negative or no number,
    and names it.
    """

    is_steady = True

    def __init__(self, places: Sequence[Location], distances_m: ArrayLike, durations_s: ArrayLike) -> None:
        self._index = {place: index for index, place in enumerate(places)}
        if len(self._index) < len(places):
            raise ValueError(f"TravelMatrix has {len(places)} places, but {len(self._index)} different ones")
        distances = _checked("distances", distances_m, len(places))
        durations = _checked("durations", durations_s, len(places))
        no_way = np.isinf(distances) | (durations >= NO_WAY_S)
        self._distances_m = np.where(no_way, NO_WAY_M, np.minimum(distances, MOST_M))
        self._durations_s = np.where(no_way, NO_WAY_S, durations)

    def __contains__(self, place: Location) -> bool:
        """Whether legs from and to the place are in the table."""
        return place in self._index

    def leg(self, origin: Location, destination: Location, depart_at: datetime) -> tuple[float, float]:
        """Distance in metres and duration in seconds of one leg; from a place to itself it is none."""
        row, column = self._place(origin), self._place(destination)
        return float(self._distances_m[row, column]), float(self._durations_s[row, column])

    def matrices(
        self, places: Sequence[Location], depart_at: datetime
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Distances and durations: two arrays (n, n), metres and seconds, row = origin."""
        rows = np.array([self._place(place) for place in places], dtype=np.intp)
        chosen = np.ix_(rows, rows)
        return self._distances_m[chosen], self._durations_s[chosen]

    def _place(self, place: Location) -> int:
        try:
            return self._index[place]
        except KeyError:
            raise ValueError(
                f"TravelMatrix has no place at {place.lat_deg}, {place.lon_deg}; "
                f"it has {len(self._index)} others"
            ) from None


def _checked(noun: str, table: ArrayLike, n_places: int) -> NDArray[np.float64]:
    checked = np.array(table, dtype=np.float64)
    if checked.shape != (n_places, n_places):
        raise ValueError(
            f"TravelMatrix has {noun} of shape {checked.shape} for {n_places} places: "
            f"({n_places}, {n_places}) would be right"
        )
    wrong = np.argwhere(np.isnan(checked) | (checked < 0))
    if len(wrong):
        row, column = (int(each) for each in wrong[0])
        raise ValueError(
            f"TravelMatrix has a wrong entry among its {noun}, from place {row} to {column}: "
            f"{checked[row, column]}"
        )
    np.fill_diagonal(checked, 0.0)
    return checked
