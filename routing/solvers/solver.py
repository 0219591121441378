"""What every solver is."""

from dataclasses import dataclass
from typing import Protocol

from routing.problem import StopCriterion
from routing.solvers.model import Model
from routing.task import Tours


@dataclass(frozen=True, slots=True)
class Found:
    """What a solver came up with, and after how many iterations of its own kind."""

    tours: Tours
    iterations: int


class Solver(Protocol):
    """Finds tours for a model; visits in none of them are left out."""

    name: str

    def find(self, model: Model, stop: StopCriterion, seed: int, start: Tours | None = None) -> Found:
        """Search until ``stop``, from the tours ``start`` where they are given.

        The same arguments find the same tours if iterations alone stop the search.
        """
        ...
