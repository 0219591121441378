"""Whether a process does its work: fed with what is known of each partition, asked by its page."""

from collections.abc import Iterable
from dataclasses import dataclass

STALLED_AFTER_S = 30.0
"""So long may records wait without any of them being dealt with."""

Place = tuple[str, int]
"""A judge, or a topic that is landed, and a partition."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Whether all is well, and in words what is not."""

    is_good: bool
    words: str


@dataclass(slots=True)
class _Seen:
    """Where a place stood when it last moved, or had nothing to do."""

    done: int
    moved_at_s: float
    is_waiting: bool = False


class Health:
    """Knows no clock: every call says when it is, in seconds of one clock that never goes back.

    Whoever feeds it does so every few seconds, in the place where the work is done: silence is told, too.
    """

    def __init__(self, stalled_after_s: float = STALLED_AFTER_S) -> None:
        self._stalled_after_s = stalled_after_s
        self._seen: dict[Place, _Seen] = {}
        self._is_assigned = False
        self._lost_kafka = ""
        self._looked_at_s: float | None = None

    def assigned(self, places: Iterable[Place], now_s: float) -> None:
        """These places are dealt with here from now on, and no others."""
        self._is_assigned = True
        self._looked_at_s = now_s
        self._seen = {place: _Seen(0, now_s) for place in places}

    def given_up(self) -> None:
        """No place is dealt with here, until others are assigned."""
        self._is_assigned = False
        self._seen = {}

    def moved(self, place: Place, done: int, is_waiting: bool, now_s: float) -> None:
        """``done`` records of a place were dealt with so far; ``is_waiting``: there are more."""
        seen = self._seen.setdefault(place, _Seen(done, now_s))
        if done != seen.done or not is_waiting:
            seen.moved_at_s = now_s
        seen.done, seen.is_waiting = done, is_waiting
        self._looked_at_s = now_s

    def lost_kafka(self, why: str, now_s: float) -> None:
        """The process looked how far it is, and Kafka did not answer."""
        self._lost_kafka, self._looked_at_s = why, now_s

    def found_kafka(self, now_s: float) -> None:
        """The process looked how far it is, and Kafka answered."""
        if self._lost_kafka:  # what waits could not have been dealt with before
            for seen in self._seen.values():
                seen.moved_at_s = now_s
        self._lost_kafka, self._looked_at_s = "", now_s

    def health(self, now_s: float) -> Condition:
        """Good unless a partition stalls, or the process as a whole: a restart may help.

        It helps nobody while Kafka is away.
        """
        silent_s = 0.0 if self._looked_at_s is None else now_s - self._looked_at_s
        if silent_s > self._stalled_after_s:
            return Condition(False, f"something holds the process up: it was last seen {silent_s:.0f} s ago")
        stalled = [] if self._lost_kafka else self._stalled(now_s)
        return Condition(
            not stalled, f"records wait and none is dealt with: {', '.join(stalled)}" if stalled else ""
        )

    def readiness(self, now_s: float) -> Condition:
        """Good once it was given its partitions, while Kafka answers and nothing stalls."""
        health = self.health(now_s)
        if not health.is_good:
            return health
        if not self._is_assigned:
            return Condition(False, "no partition is assigned")
        return Condition(not self._lost_kafka, self._lost_kafka)

    def _stalled(self, now_s: float) -> list[str]:
        return [
            f"{name}/{partition} for {now_s - seen.moved_at_s:.0f} s"
            for (name, partition), seen in sorted(self._seen.items())
            if seen.is_waiting and now_s - seen.moved_at_s > self._stalled_after_s
        ]
