"""What a planner is asked, and what it answers."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from routing.evaluation import Evaluation
from routing.plan import RoutePlan, Shift, Stop
from routing.travel import TravelTimes


@dataclass(frozen=True, slots=True)
class Problem:
    """A depot's day: which shifts may serve which stops, reckoned with which travel times.

    A stop that no shift can serve is no error: it is left out of the plan with its reason.
    """

    depot_id: str
    service_date: date
    shifts: tuple[Shift, ...]
    stops: tuple[Stop, ...]
    travel: TravelTimes

    def __post_init__(self) -> None:
        if not self.shifts:
            raise ValueError(f"Problem {self.depot_id} has {len(self.stops)} stops and no shift")
        for noun, ids in (
            ("stop", (stop.stop_id for stop in self.stops)),
            ("shift", (shift.shift_id for shift in self.shifts)),
        ):
            if twice := _repeated(ids):
                raise ValueError(f"Problem {self.depot_id} has {noun} {twice[0]} more than once")


@dataclass(frozen=True, slots=True)
class StopCriterion:
    """When to stop searching: after ``iterations``, after ``seconds``, or what comes first of both.

    Only with iterations alone is the answer the same on every machine.
    """

    iterations: int | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        if self.iterations is None and self.seconds is None:
            raise ValueError("StopCriterion has neither iterations nor seconds: the search would not end")
        if (self.iterations or 0) < 0 or (self.seconds or 0) < 0:
            raise ValueError(f"StopCriterion is negative: {self.iterations} iterations, {self.seconds} s")


@dataclass(frozen=True, slots=True)
class Solution:
    """A plan, what the evaluator says of it, and who found it with how much work.

    ``solver`` names who did what; ``duration_s`` is the wall time it took.
    """

    plan: RoutePlan
    evaluation: Evaluation
    solver: str
    iterations: int
    duration_s: float


def _repeated(ids: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(ids).items() if count > 1]
