"""Holds the simulated clock while a solver thinks, so that its seconds stay seconds.

At hundreds of times real time a solver that takes one second would answer ten simulated minutes
late. The simulator is the clock of its day: it lets a question have ``ALLOWED`` of simulated time
and then waits for the answer, as long as a real depot would, and no longer.
"""

from datetime import datetime, timedelta

from streams.events.dispatch import Proposal, ReoptimizationRequest
from streams.simulator.listen import Word

ALLOWED = timedelta(minutes=1)
"""How old a question may get, by the simulated clock, before the clock is held."""

HELD_AT_MOST_S = 10.0
"""How long one question can hold the clock, wall seconds: a dead solver must not stop the day."""


class Thinking:
    """The questions to the solver that have no answer yet; moved forward in place."""

    def __init__(self) -> None:
        self._asked_at: dict[str, datetime] = {}

    def hear(self, word: Word) -> None:
        """Take note of a question, or of its answer."""
        match word:
            case ReoptimizationRequest(request_id=request_id):
                self._asked_at[request_id] = word.requested_at
            case Proposal(request_id=request_id):
                self._asked_at.pop(request_id, None)

    def give_up(self) -> None:
        """Wait no longer for what is open now."""
        self._asked_at.clear()

    def holds(self, now_at: datetime) -> bool:
        """Whether the clock has to wait before it goes beyond ``now_at``."""
        return any(now_at - asked_at >= ALLOWED for asked_at in self._asked_at.values())
