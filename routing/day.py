"""A day's prices: what a sequence costs a shift, infinite where it breaks a window, shift or vehicle."""

from dataclasses import dataclass
from math import fsum, inf

from routing.plan import Vehicle
from routing.solvers.model import TICKS_PER_S, Tariff
from routing.task import Task, Tours
from routing.timetable import Drive, Timetable
from routing.worth import Job, jobs, worths

TOLERANCE_S = 0.001
"""What looked-up legs may differ from those that are measured one by one."""

PARTS = 10_000_000
"""Solvers count money in ten-millionths of the currency: an hour's cost is charged by the tick."""

PARTS_OF_A_METRE = 100
"""Where only distance counts, it counts in centimetres."""


@dataclass(frozen=True, slots=True)
class Rates:
    """What a vehicle costs by use, by metre and by second; solvers count ``parts`` of it."""

    fixed: float
    per_m: float
    per_s: float
    parts: int = PARTS

    def tariff(self, surcharges: tuple[int | None, ...] = ()) -> Tariff:
        """The rates in whole numbers."""
        per_tick = round(self.per_s * self.parts / TICKS_PER_S)
        return Tariff(round(self.fixed * self.parts), self.per_m * self.parts, per_tick, surcharges)


def rates_of(vehicles: list[Vehicle]) -> list[Rates]:
    """The vehicles' rates; where none of them costs anything, a metre costs one: least distance wins."""
    if not any(each.fixed_cost or each.cost_per_km or each.cost_per_h for each in vehicles):
        return [Rates(0.0, 1.0, 0.0, PARTS_OF_A_METRE) for _ in vehicles]
    return [Rates(each.fixed_cost, each.cost_per_km / 1000, each.cost_per_h / 3600) for each in vehicles]


class DayPrices:
    """Prices of sequences that keep every promise."""

    def __init__(self, task: Task, rates: list[Rates]) -> None:
        self._task = task
        timetable = Timetable(task)
        self._drive, self._is_too_much = timetable.drive, timetable.is_too_much
        self._rates, self._mates = rates, task.mates
        self._carriers, self._carrier_prices = task.carriers, task.carrier_prices
        self._n_shifts = len(task.vantages)
        self._per_overtime_s = [each.shift.overtime_cost_per_h / 3600 for each in task.vantages]
        self._forbidden = forbidden(task)
        self._worths = worths(task)

    def price(self, tour: int, sequence: tuple[int, ...]) -> float:
        """The cost of a sequence, in the currency or metres; in whatever order, of what a carrier takes."""
        if tour >= self._n_shifts:
            return self._carrier_price(tour - self._n_shifts, sequence)
        forbidden_here = self._forbidden[tour]
        if forbidden_here and not forbidden_here.isdisjoint(sequence):
            return inf
        if not sequence:
            return 0.0
        if self._is_too_much(tour, sequence):
            return inf
        drive = self._drive(tour, sequence)
        if excess(drive) > TOLERANCE_S:
            return inf
        rates = self._rates[tour]
        overtime = drive.overtime_s * self._per_overtime_s[tour]
        return rates.fixed + drive.distance_m * rates.per_m + drive.duration_s * rates.per_s + overtime

    def worth(self, job: Job) -> float:
        """What leaving the job out costs beside its price."""
        return sum(self._worths[index].value for index in job)

    def score(self, tours: Tours) -> tuple[int, float]:
        """The weight of what is left out, then all costs with the prices of what is left out."""
        left_out = [self._worths[index] for index in left_out_of(self._task, tours)]
        costs = fsum(self.price(tour, sequence) for tour, sequence in enumerate(tours))
        return sum(each.weight for each in left_out), costs + fsum(each.price for each in left_out)

    def keep_promises(self, tour: int, sequence: tuple[int, ...]) -> tuple[int, ...]:
        """The sequence without the jobs that break it: at each step the one that relieves it most.

        Of a priority, ten times the relief is asked.
        """
        for job in jobs(sequence, self._mates):
            if not self._forbidden[tour].isdisjoint(job):
                sequence = _without(sequence, job)
        if tour >= self._n_shifts:
            return sequence[: self._carriers[tour - self._n_shifts].most_stops]
        while sequence and (before := excess(self._drive(tour, sequence))) > TOLERANCE_S:
            shorter = [(_without(sequence, job), job) for job in jobs(sequence, self._mates)]
            sequence, _ = max(shorter, key=lambda each: self._relief(tour, before, *each))
        return sequence

    def _carrier_price(self, carrier: int, sequence: tuple[int, ...]) -> float:
        most = self._carriers[carrier].most_stops
        if most is not None and len(sequence) > most:
            return inf
        return sum(map(self._carrier_prices[carrier].__getitem__, sequence))

    def _relief(self, tour: int, before: float, shorter: tuple[int, ...], job: Job) -> float:
        weight = sum(self._worths[index].weight for index in job)
        return (before - excess(self._drive(tour, shorter))) / max(0.1, weight)


def forbidden(task: Task) -> tuple[frozenset[int], ...]:
    """By tour, the stops that require what neither its vehicle nor its driver has, or a carrier refuses."""
    demanding = [index for index, stop in enumerate(task.stops) if stop.requires]
    return (
        *(
            frozenset(index for index in demanding if each.shift.missing(task.stops[index]))
            for each in task.vantages
        ),
        *(
            frozenset(index for index, price in enumerate(prices) if price == inf)
            for prices in task.carrier_prices
        ),
    )


def left_out_of(task: Task, tours: Tours) -> list[int]:
    """The stops on no tour, in order; of door and lockers the first."""
    served = {index for tour in tours for index in tour}
    for rivals in task.rivals:
        served |= set(rivals[1:]) if served.isdisjoint(rivals) else set(rivals)
    return [index for index in range(len(task.stops)) if index not in served]


def excess(drive: Drive) -> float:
    """How far a drive is from keeping its promises, in seconds.

    A package, a kilogram, a cubic metre, a stop too much counts as an hour, as does a stop apart from its
    other half; ten metres too much count as a second.
    """
    late_s = drive.lateness_s + drive.overrun_s + drive.late_break_s + drive.excess_metres / 10
    return (
        late_s
        + 3600 * drive.excess_stops
        + 3600 * (drive.excess_packages + drive.excess_kg + drive.excess_m3 + drive.n_apart)
    )


def _without(sequence: tuple[int, ...], job: Job) -> tuple[int, ...]:
    return tuple(index for index in sequence if index not in job)
