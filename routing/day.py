"""A day's prices: what a sequence costs a shift, infinite where it breaks a window, shift or vehicle."""

from dataclasses import dataclass
from math import inf

from routing.plan import Vehicle
from routing.solvers.model import TICKS_PER_S, Tariff
from routing.task import Task
from routing.timetable import Drive, Timetable

TOLERANCE_S = 0.001
"""What looked-up legs may differ from those that are measured one by one."""

PARTS = 10_000
"""Solvers count money in ten-thousandths of the currency, metres in whole ones."""


@dataclass(frozen=True, slots=True)
class Rates:
    """What a vehicle costs by use, by metre and by second."""

    fixed: float
    per_m: float
    per_s: float

    @property
    def tariff(self) -> Tariff:
        """The rates in whole numbers."""
        per_tick = self.per_s * PARTS / TICKS_PER_S
        return Tariff(round(self.fixed * PARTS), round(self.per_m * PARTS), round(per_tick))


def rates_of(vehicles: list[Vehicle]) -> list[Rates]:
    """The vehicles' rates; where none of them costs anything, a metre costs one: least distance wins."""
    if not any(each.fixed_cost or each.cost_per_km or each.cost_per_h for each in vehicles):
        return [Rates(0.0, 1.0, 0.0) for _ in vehicles]
    return [Rates(each.fixed_cost, each.cost_per_km / 1000, each.cost_per_h / 3600) for each in vehicles]


class DayPrices:
    """Prices of sequences that keep every promise."""

    def __init__(self, task: Task, rates: list[Rates]) -> None:
        self._drive, self._rates = Timetable(task).drive, rates

    def price(self, tour: int, sequence: tuple[int, ...]) -> float:
        """The cost of a sequence, in the currency or metres."""
        drive = self._drive(tour, sequence)
        if not sequence:
            return 0.0
        if excess(drive) > TOLERANCE_S:
            return inf
        rates = self._rates[tour]
        return rates.fixed + drive.distance_m * rates.per_m + drive.duration_s * rates.per_s

    def keep_promises(self, tour: int, sequence: tuple[int, ...]) -> tuple[int, ...]:
        """The sequence without the stops that break it: at each step the one that relieves it most."""
        while sequence and excess(self._drive(tour, sequence)) > TOLERANCE_S:
            shorter = [sequence[:cut] + sequence[cut + 1 :] for cut in range(len(sequence))]
            sequence = min(shorter, key=lambda each: excess(self._drive(tour, each)))
        return sequence


def excess(drive: Drive) -> float:
    """How far a drive is from keeping its promises: seconds, packages and kilograms in one sum."""
    return drive.lateness_s + drive.overrun_s + drive.excess_packages + drive.excess_kg
