"""The judge's own drive of a sequence: what would happen, leg by leg."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from routing.evaluation import BreakEvaluation, LegEvaluation, VisitEvaluation
from routing.plan import Break, Location, Shift, Stop, StopKind
from routing.travel import TravelTimes

Load = tuple[int, float, float]
"""Packages, kilograms and cubic metres."""


@dataclass(frozen=True, slots=True)
class Outset:
    """Where a shift is judged from: its place and moment, the breaks to come, what it has on board.

    ``n_been`` stops and ``driven_m`` lie behind it. It does not leave before ``held_until``, when all is
    there that it loads.
    """

    place: Location
    leaves_at: datetime
    breaks: tuple[Break, ...]
    on_board: tuple[Stop, ...] = ()
    n_been: int = 0
    driven_m: float = 0.0
    held_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """A sequence as it was driven; ``home`` is missing where the vehicle stays where it is."""

    visits: tuple[VisitEvaluation, ...]
    breaks: tuple[BreakEvaluation, ...]
    home: LegEvaluation | None
    ends_at: datetime

    @property
    def legs(self) -> tuple[LegEvaluation, ...]:
        """All drives, the one home included."""
        legs = tuple(visit.leg for visit in self.visits)
        return legs if self.home is None else (*legs, self.home)


def drive(shift: Shift, stops: Sequence[Stop], outset: Outset, travel: TravelTimes, goes_home: bool) -> Trial:
    """Drive ``stops`` in order, and home to the shift's end where it ``goes_home``."""
    rest = _Rest(outset.breaks)
    load = _load_at_outset(stops, outset.on_board)
    place, now_at = outset.place, outset.leaves_at
    ready_at = _ready_at(outset, rest)
    visits: list[VisitEvaluation] = []
    for stop in stops:
        free_at = now_at
        leg = _leg(shift, place, stop.location, rest.before_a_drive(max(now_at, ready_at)), load, travel)
        arrive_at = begin_at = leg.depart_at + timedelta(seconds=leg.duration_s)
        late_s = 0.0
        if stop.window is not None:
            begin_at = max(arrive_at, stop.window.opens_at)
            if begin_at > arrive_at:
                begin_at = max(begin_at, rest.during_a_wait(arrive_at, stop.window.opens_at))
            late_s = max(0.0, (arrive_at - stop.window.closes_at).total_seconds())
        service_s = stop.service_s * shift.service_pace
        now_at = begin_at + timedelta(seconds=service_s)
        spent_h = (now_at - free_at).total_seconds() / 3600
        visits.append(
            VisitEvaluation(
                stop.stop_id,
                arrive_at=arrive_at,
                wait_s=(begin_at - arrive_at).total_seconds(),
                begin_at=begin_at,
                depart_at=now_at,
                lateness_s=late_s,
                service_s=service_s,
                leg=leg,
                cost=leg.distance_m / 1000 * shift.vehicle.cost_per_km + spent_h * shift.vehicle.cost_per_h,
            )
        )
        place, load = stop.location, _after(load, stop)
    home = None
    if goes_home:
        home = _leg(shift, place, shift.end, rest.before_a_drive(now_at), load, travel)
        now_at = home.depart_at + timedelta(seconds=home.duration_s)
    return Trial(tuple(visits), tuple(rest.taken), home, now_at)


def _ready_at(outset: Outset, rest: "_Rest") -> datetime:
    """When all is loaded, and the breaks are over that became due before that."""
    if outset.held_until is None or outset.held_until <= outset.leaves_at:
        return outset.leaves_at
    return max(outset.held_until, rest.during_a_wait(outset.leaves_at, outset.held_until))


class _Rest:
    """The breaks of an outing: those to come, and how those were taken that are over."""

    def __init__(self, breaks: Sequence[Break]) -> None:
        self._to_come = iter(sorted(breaks, key=lambda each: each.earliest_at))
        self._next = next(self._to_come, None)
        self.taken: list[BreakEvaluation] = []

    def before_a_drive(self, free_at: datetime) -> datetime:
        """When the drive begins, after the breaks that are due by then."""
        while self._next is not None and self._next.earliest_at <= free_at:
            free_at = self._take(self._next, free_at)
        return free_at

    def during_a_wait(self, arrive_at: datetime, opens_at: datetime) -> datetime:
        """When the breaks are over that become due before ``opens_at``."""
        idle_at = arrive_at
        while self._next is not None and self._next.earliest_at < opens_at:
            idle_at = self._take(self._next, max(idle_at, self._next.earliest_at))
        return idle_at

    def _take(self, due: Break, begin_at: datetime) -> datetime:
        late_s = 0.0 if due.latest_at is None else max(0.0, (begin_at - due.latest_at).total_seconds())
        self.taken.append(BreakEvaluation(begin_at, due.duration_s, late_s))
        self._next = next(self._to_come, None)
        return begin_at + timedelta(seconds=due.duration_s)


def _leg(
    shift: Shift,
    origin: Location,
    destination: Location,
    depart_at: datetime,
    load: Load,
    travel: TravelTimes,
) -> LegEvaluation:
    distance_m, duration_s = travel.leg(origin, destination, depart_at)
    vehicle, packages, kg, m3 = shift.vehicle, *load
    cost = distance_m / 1000 * vehicle.cost_per_km + duration_s / 3600 * vehicle.cost_per_h
    co2e_kg = distance_m / 1000 * vehicle.co2e_kg_per_km
    return LegEvaluation(depart_at, distance_m, duration_s, packages, kg, m3, cost, co2e_kg)


def _load_at_outset(stops: Sequence[Stop], on_board: Sequence[Stop]) -> Load:
    """What was picked up before, and what is delivered without being picked up on the way."""
    loaded = [*on_board, *_from_the_depot(stops)]
    return (
        sum(stop.packages for stop in loaded),
        sum(stop.weight_kg for stop in loaded),
        sum(stop.volume_m3 for stop in loaded),
    )


def _from_the_depot(stops: Sequence[Stop]) -> Iterator[Stop]:
    return (stop for stop in stops if stop.kind is StopKind.DELIVER and stop.picked_up_at is None)


def _after(load: Load, stop: Stop) -> Load:
    sign = -1 if stop.kind is StopKind.DELIVER else 1
    packages, kg, m3 = load
    return packages + sign * stop.packages, kg + sign * stop.weight_kg, m3 + sign * stop.volume_m3
