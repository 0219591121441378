"""The planning question in whole numbers, as solvers want it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from math import ceil, floor, inf

import numpy as np
from numpy.typing import NDArray

from routing.plan import Stop, StopKind, Vehicle
from routing.task import Room, Task, Vantage
from routing.travel import NO_WAY_S
from routing.worth import worths

TICKS_PER_S = 100
"""Solvers count time in hundredths of a second since the legs' epoch."""

FOREVER = 10**10
"""Later than anything, in ticks: three years."""

PARTS_OF_A_LOAD = (1000, 1000, 1_000_000)
"""Solvers count loads in thousandths of a package, grams and millilitres.

They price what is too much by the unit, and no higher than they may: a package has to be many units.
"""

MOST_ROOM = 10**17
"""No tour has more parts of room: more would run out of a solver's whole numbers."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A stop: when service may begin, how long it takes (ticks), what it does to the load.

    Between ``opens`` and ``closes`` it may not begin strictly inside one of ``gaps``, in their order.
    ``is_from_depot`` if its load is on board from the start; ``mate`` is the visit of the other half
    of a pair, -1 where it stands alone. It may be left out at the price of ``prize``. Its tour does not leave
    before ``released``.
    """

    opens: int
    closes: int
    service: int
    load: tuple[int, ...]
    is_delivery: bool
    is_from_depot: bool
    mate: int
    prize: int
    gaps: tuple[tuple[int, int], ...] = ()
    released: int = 0

    @property
    def windows(self) -> tuple[tuple[int, int], ...]:
        """When service may begin, from and to, in order."""
        opens = (self.opens, *(after for _, after in self.gaps))
        closes = (*(before for before, _ in self.gaps), self.closes)
        return tuple(zip(opens, closes, strict=True))


@dataclass(frozen=True, slots=True)
class Tariff:
    """What driving a tour costs, in units of the caller's choice.

    ``surcharges`` holds a price per stop for serving it on this tour, ``None`` where that is
    forbidden; an empty tuple stands for no surcharge anywhere.
    """

    fixed: int = 0
    per_m: float = 0.0
    per_tick: int = 0
    surcharges: tuple[int | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Rest:
    """A break: when it may begin, when it has to, and how long it lasts (ticks)."""

    earliest: int
    latest: int
    lasts: int


@dataclass(frozen=True, slots=True)
class Tour:
    """A shift: first and last place, leaving and latest return (ticks), capacity, tariff, breaks.

    It drives ``most_m`` metres and serves ``most_stops`` at most, where there is such a limit. It may be
    back by so much later as ``overtime`` says, at ``per_overtime_tick`` beside its tariff. A service takes
    ``pace`` times as long as its visit says. A carrier is a tour as well: it is everywhere ``at_once``, at
    no cost but its surcharges. ``can_wait`` where it has not left, and may wait for what is released later.
    """

    start: int
    end: int
    leaves: int
    returns: int
    capacity: tuple[int, ...]
    tariff: Tariff
    rests: tuple[Rest, ...] = ()
    pace: float = 1.0
    most_stops: int | None = None
    at_once: bool = False
    overtime: int = 0
    per_overtime_tick: int = 0
    most_m: float | None = None
    can_wait: bool = False


@dataclass(frozen=True, slots=True)
class Model:
    """Places, visits and tours; ``distances`` in metres and ``durations`` in ticks are (n, n).

    The place of a visit is its index. Loads are of those kinds alone that can fill a vehicle. Of each of
    ``rivals`` one is visited; ``rooms`` are of lockers that may be too small, with ``packages`` by visit.
    """

    distances: NDArray[np.float64]
    durations: NDArray[np.int64]
    visits: tuple[Visit, ...]
    tours: tuple[Tour, ...]
    rivals: tuple[tuple[int, ...], ...] = ()
    rooms: tuple[Room, ...] = ()
    packages: tuple[int, ...] = ()

    @property
    def last_release(self) -> int:
        """When the last of what lies at the depot is there (ticks)."""
        return max((visit.released for visit in self.visits), default=0)

    @property
    def beyond_pyvrp(self) -> tuple[str, ...]:
        """What PyVRP does not know of this day, in words."""
        has_choice = any(visit.gaps and visit.mate >= 0 for visit in self.visits)
        has_rests = any(tour.rests for tour in self.tours)
        is_counted = any(tour.most_stops is not None and not tour.at_once for tour in self.tours)
        has_counted_pairs = is_counted and any(visit.mate >= 0 for visit in self.visits)
        return (
            ("breaks",) * has_rests
            + ("several windows of pairs",) * has_choice
            + ("count of stops with pairs",) * has_counted_pairs
            + ("room in lockers",) * bool(self.rooms)
        )

    def costs(self, tariff: Tariff) -> NDArray[np.int64]:
        """What each leg costs beside its time: (n, n), row = origin, with the surcharges."""
        costs = np.rint(self.distances * tariff.per_m).astype(np.int64)
        for index, surcharge in enumerate(tariff.surcharges):
            costs[:, index] += 2 * self.visits[index].prize if surcharge is None else surcharge
            costs[index, index] = 0
        return costs

    def metres(self, tariff: Tariff) -> NDArray[np.int64]:
        """Each leg in centimetres (n, n), to a forbidden stop farther than any tour may go."""
        ways = np.ceil(self.distances * 100 - 1e-6).astype(np.int64)
        for index, surcharge in enumerate(tariff.surcharges):
            ways[:, index] += FOREVER if surcharge is None else 0
            ways[index, index] = 0
        return ways

    def spans(self, tour: Tour) -> NDArray[np.int64]:
        """Ticks from the begin of service at one place to the arrival at another on a tour: (n, n)."""
        if tour.at_once:
            return np.zeros_like(self.durations)
        spans = self.durations.copy()
        for index, visit in enumerate(self.visits):
            spans[index, :] += ceil(visit.service * tour.pace - 1e-6)
            spans[index, index] = 0
        return spans


def model_of(
    task: Task, durations_s: NDArray[np.float64], tariffs: tuple[Tariff, ...], parts: int = 0
) -> Model:
    """The task in whole numbers, rounded to the safe side: what fits in ticks fits in truth.

    ``tariffs`` are those of the shifts. ``parts`` is how many of the tariffs' units make one of the stops'
    prices, and the carriers'; without it no stop is optional.
    """
    epoch = task.legs.epoch
    durations = np.ceil(durations_s * TICKS_PER_S - 1e-6).astype(np.int64)
    kinds = _kinds_of_load(task)
    tours = tuple(
        _tour(task, number, kinds, tariff, parts)
        for number, tariff in zip(range(len(task.vantages)), tariffs, strict=True)
    ) + tuple(_hand_over(task, number, kinds, parts) for number in range(len(task.carriers)))
    most = max(_most_expensive(tour, task.legs.distances_m, durations) for tour in tours)
    worth = [each.weight * most + round(each.price * parts) if parts else most for each in worths(task)]
    # What is loaded can go with no other vehicle, so that nobody waits for it.
    loaded = frozenset[str]().union(*(each.loaded_stop_ids for each in task.vantages))
    visits = tuple(
        _visit(stop, epoch, kinds, mate, prize, stop.stop_id in loaded)
        for stop, mate, prize in zip(task.stops, task.mates, worth, strict=True)
    )
    packages = tuple(stop.packages for stop in task.stops)
    rooms = tuple(
        room for room in task.rooms if sum(packages[index] for index in room.drops) > room.most_packages
    )
    return Model(task.legs.distances_m, durations, visits, tours, task.rivals, rooms, packages)


def _tour(task: Task, number: int, kinds: Sequence[int], tariff: Tariff, parts: int) -> Tour:
    vantage, epoch = task.vantages[number], task.legs.epoch
    shift = vantage.shift
    return Tour(
        start=task.origins[number],
        end=task.homes[number],
        leaves=ceil(_ticks(vantage.leaves_at, epoch)),
        returns=floor(_ticks(min(shift.ends_at, shift.latest_end_at), epoch)),
        capacity=tuple(_room(vantage, kind) for kind in kinds),
        tariff=tariff,
        rests=_rests(vantage, epoch),
        pace=shift.service_pace,
        overtime=max(0, floor(_ticks(shift.latest_end_at, shift.ends_at))),
        per_overtime_tick=round(shift.overtime_cost_per_h / 3600 * parts / TICKS_PER_S),
        most_stops=vantage.room_stops,
        most_m=vantage.room_m,
        can_wait=not vantage.is_begun,
    )


def _visit(
    stop: Stop, epoch: datetime, kinds: Sequence[int], mate: int, prize: int, is_loaded: bool
) -> Visit:
    (opens, closes), gaps = _windows(stop, epoch)
    load = tuple(ceil(_loads(stop)[kind] * PARTS_OF_A_LOAD[kind] - 1e-6) for kind in kinds)
    service = ceil(stop.service_s * TICKS_PER_S)
    is_delivery = stop.kind is StopKind.DELIVER
    released_at = None if is_loaded else stop.released_at
    released = 0 if released_at is None else max(0, ceil(_ticks(released_at, epoch)))
    is_from_depot = stop.is_loaded_at_start
    return Visit(opens, closes, service, load, is_delivery, is_from_depot, mate, prize, gaps, released)


def _hand_over(task: Task, number: int, kinds: Sequence[int], parts: int) -> Tour:
    """A carrier's tour: it has room for everything, and every stop has its price."""
    prices, base = task.carrier_prices[number], task.bases[number]
    surcharges = tuple(None if price == inf else round(price * parts) for price in prices)
    room = tuple(
        ceil(sum(_loads(stop)[kind] for stop in task.stops) * PARTS_OF_A_LOAD[kind]) + len(task.stops)
        for kind in kinds
    )
    return Tour(
        start=base,
        end=base,
        leaves=0,
        returns=FOREVER,
        capacity=room,
        tariff=Tariff(surcharges=surcharges),
        most_stops=task.carriers[number].most_stops,
        at_once=True,
    )


def _windows(stop: Stop, epoch: datetime) -> tuple[tuple[int, int], tuple[tuple[int, int], ...]]:
    """When service may begin at all, and the gaps in between; a window before the epoch is none."""
    spans = [
        (max(0, ceil(_ticks(each.opens_at, epoch))), floor(_ticks(each.closes_at, epoch)))
        for each in stop.windows
    ] or [(0, FOREVER)]
    spans = [(opens, closes) for opens, closes in spans if closes >= opens] or [(spans[-1][0],) * 2]
    gaps = tuple((before[1], after[0]) for before, after in pairwise(spans))
    return (spans[0][0], spans[-1][1]), gaps


def _kinds_of_load(task: Task) -> list[int]:
    """Which of packages, kilograms and cubic metres can fill a vehicle if all stops are on it."""
    totals = [sum(loads) for loads in zip(*map(_loads, task.stops), strict=True)]
    return [
        kind
        for kind, total in enumerate(totals)
        if any(total > _capacities(each.shift.vehicle)[kind] - _aboard(each)[kind] for each in task.vantages)
    ]


def _loads(stop: Stop) -> tuple[float, float, float]:
    return stop.packages, stop.weight_kg, stop.volume_m3


def _capacities(vehicle: Vehicle) -> tuple[float, float, float]:
    return vehicle.capacity_packages, vehicle.capacity_kg, vehicle.capacity_m3


def _aboard(vantage: Vantage) -> tuple[float, float, float]:
    return vantage.packages, vantage.kg, vantage.m3


def _room(vantage: Vantage, kind: int) -> int:
    room = _capacities(vantage.shift.vehicle)[kind] - _aboard(vantage)[kind]
    return max(0, min(MOST_ROOM, floor(room * PARTS_OF_A_LOAD[kind] + 1e-6)))


def _rests(vantage: Vantage, epoch: datetime) -> tuple[Rest, ...]:
    return tuple(
        Rest(
            ceil(_ticks(each.earliest_at, epoch)),
            FOREVER if each.latest_at is None else floor(_ticks(each.latest_at, epoch)),
            ceil(each.duration_s * TICKS_PER_S),
        )
        for each in vantage.breaks
    )


def _most_expensive(tour: Tour, distances_m: NDArray[np.float64], durations: NDArray[np.int64]) -> int:
    """More than one stop can add to a plan: a tour of its own, at the longest legs, to the shift's end."""
    tariff = tour.tariff
    is_way = durations < NO_WAY_S * TICKS_PER_S
    span = max(0, tour.returns + tour.overtime - tour.leaves) + 2 * int(
        np.max(durations, where=is_way, initial=0)
    )
    detours = 3 * float(np.max(distances_m, where=is_way, initial=0.0)) * tariff.per_m
    surcharge = max((each for each in tariff.surcharges if each is not None), default=0)
    overtime = tour.overtime * tour.per_overtime_tick
    return 1 + tariff.fixed + ceil(detours) + span * tariff.per_tick + overtime + surcharge


def _ticks(moment: datetime, epoch: datetime) -> float:
    return (moment - epoch).total_seconds() * TICKS_PER_S
