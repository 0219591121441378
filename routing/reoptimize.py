"""Re-planning during the day: what is driven stays, what is loaded stays on its vehicle."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from routing.changes import Changes, Policy, Progress, Reoptimization
from routing.descent import descend, nearest
from routing.effects import effects_of, standstill_reason
from routing.evaluation import Evaluation
from routing.insertion import insert
from routing.parts import what_pays
from routing.plan import RoutePlan
from routing.problem import StopCriterion
from routing.replan_prices import ReplanPrices
from routing.replan_search import search
from routing.situation import Situation, situation_of
from routing.task import Tours
from routing.travel import TravelTimes
from routing.worth import jobs

WORTH_A_CHANGE_S = 1.0
"""A plan whose price is lower by less is not worth a dispatcher's attention."""


def reoptimize(
    plan: RoutePlan,
    progress: Sequence[Progress],
    changes: Changes,
    policy: Policy,
    travel: TravelTimes,
    stop: StopCriterion,
    seed: int,
) -> Reoptimization:
    """The best rest of the day under ``policy``, or an empty answer where none beats doing nothing.

    Shifts without progress have not begun. New stops are put where they are served in time, else
    where they cost least, and what that violates is named; a stop that no route served so far joins
    if it makes nobody late. Beyond that the candidates are to change nothing, to resequence routes,
    to move stops between them, and what PyVRP finds; they are driven on the true travel times, and
    the least price wins. What is driven keeps the times that it was planned with. Of a large fleet only
    the shifts in trouble and those around them are planned anew (see ``neighbourhood``).
    """
    return weigh(plan, progress, changes, policy, travel, stop, seed).best()


@dataclass(frozen=True, slots=True)
class Candidate:
    """Tours for the rest of the day, and who found them."""

    solver: str
    tours: Tours


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the search left: all candidates, the least change first, and the one that is proposed."""

    situation: Situation
    prices: ReplanPrices
    candidates: tuple[Candidate, ...]
    chosen: Candidate

    def best(self) -> Reoptimization:
        """What is proposed; empty where nothing beats doing nothing."""
        before, after = self.situation.judge_before(), self.situation.judge(self.chosen.tours)
        return answer_of(self.situation, self.chosen, before, after)


def weigh(
    plan: RoutePlan,
    progress: Sequence[Progress],
    changes: Changes,
    policy: Policy,
    travel: TravelTimes,
    stop: StopCriterion,
    seed: int,
) -> Weighed:
    """The search of ``reoptimize``, with what it passed over."""
    situation = situation_of(plan, progress, changes, policy, travel)
    prices = ReplanPrices(situation.task, situation.base, policy, situation.surcharges, situation.told)
    candidates = tuple(_candidates(situation, prices, stop, seed))
    return Weighed(situation, prices, candidates, _choose(situation, candidates))


def insert_only(
    plan: RoutePlan, progress: Sequence[Progress], changes: Changes, policy: Policy, travel: TravelTimes
) -> Reoptimization:
    """The least that is to be done, without any search: new stops join, cancelled ones leave.

    Everybody else keeps vehicle and order; nothing is weighed against it.
    """
    situation = situation_of(plan, progress, changes, policy, travel)
    prices = ReplanPrices(situation.task, situation.base, policy, situation.surcharges, situation.told)
    least = Candidate("insertion", with_waiting(situation, prices))
    return answer_of(situation, least, situation.judge_before(), situation.judge(least.tours))


def answer_of(
    situation: Situation, candidate: Candidate, before: Evaluation, after: Evaluation
) -> Reoptimization:
    """What the candidate changes, by the evaluator's figures; empty where it changes nothing."""
    routes, unassigned = situation.changed_routes(candidate.tours), situation.unassigned(candidate.tours)
    if not routes:
        effects = replace(effects_of(before, before), reasons=(standstill_reason(before),))
        return Reoptimization((), effects, unassigned, violations=words_on(situation, before))
    words = words_on(situation, after)
    return Reoptimization(routes, effects_of(before, after), unassigned, candidate.solver, words)


def _candidates(
    situation: Situation, prices: ReplanPrices, stop: StopCriterion, seed: int
) -> Iterator[Candidate]:
    """The least change first."""
    start = with_waiting(situation, prices)
    yield Candidate("insertion", start)
    n_stops = len(situation.task.stops)
    if n_stops < 2:
        if any(start):
            yield Candidate("moves between routes", insert(((),) * len(start), [(0,)], prices.price)[0])
        return
    near = nearest(situation.task.legs.mean_s(), n_stops)
    yield Candidate("resequencing", descend(start, prices.price, near, is_within=True))
    improved = descend(start, prices.price, near)
    yield Candidate("moves between routes", improved)
    # Where moves are dear, PyVRP stays near the plan in force; what it finds at no price, mended by small
    # steps at the policy's, is often cheaper by the policy, and a better place to go on from.
    freely = descend(search(situation, prices, improved, stop.half, seed, is_free=True), prices.price, near)
    found = descend(search(situation, prices, freely, stop.half, seed), prices.price, near)
    for tours in (freely, found):
        paying = what_pays(improved, tours, prices.price, WORTH_A_CHANGE_S, situation.transfers)
        yield from (Candidate("PyVRP", each) for each in dict.fromkeys((paying, tours)))


def with_waiting(situation: Situation, prices: ReplanPrices) -> Tours:
    """The base with the new stops in it, in time where possible, and the unserved that fit."""
    mates = situation.task.mates
    tours, late = insert(situation.base, jobs(situation.new, mates), prices.price_in_time)
    tours, _ = insert(tours, late, prices.price)
    tours, _ = insert(tours, jobs(situation.unserved, mates), prices.price_in_time)
    return tours


def _choose(situation: Situation, candidates: Sequence[Candidate]) -> Candidate:
    """The cheapest that leaves fewest stops out; the least change where others save next to nothing."""
    least, least_price = candidates[0], situation.price(candidates[0].tours)
    for candidate in candidates[1:]:
        left_out, price_s = situation.price(candidate.tours)
        if (left_out, price_s + WORTH_A_CHANGE_S) < least_price:
            least, least_price = candidate, (left_out, price_s)
    return least


def words_on(situation: Situation, judged: Evaluation) -> tuple[str, ...]:
    """Every violation that is left, those of the shifts that are not planned anew behind."""
    return (*(violation.words for violation in judged.violations), *situation.violations_aside)
