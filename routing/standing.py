"""How a plan in force stands: what is driven, what is frozen, and what is still open."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from routing.changes import Changes, Outage, Progress
from routing.plan import PlannedVisit, Route, RoutePlan, Shift, Stop, StopKind
from routing.schedule import Outing, resume_route, schedule_route
from routing.stops import latest_release
from routing.task import Vantage, kind_of, vantage_of
from routing.travel import TravelTimes


@dataclass(frozen=True, slots=True)
class Leftover:
    """One shift's rest of the day.

    ``driven`` keeps the times it was planned with; ``frozen`` is reached next, in order; ``planned``
    are the open stops in the order of the plan in force, those cancelled meanwhile included. A shift that
    ``is_over`` serves nobody any more: its open stops are ``given_up``.
    """

    shift: Shift
    progress: Progress | None
    driven: tuple[PlannedVisit, ...]
    frozen: tuple[Stop, ...]
    planned: tuple[Stop, ...]
    given_up: tuple[Stop, ...] = ()
    is_over: bool = False

    def route(self, stops: Sequence[Stop], travel: TravelTimes) -> Route:
        """The whole route if ``stops`` follow what is frozen."""
        if self.progress is None:
            return schedule_route(self.shift, stops, travel)
        ahead = [*self.frozen, *stops]
        if not ahead and not self.progress.is_out:
            return Route(self.shift, (), self.progress.free_at, 0.0)
        outing = self._outing(self.progress, travel)
        outing.wait_until(self.held_until(stops) or outing.free_at)
        return resume_route(self.shift, self.driven, ahead, outing, travel)

    def vantage(self, travel: TravelTimes) -> Vantage:
        """Where the open stops are reached from: the place of the last frozen stop, else the vehicle's."""
        if self.progress is None:
            return vantage_of(self.shift)
        outing = self._outing(self.progress, travel)
        for stop in self.frozen:
            outing.serve(stop)
        # What is frozen keeps its room even after its delivery: it is on board while the rest is loaded.
        picked_up = [visit.stop for visit in self.driven if visit.stop.kind is not StopKind.DELIVER]
        aboard = [*picked_up, *self.frozen]
        return Vantage(
            self.shift,
            outing.place,
            outing.free_at,
            self.progress.is_out,
            packages=sum(stop.packages for stop in aboard),
            kg=sum(stop.weight_kg for stop in aboard),
            m3=sum(stop.volume_m3 for stop in aboard),
            breaks=outing.breaks,
            n_been=len(self.driven) + len(self.frozen),
            driven_m=outing.distance_m + self._driven_m(self.progress, travel),
            loaded_stop_ids=frozenset(self.progress.loaded_stop_ids),
        )

    def _driven_m(self, progress: Progress, travel: TravelTimes) -> float:
        """From the shift's start to where the vehicle is; only a limit asks for it."""
        if self.shift.vehicle.most_km is None:
            return 0.0
        been = [visit.stop.location for visit in self.driven]
        places = [self.shift.start, *been, progress.location]
        return sum(travel.leg(*leg, self.shift.starts_at)[0] for leg in pairwise(places))

    def _outing(self, progress: Progress, travel: TravelTimes) -> Outing:
        breaks = progress.breaks_ahead(self.shift.breaks)
        return Outing(progress.location, progress.free_at, travel, breaks, self.shift.service_pace)

    def may_take(self, stop: Stop, loaded_on: str | None) -> bool:
        """Whether a stop may join this shift; ``loaded_on`` is the shift that has its parcels."""
        return not self.is_over and not self.shift.missing(stop) and self.may_load(stop, loaded_on)

    def held_until(self, stops: Iterable[Stop]) -> datetime | None:
        """When all is at the depot that it has still to load for ``stops``, if it waits for anything."""
        progress = self.progress
        if progress is None:
            return latest_release(stops)
        if progress.is_out:
            return None
        return latest_release(stop for stop in stops if stop.stop_id not in progress.loaded_stop_ids)

    def lacks(self, stop: Stop) -> bool:
        """Whether the vehicle is out, or leaves, without the parcels; what has no release is on board."""
        progress = self.progress
        if progress is None or not progress.is_out or stop.released_at is None:
            return False
        is_loaded = stop.stop_id in progress.loaded_stop_ids
        return not is_loaded and (progress.has_left or stop.released_at > progress.free_at)

    def over(self) -> "Leftover":
        """The same if the shift goes on no more, not even with what it is serving or driving to."""
        return replace(self, frozen=(), planned=(), given_up=(*self.frozen, *self.planned), is_over=True)

    def may_load(self, stop: Stop, loaded_on: str | None) -> bool:
        """Whether the stop's parcels are on board, or can still be loaded."""
        if loaded_on is not None:
            return loaded_on == self.shift.shift_id
        if self.progress is None or not stop.is_loaded_at_start:
            return True
        return not (self.progress.has_departed or (self.progress.is_out and stop.released_at is not None))


def leftovers(
    plan: RoutePlan, progress: Sequence[Progress], outages: Sequence[Outage] = ()
) -> tuple[Leftover, ...]:
    """What is left of each route. Stops that the plan does not know are passed over.

    A stop belongs to the shift that did it or drives to it, whatever the plan says; one that goes on no
    more has what it did, and not what it is serving. Raises
    ``ValueError`` where progress or outages name a shift that is not in the plan, or name one twice.
    """
    progress_of = {each.shift_id: each for each in progress}
    over = _known_once(plan, "Outages", [each.shift_id for each in outages])
    _known_once(plan, "Progress", [each.shift_id for each in progress])
    visits = {visit.stop.stop_id: visit for route in plan.routes for visit in route.visits}
    served = {
        each.shift_id: each.done_stop_ids if each.shift_id in over else _done(each) for each in progress
    }
    done = {stop_id for stop_ids in served.values() for stop_id in stop_ids}
    taken = done | {stop_id for each in progress for stop_id in each.frozen_stop_ids}
    claimed: set[str] = set()
    rest = []
    for route in plan.routes:
        each = progress_of.get(route.shift.shift_id)
        driven = _unclaimed(served.get(route.shift.shift_id, ()), claimed, visits)
        ahead = () if each is None else [name for name in each.frozen_stop_ids if name not in done]
        frozen = _unclaimed(ahead, claimed, visits)
        planned = tuple(visit.stop for visit in route.visits if visit.stop.stop_id not in taken)
        rest.append(Leftover(route.shift, each, driven, tuple(visit.stop for visit in frozen), planned))
    return tuple(each.over() if each.shift.shift_id in over else each for each in rest)


def _known_once(plan: RoutePlan, noun: str, shift_ids: Sequence[str]) -> set[str]:
    if len(set(shift_ids)) < len(shift_ids):
        raise ValueError(f"{noun} of plan {plan.depot_id} names a shift twice")
    if unknown := sorted(set(shift_ids) - {route.shift.shift_id for route in plan.routes}):
        raise ValueError(f"{noun} names shift {unknown[0]}, which plan {plan.depot_id} does not have")
    return set(shift_ids)


def unlike(rests: Iterable[Leftover]) -> Iterator[Leftover]:
    """Of shifts that are alike, have not begun and have nothing to do, the first; all others."""
    seen: set[Vantage] = set()
    for rest in rests:
        if rest.progress is None and not rest.planned:
            kind = kind_of(vantage_of(rest.shift))
            if kind in seen:
                continue
            seen.add(kind)
        yield rest


def waiting_stops(plan: RoutePlan, changes: Changes) -> tuple[tuple[Stop, ...], tuple[Stop, ...]]:
    """The stops without a place: the new ones, and those that no route serves so far.

    Raises ``ValueError`` for a new stop that is in a route already, or twice among the new, and for a new
    or cancelled one that a carrier has.
    """
    served = {stop_id for route in plan.routes for stop_id in route.stop_ids}
    carrier_of = {each.stop.stop_id: each.carrier_id for each in plan.handed_over}
    for stop_id in (*(stop.stop_id for stop in changes.new_stops), *changes.cancelled_stop_ids):
        if stop_id in carrier_of:
            raise ValueError(f"stop {stop_id} is handed over to carrier {carrier_of[stop_id]} already")
    new: dict[str, Stop] = {}
    for stop in changes.new_stops:
        if stop.stop_id in served or stop.stop_id in new:
            raise ValueError(f"new stop {stop.stop_id} is in plan {plan.depot_id} already")
        if stop.stop_id not in changes.cancelled_stop_ids:
            new[stop.stop_id] = stop
    gone = {*new, *changes.cancelled_stop_ids}
    return tuple(new.values()), tuple(each.stop for each in plan.unassigned if each.stop.stop_id not in gone)


def _done(progress: Progress) -> tuple[str, ...]:
    """What is done, then what is being served."""
    current = progress.current_stop_id
    if current is None or current in progress.done_stop_ids:
        return progress.done_stop_ids
    return (*progress.done_stop_ids, current)


def _unclaimed(
    stop_ids: Iterable[str], claimed: set[str], visits: dict[str, PlannedVisit]
) -> tuple[PlannedVisit, ...]:
    """The plan's visits of ``stop_ids``, each claimed by the first who names it."""
    mine = []
    for stop_id in stop_ids:
        if stop_id in visits and stop_id not in claimed:
            claimed.add(stop_id)
            mine.append(visits[stop_id])
    return tuple(mine)
