"""What is followed of vehicles on a shift, a row each: tracks of `ring` and watches of `shift_watch`."""

import numpy as np
from numpy.typing import NDArray

from streams.fleet.columns import NEVER, blank
from streams.fleet.pages import PAGE, RING_SIZE, SEEN, Pages, free_page
from streams.fleet.ring import TRACK
from streams.fleet.shift_watch import WATCH
from streams.fleet.track_fields import GONE, NOWHERE

FEWEST_ROWS = 64
PAGES_EACH = RING_SIZE // PAGE


class TrackTable:
    """``heads``, ``bases``, ``watches`` (rows), ``pages`` (rows, PAGES_EACH); of ``used`` some are free.

    ``rings`` (pages, PAGE) is what `pages` says.
    """

    __slots__ = ("bases", "free_rows", "heads", "pages", "rings", "used", "watches")

    def __init__(self, rows: int = FEWEST_ROWS) -> None:
        self.heads: NDArray[np.void] = blank(TRACK, rows)
        self.bases: NDArray[np.void] = blank(TRACK, rows)
        self.watches: NDArray[np.void] = blank(WATCH, rows)
        self.pages: Pages = np.zeros((rows, PAGES_EACH), np.int32)
        self.rings: NDArray[np.void] = np.zeros((1, PAGE), SEEN)
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
        self._empty(row)
        self.free_rows.append(row)

    def make_room(self) -> None:
        """Have a free page, for one more in any ring."""
        if self.rings["at_us"].item(0) == 0:
            self._put_rings(self.rings, len(self.rings))

    def save_rings(self) -> NDArray[np.void]:
        """What is in the rings, one after the other."""
        rows, numbers = np.nonzero(self.pages[: self.used])
        found: NDArray[np.void] = self.rings[self.pages[rows, numbers]]
        return found[self._is_in_use(rows, numbers)]

    def load_rings(self, seen: NDArray[np.void]) -> None:
        """Put back what ``save_rings`` gave; the other columns are as they were."""
        counts = self.bases["ring_count"][: self.used]
        rows, numbers = np.nonzero(np.arange(PAGES_EACH) * PAGE < counts[:, None])
        self.pages = np.zeros((len(self.heads), PAGES_EACH), np.int32)
        self.pages[rows, numbers] = np.arange(1, len(rows) + 1)
        rings = np.zeros((1 + len(rows), PAGE), SEEN)
        rings[1:][self._is_in_use(rows, numbers)] = seen
        self._put_rings(rings, len(rings))

    def _is_in_use(self, rows: NDArray[np.int64], numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Of each of these pages of rings (n,) what is in use (n, PAGE)."""
        left = self.bases["ring_count"][rows] - PAGE * numbers
        return np.arange(PAGE) < left[:, None]

    def _put_rings(self, rings: NDArray[np.void], used: int) -> None:
        """Put in ``rings``, none of whose ``used`` pages are free, with some more that are."""
        count = max(used + FEWEST_ROWS, used * 9 // 8)
        self.rings = np.zeros((count, PAGE), SEEN)
        self.rings[:used] = rings
        self.rings["at_us"][used : count - 1, 0] = np.arange(used + 1, count)
        self.rings[0, 0]["at_us"] = used

    def _empty(self, row: int) -> None:
        for page in self.pages[row, self.pages[row] != 0].tolist():
            free_page(self.rings, page)
        self.pages[row] = 0
        self.bases[row]["ring_count"] = 0

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
        self._empty(row)
        head["ring_count"] = 0

    def _grow(self) -> None:
        grown = TrackTable(len(self.heads) * 9 // 8 + 1)
        for name in ("heads", "bases", "watches", "pages"):
            small, large = getattr(self, name), getattr(grown, name)
            large[: len(small)] = small
            setattr(self, name, large)
