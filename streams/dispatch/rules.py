"""When dispatch asks for a plan, how long an answer holds, and how much it remembers."""

from dataclasses import dataclass, field
from datetime import timedelta

from routing.changes import Policy
from streams.events.dispatch import Trigger

VALIDITY = timedelta(minutes=15)
PLAN_VALIDITY = timedelta(days=1)


def validity(trigger: Trigger) -> timedelta:
    """How long after its request an answer can be accepted; the first plan of a day may be slept over."""
    return PLAN_VALIDITY if trigger is Trigger.PLAN_DAY else VALIDITY


@dataclass(frozen=True, slots=True)
class Rules:
    """Durations in seconds of event time.

    A wish to re-plan collects company for ``debounce_s``; two requests of a depot are at least
    ``min_interval_s`` apart. A search ends with its iterations, and at the latest after
    ``plan_seconds`` (a first plan's) or ``seconds`` of wall time, which only a day far beyond the
    ordinary needs. What else could be done is weighed for at most ``choice_seconds`` after that, and
    not at all beyond ``answer_seconds`` since the question: it may neither hold up nor cost the proposal.
    ``service_s`` is reckoned with where an order names no service time. A vehicle that is out has time to
    spare where it is more than ``spare_s`` ahead of its plan, or done that long before its shift ends.
    A depot has at most ``most_slow_zones`` that are not over: each takes its time of every question.
    Plans and orders are kept for ``keep_days`` service dates, and the last ``remembered`` decisions.
    """

    debounce_s: float = 120.0
    min_interval_s: float = 1_200.0
    plan_iterations: int = 2_000
    plan_seconds: float = 30.0
    iterations: int = 400
    seconds: float = 5.0
    choice_seconds: float = 1.0
    answer_seconds: float = 30.0
    service_s: float = 180.0
    spare_s: float = 900.0
    most_slow_zones: int = 50
    keep_days: int = 2
    remembered: int = 1_000
    policy: Policy = field(default_factory=Policy)


DEFAULT_RULES = Rules()
