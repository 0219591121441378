"""Whether dispatch has answered the wish for the day's plans, and what is missing."""

from collections.abc import Sequence
from datetime import date, datetime

from routing.errors import DoorstepError
from streams.events.dispatch import Command, Outcome, OutcomeStatus, PlanRevision, RouteAssignment
from streams.simulator.listen import Word


class Answers:
    """Crosses off, in place, what was asked for: a plan for each command, and the routes that it holds.

    A plan has to be in force by ``starts_at``, when the simulated day begins.
    """

    def __init__(self, day: date, starts_at: datetime, commands: Sequence[Command]) -> None:
        self._day, self._starts_at = day, starts_at
        self._unplanned = {command.depot_id for command in commands}
        self._asked = {command.event_id for command in commands}
        self._routes_wanted: set[str] = set()
        self._routes_there: set[str] = set()

    def hear(self, word: Word) -> None:
        """Cross off what ``word`` answers. Raises ``DoorstepError`` for a refusal."""
        match word:
            case RouteAssignment(shift_id=shift_id):
                self._routes_there.add(shift_id)
            case PlanRevision(depot_id=depot_id) if word.service_date == self._day:
                if depot_id in self._unplanned:
                    self._ensure_in_time(word)
                    self._unplanned.remove(depot_id)
                    self._routes_wanted |= {route.shift.shift_id for route in word.routes if route.visits}
            case Outcome(depot_id=depot_id) if self._is_refusal(word):
                raise DoorstepError(f"dispatch does not plan {self._day} for {depot_id}: {word.reason}")

    @property
    def missing(self) -> str:
        """What is missing, in words; empty when nothing is."""
        if self._unplanned:
            return f"no plan of {self._day} for {', '.join(sorted(self._unplanned))} on dispatch.plans"
        if absent := sorted(self._routes_wanted - self._routes_there):
            return f"no route for shift {', '.join(absent)} on dispatch.routes"
        return ""

    def _ensure_in_time(self, plan: PlanRevision) -> None:
        if plan.effective_at > self._starts_at:
            raise DoorstepError(
                f"the plan of {self._day} for {plan.depot_id} is in force only from "
                f"{plan.effective_at.isoformat()}, but its day begins at {self._starts_at.isoformat()}: "
                "dispatch's clock has gone past this day; play a later date, or use another "
                "DOORSTEP_TOPIC_PREFIX"
            )

    def _is_refusal(self, outcome: Outcome) -> bool:
        if outcome.status not in (OutcomeStatus.REFUSED, OutcomeStatus.REJECTED):
            return False
        return outcome.depot_id in self._unplanned and bool(
            self._asked & {outcome.causation_id, outcome.correlation_id}
        )
