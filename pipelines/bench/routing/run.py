"""Every contestant on every case, one after the other on the same cores."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipelines.bench.routing.contestants import (
    ORTOOLS,
    OWN,
    PYVRP,
    VROOM,
    Attempt,
    Contestant,
    doorstep,
    ortools_alone,
    pyvrp_alone,
    vroom_alone,
)
from pipelines.bench.routing.figures import PlanFigure
from pipelines.bench.routing.references import Case, cases_of
from pipelines.planning.crew import process_crew
from routing.errors import DoorstepError

CONTESTANTS = (OWN, PYVRP, ORTOOLS, VROOM)


@dataclass(frozen=True, slots=True)
class Wish:
    """What to measure: which sets of the folder of data, for which seconds, by whom."""

    data: Path
    set_names: tuple[str, ...]
    seconds: tuple[float, ...]
    most: int | None
    names: tuple[str, ...]
    seed: int
    n_cores: int
    peers_python: Path


def measure_plans(wish: Wish, tell: Callable[[str], None]) -> tuple[tuple[PlanFigure, ...], tuple[str, ...]]:
    """All plans, and what was left out and why."""
    plans: list[PlanFigure] = []
    left_out: list[str] = []
    with _contestants(wish) as contestants:
        for case in (each for name in wish.set_names for each in cases_of(wish.data, name, wish.most)):
            for seconds in wish.seconds:
                for name, plan in list(contestants.items()):
                    try:
                        attempt = plan(case.instance.problem, seconds, wish.seed)
                    except DoorstepError as error:
                        left_out.append(f"{name}: {error}")
                        del contestants[name]
                        continue
                    plans.append(_figure(case, name, seconds, attempt))
                    tell(_words(plans[-1]))
    return tuple(plans), tuple(left_out)


@contextmanager
def _contestants(wish: Wish) -> Iterator[dict[str, Contestant]]:
    with process_crew(wish.n_cores) as crew:
        known = {
            OWN: doorstep(crew),
            PYVRP: pyvrp_alone(),
            ORTOOLS: ortools_alone(),
            VROOM: vroom_alone(wish.peers_python, wish.n_cores),
        }
        yield {name: known[name] for name in wish.names}


def _figure(case: Case, name: str, seconds: float, attempt: Attempt) -> PlanFigure:
    return PlanFigure(
        set_name=case.set_name,
        instance=case.instance.name,
        convention=case.convention,
        name=name,
        seconds=seconds,
        wall_s=attempt.wall_s,
        distance=case.instance.distance(attempt.evaluation.distance_m),
        vehicles=attempt.n_vehicles,
        left_out=attempt.n_left_out,
        violations=len(attempt.evaluation.violations),
        best=case.best,
        best_vehicles=case.best_vehicles,
    )


def _words(plan: PlanFigure) -> str:
    gap = f"{100 * plan.gap(plan.best):+.2f}%" if plan.best else "no reference"
    wrong = f", {plan.left_out} left out, {plan.violations} violations" if not plan.is_whole else ""
    return (
        f"{plan.instance} ({plan.convention}) {plan.seconds:g} s, {plan.name}: "
        f"{plan.distance:.2f} with {plan.vehicles} vehicles, {gap}{wrong}"
    )
