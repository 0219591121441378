"""What is followed of vehicles on a shift, a row each: tracks of `ring` and watches of `shift_watch`."""

import numpy as np
from numpy.typing import NDArray

from streams.fleet.columns import NEVER, blank
from streams.fleet.ring import RING_SIZE, SEEN, TRACK
from streams.fleet.shift_watch import WATCH
from streams.fleet.track_fields import GONE, NOWHERE

FEWEST_ROWS = 64


class TrackTable:
    """``heads``, ``bases``, ``watches`` (rows), ``rings`` (rows, RING_SIZE); of ``used`` some are free."""

    __slots__ = ("bases", "free_rows", "heads", "rings", "used", "watches")

    def __init__(self, rows: int = FEWEST_ROWS) -> None:
        self.heads: NDArray[np.void] = blank(TRACK, rows)
        self.bases: NDArray[np.void] = blank(TRACK, rows)
        self.watches: NDArray[np.void] = blank(WATCH, rows)
        self.rings: NDArray[np.void] = np.zeros((rows, RING_SIZE), SEEN)
        self.used = 0
        self.free_rows: list[int] = []

    def add(self, seen_us: int) -> int:
        """The row of a vehicle whose shift begins; what it saw up to ``seen_us`` was of another shift."""
        row = self.free_rows.pop() if self.free_rows else self.used
        if row == self.used:
            self.used += 1
            if self.used > len(self.heads):
                self._grow()
        self.heads[row] = self.bases[row] = blank(TRACK, 1)[0]
        self.watches[row] = blank(WATCH, 1)[0]
        self.heads[row]["track_seen_us"] = self.bases[row]["track_seen_us"] = seen_us
        return row

    def free(self, row: int) -> None:
        """The shift is over."""
        self.bases[row]["ring_count"] = 0
        self.free_rows.append(row)

    def ring(self, row: int) -> NDArray[np.void]:
        """What is in use of a ring."""
        used: NDArray[np.void] = self.rings[row, : int(self.bases[row]["ring_count"])]
        return used

    def renumber(self, row: int, numbers: dict[int, int]) -> None:
        """The route changed: stops by their old number have a new one, others are gone.

        What was seen before can't be derived anew by a route of which it knew nothing: the ring ends here.
        """
        head = self.heads[row]
        for name, otherwise in (("stay_place", GONE), ("near_place", NOWHERE)):
            if head[name] > 0:
                number = numbers.get(int(head[name]) - 1)
                head[name] = otherwise if number is None else number + 1
        head["passed_count"] = 0
        head["late_us"] = NEVER
        head["quiet_m"] = 0.0
        self.bases[row] = head
        self.bases[row]["ring_count"] = head["ring_count"] = 0

    def _grow(self) -> None:
        grown = TrackTable(len(self.heads) * 5 // 4)
        for name in ("heads", "bases", "watches", "rings"):
            small, large = getattr(self, name), getattr(grown, name)
            large[: len(small)] = small
            setattr(self, name, large)
