"""What a shift lacks to serve a stop, or a pair, in each of its gaps."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations_with_replacement, groupby
from math import ceil

from routing.day import Rates
from routing.plan import Stop, TimeWindow
from routing.remedies import Change, ChangeKind
from routing.ride import NEVER_US, TOLERANCE_US, Ride, micros, whole_micros
from routing.violations import TOLERANCE_LOAD, TOLERANCE_M

MINUTE_US = 60_000_000
LONGEST_CHANGE_MIN = 24 * 60
"""What would take longer is no change of a plan: no way leads there, or it is another day's."""


@dataclass(frozen=True, slots=True)
class Course:
    """A ride with more stops in it: how far each promise is missed, microseconds, at most 0 where it is kept.

    ``late_us`` and ``waits_us`` are of the stops that join, in their order.
    """

    late_us: tuple[int, ...]
    waits_us: tuple[int, ...]
    others_late_us: int
    break_late_us: int
    overrun_us: int
    ends_us: int

    @property
    def is_kept(self) -> bool:
        """Whether nobody but those who join is concerned."""
        return self.others_late_us <= 0 and self.break_late_us <= 0 and self.overrun_us <= 0

    @property
    def is_late(self) -> bool:
        """Whether any promise is missed."""
        return not self.is_kept or max(self.late_us) > 0


@dataclass(frozen=True, slots=True)
class Shortfall:
    """The changes that let a job into some gaps of a ride, and what it costs there.

    ``cost`` is in the vehicles' currency, or metres where none costs anything.
    """

    changes: tuple[Change, ...]
    gaps: tuple[int, ...]
    cost: float

    @property
    def share(self) -> float:
        """How much is changed in all."""
        return sum(each.share for each in self.changes)


class Shortfalls:
    """The ways of a job into a ride; ``places`` are the numbers that its stops have there.

    ``job`` are the stops of ``asked``, each with one of its windows.
    """

    def __init__(
        self,
        ride: Ride,
        rates: Rates,
        asked: Sequence[Stop],
        job: Sequence[Stop],
        places: Sequence[int],
    ) -> None:
        self._base, self._ride = ride, ride.held(ride.rest.held_until(job[:1]))
        self._rates, self._job, self._places = rates, job, places
        shift = ride.shift
        self._shift_min = (shift.ends_at - shift.starts_at).total_seconds() / 60
        self._named = [
            each.window if stop.other_windows else None for stop, each in zip(asked, job, strict=True)
        ]
        self._opens_us = [_opens_us(stop) for stop in job]
        missing = dict.fromkeys(name for stop in job for name in shift.missing(stop))
        self._lacks = [Change(ChangeKind.REQUIREMENT, 1, shift.shift_id, 1.0, name) for name in missing]

    def all(self) -> Iterator[Shortfall]:
        """Every gap in every way that changes of this module's kinds open; the caller has it judged."""
        for gaps in combinations_with_replacement(self._ride.gaps, len(self._job)):
            load = [*self._lacks, *self._load(gaps)]
            for times, course in self._times(gaps):
                if all(each.amount <= LONGEST_CHANGE_MIN for each in times):
                    yield Shortfall((*load, *times), gaps, self._cost(gaps, course))

    def _cost(self, gaps: Sequence[int], course: Course) -> float:
        ride, rates = self._ride, self._rates
        longer_us = course.ends_us - ride.ends_us
        by_time = longer_us * 1e-6 * rates.per_s + ride.overtime_cost(longer_us)
        return self._detour_m(gaps) * rates.per_m + by_time + (rates.fixed if ride.is_unused else 0.0)

    def _detour_m(self, gaps: Sequence[int]) -> float:
        by_gap = groupby(zip(gaps, self._places, strict=True), key=lambda each: each[0])
        return sum(self._ride.detour_m(gap, *(place for _, place in joined)) for gap, joined in by_gap)

    def _times(self, gaps: tuple[int, ...]) -> Iterator[tuple[list[Change], Course]]:
        course = self._course(gaps)
        late = self._later_windows(course)
        if course.others_late_us <= 0:
            yield [*late, *self._longer_shift(course)], course
        if course.is_late:
            yield from self._earlier_release(gaps)
        if course.is_kept:
            return
        for number, wait_us in enumerate(course.waits_us):
            if wait_us > 0 and (found := self._earlier_window(gaps, number, wait_us)):
                yield found
        if self._ride.rest.progress is None:
            yield [self._earlier_shift(course)], course

    def _course(
        self, gaps: tuple[int, ...], earlier_us: dict[int, int] | None = None, ride: Ride | None = None
    ) -> Course:
        """Drive the job in its gaps; ``earlier_us`` is how much earlier the windows of its stops open."""
        ride = ride or self._ride
        late, waits = list[int](), list[int]()
        point, others_late_us, at = ride.points[gaps[0]], ride.late_us[gaps[0]], gaps[0]
        for number, (gap, place, stop) in enumerate(zip(gaps, self._places, self._job, strict=True)):
            point, late_us = ride.follow_late(point, at, gap)
            others_late_us, at = max(others_late_us, late_us), gap
            arrived = ride.approach(point, place)
            opens_us = self._opens_us[number] - (earlier_us or {}).get(number, 0)
            closes_us = NEVER_US if stop.window is None else micros(stop.window.closes_at) + TOLERANCE_US
            late.append(arrived.arrive_us - closes_us)
            waits.append(opens_us - arrived.arrive_us)
            point = ride.serve(arrived, place, opens_us)
        point, late_us = ride.follow_late(point, at, ride.n_ahead)
        back = ride.return_from(point)
        return Course(
            tuple(late),
            tuple(waits),
            max(others_late_us, late_us),
            back.break_late_us,
            back.arrive_us - ride.end_limit_us,
            back.arrive_us,
        )

    def _load(self, gaps: Sequence[int]) -> Iterator[Change]:
        ride, vehicle = self._ride, self._ride.shift.vehicle
        packages, kg, m3 = ride.peak(ride.with_job(gaps, self._job))
        if packages > ride.room[0]:
            yield self._more(ChangeKind.MORE_PACKAGES, packages - vehicle.capacity_packages, packages)
        if kg > ride.room[1] + TOLERANCE_LOAD:
            yield self._more(ChangeKind.MORE_KG, _up(kg - vehicle.capacity_kg, 10), kg)
        if m3 > ride.room[2] + TOLERANCE_LOAD:
            yield self._more(ChangeKind.MORE_M3, _up(m3 - vehicle.capacity_m3, 1000), m3)
        yield from self._limits(gaps)

    def _limits(self, gaps: Sequence[int]) -> Iterator[Change]:
        """More stops and kilometres than the vehicle may have on one shift."""
        judged, vehicle = self._ride.judged, self._ride.shift.vehicle
        n_stops = judged.whole_stops + len(self._job)
        if vehicle.most_stops is not None and n_stops > vehicle.most_stops:
            yield self._more(ChangeKind.MORE_STOPS, n_stops - vehicle.most_stops, n_stops)
        if vehicle.most_km is None:
            return
        whole_m = judged.whole_distance_m + self._detour_m(gaps)
        if whole_m > max(vehicle.most_km * 1000, judged.whole_distance_m) + TOLERANCE_M:
            more_km = ceil((whole_m - TOLERANCE_M) / 100 - vehicle.most_km * 10) / 10
            yield self._more(ChangeKind.MORE_KM, more_km, whole_m / 1000)

    def _more(self, kind: ChangeKind, amount: float, needed: float) -> Change:
        """A vehicle without any room of a kind has all of what is needed to gain."""
        room = needed - amount
        return Change(kind, amount, self._ride.shift.shift_id, amount / room if room > 0 else 1.0)

    def _later_windows(self, course: Course) -> list[Change]:
        return [
            self._minutes(ChangeKind.WINDOW_LATER, late_us, stop.stop_id, window)
            for stop, window, late_us in zip(self._job, self._named, course.late_us, strict=True)
            if late_us > 0
        ]

    def _longer_shift(self, course: Course) -> Iterator[Change]:
        shift = self._ride.shift
        if course.break_late_us > 0:
            yield self._minutes(ChangeKind.BREAK_LATER, course.break_late_us, shift.shift_id)
        if course.overrun_us > 0:
            yield from self._later_return(course.ends_us - TOLERANCE_US)

    def _later_return(self, ends_us: int) -> Iterator[Change]:
        """A shift that ends later, a vehicle that may be out longer, or both."""
        shift = self._ride.shift
        late_us = ends_us - micros(shift.ends_at) - whole_micros(shift.overtime_s)
        if late_us > 0:
            yield self._minutes(ChangeKind.SHIFT_LONGER, late_us, shift.shift_id)
        if shift.vehicle.most_h is not None:
            out_us = ends_us - micros(shift.starts_at) - whole_micros(shift.vehicle.most_h * 3600)
            if out_us > 0:
                yield self._minutes(ChangeKind.MORE_HOURS, out_us, shift.shift_id)

    def _earlier_window(
        self, gaps: tuple[int, ...], number: int, wait_us: int
    ) -> tuple[list[Change], Course] | None:
        """The fewest minutes earlier that its window has to open, if that helps at all."""
        short, enough = 0, ceil(wait_us / MINUTE_US)
        course = self._course(gaps, {number: enough * MINUTE_US})
        if not course.is_kept:
            return None
        while enough - short > 1:
            middle = (short + enough) // 2
            tried = self._course(gaps, {number: middle * MINUTE_US})
            short, enough, course = (short, middle, tried) if tried.is_kept else (middle, enough, course)
        of, window = self._job[number].stop_id, self._named[number]
        earlier = self._minutes(ChangeKind.WINDOW_EARLIER, enough * MINUTE_US, of, window)
        return [earlier, *self._later_windows(course)], course

    def _earlier_release(self, gaps: tuple[int, ...]) -> Iterator[tuple[list[Change], Course]]:
        """The fewest minutes earlier that its parcels have to be at the depot, if that alone is enough."""
        released_at = self._job[0].released_at
        if released_at is None or self._ride is self._base:
            return

        def tried(minutes: int) -> Course:
            return self._course(gaps, ride=self._base.held(released_at - timedelta(minutes=minutes)))

        short, enough = 0, ceil((self._ride.departs_us - self._base.departs_us) / MINUTE_US)
        course = tried(enough)
        if course.is_late:
            return
        while enough - short > 1:
            middle = (short + enough) // 2
            of_middle = tried(middle)
            short, enough, course = (
                (middle, enough, course) if of_middle.is_late else (short, middle, of_middle)
            )
        yield [self._minutes(ChangeKind.RELEASED_EARLIER, enough * MINUTE_US, self._job[0].stop_id)], course

    def _earlier_shift(self, course: Course) -> Change:
        """What the worst delay asks for; where somebody waits before that, it does not help."""
        worst_us = max(*course.late_us, course.others_late_us, course.break_late_us, course.overrun_us)
        return self._minutes(ChangeKind.SHIFT_EARLIER, worst_us, self._ride.shift.shift_id)

    def _minutes(
        self, kind: ChangeKind, amount_us: int, subject: str, window: TimeWindow | None = None
    ) -> Change:
        minutes = ceil(amount_us / MINUTE_US)
        return Change(kind, minutes, subject, minutes / self._shift_min, window=window)


def _opens_us(stop: Stop) -> int:
    return -NEVER_US if stop.window is None else micros(stop.window.opens_at)


def _up(amount: float, parts: int) -> float:
    """Rounded up to a part of one, beyond what rounding may have added."""
    return ceil((amount - TOLERANCE_LOAD) * parts) / parts
