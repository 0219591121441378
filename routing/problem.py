"""What a planner is asked, and what it answers."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from routing.carriers import Carrier
from routing.evaluation import Evaluation
from routing.lockers import Locker
from routing.plan import RoutePlan, Shift, Stop, StopKind, Vehicle
from routing.travel import TravelTimes

MOST_ITERATIONS, MOST_SECONDS = 10**17, 1e9
"""Nobody waits longer; what is more, or no number, would never end a search."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A depot's day: which shifts may serve which stops, reckoned with which travel times.

    A stop that no shift can serve is no error: it is left out of the plan with its reason. ``carriers``
    take some of the deliveries where that costs less, or where no shift can. At ``lockers`` those may be
    dropped that say so.
    """

    depot_id: str
    service_date: date
    shifts: tuple[Shift, ...]
    stops: tuple[Stop, ...]
    travel: TravelTimes
    carriers: tuple[Carrier, ...] = ()
    lockers: tuple[Locker, ...] = ()

    def __post_init__(self) -> None:
        if not self.shifts:
            raise ValueError(f"Problem {self.depot_id} has {len(self.stops)} stops and no shift")
        for noun, ids in (
            ("stop", (stop.stop_id for stop in self.stops)),
            ("shift", (shift.shift_id for shift in self.shifts)),
            ("carrier", (carrier.carrier_id for carrier in self.carriers)),
            ("locker", (locker.locker_id for locker in self.lockers)),
        ):
            if twice := _repeated(ids):
                raise ValueError(f"Problem {self.depot_id} has {noun} {twice[0]} more than once")
        _check_currencies(self.depot_id, (*(each.vehicle for each in self.shifts), *self.carriers))
        _check_prices(self.depot_id, self.shifts, self.carriers)
        _check_pairs(self.stops)
        _check_lockers(self.depot_id, self.stops, self.lockers)


@dataclass(frozen=True, slots=True)
class StopCriterion:
    """When to stop searching: after ``iterations``, after ``seconds``, or what comes first of both.

    Only with iterations alone is the answer the same on every machine.
    """

    iterations: int | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        if self.iterations is None and self.seconds is None:
            raise ValueError("StopCriterion has neither iterations nor seconds: the search would not end")
        if not 0 <= (self.iterations or 0) <= MOST_ITERATIONS or not 0 <= (self.seconds or 0) <= MOST_SECONDS:
            raise ValueError(
                f"StopCriterion is negative or without end: {self.iterations} iterations, {self.seconds} s"
            )

    @property
    def half(self) -> "StopCriterion":
        """Half of the search; of an odd number of iterations the larger one."""
        return StopCriterion(
            None if self.iterations is None else (self.iterations + 1) // 2,
            None if self.seconds is None else self.seconds / 2,
        )


@dataclass(frozen=True, slots=True)
class Work:
    """One piece of work: who did what for how long, and whether the plan is its outcome."""

    solver: str
    task: str
    iterations: int
    duration_s: float
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Solution:
    """A plan, what the evaluator says of it, and who found it with how much work.

    ``solver`` names whose plan it is, ``work`` who did what in which time; ``iterations`` are those
    of all of them, ``duration_s`` is the wall time in all.
    """

    plan: RoutePlan
    evaluation: Evaluation
    solver: str
    iterations: int
    duration_s: float
    work: tuple[Work, ...] = ()


def _check_currencies(depot_id: str, priced: Iterable[Vehicle | Carrier]) -> None:
    currencies = sorted({each.currency for each in priced})
    if len(currencies) > 1:
        raise ValueError(f"Problem {depot_id} has costs in {' and '.join(currencies)}: they can't be added")


def _check_prices(depot_id: str, shifts: Sequence[Shift], carriers: Sequence[Carrier]) -> None:
    """Where no vehicle costs anything, metres are counted, and no price can be held against them."""
    if any(
        each.fixed_cost or each.cost_per_km or each.cost_per_h for each in (each.vehicle for each in shifts)
    ):
        return
    priced = [f"carrier {each.carrier_id}" for each in carriers]
    priced += [f"overtime of shift {each.shift_id}" for each in shifts if each.overtime_cost_per_h]
    if priced:
        raise ValueError(
            f"Problem {depot_id} has {priced[0]}, but no vehicle costs anything: "
            "there is nothing to hold its price against"
        )


def _check_pairs(stops: Iterable[Stop]) -> None:
    """A pair is a pick-up and one delivery of the same load."""
    known = {each.stop_id: each for each in stops}
    taken: set[str] = set()
    for stop in known.values():
        if stop.picked_up_at is None:
            continue
        pick_up = known.get(stop.picked_up_at)
        where = f"Stop {stop.stop_id} is picked up at {stop.picked_up_at}"
        if pick_up is None or pick_up.kind is not StopKind.PICK_UP:
            raise ValueError(f"{where}, which is no pick-up of this problem")
        if pick_up.stop_id in taken:
            raise ValueError(f"{where}, which belongs to another delivery already")
        taken.add(pick_up.stop_id)
        loads = [(each.packages, each.weight_kg, each.volume_m3) for each in (pick_up, stop)]
        if loads[0] != loads[1]:
            raise ValueError(f"{where}, but loads there {loads[0]} and delivers {loads[1]} packages, kg, m3")


def _check_lockers(depot_id: str, stops: Iterable[Stop], lockers: Iterable[Locker]) -> None:
    known = {each.locker_id for each in lockers}
    for stop in stops:
        if stop.at_locker is not None:
            raise ValueError(f"Stop {stop.stop_id} is at locker {stop.at_locker}: that is for a plan to say")
        if unknown := [name for name in stop.locker_ids if name not in known]:
            raise ValueError(
                f"Stop {stop.stop_id} may be dropped at locker {unknown[0]}, "
                f"which problem {depot_id} does not have"
            )


def _repeated(ids: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(ids).items() if count > 1]
