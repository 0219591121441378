"""The figures of planning researchers' instances, as they stand in their JSON file."""

from collections.abc import Iterable, Sequence
from statistics import fmean

from msgspec import Struct

from pipelines.bench.streams.figures import Machine

AS_GOOD = 1e-6
"""Distances that differ by a smaller share are the same plan's."""


class PlanFigure(Struct, frozen=True, kw_only=True):
    """One plan: ``distance`` in the file's unit; ``best`` is the best known one, where there is any.

    A plan with ``violations`` counts for nothing.
    """

    set_name: str
    instance: str
    convention: str
    name: str
    seconds: float
    wall_s: float
    distance: float
    vehicles: int
    left_out: int
    violations: int
    best: float | None
    best_vehicles: int | None

    @property
    def is_whole(self) -> bool:
        """Whether it serves everybody and breaks nothing."""
        return not self.left_out and not self.violations

    def gap(self, best: float) -> float:
        """How much longer than ``best``: 0.01 is a hundredth."""
        return self.distance / best - 1


class PlanRun(Struct, frozen=True, kw_only=True):
    """One run's plans of one set in so many seconds; the set has ``n_in_set`` instances in all."""

    machine: Machine
    seed: int
    set_name: str
    seconds: float
    n_in_set: int
    plans: tuple[PlanFigure, ...]
    left_out: tuple[str, ...] = ()

    @property
    def n_sampled(self) -> int:
        """How many instances were planned."""
        return len({plan.instance for plan in self.plans})


def best_of(plans: Iterable[PlanFigure]) -> float | None:
    """The best known distance of an instance, else the best of these plans of it."""
    plans = list(plans)
    known = [plan.best for plan in plans if plan.best is not None]
    whole = [plan.distance for plan in plans if plan.is_whole]
    return known[0] if known else min(whole, default=None)


def gaps(plans: Iterable[PlanFigure], best: dict[str, float | None]) -> list[float]:
    """Of the plans that are whole; ``best`` by instance."""
    return [plan.gap(target) for plan in plans if plan.is_whole and (target := best[plan.instance])]


def mean_gap(plans: Iterable[PlanFigure], best: dict[str, float | None]) -> float | None:
    """Over the plans that are whole; ``best`` by instance."""
    found = gaps(plans, best)
    return fmean(found) if found else None


def not_worse(name: str, plans: Sequence[PlanFigure]) -> tuple[int, int]:
    """On how many instances ``name`` is whole and no longer than the best whole plan of the others.

    And of how many, which are those that somebody else planned as well. ``plans`` have one
    convention and the same seconds.
    """
    wins = compared = 0
    for mine in (plan for plan in plans if plan.name == name):
        others = [plan for plan in plans if plan.instance == mine.instance and plan.name != name]
        best = min((plan.distance for plan in others if plan.is_whole), default=float("inf"))
        compared += bool(others)
        wins += bool(others) and mine.is_whole and mine.distance <= best * (1 + AS_GOOD)
    return wins, compared
