"""How long a proposal takes when one thing goes wrong, and how good it is beside a plan from scratch."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from time import perf_counter, process_time

from msgspec import Struct
from msgspec.structs import replace

from pipelines.bench.routing.courier_day import TRAVEL, Mishap, courier_day, mishaps, n_open_of
from pipelines.bench.streams.figures import Machine
from pipelines.planning.crew import process_crew
from routing.changes import Policy
from routing.descent import descend, nearest
from routing.evaluate import evaluate
from routing.plan import Route
from routing.problem import StopCriterion
from routing.reoptimize import reoptimize, with_waiting
from routing.replan_prices import BROKEN_PROMISE_S, ReplanPrices
from routing.replan_search import search
from routing.situation import situation_of
from routing.solve import solve
from routing.solvers.model import Model
from routing.solvers.pyvrp import PyVrp
from routing.solvers.solver import Found
from routing.stability import count_changes, n_next_changed
from routing.task import Tours
from routing.timetable import LATE_S

USUAL = Policy()
FREE = Policy(stop_moved_s=0.0, stop_resequenced_s=0.0, next_changed_s=0.0, told_shifted_s=0.0)
"""Nothing that changes has a price; lateness has the usual one."""

SERVICE_S = 600.0
"""At a stop, so that 26 stops fill a shift."""

SPARE = 1.3
"""So many times the stops that are open later are planned at first."""


class Wish(Struct, frozen=True, kw_only=True):
    """Vehicles and open stops, how many cases on how many days, and the seconds of all searches.

    ``seconds`` are those that a proposal's search has, ``rival_s`` those of PyVRP from scratch on the
    first ``n_compared`` cases, ``plan_s`` those in which each day is planned.
    """

    n_shifts: int
    n_open: int
    n_days: int
    n_cases: int
    seconds: float
    n_compared: int
    rival_s: float
    plan_s: float
    seed: int


class Judged(Struct, frozen=True, kw_only=True):
    """What the evaluator says of a rest of the day.

    ``road_s`` is driving and waiting, without service, which is the same in every plan; ``late_s`` is
    late at stops and past the end of shifts, ``late_stops`` have their promise broken.
    """

    road_s: float
    late_s: float
    late_stops: int
    violations: int
    moved: int
    resequenced: int
    left_out: int
    next_changed: int = 0

    @property
    def cost_s(self) -> float:
        """The policy's price without what it asks for changes."""
        return self.road_s + USUAL.lateness_weight * (self.late_s + BROKEN_PROMISE_S * self.late_stops)

    @property
    def price_s(self) -> float:
        """The policy's price, changes included."""
        changes_s = USUAL.stop_moved_s * self.moved + USUAL.stop_resequenced_s * self.resequenced
        return self.cost_s + changes_s + USUAL.next_changed_s * self.next_changed


class ReplanCase(Struct, frozen=True, kw_only=True):
    """One mishap: the proposal, what doing nothing would mean, and PyVRP's plan where it was asked."""

    kind: str
    open_stops: int
    wall_s: float
    cpu_s: float
    solver: str
    nothing: Judged
    proposal: Judged
    rival: Judged | None = None


class ReplanRun(Struct, frozen=True, kw_only=True):
    """One run."""

    machine: Machine
    wish: Wish
    cases: tuple[ReplanCase, ...]


def measure_replanning(wish: Wish, n_cores: int, tell: Callable[[str], None]) -> tuple[ReplanCase, ...]:
    """Each mishap alone on the machine, then PyVRP on as many at once as there are cores."""
    mishaps_of_all = _mishaps(wish, n_cores, tell)
    cases = [_proposed(mishap, wish) for mishap in mishaps_of_all]
    tell(f"{len(cases)} proposals made")
    compared = mishaps_of_all[: wish.n_compared]
    asked = [(mishap, wish.rival_s, wish.seed) for mishap in compared]
    with ProcessPoolExecutor(n_cores, mp_context=get_context("spawn")) as pool:
        rivals = list(pool.map(_from_scratch, asked))
    return (*map(_beside, cases[: len(rivals)], rivals), *cases[len(rivals) :])


class FromScratch:
    """PyVRP as it comes; where others begin from is not told."""

    name = "PyVRP from scratch"

    def find(self, model: Model, stop: StopCriterion, seed: int, start: Tours | None = None) -> Found:
        """Search from a random plan."""
        return PyVrp(has_small_steps=False).find(model, stop, seed)


def _mishaps(wish: Wish, n_cores: int, tell: Callable[[str], None]) -> list[Mishap]:
    """By turns of the days."""
    by_day = []
    for number in range(wish.n_days):
        day = courier_day(wish.n_shifts, round(SPARE * wish.n_open), SERVICE_S, wish.seed + number)
        with process_crew(n_cores) as crew:
            plan = solve(day, StopCriterion(seconds=wish.plan_s), wish.seed, crew).plan
        n_cases = len(range(number, wish.n_cases, wish.n_days))
        by_day.append(mishaps(plan, wish.n_open, n_cases, wish.seed + number))
        tell(f"day {number + 1} of {wish.n_days} planned, {len(plan.unassigned)} stops left out")
    return [by_day[n % wish.n_days][n // wish.n_days] for n in range(wish.n_cases)]


def _proposed(mishap: Mishap, wish: Wish) -> ReplanCase:
    stop = StopCriterion(seconds=wish.seconds)
    began_s, cpu_began_s = perf_counter(), process_time()
    answer = reoptimize(mishap.plan, mishap.progress, mishap.changes, USUAL, TRAVEL, stop, wish.seed)
    wall_s, cpu_s = perf_counter() - began_s, process_time() - cpu_began_s
    instead = {route.shift.shift_id: route for route in answer.routes}
    after = [instead.get(route.shift.shift_id, route) for route in mishap.plan.routes]
    return ReplanCase(
        kind=mishap.kind,
        open_stops=n_open_of(mishap.plan, mishap.progress),
        wall_s=wall_s,
        cpu_s=cpu_s,
        solver=answer.solver,
        nothing=_judged(mishap, list(mishap.plan.routes)),
        proposal=_judged(mishap, after),
    )


def _from_scratch(asked: tuple[Mishap, float, int]) -> Judged:
    """PyVRP on the same frozen problem, where no change has a price.

    It is mended as Doorstep mends: what it leaves out is put in where that costs least, then small steps.
    """
    mishap, seconds, seed = asked
    situation = situation_of(mishap.plan, mishap.progress, mishap.changes, FREE, TRAVEL)
    prices = ReplanPrices(situation.task, situation.base, FREE, situation.surcharges)
    start = with_waiting(situation, prices)
    found = search(situation, prices, start, StopCriterion(seconds=seconds), seed, FromScratch())
    near = nearest(situation.task.legs.mean_s(), len(situation.task.stops))
    return _judged(mishap, list(situation.routes(descend(found, prices.price, near))))


def _beside(case: ReplanCase, rival: Judged) -> ReplanCase:
    return replace(case, rival=rival)


def _judged(mishap: Mishap, routes: Sequence[Route]) -> Judged:
    judged = evaluate(routes, TRAVEL, progress=mishap.progress)
    moved, resequenced = count_changes(_ids(mishap.plan.routes), _ids(routes))
    served = {stop_id for route in routes for stop_id in route.stop_ids}
    wanted = {stop_id for route in mishap.plan.routes for stop_id in route.stop_ids}
    wanted |= {stop.stop_id for stop in mishap.changes.new_stops}
    return Judged(
        road_s=judged.duration_s - sum(route.service_s for route in judged.routes),
        late_s=judged.lateness_s + judged.late_break_s + judged.overrun_s,
        late_stops=sum(visit.lateness_s > LATE_S for route in judged.routes for visit in route.visits),
        violations=len(judged.violations),
        moved=moved,
        resequenced=resequenced,
        left_out=len(wanted - served),
        next_changed=sum(map(_next_changed, mishap.plan.routes, routes, _heads(mishap))),
    )


def _heads(mishap: Mishap) -> list[int | None]:
    """By route how many stops can't change any more; none where the vehicle has not left."""
    known = {each.shift_id: each for each in mishap.progress if each.is_out}
    found = [known.get(route.shift.shift_id) for route in mishap.plan.routes]
    return [None if each is None else len(each.done_stop_ids) + len(each.frozen_stop_ids) for each in found]


def _next_changed(was: Route, becomes: Route, n_head: int | None) -> int:
    if n_head is None:
        return 0
    return n_next_changed(was.stop_ids[n_head:], becomes.stop_ids[n_head:], USUAL.n_next)


def _ids(routes: Sequence[Route]) -> list[tuple[str, ...]]:
    return [route.stop_ids for route in routes]
