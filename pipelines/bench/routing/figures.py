"""The figures of routing, as they stand in their JSON file."""

from statistics import fmean

from msgspec import Struct

from pipelines.bench.streams.figures import Machine


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


class RoutingFigures(Struct, frozen=True, kw_only=True):
    """All plans of one run of the benchmark."""

    machine: Machine
    seed: int
    plans: tuple[PlanFigure, ...]
    left_out: tuple[str, ...] = ()


def best_of(plans: list[PlanFigure]) -> float | None:
    """The best known distance of an instance, else the best of these plans of it."""
    known = [plan.best for plan in plans if plan.best is not None]
    whole = [plan.distance for plan in plans if plan.is_whole]
    return known[0] if known else min(whole, default=None)


def mean_gap(plans: list[PlanFigure], best: dict[str, float | None]) -> float | None:
    """Over the plans that are whole; ``best`` by instance."""
    gaps = [plan.gap(target) for plan in plans if plan.is_whole and (target := best[plan.instance])]
    return fmean(gaps) if gaps else None
