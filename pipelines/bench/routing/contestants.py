"""Who plans: Doorstep, and each solver alone, all judged by the evaluator."""

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from routing.day import rates_of
from routing.errors import DoorstepError
from routing.evaluate import evaluate
from routing.evaluation import Evaluation
from routing.plan import Route
from routing.problem import Problem, StopCriterion
from routing.schedule import schedule_route
from routing.solve import solve
from routing.solvers.crew import Crew
from routing.solvers.model import Model, model_of
from routing.solvers.ortools import OrTools
from routing.solvers.pyvrp import PyVrp
from routing.solvers.solver import Solver
from routing.task import Tours, task_of, vantage_of

ROOT = Path(__file__).parents[3]
"""Where the peers' environment finds their modules."""

OWN, PYVRP, ORTOOLS, VROOM = "Doorstep", "PyVRP", "OR-Tools", "VROOM"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody planned, as the evaluator sees it, and how long that took."""

    evaluation: Evaluation
    n_vehicles: int
    n_left_out: int
    wall_s: float


Contestant = Callable[[Problem, float, int], Attempt]
"""Plans a problem in so many seconds from a seed."""


def doorstep(crew: Crew) -> Contestant:
    """Doorstep with all of the crew's cores; its seconds are for all it does."""

    def plan(problem: Problem, seconds: float, seed: int) -> Attempt:
        began_s = perf_counter()
        solution = solve(problem, StopCriterion(seconds=seconds), seed, crew)
        wall_s = perf_counter() - began_s
        return _attempt(problem, list(solution.plan.routes), wall_s)

    return plan


def alone(solver: Solver) -> Contestant:
    """A solver with its own settings; its seconds are for its search, on one core."""

    def plan(problem: Problem, seconds: float, seed: int) -> Attempt:
        model = _model(problem)
        began_s = perf_counter()
        found = solver.find(model, StopCriterion(seconds=seconds), seed)
        wall_s = perf_counter() - began_s
        return _attempt(problem, _driven(problem, found.tours), wall_s)

    return plan


def pyvrp_alone() -> Contestant:
    """PyVRP as it comes."""
    return alone(PyVrp(has_small_steps=False))


def ortools_alone() -> Contestant:
    """OR-Tools: cheapest insertion, then guided local search."""
    return alone(OrTools())


def vroom_alone(peers_python: Path, n_threads: int) -> Contestant:
    """VROOM in the peers' environment, with a thread a core; it may end before its seconds do.

    Raises ``DoorstepError`` with its last words where it fails.
    """

    def plan(problem: Problem, seconds: float, seed: int) -> Attempt:
        asked = json.dumps(_for_vroom(_model(problem), seconds, n_threads))
        command = [str(peers_python), "-m", "pipelines.bench.peers.vroom_plan"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            command, input=asked, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise DoorstepError(f"it did not plan: {done.stderr.strip().rpartition(chr(10))[2]}")
        answer = json.loads(done.stdout)
        tours = tuple(tuple(tour) for tour in answer["tours"])
        return _attempt(problem, _driven(problem, tours), answer["seconds"])

    return plan


def _model(problem: Problem) -> Model:
    task = task_of(problem.stops, [vantage_of(shift) for shift in problem.shifts], problem.travel)
    rates = rates_of([shift.vehicle for shift in problem.shifts])
    return model_of(task, task.legs.mean_s(), tuple(each.tariff() for each in rates), rates[0].parts)


def _driven(problem: Problem, tours: Tours) -> list[Route]:
    return [
        schedule_route(shift, [problem.stops[index] for index in tour], problem.travel)
        for shift, tour in zip(problem.shifts, tours, strict=True)
    ]


def _attempt(problem: Problem, routes: list[Route], wall_s: float) -> Attempt:
    served = sum(len(route.visits) for route in routes)
    n_vehicles = sum(1 for route in routes if route.visits)
    judged = evaluate(routes, problem.travel)
    return Attempt(judged, n_vehicles, len(problem.stops) - served, wall_s)


def _for_vroom(model: Model, seconds: float, n_threads: int) -> dict[str, object]:
    tour = model.tours[0]
    return {
        "costs": model.costs(tour.tariff).tolist(),
        "spans": model.spans(tour).tolist(),
        "visits": [
            {
                "opens": visit.opens,
                "closes": visit.closes,
                "load": list(visit.load),
                "mate": visit.mate,
                "is_delivery": visit.is_delivery,
            }
            for visit in model.visits
        ],
        "tours": [
            {
                "start": each.start,
                "end": each.end,
                "leaves": each.leaves,
                "returns": each.returns,
                "capacity": list(each.capacity),
            }
            for each in model.tours
        ],
        "seconds": seconds,
        "threads": n_threads,
    }
