"""Who searches: one solver here and now, or several side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from routing.problem import StopCriterion
from routing.solvers.model import Model
from routing.solvers.solver import Found, Solver
from routing.task import Tours


@dataclass(frozen=True, slots=True)
class Search:
    """One solver's errand; it can be sent to another process."""

    solver: Solver
    model: Model
    stop: StopCriterion
    seed: int
    start: Tours | None = None

    def run(self) -> Found:
        """Do it."""
        return self.solver.find(self.model, self.stop, self.seed, self.start)


class Crew(Protocol):
    """Runs searches at the same time, as many as it has cores for."""

    @property
    def size(self) -> int:
        """How many searches run at once."""
        ...

    def run(self, searches: Sequence[Search]) -> list[Found]:
        """The findings in the order of the searches."""
        ...


class Alone:
    """One search after the other, in this process."""

    size = 1

    def run(self, searches: Sequence[Search]) -> list[Found]:
        """The findings in the order of the searches."""
        return [search.run() for search in searches]
