"""Why stops are left out of a plan, and the least that would let each of them in."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from math import ceil

from routing.carrier_remedies import carrier_remedies
from routing.carriers import Carrier
from routing.changes import Progress
from routing.day import rates_of
from routing.lockers import Locker, drops_of
from routing.plan import RoutePlan, Stop
from routing.promises import keeps_promises
from routing.remedies import Change, ChangeKind, Remedy, changed_shift, changed_stop
from routing.ride import Ride, ask_for_legs, judge_route
from routing.schedule import schedule_route
from routing.shortfalls import Shortfall, Shortfalls
from routing.standing import Leftover, leftovers, unlike
from routing.travel import TravelTimes

Job = tuple[Stop, ...]
"""A stop, or a pick-up and its delivery."""

OPENING = {ChangeKind.WINDOW_EARLIER, ChangeKind.WINDOW_LATER}

FITS = "nothing is in its way"

MOST_REMEDIES = 3
"""So many ways are told, each of other kinds of changes."""

MOST_JUDGED = 20
"""So many gaps are put to the evaluator for each combination of changes, the least change first."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a stop is left out, or both of a pair: ``constraint`` is what is most easily put right.

    ``remedies`` are smallest first. There are none where no change of their kinds would help: then
    ``constraint`` is the plan's own reason.
    """

    stop_ids: tuple[str, ...]
    constraint: str
    remedies: tuple[Remedy, ...]


def explain_unassigned(
    plan: RoutePlan,
    travel: TravelTimes,
    progress: Sequence[Progress] = (),
    most: int | None = None,
    carriers: Sequence[Carrier] = (),
    lockers: Sequence[Locker] = (),
) -> tuple[Explanation, ...]:
    """For each stop that no route serves, the tightest constraint and the smallest changes that let it in.

    Everybody else keeps their vehicle and order, and no promise of theirs is broken, or broken further.
    The smallest change is the least share of what it changes (``Change.share``); in whole minutes,
    packages, tenths of a kilogram, litres. Each remedy was made and judged: the evaluator finds nothing
    wrong that is not wrong without it. A pair is explained once, under both ids; half of one whose
    other half is served has no remedy. ``carriers`` may take what is no half and lies at the depot; at
    ``lockers`` it is dropped where that needs no change of their hours. Only the first ``most`` are
    explained.
    """
    left_out = [each.stop for each in plan.unassigned]
    if not left_out:
        return ()
    dropping = _Dropping(plan, left_out, lockers)
    explaining = _Explaining(leftovers(plan, progress), left_out, dropping, travel)
    loaded = {stop_id for each in progress for stop_id in each.loaded_stop_ids}
    halves = {name for stop in left_out if stop.picked_up_at for name in (stop.stop_id, stop.picked_up_at)}

    def remedies(job: Job) -> list[Remedy]:
        is_free = job[0].stop_id not in loaded | halves
        by_carriers = _with_carriers(plan, job[0], carriers, travel) if is_free else ()
        return sorted([*explaining.remedies(job), *by_carriers], key=lambda each: each.share)

    reason_of = {each.stop.stop_id: each.reason for each in plan.unassigned}
    return tuple(
        _explanation(job, reason_of[job[0].stop_id], remedies(job)[:MOST_REMEDIES])
        for job in islice(_jobs(left_out), most)
    )


def _explanation(job: Job, reason: str, remedies: Sequence[Remedy]) -> Explanation:
    obstacles = [change.obstacle for change in remedies[0].changes] if remedies else [reason]
    constraint = " and ".join(obstacles) or FITS
    return Explanation(tuple(stop.stop_id for stop in job), constraint, tuple(remedies))


def _with_carriers(
    plan: RoutePlan, stop: Stop, carriers: Sequence[Carrier], travel: TravelTimes
) -> Iterator[Remedy]:
    for remedy, price in carrier_remedies(plan, stop, carriers, travel):
        yield replace(remedy, changes=(*remedy.changes, *_dearer_skip(stop, price)))


def _jobs(left_out: Sequence[Stop]) -> Iterator[Job]:
    """What is served together or not at all."""
    waiting = {stop.stop_id for stop in left_out}
    delivery_of = {stop.picked_up_at: stop for stop in left_out if stop.picked_up_at in waiting}
    for stop in left_out:
        if stop.stop_id in delivery_of:
            yield (stop, delivery_of[stop.stop_id])
        elif stop.picked_up_at not in waiting:
            yield (stop,)


class _Dropping:
    """The stops that are left out at the lockers that they may be dropped at."""

    def __init__(self, plan: RoutePlan, left_out: Sequence[Stop], lockers: Sequence[Locker]) -> None:
        self.drops = drops_of(left_out, lockers)
        self._most = {each.locker_id: each.most_packages for each in lockers}
        self._dropped = Counter[str]()
        for stop in (visit.stop for route in plan.routes for visit in route.visits):
            if stop.at_locker is not None:
                self._dropped[stop.at_locker] += stop.packages

    def where_open(self, stop: Stop, shortfalls: Iterable[Shortfall]) -> Iterator[Shortfall]:
        """With the room that the locker lacks; without those that want it open at other hours."""
        if stop.at_locker is None:
            yield from shortfalls
            return
        most = self._most[stop.at_locker]
        lacks = self._dropped[stop.at_locker] + stop.packages - most
        share = lacks / most if most else 1.0
        room = (Change(ChangeKind.LOCKER_PACKAGES, lacks, stop.at_locker, share),) if lacks > 0 else ()
        for each in shortfalls:
            if OPENING.isdisjoint(change.kind for change in each.changes):
                yield replace(each, changes=(*room, *each.changes))


class _Explaining:
    """The rides of a plan, and what each stop that is left out would need of them."""

    def __init__(
        self,
        rests: Sequence[Leftover],
        left_out: Sequence[Stop],
        dropping: "_Dropping",
        travel: TravelTimes,
    ) -> None:
        self._rests, self._dropping, self._travel = rests, dropping, travel
        joining = [*left_out, *dropping.drops]
        self._number = {(stop.stop_id, stop.at_locker): number for number, stop in enumerate(joining)}
        self._fetched = {
            stop.picked_up_at
            for rest in rests
            for stop in (*rest.frozen, *rest.planned, *(visit.stop for visit in rest.driven))
        }
        ask_for_legs(rests, joining, travel)
        rates = rates_of([rest.shift.vehicle for rest in rests])
        self._rates = {rest.shift.shift_id: each for rest, each in zip(rests, rates, strict=True)}
        self._rides = [Ride(rest, joining, travel) for rest in unlike(rests)]
        self._loaded_on = {
            stop_id: rest.shift.shift_id
            for rest in rests
            if rest.progress is not None
            for stop_id in rest.progress.loaded_stop_ids
        }

    def remedies(self, job: Job) -> list[Remedy]:
        """The smallest changes of at most so many combinations of kinds, each judged."""
        if len(job) == 1 and (job[0].picked_up_at is not None or job[0].stop_id in self._fetched):
            return []
        found: dict[frozenset[str], Remedy] = {}
        tried: Counter[frozenset[str]] = Counter()
        found_ways = ((each, ride, way) for way in self._ways(job) for each, ride in self._shortfalls(way))
        for shortfall, ride, way in sorted(found_ways, key=lambda each: (each[0].share, each[0].cost)):
            kinds = _kinds(shortfall.changes)
            is_dearer = any(other <= kinds for other in found)
            if is_dearer or tried[kinds] == MOST_JUDGED or len(found) == MOST_REMEDIES:
                continue
            tried[kinds] += 1
            if (remedy := self._judged(ride, way, shortfall)) is not None:
                found[kinds] = remedy
        if len(found) < MOST_REMEDIES and frozenset() not in found:
            found |= {_kinds(remedy.changes): remedy for remedy in self._anew(job)}
        return sorted(found.values(), key=lambda each: each.share)

    def _ways(self, job: Job) -> Iterator[Job]:
        """The job at its doors, and at each locker."""
        yield job
        yield from ((drop,) for drop in self._dropping.drops if [drop.stop_id] == [job[0].stop_id])

    def _shortfalls(self, job: Job) -> Iterator[tuple[Shortfall, Ride]]:
        for ride in self._rides:
            if ride.rest.may_load(job[0], self._loaded_on.get(job[0].stop_id)):
                places = [ride.n_ahead + self._number[stop.stop_id, stop.at_locker] for stop in job]
                for promised in product(*map(_promises, job)):
                    shortfalls = Shortfalls(ride, self._rates[ride.shift.shift_id], job, promised, places)
                    yield from ((each, ride) for each in self._dropping.where_open(job[0], shortfalls.all()))

    def _judged(self, ride: Ride, job: Job, shortfall: Shortfall) -> Remedy | None:
        """Make the changes, and hear the evaluator."""
        rest, changes = ride.rest, shortfall.changes
        rest = replace(rest, shift=changed_shift(rest.shift, changes))
        stops = [changed_stop(stop, changes) for stop in job]
        route = rest.route(ride.with_job(shortfall.gaps, stops)[ride.n_frozen :], self._travel)
        after = judge_route(route, rest.progress, self._travel)
        if not keeps_promises(rest.shift, ride.judged, after):
            return None
        return Remedy(
            (*changes, *_dearer_skip(job[0], shortfall.cost)),
            rest.shift.shift_id,
            route.stop_ids,
            locker_id=job[0].at_locker,
        )

    def _anew(self, job: Job) -> Iterator[Remedy]:
        """One more shift like one that has not begun, where it could serve the job."""
        for rest in self._rests:
            shift, rates = rest.shift, self._rates[rest.shift.shift_id]
            route = schedule_route(shift, job, self._travel)
            if rest.progress is None and not judge_route(route, None, self._travel).violations:
                seconds = (route.ends_at - shift.starts_at).total_seconds()
                cost = rates.fixed + route.distance_m * rates.per_m + seconds * rates.per_s
                change = Change(ChangeKind.ANOTHER_SHIFT, 1, shift.shift_id, 2.0)
                yield Remedy((change, *_dearer_skip(job[0], cost)), shift.shift_id, route.stop_ids)
                return


def _promises(stop: Stop) -> list[Stop]:
    """The stop with each of its windows alone."""
    if not stop.other_windows:
        return [stop]
    return [replace(stop, window=each, other_windows=()) for each in stop.windows]


def _kinds(changes: Iterable[Change]) -> frozenset[str]:
    return frozenset(f"{each.kind} {each.requirement}" for each in changes)


def _dearer_skip(stop: Stop, cost: float) -> Iterator[Change]:
    """An optional stop is served where that costs no more than leaving it out does."""
    if stop.skip_price is not None and cost > stop.skip_price:
        amount = ceil(100 * (cost - stop.skip_price)) / 100
        yield Change(ChangeKind.SKIP_PRICE, amount, stop.stop_id, amount / cost)
