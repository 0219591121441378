"""Planning a day: who serves what, in which order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from math import inf
from time import perf_counter

from routing.day import DayPrices, forbidden, left_out_of, rates_of
from routing.descent import descend, nearest
from routing.dropping import Choosing, within_rooms
from routing.evaluate import evaluate
from routing.insertion import insert
from routing.lockers import drops_of
from routing.money import MOST_PRICE, money_of
from routing.plan import HandedOver, RoutePlan, Stop, Unassigned
from routing.problem import Problem, Solution, StopCriterion, Work
from routing.promising import beyond_room
from routing.reasons import NO_LOCKER, NOT_WORTH_ITS_WAY, crowded_out, why_not_taken, why_unservable
from routing.schedule import schedule_route
from routing.selection import select
from routing.solvers.crew import Alone, Crew, Search
from routing.solvers.model import Model, model_of
from routing.solvers.ortools import OrTools
from routing.solvers.pyvrp import PyVrp
from routing.solvers.solver import Found, Solver
from routing.stops import latest_release
from routing.task import Task, Tours, kind_of, task_of, vantage_of
from routing.worth import jobs

WHOLE_SHARE, FIRST_SHARE, LATER_SHARE = 0.9, 0.7, 0.15
"""Shares of the seconds for the first search where it is likely the only one, else, and for each of at
most two later ones."""


LEAST_OVERRUN_S, OVERRUN_SHARE = 2.0, 0.5
"""Making answers better by small steps goes on so long past the seconds, or so large a share of them."""

ALONE = Alone()


def solve(problem: Problem, stop: StopCriterion, seed: int, crew: Crew = ALONE) -> Solution:
    """Plan a day: what should be served by weight, within every promise, at least cost.

    For the solvers a carrier is one more tour: everywhere at once, at a price for each stop.
    PyVRP searches, from as many seeds as the ``crew`` has room for. Where speeds differ by hour it
    plans with their mean, and once more with the slowest if that leaves stops out. What PyVRP lacks
    (breaks, several windows or a count of stops with pairs, room in lockers), and what it leaves out,
    goes to OR-Tools, which goes on from PyVRP's plan. Every answer is driven on the true travel times:
    what breaks a promise there is taken out and inserted elsewhere, or listed as unassigned with its
    reason; what can be had cheaper by a small step is, be it another choice of door and locker.
    """
    # The wall time decides nothing but how long answers are made better where the search is given seconds.
    began_s = perf_counter()
    reasons = _hopeless(problem)
    money = money_of(problem.shifts)
    vantages = [vantage_of(money.of_shift(each)) for each in problem.shifts]
    servable = [each for each in problem.stops if each.stop_id not in reasons or _is_taken(each, problem)]
    drops = drops_of(problem.stops, problem.lockers)
    servable += [each for each in drops if why_unservable(each, problem.shifts, problem.travel) is None]
    carriers = [money.of_carrier(each) for each in problem.carriers]
    priced = [money.of_stop(each) for each in servable]
    task = _with_bounds(task_of(priced, vantages, problem.travel, carriers, problem.lockers))
    answer, work = _Planning(task, stop, seed, crew).answer()
    driven = [[servable[index] for index in tour] for tour in answer.tours[: len(vantages)]]
    given_away = [[servable[index] for index in sorted(tour)] for tour in answer.tours[len(vantages) :]]
    plan = _plan_of(problem, driven, given_away, reasons)
    evaluation = evaluate(
        plan, problem.travel, problem.stops, carriers=problem.carriers, lockers=problem.lockers
    )
    duration_s = perf_counter() - began_s
    return Solution(plan, evaluation, answer.who, sum(each.iterations for each in work), duration_s, work)


def _with_bounds(task: Task) -> Task:
    """The task with no carrier dearer than anything is worth."""
    prices = tuple(tuple(_bounded(each) for each in row) for row in task.carrier_prices)
    return replace(task, carrier_prices=prices)


def _bounded(price: float) -> float:
    return price if price == inf else min(price, MOST_PRICE)


def _plan_of(
    problem: Problem,
    driven: Sequence[Sequence[Stop]],
    given_away: Sequence[Sequence[Stop]],
    reasons: Mapping[str, str],
) -> RoutePlan:
    """Stops by shift and by carrier as a plan; ``reasons`` are those of the hopeless."""
    served = {stop.stop_id for stops in (*driven, *given_away) for stop in stops}
    return RoutePlan(
        problem.depot_id,
        problem.service_date,
        revision=1,
        routes=tuple(
            schedule_route(shift, stops, problem.travel)
            for shift, stops in zip(problem.shifts, driven, strict=True)
        ),
        unassigned=tuple(
            Unassigned(each, _why_left_out(each, problem, reasons.get(each.stop_id)))
            for each in problem.stops
            if each.stop_id not in served
        ),
        handed_over=tuple(
            HandedOver(stop, carrier.carrier_id)
            for carrier, stops in zip(problem.carriers, given_away, strict=True)
            for stop in stops
        ),
    )


def _hopeless(problem: Problem) -> dict[str, str]:
    """The stops that no shift could serve even alone, with their reasons; halves of pairs go together."""
    reasons: dict[str, str] = {}
    stops = {stop.stop_id: stop for stop in problem.stops}
    shifts = list({kind_of(vantage_of(shift)): shift for shift in problem.shifts}.values())
    for stop in problem.stops:
        pick_up = None if stop.picked_up_at is None else stops[stop.picked_up_at]
        reason = why_unservable(stop, shifts, problem.travel, pick_up)
        if reason is not None:
            reasons[stop.stop_id] = reason
    for stop in problem.stops:
        pair = [stop.stop_id, stop.picked_up_at] if stop.picked_up_at is not None else []
        hopeless = next((each for each in pair if each in reasons), None)
        for each in pair:
            if each is not None and each not in reasons and hopeless is not None:
                reasons[each] = f"its other half can't be served: stop {hopeless}, {reasons[hopeless]}"
    return reasons


def _is_taken(stop: Stop, problem: Problem) -> bool:
    """Whether some carrier may take the stop, as far as the stop alone goes."""
    return not all(any(carrier.refusals(stop)) for carrier in problem.carriers)


def _why_left_out(stop: Stop, problem: Problem, hopeless: str | None) -> str:
    if hopeless is None and stop.skip_price is not None:
        return NOT_WORTH_ITS_WAY.format(price=stop.skip_price)
    return "; ".join(
        [
            hopeless or crowded_out(stop, problem.shifts),
            *([NO_LOCKER] if stop.locker_ids else []),
            *map(partial(why_not_taken, stop), problem.carriers),
        ]
    )


@dataclass(frozen=True, slots=True)
class _Answer:
    tours: Tours
    score: tuple[int, float]
    who: str

    def better(self, other: "_Answer") -> "_Answer":
        """Which leaves out less, then which costs less."""
        return other if other.score < self.score else self


class _Planning:
    """One day's planning: the searches, and what was made of each."""

    def __init__(self, task: Task, stop: StopCriterion, seed: int, crew: Crew) -> None:
        self._task, self._stop, self._seed, self._crew = task, stop, seed, crew
        self._rates = rates_of([each.shift.vehicle for each in task.vantages])
        self._prices = DayPrices(task, self._rates)
        self._forbidden = forbidden(task)
        # Where PyVRP knows all there is, its plans need no polish.
        self._is_plain = (
            task.legs.is_steady
            and len(set(task.kinds)) == 1
            and not task.vantages[0].breaks
            and latest_release(task.stops) is None
        )
        self._work: list[Work] = []
        self._ends_s = inf
        if stop.seconds is not None:
            self._ends_s = perf_counter() + stop.seconds + max(LEAST_OVERRUN_S, OVERRUN_SHARE * stop.seconds)

    @cached_property
    def _near(self) -> list[list[int]]:
        """For each stop the nearest ones; of thousands of stops it takes seconds, and often nobody asks."""
        n_stops = len(self._task.stops)
        return nearest(self._task.legs.mean_s(), n_stops) if n_stops > 1 else []

    def answer(self) -> tuple[_Answer, tuple[Work, ...]]:
        """The best answer of all searches, and who did what."""
        if len(self._task.stops) < 2:
            # Nothing to search for: one stop goes where it is cheapest.
            empty = Found(tuple(() for _ in range(self._task.n_tours)), 0)
            began_s = perf_counter()
            best = self._keep_promises(empty, "insertion")
            words = "put the only stop where it costs least" if self._task.stops else "had no stop to place"
            self._note("insertion", words, 0, began_s)
        else:
            best = self._searched()
        chosen = (replace(each, is_chosen=each.solver == best.who) for each in self._work)
        return best, tuple(chosen)

    def _searched(self) -> _Answer:
        is_steady = self._task.legs.is_steady
        model = self._model(is_slowest=False)
        lacking = " and ".join(model.beyond_pyvrp)
        is_whole = is_steady and not lacking
        # Small steps make short plans soon; PyVRP's own find room where the fleet is tight.
        finders = [PyVrp(has_small_steps=number % 2 == 0) for number in range(self._crew.size)]
        task = f"planned the day without its {lacking}" if lacking else "planned the day"
        share = WHOLE_SHARE if is_whole else FIRST_SHARE
        best = self._with_room(finders, share) if model.rooms else self._ask(finders, model, share, task)
        if best.score[0] and not is_steady:
            task = "planned it anew with each leg's slowest hour"
            slowest = self._model(is_slowest=True)
            best = best.better(self._ask(finders, slowest, LATER_SHARE, task, named="slowest hours"))
        if best.score[0] or lacking:
            task = f"went on from that plan, with the {lacking}" if lacking else "went on from that plan"
            second = self._ask([OrTools()], model, LATER_SHARE, task, best)
            best = best.better(second)
        return best

    def _with_room(self, finders: Sequence[Solver], share: float) -> _Answer:
        """PyVRP knows no room: it may choose among as many drops as there is room for, and then once more."""
        promising = self._model(is_slowest=False, off=beyond_room(self._task))
        task = "planned the day with drops for the dearest doors"
        best = self._ask(finders, promising, share / 2, task, named="dear doors")
        chosen = {index for tour in best.tours for index in tour}
        fitting = self._model(is_slowest=False, off=beyond_room(self._task, chosen))
        task = "went on from that plan, with its drops first"
        return best.better(self._ask(finders, fitting, share / 2, task, best, named="fitting drops"))

    def _model(self, is_slowest: bool, off: frozenset[int] = frozenset()) -> Model:
        """The day for a solver; nobody may serve the stops that are ``off``."""
        task = self._task
        durations_s = task.legs.slowest_s() if is_slowest else task.legs.mean_s()
        tariffs = tuple(
            rates.tariff(_forbidding(stops | off, len(task.stops)))
            for rates, stops in zip(self._rates, self._forbidden, strict=False)
        )
        return model_of(task, durations_s, tariffs, parts=self._rates[0].parts)

    def _ask(
        self,
        solvers: Sequence[Solver],
        model: Model,
        share: float,
        task: str,
        start: _Answer | None = None,
        named: str = "",
    ) -> _Answer:
        """The best of what each of ``solvers``, which are of one name, finds from a seed of its own."""
        began_s = perf_counter()
        stop = _share(self._stop, share)
        tours = None if start is None else start.tours
        who = solvers[0].name if start is None else f"{solvers[0].name} from {start.who}'s plan"
        who = f"{who} ({named})" if named else who
        searches = [Search(each, model, stop, self._seed + n, tours) for n, each in enumerate(solvers)]
        found = self._crew.run(searches)
        answers = [self._keep_promises(each, who) for each in found]
        best = min(answers, key=lambda each: each.score)
        self._note(best.who, task, sum(each.iterations for each in found), began_s)
        return best

    def _keep_promises(self, found: Found, who: str) -> _Answer:
        """What a solver found, made true and polished on the true travel times."""
        prices, mates = self._prices, self._task.mates
        fitting = within_rooms(self._task, found.tours)
        kept = tuple(prices.keep_promises(tour, sequence) for tour, sequence in enumerate(fitting))
        unserved = left_out_of(self._task, kept)
        missing = jobs((each for each in unserved if self._task.stops[each].at_locker is None), mates)
        missing.sort(key=prices.worth, reverse=True)
        kinds = self._task.kinds
        tours, left_out = insert(kept, missing, prices.price, prices.worth, kinds)
        n_inserted = len(missing) - len(left_out)
        if (missing or not self._is_plain) and self._near:
            mended = _changed(found.tours, tours) if self._is_plain else None
            tours = descend(tours, prices.price, self._near, kinds=kinds, first=mended, is_over=self._is_over)
        tours, left_out = select(tours, left_out, prices.price, prices.worth, mates)
        tours, left_out = insert(tours, left_out, prices.price, prices.worth, kinds)
        if self._task.rivals:
            tours = Choosing(self._task, prices, kinds).improve(tours)
        if n_inserted and found.iterations:
            who = f"{who}, then insertion of {n_inserted}"
        return _Answer(tours, prices.score(tours), who)

    def _is_over(self) -> bool:
        """Whether the seconds are; a search that iterations alone end goes on to its own end."""
        return perf_counter() > self._ends_s

    def _note(self, who: str, task: str, iterations: int, began_s: float) -> None:
        self._work.append(Work(who, task, iterations, perf_counter() - began_s))


def _forbidding(stops: frozenset[int], n_stops: int) -> tuple[int | None, ...]:
    return tuple(None if index in stops else 0 for index in range(n_stops)) if stops else ()


def _changed(before: Tours, after: Tours) -> list[int]:
    """The stops of the tours that are not what they were."""
    return [index for was, now in zip(before, after, strict=True) if was != now for index in now]


def _share(stop: StopCriterion, share: float) -> StopCriterion:
    return stop if stop.seconds is None else replace(stop, seconds=stop.seconds * share)
