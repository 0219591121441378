"""What a dispatcher can choose from when the day does not go as planned, ranked."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from routing.carriers import Carrier
from routing.changes import AlternativeKind, Reoptimization
from routing.day import DayPrices, Rates
from routing.deeds import Deeds, deeds_of
from routing.descent import descend, nearest
from routing.effects import effects_of, names, outlook
from routing.evaluation import Evaluation, ViolationKind
from routing.outsiders import handed_over
from routing.plan import Unassigned
from routing.reoptimize import WORTH_A_CHANGE_S, Candidate, Weighed, answer_of, words_on
from routing.replan_prices import ReplanPrices
from routing.situation import Situation


@dataclass(frozen=True, slots=True)
class Alternative:
    """One thing to do: what it is and what comes of it, in words, and its price under the policy.

    ``answer`` has the changed routes, the effects on each customer, in figures and in words, who stays
    unserved and every violation that is left. ``price_s`` is in seconds of driving, lateness and
    changes included; of two alternatives the one that leaves fewer stops unserved comes first. ``n_unserved``
    counts those that are driven to without their parcels as well.
    """

    kind: AlternativeKind
    words: str
    outlook: str
    answer: Reoptimization
    n_unserved: int
    price_s: float
    is_proposed: bool = False


@dataclass(frozen=True, slots=True)
class Alternatives:
    """The best first; ``is_complete`` unless time ran out before all were weighed."""

    ranked: tuple[Alternative, ...]
    is_complete: bool = True


def alternatives(
    weighed: Weighed, is_over: Callable[[], bool] = lambda: False, carriers: Sequence[Carrier] = ()
) -> Alternatives:
    """Everything that ``weigh`` found, and more, the best first; doing nothing is always among them.

    To do nothing; to keep everybody's order, new stops put where they cost least and cancelled ones
    left out; to change the order of the one shift where that gains most; to move stops between shifts;
    what PyVRP finds; to take those off the day without whom no promise is broken, so that their
    customers are given another one; and whatever saves time, as if changes had no price. What comes to
    the same is listed once, as the least of it: to give a new stop alone another day is to do nothing,
    and the outlook of that names it. Of those that are the same in words, what is proposed is listed,
    else the best. To hand over to ``carriers`` who would be late or has no place is among them, and never
    proposed. ``is_over`` is asked before each is weighed: doing nothing, what is proposed, the rest.
    """
    found: list[Alternative] = []
    waiting = _each(weighed, carriers)
    while not is_over():
        alternative = next(waiting, None)
        if alternative is None:
            return Alternatives(_ranked(found))
        found.append(alternative)
    return Alternatives(_ranked(found), is_complete=False)


def _ranked(found: list[Alternative]) -> tuple[Alternative, ...]:
    """What saves next to nothing more is behind what is proposed.

    Of those that read the same the better is kept, but what is proposed in any case.
    """
    best: dict[str, Alternative] = {}
    for each in sorted(found, key=_rank):
        if each.is_proposed or each.words not in best:
            best[each.words] = each
    return tuple(sorted(best.values(), key=_rank))


def _rank(alternative: Alternative) -> tuple[int, float]:
    return alternative.n_unserved, alternative.price_s - WORTH_A_CHANGE_S * alternative.is_proposed


def _each(weighed: Weighed, carriers: Sequence[Carrier]) -> Iterator[Alternative]:
    """Weighed one by one, as they are asked for."""
    situation, chosen = weighed.situation, weighed.chosen
    before = situation.judge_before()
    is_idle = situation.is_unchanged(chosen.tours)
    yield _nothing(situation, before, is_proposed=is_idle)
    if not is_idle:
        yield _alternative(situation, chosen, before, is_proposed=True)
    seen = {chosen.tours}
    if situation.is_unchanged(situation.base):
        seen.add(situation.base)
    for candidate in _ways(weighed):
        if candidate.tours not in seen:
            seen.add(candidate.tours)
            yield _alternative(situation, candidate, before)
    if carriers:
        yield from _hand_over(weighed, before, carriers)


def _hand_over(weighed: Weighed, before: Evaluation, carriers: Sequence[Carrier]) -> Iterator[Alternative]:
    """Everybody else keeps vehicle and order; nothing where no carrier takes anybody."""
    situation = weighed.situation
    tours, given = handed_over(situation, weighed.candidates[0].tours, carriers)
    if not given:
        return
    after = situation.judge_beside(tours, given, carriers)
    n_unserved, price_s = situation.price_as(tours, after)
    ids = {each.stop.stop_id for each in given}
    left = tuple(each for each in situation.unassigned(tours) if each.stop.stop_id not in ids)
    deeds = deeds_of(situation, tours)
    deeds = replace(deeds, off=tuple(name for name in deeds.off if name not in ids))
    by_carrier = ", ".join(
        f"{names([each.stop.stop_id for each in given if each.carrier_id == taker])} to carrier {taker}"
        for taker in dict.fromkeys(each.carrier_id for each in given)
    )
    answer = Reoptimization(
        situation.changed_routes(tours),
        effects_of(before, after),
        left,
        "hand-over",
        words_on(situation, after),
        given,
    )
    yield Alternative(
        AlternativeKind.RESCHEDULE if deeds.off else AlternativeKind.HAND_OVER,
        f"hand over {by_carrier}; {deeds.words}",
        _outlook(situation, after, left),
        answer,
        n_unserved - len(given),
        price_s + situation.policy.handed_over_s * len(given),
    )


def _nothing(situation: Situation, before: Evaluation, is_proposed: bool) -> Alternative:
    n_unserved, price_s = situation.price_before(before)
    answer = Reoptimization(
        (),
        effects_of(before, before),
        situation.unassigned_before(),
        violations=words_on(situation, before),
    )
    words = _outlook(situation, before, answer.unassigned)
    return Alternative(AlternativeKind.NOTHING, "do nothing", words, answer, n_unserved, price_s, is_proposed)


def _ways(weighed: Weighed) -> Iterator[Candidate]:
    """The least change first."""
    situation = weighed.situation
    start = weighed.candidates[0]
    yield start
    for candidate in weighed.candidates[1:]:
        if candidate.solver == "resequencing":
            yield _best_alone(weighed, start, candidate)
        else:
            yield candidate
    keeping = DayPrices(situation.task, [Rates(0.0, 0.0, 1.0)] * len(start.tours))
    kept = tuple(keeping.keep_promises(tour, sequence) for tour, sequence in enumerate(start.tours))
    yield Candidate("rescheduling", kept)
    n_stops = len(situation.task.stops)
    if n_stops > 1:
        near = nearest(situation.task.legs.mean_s(), n_stops)
        yield Candidate("moves at no price", descend(start.tours, _free_prices(situation).price, near))


def _free_prices(situation: Situation) -> ReplanPrices:
    """What the day would be worth if no change had a price."""
    policy = replace(
        situation.policy, stop_moved_s=0.0, stop_resequenced_s=0.0, next_changed_s=0.0, told_shifted_s=0.0
    )
    return ReplanPrices(situation.task, situation.base, policy, situation.free_surcharges)


def _best_alone(weighed: Weighed, start: Candidate, resequenced: Candidate) -> Candidate:
    """The new order of one shift alone, where that gains most."""
    price = weighed.prices.price
    _, tour = min(
        (price(tour, sequence) - price(tour, start.tours[tour]), tour)
        for tour, sequence in enumerate(resequenced.tours)
    )
    tours = (*start.tours[:tour], resequenced.tours[tour], *start.tours[tour + 1 :])
    return Candidate(resequenced.solver, tours)


def _alternative(
    situation: Situation, candidate: Candidate, before: Evaluation, is_proposed: bool = False
) -> Alternative:
    after = situation.judge(candidate.tours)
    n_unserved, price_s = situation.price_as(candidate.tours, after)
    deeds = deeds_of(situation, candidate.tours)
    answer = answer_of(situation, candidate, before, after)
    words = _outlook(situation, after, answer.unassigned)
    return Alternative(_kind(deeds), deeds.words, words, answer, n_unserved, price_s, is_proposed)


def _kind(deeds: Deeds) -> AlternativeKind:
    """What has to be done at the most."""
    if deeds.off:
        return AlternativeKind.RESCHEDULE
    if deeds.n_moved:
        return AlternativeKind.MOVE
    if deeds.reordered:
        return AlternativeKind.RESEQUENCE
    return AlternativeKind.KEEP_ORDER


def _outlook(situation: Situation, judged: Evaluation, unassigned: tuple[Unassigned, ...]) -> str:
    """Who will be late, what else is wrong then, who has no place, and what is wrong in any case."""
    wrong = [each.words for each in judged.violations if each.kind is not ViolationKind.LATE]
    left = [each.stop.stop_id for each in unassigned]
    aside = len(situation.violations_aside)
    parts = [outlook(judged)]
    if wrong:
        parts.append(names(wrong, most=2))
    if left:
        parts.append(f"without a place: {names(left)}")
    if aside:
        promises = "1 promise is" if aside == 1 else f"{aside} promises are"
        parts.append(f"elsewhere {promises} broken whatever is done")
    return "; ".join(parts)
