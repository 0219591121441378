"""Planning a day: who serves what, in which order."""

from dataclasses import dataclass, replace
from math import fsum
from time import perf_counter

from routing.day import DayPrices, rates_of
from routing.descent import descend, nearest
from routing.evaluate import evaluate
from routing.insertion import insert
from routing.plan import RoutePlan, Unassigned
from routing.problem import Problem, Solution, StopCriterion
from routing.reasons import CROWDED_OUT, why_unservable
from routing.schedule import schedule_route
from routing.solvers.model import model_of
from routing.solvers.ortools import OrTools
from routing.solvers.pyvrp import PyVrp
from routing.solvers.solver import Solver
from routing.task import Task, Tours, Vantage, task_of

FIRST_SHARE, LATER_SHARE = 0.8, 0.1
"""Shares of the seconds that the first search and each of at most two later ones may take."""


def solve(problem: Problem, stop: StopCriterion, seed: int) -> Solution:
    """Plan a day: as many stops as can be served within every window, shift and vehicle, at least cost.

    PyVRP searches. Where speeds differ by hour it plans with their mean, and once more with the
    slowest if that leaves stops out; what is still left out goes to OR-Tools. Every answer is driven
    on the true travel times: what breaks a promise there is taken out and inserted elsewhere, or
    listed as unassigned with its reason; what can be had cheaper by a small step is.
    """
    # The wall time is reported and decides nothing.
    began_s = perf_counter()
    reasons = {each.stop_id: why_unservable(each, problem.shifts, problem.travel) for each in problem.stops}
    servable = [each for each in problem.stops if reasons[each.stop_id] is None]
    vantages = [Vantage(each, each.start, each.starts_at) for each in problem.shifts]
    task = task_of(servable, vantages, problem.travel)
    answer = _search(task, stop, seed)
    served = {servable[index].stop_id for tour in answer.tours for index in tour}
    plan = RoutePlan(
        problem.depot_id,
        problem.service_date,
        revision=1,
        routes=tuple(
            schedule_route(shift, [servable[index] for index in tour], problem.travel)
            for shift, tour in zip(problem.shifts, answer.tours, strict=True)
        ),
        unassigned=tuple(
            Unassigned(each, reasons[each.stop_id] or CROWDED_OUT)
            for each in problem.stops
            if each.stop_id not in served
        ),
    )
    evaluation = evaluate(plan, problem.travel, problem.stops)
    return Solution(plan, evaluation, answer.solver, answer.iterations, perf_counter() - began_s)


@dataclass(frozen=True, slots=True)
class _Answer:
    tours: Tours
    n_left_out: int
    price: float
    solver: str
    iterations: int

    def better(self, other: "_Answer") -> "_Answer":
        """Which serves more stops, then which costs less; both searches' iterations count."""
        iterations = self.iterations + other.iterations
        wins = (other.n_left_out, other.price) < (self.n_left_out, self.price)
        return replace(other if wins else self, iterations=iterations)


def _search(task: Task, stop: StopCriterion, seed: int) -> _Answer:
    rates = rates_of([each.shift.vehicle for each in task.vantages])
    prices = DayPrices(task, rates)
    if len(task.stops) < 2:
        # Nothing to search for: one stop goes where it is cheapest.
        return _keeping_promises(tuple(() for _ in task.vantages), task, prices, "insertion", 0)

    def ask(solver: Solver, is_slowest: bool, share: float, start: Tours | None = None) -> _Answer:
        durations_s = task.legs.slowest_s() if is_slowest else task.legs.mean_s()
        model = model_of(task, durations_s, tuple(each.tariff for each in rates))
        found = solver.find(model, _share(stop, share), seed, start)
        return _keeping_promises(found.tours, task, prices, solver.name, found.iterations)

    answer = ask(PyVrp(), False, FIRST_SHARE)
    if answer.n_left_out and not task.legs.is_steady:
        answer = answer.better(ask(PyVrp(), True, LATER_SHARE))
    if answer.n_left_out:
        second = ask(OrTools(), False, LATER_SHARE, answer.tours)
        answer = answer.better(replace(second, solver=f"{second.solver} from {answer.solver}'s plan"))
    return answer


def _keeping_promises(tours: Tours, task: Task, prices: DayPrices, solver: str, iterations: int) -> _Answer:
    """What a solver found, made true and polished on the true travel times."""
    kept = tuple(prices.keep_promises(tour, sequence) for tour, sequence in enumerate(tours))
    served = {index for sequence in kept for index in sequence}
    missing = [index for index in range(len(task.stops)) if index not in served]
    full, left_out = insert(kept, missing, prices.price)
    polished = descend(full, prices.price, nearest(task.legs.mean_s(), len(task.stops)))
    polished, left_out = insert(polished, left_out, prices.price)
    price = fsum(prices.price(tour, sequence) for tour, sequence in enumerate(polished))
    inserted = len(missing) - len(left_out)
    who = f"{solver}, then insertion of {inserted}" if inserted and iterations else solver
    return _Answer(polished, len(left_out), price, who, iterations)


def _share(stop: StopCriterion, share: float) -> StopCriterion:
    return stop if stop.seconds is None else replace(stop, seconds=stop.seconds * share)
