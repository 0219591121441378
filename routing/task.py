"""What is left to be planned: stops by index, and tours that go on from where their vehicles are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import inf

import numpy as np
from numpy.typing import NDArray

from routing.carriers import Carrier
from routing.legs import HourlyLegs, hourly_legs
from routing.lockers import Locker
from routing.plan import Break, Location, Shift, Stop
from routing.travel import NO_WAY_M, TravelTimes

Tours = tuple[tuple[int, ...], ...]
"""One sequence of stop indices per tour."""


@dataclass(frozen=True, slots=True)
class Vantage:
    """Where a shift goes on from, and when.

    ``is_begun`` if it has to come home in any case; ``packages``, ``kg`` and ``m3`` are on board
    beside what the stops to be planned need; ``breaks`` are those to come, by when they are due. On the
    way to ``location`` were ``n_been`` stops and ``driven_m``. It waits for no release of the stops that
    are loaded.
    """

    shift: Shift
    location: Location
    leaves_at: datetime
    is_begun: bool = False
    packages: int = 0
    kg: float = 0.0
    m3: float = 0.0
    breaks: tuple[Break, ...] = ()
    n_been: int = 0
    driven_m: float = 0.0
    loaded_stop_ids: frozenset[str] = frozenset()

    @property
    def room_stops(self) -> int | None:
        """How many more stops it may serve, where that is limited."""
        most = self.shift.vehicle.most_stops
        return None if most is None else max(0, most - self.n_been)

    @property
    def room_m(self) -> float | None:
        """How many more metres it may drive, where that is limited."""
        most_km = self.shift.vehicle.most_km
        return None if most_km is None else max(0.0, most_km * 1000 - self.driven_m)


def vantage_of(shift: Shift) -> Vantage:
    """A shift that has not begun."""
    breaks = tuple(sorted(shift.breaks, key=lambda each: each.earliest_at))
    return Vantage(shift, shift.start, shift.starts_at, breaks=breaks)


def kind_of(vantage: Vantage) -> Vantage:
    """The vantage without its names: those that are alike are equal."""
    shift = vantage.shift
    nameless = replace(shift, shift_id="-", driver_id="-", vehicle=replace(shift.vehicle, vehicle_id="-"))
    return replace(vantage, shift=nameless)


@dataclass(frozen=True, slots=True)
class Room:
    """A locker with the stops that may be dropped there."""

    most_packages: int
    drops: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """Stops, tours and all legs between their places.

    Places are numbered: the stops first, then ``origins`` and ``homes`` of the tours. ``mates`` holds
    for each stop of a pair its other half, -1 for any other. Tours of the same number in ``kinds`` are
    alike but for their names. After the tours of the vantages come those of ``carriers``: what each asks
    for a stop, infinite for what it does not take; ``bases`` are the places where they start. Stops with
    the same id are ``rivals``, door and lockers, of which one is served; ``rooms`` are the lockers'.
    """

    stops: tuple[Stop, ...]
    vantages: tuple[Vantage, ...]
    legs: HourlyLegs
    origins: tuple[int, ...]
    homes: tuple[int, ...]
    mates: tuple[int, ...]
    kinds: tuple[int, ...]
    carriers: tuple[Carrier, ...] = ()
    bases: tuple[int, ...] = ()
    carrier_prices: tuple[tuple[float, ...], ...] = ()
    rivals: tuple[tuple[int, ...], ...] = ()
    rooms: tuple[Room, ...] = ()

    @property
    def n_tours(self) -> int:
        """Those of shifts and carriers."""
        return len(self.vantages) + len(self.carriers)

    def seconds(self, moment: datetime) -> float:
        """A moment as seconds since the legs' epoch."""
        return (moment - self.legs.epoch).total_seconds()


def task_of(
    stops: Sequence[Stop],
    vantages: Sequence[Vantage],
    travel: TravelTimes,
    carriers: Sequence[Carrier] = (),
    lockers: Sequence[Locker] = (),
) -> Task:
    """The task with its legs looked up, from the first leaving to the last shift's end."""
    ends = [place for each in vantages for place in (each.location, each.shift.end)]
    ends = list(dict.fromkeys([*ends, *(each.start for each in carriers)]))
    place_of: dict[Location, int] = {place: len(stops) + index for index, place in enumerate(ends)}
    legs = hourly_legs(
        [*(stop.location for stop in stops), *ends],
        travel,
        min(each.leaves_at for each in vantages),
        max(max(each.leaves_at, each.shift.latest_end_at) for each in vantages),
    )
    bases = tuple(place_of[each.start] for each in carriers)
    mates = _mates(stops)
    return Task(
        stops=tuple(stops),
        vantages=tuple(vantages),
        legs=legs,
        origins=tuple(place_of[each.location] for each in vantages),
        homes=tuple(place_of[each.shift.end] for each in vantages),
        mates=mates,
        kinds=_kinds(vantages, len(carriers)),
        carriers=tuple(carriers),
        bases=bases,
        carrier_prices=tuple(
            _prices(carrier, stops, mates, legs.distances_m[base])
            for carrier, base in zip(carriers, bases, strict=True)
        ),
        rivals=_rivals(stops),
        rooms=tuple(_room(each, stops) for each in lockers),
    )


def _room(locker: Locker, stops: Sequence[Stop]) -> Room:
    dropped = tuple(index for index, stop in enumerate(stops) if stop.at_locker == locker.locker_id)
    return Room(locker.most_packages, dropped)


def _rivals(stops: Sequence[Stop]) -> tuple[tuple[int, ...], ...]:
    """The indices of each stop that may be dropped at a locker, its door among them if it has one."""
    by_id: dict[str, list[int]] = {}
    for index, stop in enumerate(stops):
        by_id.setdefault(stop.stop_id, []).append(index)
    return tuple(
        tuple(each) for each in by_id.values() if any(stops[index].at_locker is not None for index in each)
    )


def _prices(
    carrier: Carrier, stops: Sequence[Stop], mates: Sequence[int], ways_m: NDArray[np.float64]
) -> tuple[float, ...]:
    return tuple(
        inf
        if mate >= 0 or way_m >= NO_WAY_M or stop.at_locker is not None or any(carrier.refusals(stop))
        else carrier.price(stop, way_m)
        for stop, mate, way_m in zip(stops, mates, ways_m.tolist(), strict=False)
    )


def _kinds(vantages: Sequence[Vantage], n_carriers: int) -> tuple[int, ...]:
    """No two carriers are alike."""
    numbers: dict[Vantage, int] = {}
    kinds = [numbers.setdefault(kind_of(each), len(numbers)) for each in vantages]
    return (*kinds, *range(len(numbers), len(numbers) + n_carriers))


def _mates(stops: Sequence[Stop]) -> tuple[int, ...]:
    """A delivery whose pick-up is not among the stops has it on board already."""
    number = {stop.stop_id: index for index, stop in enumerate(stops)}
    mates = [-1] * len(stops)
    for index, stop in enumerate(stops):
        pick_up = -1 if stop.picked_up_at is None else number.get(stop.picked_up_at, -1)
        if pick_up >= 0:
            mates[index], mates[pick_up] = pick_up, index
    return tuple(mates)
