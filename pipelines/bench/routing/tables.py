"""The figures of routing as tables."""

from collections.abc import Iterator

from pipelines.bench.routing.contestants import OWN
from pipelines.bench.routing.figures import PlanFigure, RoutingFigures, best_of, mean_gap
from pipelines.bench.table import Table

HEADS = (
    "contestant",
    "seconds",
    "mean gap",
    "worst gap",
    "mean vehicles",
    "whole plans",
    "mean wall s",
    "Doorstep not worse",
)
AS_GOOD = 1e-6
"""Distances that differ by less are the same plan's."""


def routing_tables(figures: RoutingFigures) -> Iterator[Table]:
    """A table for each set and convention."""
    groups = dict.fromkeys((plan.set_name, plan.convention) for plan in figures.plans)
    for set_name, convention in groups:
        plans = [plan for plan in figures.plans if (plan.set_name, plan.convention) == (set_name, convention)]
        yield _table(set_name, convention, plans)


def _table(set_name: str, convention: str, plans: list[PlanFigure]) -> Table:
    instances = dict.fromkeys(plan.instance for plan in plans)
    best = {name: best_of([plan for plan in plans if plan.instance == name]) for name in instances}
    against = "best known" if any(plan.best for plan in plans) else "best of these plans"
    rows = [
        _cells(name, seconds, plans, best)
        for seconds in dict.fromkeys(plan.seconds for plan in plans)
        for name in dict.fromkeys(plan.name for plan in plans)
    ]
    fleet = "the fleet is the reference's" if "vehicles" in convention else "the fleet is the file's"
    note = (
        f"{len(instances)} instances; {fleet}. Gaps are distance against the {against}, over whole plans: "
        "they serve everybody, and the evaluator finds nothing wrong."
    )
    return Table(f"{set_name}, {convention}", note, HEADS, tuple(rows))


def _cells(
    name: str, seconds: float, plans: list[PlanFigure], best: dict[str, float | None]
) -> tuple[str, ...]:
    mine = [plan for plan in plans if (plan.name, plan.seconds) == (name, seconds)]
    whole = [plan for plan in mine if plan.is_whole]
    gaps = [plan.gap(target) for plan in whole if (target := best[plan.instance])]
    own = {plan.instance: plan for plan in plans if (plan.name, plan.seconds) == (OWN, seconds)}
    mean = mean_gap(mine, best)
    return (
        name,
        f"{seconds:g}",
        "-" if mean is None else f"{100 * mean:.2f}%",
        f"{100 * max(gaps):.2f}%" if gaps else "-",
        f"{sum(plan.vehicles for plan in mine) / len(mine):.1f}" if mine else "-",
        f"{len(whole)} of {len(mine)}",
        f"{sum(plan.wall_s for plan in mine) / len(mine):.1f}" if mine else "-",
        "" if name == OWN else _not_worse(own, mine),
    )


def _not_worse(own: dict[str, PlanFigure], others: list[PlanFigure]) -> str:
    """On how many instances Doorstep's plan is at least as short, or the other one is not whole."""
    compared = [(own[plan.instance], plan) for plan in others if plan.instance in own]
    wins = [
        mine.is_whole and (not plan.is_whole or mine.distance <= plan.distance * (1 + AS_GOOD))
        for mine, plan in compared
    ]
    return f"{sum(wins)} of {len(wins)}" if wins else "-"
