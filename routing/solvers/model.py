"""The planning question in whole numbers, as solvers want it."""

from dataclasses import dataclass
from datetime import datetime
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from routing.plan import Stop, StopKind
from routing.task import Task, Vantage

TICKS_PER_S = 10
"""Solvers count time in tenths of a second since the legs' epoch."""

FOREVER = 10**9
"""Later than anything, in ticks: three years."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A stop: when service may begin, how long it takes (ticks), what it loads (packages, grams)."""

    opens: int
    closes: int
    service: int
    load: tuple[int, int]
    is_delivery: bool


@dataclass(frozen=True, slots=True)
class Tariff:
    """What driving a tour costs, in whole units of the caller's choice.

    ``surcharges`` holds a price per stop for serving it on this tour, ``None`` where that is
    forbidden; an empty tuple stands for no surcharge anywhere.
    """

    fixed: int = 0
    per_m: int = 0
    per_tick: int = 0
    surcharges: tuple[int | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Tour:
    """A shift: first and last place, leaving and latest return (ticks), capacity, tariff."""

    start: int
    end: int
    leaves: int
    returns: int
    capacity: tuple[int, int]
    tariff: Tariff


@dataclass(frozen=True, slots=True)
class Model:
    """Places, visits and tours; ``distances`` in metres and ``durations`` in ticks are (n, n).

    The place of a visit is its index. A visit may be left out at the price of ``prize``, which is
    more than serving it can cost.
    """

    distances: NDArray[np.int64]
    durations: NDArray[np.int64]
    visits: tuple[Visit, ...]
    tours: tuple[Tour, ...]
    prize: int

    def costs(self, tariff: Tariff) -> NDArray[np.int64]:
        """What each leg costs beside its time: (n, n), row = origin, with the surcharges."""
        costs = self.distances * tariff.per_m
        for index, surcharge in enumerate(tariff.surcharges):
            costs[:, index] += 2 * self.prize if surcharge is None else surcharge
            costs[index, index] = 0
        return costs


def model_of(task: Task, durations_s: NDArray[np.float64], tariffs: tuple[Tariff, ...]) -> Model:
    """The task in whole numbers, rounded to the safe side: what fits in ticks fits in truth."""
    epoch = task.legs.epoch
    durations = np.ceil(durations_s * TICKS_PER_S - 1e-6).astype(np.int64)
    distances = np.rint(task.legs.distances_m).astype(np.int64)
    tours = tuple(
        Tour(
            start=origin,
            end=home,
            leaves=ceil(_ticks(vantage.leaves_at, epoch)),
            returns=floor(_ticks(vantage.shift.ends_at, epoch)),
            capacity=_room(vantage),
            tariff=tariff,
        )
        for vantage, origin, home, tariff in zip(
            task.vantages, task.origins, task.homes, tariffs, strict=True
        )
    )
    return Model(
        distances=distances,
        durations=durations,
        visits=tuple(_visit(stop, epoch) for stop in task.stops),
        tours=tours,
        prize=max(_most_expensive(tour, distances, durations) for tour in tours),
    )


def _visit(stop: Stop, epoch: datetime) -> Visit:
    opens, closes = 0, FOREVER
    if stop.window is not None:
        opens = max(0, ceil(_ticks(stop.window.opens_at, epoch)))
        closes = max(opens, floor(_ticks(stop.window.closes_at, epoch)))
    load = (stop.packages, ceil(stop.weight_kg * 1000 - 1e-6))
    return Visit(opens, closes, ceil(stop.service_s * TICKS_PER_S), load, stop.kind is StopKind.DELIVER)


def _room(vantage: Vantage) -> tuple[int, int]:
    vehicle = vantage.shift.vehicle
    grams = floor((vehicle.capacity_kg - vantage.kg) * 1000 + 1e-6)
    return max(0, vehicle.capacity_packages - vantage.packages), max(0, grams)


def _most_expensive(tour: Tour, distances: NDArray[np.int64], durations: NDArray[np.int64]) -> int:
    """More than one stop can add to a plan: a tour of its own, at the longest legs, to the shift's end."""
    tariff = tour.tariff
    span = max(0, tour.returns - tour.leaves) + 2 * int(durations.max())
    detours = 3 * int(distances.max()) * tariff.per_m
    surcharge = max((each for each in tariff.surcharges if each is not None), default=0)
    return 1 + tariff.fixed + detours + span * tariff.per_tick + surcharge


def _ticks(moment: datetime, epoch: datetime) -> float:
    return (moment - epoch).total_seconds() * TICKS_PER_S
