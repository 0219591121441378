"""The plans of researchers' instances as tables."""

from collections.abc import Iterator, Sequence
from statistics import fmean

from pipelines.bench.routing.figures import PlanFigure, PlanRun, best_of, gaps, not_worse
from pipelines.bench.routing.references import FEWEST_VEHICLES
from pipelines.bench.table import Table

HEADS = (
    "contestant",
    "seconds",
    "mean gap",
    "worst gap",
    "not worse than the best other",
    "mean vehicles",
    "whole plans",
    "mean wall s",
)


def plan_tables(runs: Sequence[PlanRun]) -> Iterator[Table]:
    """A table for each set and convention."""
    for set_name, convention in dict.fromkeys(
        (plan.set_name, plan.convention) for run in runs for plan in run.plans
    ):
        its_runs = [run for run in runs if run.set_name == set_name]
        plans = [plan for run in its_runs for plan in run.plans if plan.convention == convention]
        yield Table(f"{set_name}, {convention}", _note(its_runs, convention, plans), HEADS, _rows(plans))


def _note(runs: Sequence[PlanRun], convention: str, plans: Sequence[PlanFigure]) -> str:
    sampled = " and ".join(
        f"{run.n_sampled} of the set's {run.n_in_set} instances at {run.seconds:g} s" for run in runs
    )
    fleet = "the reference's" if convention == FEWEST_VEHICLES else "the file's"
    against = "best known" if any(plan.best for plan in plans) else "best of these plans"
    known = {plan.instance: plan.best_vehicles for plan in plans}
    vehicles = [count for count in known.values() if count is not None]
    reference = f", which has {fmean(vehicles):.1f} vehicles on average" if vehicles else ""
    return (
        f"{sampled}; the fleet is {fleet}. Gaps are distance against the {against}{reference}, over whole "
        "plans: they serve everybody, and the evaluator finds nothing wrong."
    )


def _rows(plans: Sequence[PlanFigure]) -> tuple[tuple[str, ...], ...]:
    names = dict.fromkeys(plan.instance for plan in plans)
    best = {name: best_of(plan for plan in plans if plan.instance == name) for name in names}
    return tuple(
        _cells(name, seconds, [plan for plan in plans if plan.seconds == seconds], best)
        for seconds, name in dict.fromkeys((plan.seconds, plan.name) for plan in plans)
    )


def _cells(
    name: str, seconds: float, plans: Sequence[PlanFigure], best: dict[str, float | None]
) -> tuple[str, ...]:
    mine = [plan for plan in plans if plan.name == name]
    found = gaps(mine, best)
    wins, compared = not_worse(name, plans)
    return (
        name,
        f"{seconds:g}",
        f"{100 * fmean(found):.2f}%" if found else "-",
        f"{100 * max(found):.2f}%" if found else "-",
        f"{wins} of {compared}" if compared else "-",
        f"{fmean(plan.vehicles for plan in mine):.1f}",
        f"{sum(plan.is_whole for plan in mine)} of {len(mine)}",
        f"{fmean(plan.wall_s for plan in mine):.1f}",
    )
