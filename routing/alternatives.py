"""What a dispatcher can choose from when the day does not go as planned, ranked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from routing.changes import Changes, Policy, Progress, Reoptimization
from routing.day import DayPrices, Rates
from routing.deeds import Deeds, deeds_of
from routing.effects import effects_of, names, outlook
from routing.plan import RoutePlan
from routing.problem import StopCriterion
from routing.reoptimize import Candidate, answer_of, candidates_of
from routing.replan_prices import ReplanPrices
from routing.situation import Situation, situation_of
from routing.task import Tours
from routing.travel import TravelTimes


class AlternativeKind(StrEnum):
    """What is done; each may include what comes before it, but for nothing at all."""

    NOTHING = "nothing"
    KEEP_ORDER = "keep_order"
    RESEQUENCE = "resequence"
    MOVE = "move"
    RESCHEDULE = "reschedule"


@dataclass(frozen=True, slots=True)
class Alternative:
    """One thing to do: what it is in words, what comes of it, and its price under the policy.

    ``answer`` has the changed routes, the effects on each customer, in figures and in words, who stays
    unserved and every violation that is left. ``price_s`` is in seconds of driving, lateness and
    changes included; of two alternatives the one that leaves fewer stops unserved comes first.
    """

    kind: AlternativeKind
    words: str
    answer: Reoptimization
    n_unserved: int
    price_s: float


def alternatives(
    plan: RoutePlan,
    progress: Sequence[Progress],
    changes: Changes,
    policy: Policy,
    travel: TravelTimes,
    stop: StopCriterion,
    seed: int,
) -> tuple[Alternative, ...]:
    """Everything that ``reoptimize`` weighs, and more, the best first; doing nothing is always among them.

    To do nothing; to keep everybody's order, new stops put where they cost least and cancelled ones
    left out; to change the order of the one shift where that gains most; to move stops between shifts;
    what PyVRP finds; and to take those off the day without whom no promise is broken, so that their
    customers are given another one. What comes to the same is listed once, as the least of it: to give
    a new stop alone another day is to do nothing, and the words of that name it.
    """
    situation = situation_of(plan, progress, changes, policy, travel)
    prices = ReplanPrices(situation.task, situation.base, policy, situation.surcharges)
    found = [_nothing(situation)]
    seen: set[Tours] = set()
    if not situation.changed_routes(situation.base):
        seen.add(situation.base)
    for candidate in _ways(situation, list(candidates_of(situation, prices, stop, seed))):
        if candidate.tours not in seen:
            seen.add(candidate.tours)
            found.append(_alternative(situation, candidate))
    return tuple(sorted(found, key=lambda each: (each.n_unserved, each.price_s)))


def _nothing(situation: Situation) -> Alternative:
    before = situation.judge_before()
    n_unserved, price_s = situation.price_before()
    answer = Reoptimization(
        (),
        effects_of(before, before),
        situation.unassigned(situation.base),
        violations=tuple(each.words for each in before.violations),
    )
    left = [each.stop.stop_id for each in answer.unassigned]
    words = f"do nothing: {outlook(before)}" + (f"; without a place: {names(left)}" if left else "")
    return Alternative(AlternativeKind.NOTHING, words, answer, n_unserved, price_s)


def _ways(situation: Situation, candidates: Sequence[Candidate]) -> Iterator[Candidate]:
    """The least change first."""
    start = candidates[0]
    yield start
    for candidate in candidates[1:]:
        if candidate.solver == "resequencing":
            yield _best_alone(situation, start, candidate)
        else:
            yield candidate
    keeping = DayPrices(situation.task, [Rates(0.0, 0.0, 1.0)] * len(start.tours))
    kept = tuple(keeping.keep_promises(tour, sequence) for tour, sequence in enumerate(start.tours))
    yield Candidate("rescheduling", kept)


def _best_alone(situation: Situation, start: Candidate, resequenced: Candidate) -> Candidate:
    """The new order of one shift alone, where that gains most."""
    ways = [
        (*start.tours[:tour], sequence, *start.tours[tour + 1 :])
        for tour, sequence in enumerate(resequenced.tours)
        if sequence != start.tours[tour]
    ]
    return Candidate(resequenced.solver, min(ways, key=situation.price, default=start.tours))


def _alternative(situation: Situation, candidate: Candidate) -> Alternative:
    n_unserved, price_s = situation.price(candidate.tours)
    deeds = deeds_of(situation, candidate.tours)
    return Alternative(_kind(deeds), deeds.words, answer_of(situation, candidate), n_unserved, price_s)


def _kind(deeds: Deeds) -> AlternativeKind:
    """What has to be done at the most."""
    if deeds.off:
        return AlternativeKind.RESCHEDULE
    if deeds.n_moved:
        return AlternativeKind.MOVE
    if deeds.reordered:
        return AlternativeKind.RESEQUENCE
    return AlternativeKind.KEEP_ORDER
