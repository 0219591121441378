"""A plan in force with its progress and changes, as a task that searches understand."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import inf

from routing.cancelling import require_pick_ups, with_mates
from routing.carriers import Carrier
from routing.changes import Changes, Policy, Progress
from routing.evaluate import evaluate
from routing.evaluation import Evaluation
from routing.neighbourhood import focus_of
from routing.out_of_reach import out_of_reach, why_not_served
from routing.plan import HandedOver, Route, RoutePlan, Stop, Unassigned
from routing.replan_prices import BROKEN_PROMISE_S
from routing.salvage import Salvage, salvage_of
from routing.stability import count_changes, n_next_changed
from routing.standing import Leftover, leftovers, waiting_stops
from routing.task import Task, Tours, task_of
from routing.timetable import LATE_S
from routing.travel import TravelTimes

NOTHING_LEFT_BEHIND = Salvage()


@dataclass(frozen=True, slots=True)
class Situation:
    """The open stops of ``task`` and their tours in ``base``: the plan without what was cancelled.

    ``new`` and ``unserved`` have no tour yet; they are the indices after those of the base. The ``stranded``
    ones of ``new`` are left behind by shifts that go on no more, ``salvage`` says how. Carriers have what is
    ``handed_over``.
    So are the ``missed`` of ``new``, with the tour that had them: its vehicle is out without their parcels.
    ``surcharges`` hold per tour what each stop costs there: nothing at home or for a new one, the
    price of a move elsewhere, infinite where it may not go. ``told`` are by stop the arrivals that
    customers know: those of the plan in force as it is now driven. Of a large fleet ``rests`` are the shifts
    that matter, of the whole ``fleet``; ``violations_aside`` are the words on what is wrong with the others.
    Nobody is sent to the new stops that are ``beyond`` reach, with their reasons. ``loaded_on`` names by stop
    the shift that has its parcels.
    """

    rests: tuple[Leftover, ...]
    progress: tuple[Progress, ...]
    task: Task
    base: Tours
    new: tuple[int, ...]
    unserved: tuple[int, ...]
    reasons: tuple[str, ...]
    surcharges: tuple[tuple[float, ...], ...]
    policy: Policy
    travel: TravelTimes
    told: Mapping[int, datetime]
    salvage: Salvage = NOTHING_LEFT_BEHIND
    stranded: frozenset[int] = frozenset()
    missed: Mapping[int, int] = field(default_factory=dict)
    handed_over: tuple[HandedOver, ...] = ()
    violations_aside: tuple[str, ...] = ()
    fleet: tuple[Leftover, ...] = ()
    beyond: Mapping[int, str] = field(default_factory=dict)
    loaded_on: Mapping[str, str] = field(default_factory=dict)

    def routes(self, tours: Tours) -> tuple[Route, ...]:
        """The whole routes, with what is driven and frozen in front."""
        return tuple(
            rest.route([self.task.stops[index] for index in tour], self.travel)
            for rest, tour in zip(self.rests, tours, strict=True)
        )

    def judge_before(self) -> Evaluation:
        """What happens if nobody changes anything, cancelled stops included."""
        routes = [rest.route(rest.planned, self.travel) for rest in self.rests]
        return evaluate(routes, self.travel, progress=self.progress)

    def judge(self, tours: Tours) -> Evaluation:
        """The evaluator's word on the rest of the day."""
        return evaluate(self.routes(tours), self.travel, progress=self.progress)

    def judge_beside(
        self, tours: Tours, given: Sequence[HandedOver], carriers: Sequence[Carrier]
    ) -> Evaluation:
        """The same where carriers take what is ``given`` to them, beside what they have."""
        judged = evaluate(self.routes(tours), self.travel, progress=self.progress)
        taken = [*self.handed_over, *given]
        of_all = evaluate([], self.travel, carriers=carriers, handed_over=taken)
        theirs = of_all.handed_over[len(of_all.handed_over) - len(given) :]
        return replace(judged, violations=judged.violations + of_all.violations, handed_over=theirs)

    def price(self, tours: Tours) -> tuple[int, float]:
        """How many stops stay unserved, then the policy's price by the evaluator's figures, seconds."""
        return self.price_as(tours, self.judge(tours))

    def price_as(self, tours: Tours, judged: Evaluation) -> tuple[int, float]:
        """The same of tours that are judged already."""
        served = {index for tour in tours for index in tour}
        left_out = set(range(len(self.task.stops))) - served - self.transfers
        return len(left_out), self._worth_s(judged) + self._changes_s(tours, judged)

    @property
    def free_surcharges(self) -> tuple[tuple[float, ...], ...]:
        """The ``surcharges`` if no move had a price: what may not go elsewhere still may not."""
        return tuple(tuple(0.0 if each < inf else inf for each in row) for row in self.surcharges)

    @property
    def transfers(self) -> frozenset[int]:
        """The stops that nobody asked for: where parcels go from one vehicle to another."""
        stops = enumerate(self.task.stops)
        return frozenset(index for index, stop in stops if self.salvage.original(stop) is None)

    def price_before(self, before: Evaluation) -> tuple[int, float]:
        """The same if nobody changes anything; ``before`` is what ``judge_before`` says."""
        return len({*self.new, *self.unserved} - self.transfers), self._worth_s(before)

    def _changes_s(self, tours: Tours, judged: Evaluation) -> float:
        """What the policy asks for all that changes for drivers and customers."""
        policy = self.policy
        moved, resequenced = count_changes(self.base, tours)
        n_next = sum(
            n_next_changed(was, becomes, policy.n_next)
            for vantage, was, becomes in zip(self.task.vantages, self.base, tours, strict=True)
            if vantage.is_begun
        )
        return (
            moved * policy.stop_moved_s
            + resequenced * policy.stop_resequenced_s
            + n_next * policy.next_changed_s
            + self._n_shifted(judged) * policy.told_shifted_s
        )

    def _n_shifted(self, judged: Evaluation) -> int:
        """Customers who are reached much earlier or later than they were told."""
        told = {self.task.stops[index].stop_id: arrive_at for index, arrive_at in self.told.items()}
        return sum(
            abs((visit.arrive_at - told[visit.stop_id]).total_seconds()) > self.policy.told_within_s
            for route in judged.routes
            for visit in route.visits
            if visit.stop_id in told
        )

    def _worth_s(self, judged: Evaluation) -> float:
        late_s = judged.lateness_s + judged.late_break_s + judged.overrun_s
        late_s += BROKEN_PROMISE_S * sum(
            visit.lateness_s > LATE_S for route in judged.routes for visit in route.visits
        )
        return judged.duration_s + self.policy.lateness_weight * late_s

    def changed_routes(self, tours: Tours) -> tuple[Route, ...]:
        """The routes whose stops differ from the plan in force."""
        return tuple(
            self.rests[tour].route([self.task.stops[index] for index in tours[tour]], self.travel)
            for tour in self._changed(tours)
        )

    def is_unchanged(self, tours: Tours) -> bool:
        """Whether they are the plan in force."""
        return not self._changed(tours)

    def _changed(self, tours: Tours) -> list[int]:
        return [
            number
            for number, (rest, tour) in enumerate(zip(self.rests, tours, strict=True))
            if [self.task.stops[index].stop_id for index in tour]
            != [stop.stop_id for stop in (*rest.given_up, *rest.planned)]
        ]

    def unassigned(self, tours: Tours) -> tuple[Unassigned, ...]:
        """The stops on no tour, with the reason they had, if they had one."""
        served = {index for tour in tours for index in tour}
        old = dict(zip(self.unserved, self.reasons, strict=True))
        left = tuple(
            Unassigned(original, old.get(index) or self._why_not_served(index))
            for index, stop in enumerate(self.task.stops)
            if index not in served and (original := self.salvage.original(stop)) is not None
        )
        return (*left, *self.salvage.lost)

    def unassigned_before(self) -> tuple[Unassigned, ...]:
        """Who has no place if nobody changes anything; the missed have one, if in vain."""
        missed = {self.task.stops[index].stop_id for index in self.missed}
        return tuple(each for each in self.unassigned(self.base) if each.stop.stop_id not in missed)

    def _why_not_served(self, index: int) -> str:
        stop, mate = self.task.stops[index], self.task.mates[index]
        released_at = stop.released_at
        if index not in self.missed or released_at is None:
            pick_up = self.task.stops[mate] if mate >= 0 and stop.picked_up_at is not None else None
            beyond = self.beyond.get(index)
            return beyond or why_not_served(stop, pick_up, self.fleet, self.loaded_on, self.travel)
        rest = self.rests[self.missed[index]]
        leaves = "has left" if rest.progress is not None and rest.progress.has_left else "leaves"
        return (
            f"shift {rest.shift.shift_id} {leaves} without its parcels, which are at the depot "
            f"from {released_at:%H:%M} on"
        )


def situation_of(
    plan: RoutePlan, progress: Sequence[Progress], changes: Changes, policy: Policy, travel: TravelTimes
) -> Situation:
    """Put together what is known. Raises ``ValueError`` where it does not fit together."""
    if not plan.routes:
        raise ValueError(f"plan {plan.depot_id} has no route: there is no shift to plan anew")
    everybody = leftovers(plan, progress, changes.outages)
    require_pick_ups(plan, changes)
    changes = with_mates(plan, changes, everybody)
    cancelled = set(changes.cancelled_stop_ids)
    waiting = waiting_stops(plan, changes)
    salvage = salvage_of(everybody, changes.outages, cancelled, [stop for each in waiting for stop in each])
    new, unserved = (_without(each, salvage) for each in waiting)
    lacked = _lacked(everybody, cancelled)
    new = (*new, *salvage.waiting, *lacked.values())
    gone = cancelled.union(lacked)
    focus = focus_of(plan, progress, everybody, new, gone, travel)
    rests = focus.rests
    kept = [[stop for stop in rest.planned if stop.stop_id not in gone] for rest in rests]
    stops = [*(stop for each in kept for stop in each), *new, *unserved]
    number = {stop.stop_id: index for index, stop in enumerate(stops)}
    base = tuple(tuple(number[stop.stop_id] for stop in each) for each in kept)
    task = task_of(stops, [rest.vantage(travel) for rest in rests], travel)
    reason_of = {each.stop.stop_id: each.reason for each in plan.unassigned}
    loaded_on = _loaded_on(everybody, task)
    ordered = [number[stop.stop_id] for stop in changes.new_stops if stop.stop_id in number]
    beyond = out_of_reach(task, ordered, everybody, loaded_on, travel)
    return Situation(
        rests=rests,
        progress=tuple(progress),
        task=task,
        base=base,
        new=tuple(number[stop.stop_id] for stop in new),
        unserved=tuple(number[stop.stop_id] for stop in unserved),
        reasons=tuple(reason_of[stop.stop_id] for stop in unserved),
        surcharges=_surcharges(rests, task, base, policy, loaded_on, beyond),
        policy=policy,
        travel=travel,
        told=_told(rests, progress, number, travel),
        salvage=salvage,
        handed_over=plan.handed_over,
        stranded=frozenset(number[stop.stop_id] for stop in salvage.waiting),
        missed={
            number[stop.stop_id]: tour
            for tour, rest in enumerate(rests)
            for stop in rest.planned
            if stop.stop_id in lacked
        },
        violations_aside=focus.violations_aside,
        fleet=everybody,
        beyond=beyond,
        loaded_on=loaded_on,
    )


def _lacked(rests: Sequence[Leftover], cancelled: Collection[str]) -> dict[str, Stop]:
    """By id the open stops whose vehicle is out without their parcels."""
    return {
        stop.stop_id: stop
        for rest in rests
        for stop in rest.planned
        if stop.stop_id not in cancelled and rest.lacks(stop)
    }


def _without(stops: Sequence[Stop], salvage: Salvage) -> tuple[Stop, ...]:
    """The stops that are not waiting, or lost, for a shift that goes on no more."""
    there = {stop.stop_id for stop in (*salvage.waiting, *(each.stop for each in salvage.lost))}
    return tuple(stop for stop in stops if stop.stop_id not in there)


def _told(
    rests: Sequence[Leftover], progress: Sequence[Progress], number: Mapping[str, int], travel: TravelTimes
) -> dict[int, datetime]:
    """What customers know: as their vehicles now come, since they are kept up to date."""
    names = {stop_id for each in progress for stop_id in each.told_stop_ids}
    if not names:
        return {}
    judged = evaluate([rest.route(rest.planned, travel) for rest in rests], travel, progress=progress)
    return {
        number[visit.stop_id]: visit.arrive_at
        for route in judged.routes
        for visit in route.visits
        if visit.stop_id in names and visit.stop_id in number
    }


def _surcharges(
    rests: Sequence[Leftover],
    task: Task,
    base: Tours,
    policy: Policy,
    loaded_on: Mapping[str, str],
    beyond: Collection[int],
) -> tuple[tuple[float, ...], ...]:
    home = {index: tour for tour, sequence in enumerate(base) for index in sequence}

    def surcharge(tour: int, rest: Leftover, index: int) -> float:
        stop = task.stops[index]
        if home.get(index) == tour:
            return 0.0
        if index in beyond or not rest.may_take(stop, loaded_on.get(stop.stop_id)):
            return inf
        return policy.stop_moved_s if index in home else 0.0

    return tuple(
        tuple(surcharge(tour, rest, index) for index in range(len(task.stops)))
        for tour, rest in enumerate(rests)
    )


def _loaded_on(rests: Sequence[Leftover], task: Task) -> dict[str, str]:
    """The shift that has a stop's parcels: loaded at the depot, or picked up, or soon to be, on the way."""
    loaded_on = {
        stop_id: rest.shift.shift_id
        for rest in rests
        if rest.progress is not None and not rest.is_over
        for stop_id in rest.progress.loaded_stop_ids
    }
    passed = [
        (stop.stop_id, rest.shift.shift_id)
        for rest in rests
        for stop in (*(visit.stop for visit in rest.driven), *rest.frozen)
    ]
    picks_up = dict(passed)
    fetched = {
        each.stop_id: picks_up[each.picked_up_at] for each in task.stops if each.picked_up_at in picks_up
    }
    return loaded_on | fetched
