"""A shift's rest of the day as the evaluator drives it, open for one more stop.

Moments are whole microseconds since 1970, as ``datetime`` rounds them: what is found here is to be the
evaluator's truth to the last digit, and a thousand times faster.
"""

from collections.abc import Sequence
from copy import copy
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise
from typing import NamedTuple

from routing.changes import Progress
from routing.evaluate import evaluate
from routing.evaluation import RouteEvaluation
from routing.loads import Load, load_of, peak_load, room_of
from routing.plan import Break, Location, Route, Shift, Stop, StopKind
from routing.standing import Leftover
from routing.travel import StraightLine, TravelTimes
from routing.violations import TOLERANCE_LOAD, TOLERANCE_S

HOUR_US = 3_600_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
TOLERANCE_US = round(TOLERANCE_S * 1e6)
NEVER_US = 2**62
"""Later than any moment."""


class Point(NamedTuple):
    """A vehicle that is free to go on: where, when, after how many breaks, and how late the worst began.

    Only what is later than a break's limit counts.
    """

    place: int
    free_us: int
    n_breaks: int
    break_late_us: int = 0


class Approach(NamedTuple):
    """A vehicle on its arrival at a stop."""

    arrive_us: int
    n_breaks: int
    break_late_us: int


class Ride:
    """What is ahead of one shift, with ``joining`` stops that it may be asked to serve as well.

    Places are numbered: the stops ahead, those that may join, the outset, the shift's end. Limits are
    what no change may exceed: the close of a window, the latest begin of a break, the shift's end and
    the vehicle's room; where the plan as it stands is beyond one already, it must get no worse.
    ``points`` are where the vehicle is free before the first stop ahead and after each, ``late_us`` how far
    the worst stop before each of them is over its limit, at least 0.
    """

    def __init__(self, rest: Leftover, joining: Sequence[Stop], travel: TravelTimes) -> None:
        self.rest, self.shift, self._travel = rest, rest.shift, travel
        self.ahead = (*rest.frozen, *rest.planned)
        self.n_frozen, self.n_ahead = len(rest.frozen), len(self.ahead)
        self.judged = judge_route(rest.route(rest.planned, travel), rest.progress, travel)
        outset, self.leaves_us, breaks = _outset(rest.shift, rest.progress)
        stops = (*self.ahead, *joining)
        self._places = [*(stop.location for stop in stops), outset, rest.shift.end]
        self._outset, self._home = len(stops), len(stops) + 1
        windows = [each.window for each in self.ahead]
        self._opens = [-NEVER_US if each is None else micros(each.opens_at) for each in windows]
        self._service = [whole_micros(each.service_s * rest.shift.service_pace) for each in stops]
        self._breaks = [(micros(each.earliest_at), whole_micros(each.duration_s)) for each in breaks]
        latest = [NEVER_US if each.latest_at is None else micros(each.latest_at) for each in breaks]
        self._set_limits([_closes_us(each) for each in self.ahead], latest)
        self._on_board = load_of(on_board(rest))
        self._is_steady = travel.is_steady
        self._known: dict[tuple[int, int, int], int] = {}
        self._held_us, self._is_as_planned = self._own_hold(), True
        self._drive_ahead()

    def _own_hold(self) -> int:
        """When all is at the depot that the stops ahead need."""
        released_at = self.rest.held_until(self.ahead)
        return -NEVER_US if released_at is None else micros(released_at)

    def held(self, released_at: datetime | None) -> "Ride":
        """The same where a stop joins that is released then, so that it leaves later; limits stay."""
        if self.is_out or released_at is None or micros(released_at) <= self.departs_us:
            return self
        other = copy(self)
        other._held_us, other._is_as_planned = micros(released_at), False
        other._drive_ahead()
        return other

    @property
    def departs_us(self) -> int:
        """When it can leave where it is, and has loaded all that it waits for."""
        return max(self.leaves_us, self._held_us)

    @property
    def gaps(self) -> range:
        """Where a stop may join: before the stop ahead of that number, the last gap before the way home."""
        return range(self.n_frozen, self.n_ahead + 1)

    @property
    def is_out(self) -> bool:
        """Whether the vehicle has left for the day."""
        return self.rest.progress is not None and self.rest.progress.is_out

    @property
    def is_unused(self) -> bool:
        """Whether the vehicle stays where it is, and its fixed cost is saved, unless a stop joins."""
        return not self.ahead and not self.is_out

    def approach(self, point: Point, place: int) -> Approach:
        """Take the breaks that are due, and drive to ``place``."""
        _, now, taken, late = point
        while taken < len(self._breaks) and self._breaks[taken][0] <= now:
            late = max(late, now - self._break_limits[taken])
            now += self._breaks[taken][1]
            taken += 1
        return Approach(now + self._leg_us(point.place, place, now), taken, late)

    def serve(self, arrived: Approach, place: int, opens_us: int) -> Point:
        """Wait for the window, breaks included, and serve."""
        begin, taken, late = arrived if arrived.arrive_us >= opens_us else self._wait(arrived, opens_us)
        return Point(place, begin + self._service[place], taken, late)

    def _wait(self, arrived: Approach, until_us: int) -> Approach:
        """Wait, and take the breaks that become due before that."""
        begin, taken, late = arrived
        while taken < len(self._breaks) and self._breaks[taken][0] < until_us:
            begin = max(begin, self._breaks[taken][0])
            late = max(late, begin - self._break_limits[taken])
            begin += self._breaks[taken][1]
            taken += 1
        return Approach(max(begin, until_us), taken, late)

    def latest_begin_us(self, gap: int, place: int) -> int:
        """Who begins to serve ``place`` in ``gap`` later than that makes somebody late, whatever follows."""
        return self._last_us[gap] - self._service[place]

    def follow(self, point: Point, gap: int) -> tuple[int, int] | None:
        """Go on with the stops from ``gap`` and home: when that is, and how late the worst break began.

        ``None`` where somebody is served later than that stop's limit.
        """
        # approach and serve, written out: this is what all the time goes to.
        place, now, taken, late = point
        breaks, n_breaks, known, is_steady = self._breaks, len(self._breaks), self._known, self._is_steady
        is_as_planned, points = self._is_as_planned, self.points
        for to in range(gap, self.n_ahead):
            if taken < n_breaks and breaks[taken][0] <= now:
                arrived = self.approach(Point(place, now, taken, late), to)
                now, taken, late = arrived
            else:
                leg_us = known.get((place, to, 0 if is_steady else now // HOUR_US))
                now += self._leg_us(place, to, now) if leg_us is None else leg_us
            if now > self._limits[to]:
                return None
            place = to
            if now < self._opens[to]:
                _, now, taken, late = self.serve(Approach(now, taken, late), to, self._opens[to])
            else:
                now += self._service[to]
            is_where_planned = now == points[to + 1].free_us and taken == points[to + 1].n_breaks
            if is_as_planned and is_where_planned and not late:
                return self.ends_us, 0
        back = self.return_from(Point(place, now, taken, late))
        return back.arrive_us, back.break_late_us

    def follow_late(self, point: Point, gap: int, until: int) -> tuple[Point, int]:
        """Go on with the stops from ``gap`` to before ``until``, and how late the worst is over its limit."""
        late_us = 0
        for place in range(gap, until):
            arrived = self.approach(point, place)
            late_us = max(late_us, arrived.arrive_us - self._limits[place])
            point = self.serve(arrived, place, self._opens[place])
        return point, late_us

    def return_from(self, point: Point) -> Approach:
        """Drive to the shift's end."""
        return self.approach(point, self._home)

    def detour_m(self, gap: int, *places: int) -> float:
        """How much farther the vehicle drives if ``places`` join in ``gap``."""
        here = self.points[gap].place
        there = gap if gap < self.n_ahead else self._home
        direct_m = 0.0 if self.is_unused else self._leg_m(here, there)
        return sum(self._leg_m(*each) for each in pairwise((here, *places, there))) - direct_m

    def overtime_cost(self, longer_us: int) -> float:
        """What more overtime costs if the vehicle is back so much later."""
        if not self.shift.overtime_cost_per_h:
            return 0.0
        ends_us = micros(self.shift.ends_at)
        was_us, becomes_us = (
            min(max(0, at_us - ends_us), whole_micros(self.shift.overtime_s))
            for at_us in (self.ends_us, self.ends_us + longer_us)
        )
        return (becomes_us - was_us) / HOUR_US * self.shift.overtime_cost_per_h

    def with_joined(self, gap: int, stop: Stop) -> tuple[Stop, ...]:
        """The stops ahead with another in a gap."""
        return (*self.ahead[:gap], stop, *self.ahead[gap:])

    def with_job(self, gaps: Sequence[int], job: Sequence[Stop]) -> tuple[Stop, ...]:
        """The stops ahead with others in ascending gaps."""
        stops = list(self.ahead)
        for gap, stop in reversed(list(zip(gaps, job, strict=True))):
            stops.insert(gap, stop)
        return tuple(stops)

    def peak(self, ahead: Sequence[Stop]) -> Load:
        """The most that is on board at once if these are ahead."""
        return peak_load(ahead, self._on_board)

    def has_room(self, ahead: Sequence[Stop]) -> bool:
        """Whether the vehicle takes what these stops ahead need."""
        return all(
            most <= room + TOLERANCE_LOAD for most, room in zip(self.peak(ahead), self.room, strict=True)
        )

    def has_room_anywhere(self, stop: Stop) -> bool:
        """Whether the vehicle takes everything at once, so that nobody has to look closer."""
        everything = load_of((*self.ahead, stop))
        return all(
            most + aboard <= room
            for most, aboard, room in zip(everything, self._on_board, self.room, strict=True)
        )

    def _set_limits(self, closes_us: Sequence[int], latest_us: Sequence[int]) -> None:
        arrivals = {visit.stop_id: micros(visit.arrive_at) for visit in self.judged.visits}
        self._limits = [
            max(close + TOLERANCE_US, arrivals[stop.stop_id])
            for close, stop in zip(closes_us, self.ahead, strict=True)
        ]
        self._last_us = list(accumulate(reversed(self._limits), min, initial=NEVER_US))[::-1]
        begins = [micros(each.begin_at) for each in self.judged.breaks]
        begins += [-NEVER_US] * (len(latest_us) - len(begins))
        self._break_limits = [
            max(late + TOLERANCE_US, begin) for late, begin in zip(latest_us, begins, strict=True)
        ]
        self.ends_us = micros(self.judged.ends_at)
        self.end_limit_us = max(micros(self.shift.latest_end_at) + TOLERANCE_US, self.ends_us)
        peaks = (self.judged.peak_packages, self.judged.peak_kg, self.judged.peak_m3)
        packages, kg, m3 = room_of(self.shift.vehicle)
        self.room: Load = (max(packages, peaks[0]), max(kg, peaks[1]), max(m3, peaks[2]))

    def _drive_ahead(self) -> None:
        """Where the vehicle is free before the first stop ahead and after each, and how late the worst is."""
        ready = Approach(self.leaves_us, 0, 0)
        if self._held_us > self.leaves_us:
            ready = self._wait(ready, self._held_us)
        points, late_us = [Point(self._outset, *ready)], [0]
        for place in range(self.n_ahead):
            arrived = self.approach(points[-1], place)
            late_us.append(max(late_us[-1], arrived.arrive_us - self._limits[place]))
            points.append(self.serve(arrived, place, self._opens[place]))
        self.points, self.late_us = tuple(points), tuple(late_us)

    def _leg_us(self, origin: int, destination: int, depart_us: int) -> int:
        hour = 0 if self._is_steady else depart_us // HOUR_US
        key = (origin, destination, hour)
        known = self._known.get(key)
        if known is None:
            depart_at = EPOCH + depart_us * MICROSECOND
            _, leg_s = self._travel.leg(self._places[origin], self._places[destination], depart_at)
            known = self._known[key] = whole_micros(leg_s)
        return known

    def _leg_m(self, origin: int, destination: int) -> float:
        return self._travel.leg(self._places[origin], self._places[destination], self.rest.shift.starts_at)[0]


def judge_route(route: Route, progress: Progress | None, travel: TravelTimes) -> RouteEvaluation:
    """The evaluator's word on one shift's route."""
    (judged,) = evaluate([route], travel, progress=() if progress is None else (progress,)).routes
    return judged


def ask_for_legs(rests: Sequence[Leftover], joining: Sequence[Stop], travel: TravelTimes) -> None:
    """Ask for all legs at once: travel that works them out on a road graph keeps them for one by one.

    Straight lines are not asked: all legs between all places are many more than are needed.
    """
    if isinstance(travel, StraightLine):
        return
    ahead = (stop.location for rest in rests for stop in (*rest.frozen, *rest.planned))
    outsets = (rest.shift.start if rest.progress is None else rest.progress.location for rest in rests)
    ends = (rest.shift.end for rest in rests)
    places = dict.fromkeys([*ahead, *outsets, *ends, *(stop.location for stop in joining)])
    travel.matrices(list(places), min(rest.shift.starts_at for rest in rests))


def on_board(rest: Leftover) -> list[Stop]:
    """What was picked up and not delivered since."""
    been = [visit.stop for visit in rest.driven]
    delivered = {stop.picked_up_at for stop in been}
    return [stop for stop in been if stop.kind is not StopKind.DELIVER and stop.stop_id not in delivered]


def micros(moment: datetime) -> int:
    """Microseconds since 1970, UTC."""
    return (moment - EPOCH) // MICROSECOND


def whole_micros(duration_s: float) -> int:
    """A duration in microseconds, rounded as ``timedelta`` rounds."""
    return timedelta(seconds=duration_s) // MICROSECOND


def _closes_us(stop: Stop) -> int:
    return NEVER_US if stop.window is None else micros(stop.window.closes_at)


def _outset(shift: Shift, progress: Progress | None) -> tuple[Location, int, list[Break]]:
    """Place, moment and the breaks to come, by when they are due."""
    if progress is None:
        due = sorted(shift.breaks, key=lambda each: each.earliest_at)
        return shift.start, micros(shift.starts_at), due
    return progress.location, micros(progress.free_at), list(progress.breaks_ahead(shift.breaks))
