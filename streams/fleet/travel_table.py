"""What routes reckon legs with, one row for each travel model, for compiled code."""

import numpy as np
from numpy.typing import NDArray

from routing.travel import StraightLine


class TravelTable:
    """``rows`` (n, 25): the detour factor, then the speeds of the 24 UTC hours, metres per second."""

    __slots__ = ("_places", "rows")

    def __init__(self) -> None:
        self._places: dict[StraightLine, int] = {}
        self.rows: NDArray[np.float64] = np.zeros((0, 25))

    def row_of(self, travel: StraightLine) -> int:
        """The row of that model, which most routes of a depot share."""
        place = self._places.get(travel)
        if place is None:
            place = self._places[travel] = len(self._places)
            row = np.array([[travel.detour, *travel.speeds_mps]], np.float64)
            self.rows = np.concatenate([self.rows, row])
        return place

    def save(self) -> bytes:
        """The rows as bytes."""
        return self.rows.tobytes()

    @staticmethod
    def load(data: bytes) -> "TravelTable":
        """The table that ``save`` wrote."""
        table = TravelTable()
        for detour, *speeds_mps in np.frombuffer(data, np.float64).reshape(-1, 25).tolist():
            table.row_of(StraightLine(detour, tuple(speeds_mps)))
        return table
