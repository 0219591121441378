"""How the plan of a whole large day grows better with time."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from pipelines.bench.routing.courier_day import courier_day
from pipelines.bench.streams.figures import Machine
from pipelines.bench.streams.goals import Goal
from pipelines.bench.table import Table
from pipelines.planning.crew import process_crew
from routing.problem import StopCriterion
from routing.solve import solve

ASKED_SHIFTS, ASKED_STOPS, ASKED_S = 100, 5_000, 300.0
SERVICE_S, SIZED_FOR = 210.0, 1_000
"""At a stop, and stops in a city of the usual size: 50 stops fill a shift."""

HEADS = (
    "seconds given",
    "wall s",
    "iterations",
    "stops left out",
    "violations",
    "vehicles",
    "km",
    "hours",
    "cost",
    "above the cheapest",
)


class DayPlan(Struct, frozen=True, kw_only=True):
    """One plan of the day, by the evaluator; ``duration_s`` is that of all shifts."""

    seconds: float
    wall_s: float
    iterations: int
    left_out: int
    violations: int
    vehicles: int
    distance_m: float
    duration_s: float
    cost: float


class DayRun(Struct, frozen=True, kw_only=True):
    """One run: the same day planned anew in each of some times."""

    machine: Machine
    n_shifts: int
    n_stops: int
    n_cores: int
    seed: int
    plans: tuple[DayPlan, ...]


def measure_day(
    n_shifts: int,
    n_stops: int,
    seconds: Sequence[float],
    seed: int,
    n_cores: int,
    tell: Callable[[str], None],
) -> tuple[DayPlan, ...]:
    """The plans, each from scratch with all cores."""
    day = courier_day(n_shifts, n_stops, SERVICE_S, seed, SIZED_FOR)
    plans = []
    for each_s in seconds:
        with process_crew(n_cores) as crew:
            solution = solve(day, StopCriterion(seconds=each_s), seed, crew)
        judged = solution.evaluation
        plan = DayPlan(
            seconds=each_s,
            wall_s=solution.duration_s,
            iterations=solution.iterations,
            left_out=len(solution.plan.unassigned),
            violations=len(judged.violations),
            vehicles=sum(1 for route in solution.plan.routes if route.visits),
            distance_m=judged.distance_m,
            duration_s=judged.duration_s,
            cost=judged.cost,
        )
        plans.append(plan)
        tell(f"{each_s:g} s: {plan.left_out} left out, {plan.cost:,.0f} in {plan.wall_s:.0f} s")
    return tuple(plans)


def day_goals(run: DayRun | None) -> list[Goal]:
    """A whole plan of the large day in five minutes."""
    if run is None or run.n_shifts < ASKED_SHIFTS or run.n_stops < ASKED_STOPS:
        return []
    return [
        Goal(
            f"a whole day: {run.n_shifts} vehicles, {run.n_stops:,} stops, {run.n_cores} cores",
            f"planned in {ASKED_S / 60:g} minutes",
            f"{plan.wall_s:.0f} s, {plan.left_out} stops left out, {plan.violations} violations",
            plan.wall_s <= ASKED_S and not plan.violations and not plan.left_out,
        )
        for plan in run.plans
        if plan.seconds == ASKED_S
    ]


def day_table(run: DayRun) -> Table:
    """A line for each time."""
    note = (
        f"{run.n_shifts} vehicles, {run.n_stops:,} stops, every second with a window of 2 h, no breaks; "
        f"planned from scratch each time, with {run.n_cores} processes. Cost is by the vehicles' rates, of "
        "the stops that are served."
    )
    whole = [plan.cost for plan in run.plans if not plan.left_out and not plan.violations]
    rows = tuple(_cells(plan, min(whole, default=None)) for plan in run.plans)
    return Table("Routing: a whole day", note, HEADS, rows)


def _cells(plan: DayPlan, least: float | None) -> tuple[str, ...]:
    return (
        f"{plan.seconds:g}",
        f"{plan.wall_s:.0f}",
        f"{plan.iterations:,}",
        str(plan.left_out),
        str(plan.violations),
        str(plan.vehicles),
        f"{plan.distance_m / 1000:,.0f}",
        f"{plan.duration_s / 3600:,.0f}",
        f"{plan.cost:,.0f}",
        "-" if least is None or plan.left_out else f"{100 * (plan.cost / least - 1):.1f}%",
    )
