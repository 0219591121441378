"""How far each log is known: what was answered about its end, held against what has been read."""

from collections.abc import Mapping
from dataclasses import dataclass

from faust.types import TP

from streams.worker.merge import Horizon


@dataclass(frozen=True, slots=True)
class End:
    """A log ended at ``offset`` when it was asked about at ``asked_at_s`` (monotonic clock) or later."""

    offset: int
    asked_at_s: float


class Horizons:
    """Turns ends into horizons, each as soon as its log has been read so far.

    Of a log that is far behind two answers are kept, the oldest and the newest: the oldest, because
    the end may run away from the reader for ever, the newest, because it says most.
    """

    def __init__(self) -> None:
        self._positions: Mapping[TP, int] = {}
        self._last_offsets: dict[TP, int] = {}
        self._ends: dict[TP, list[End]] = {}

    def start(self, places: Mapping[TP, int]) -> None:
        """Reading begins at ``places``; what was answered before stays true."""
        self._positions = dict(places)
        self._last_offsets.clear()

    def delivered(self, last_offsets: Mapping[TP, int], positions: Mapping[TP, int]) -> None:
        """Records up to ``last_offsets`` are on their way to the lanes; reading goes on at ``positions``."""
        self._last_offsets.update(last_offsets)
        self._positions = {**self._positions, **positions}

    def position(self, tp: TP) -> int:
        """Where reading of a log goes on, beyond gaps; -1: it is not read."""
        return self._positions.get(tp, -1)

    def answered(self, ends: Mapping[TP, int], asked_at_s: float) -> None:
        """Kafka said of logs where they end, when asked at ``asked_at_s``."""
        for tp, offset in ends.items():
            pending = self._ends.setdefault(tp, [])
            is_same_end = bool(pending) and pending[-1].offset == offset
            if is_same_end or len(pending) == 2:
                pending.pop()
            pending.append(End(offset, asked_at_s))

    def news(self) -> dict[TP, Horizon]:
        """The horizons that were not known at the last call."""
        found: dict[TP, Horizon] = {}
        for tp, pending in self._ends.items():
            position = self._positions.get(tp, -1)
            while pending and pending[0].offset <= position:
                found[tp] = Horizon(self._last_offsets.get(tp, -1), pending.pop(0).asked_at_s)
        return found
