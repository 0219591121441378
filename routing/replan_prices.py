"""What a rest of the day is worth under a policy, in seconds of driving."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import inf

from routing.changes import Policy
from routing.stability import n_next_changed, n_out_of_order
from routing.task import Task, Tours
from routing.timetable import LEAST_EXCESS, LEAST_EXCESS_M, NOBODY_TOLD, Drive, Timetable

BROKEN_PROMISE_S = 360.0
"""A customer who is late at all counts as so much later: promises are not traded for a little driving."""


class ReplanPrices:
    """Prices of sequences against ``base``, the plan in force without what was cancelled.

    Lateness and overrun have a price; a forbidden stop, or more overload than the base has on that
    tour, makes a sequence infinite. ``surcharges`` hold per tour the price of each stop, ``told`` by
    stop the arrivals that customers know.
    """

    def __init__(
        self,
        task: Task,
        base: Tours,
        policy: Policy,
        surcharges: Sequence[Sequence[float]],
        told: Mapping[int, datetime] = NOBODY_TOLD,
    ) -> None:
        has_price = policy.told_shifted_s > 0
        self._drive = Timetable(task, told if has_price else NOBODY_TOLD, policy.told_within_s).drive
        self._next = [
            each if vantage.is_begun else None for vantage, each in zip(task.vantages, base, strict=True)
        ]
        self._policy, self._surcharges = policy, surcharges
        self._rank = {stop: (tour, rank) for tour, each in enumerate(base) for rank, stop in enumerate(each)}
        self._base = [self._drive(tour, sequence) for tour, sequence in enumerate(base)]
        self._known: dict[tuple[int, tuple[int, ...]], float] = {}

    def price(self, tour: int, sequence: tuple[int, ...]) -> float:
        """Duration, lateness, overrun and changes of a sequence, seconds."""
        key = (tour, sequence)
        price = self._known.get(key)
        if price is None:
            price = self._known[key] = self._compute(tour, sequence)
        return price

    def price_in_time(self, tour: int, sequence: tuple[int, ...]) -> float:
        """The same, but infinite where more is late than on the base's tour."""
        drive, base = self._drive(tour, sequence), self._base[tour]
        is_later = _late_s(drive) > _late_s(base) + 1.0
        return inf if is_later else self.price(tour, sequence)

    def _compute(self, tour: int, sequence: tuple[int, ...]) -> float:
        surcharge = sum(map(self._surcharges[tour].__getitem__, sequence))
        if surcharge == inf:
            return inf
        drive = self._drive(tour, sequence)
        if self._is_worse(drive, self._base[tour]):
            return inf
        weight, ranks = self._policy.lateness_weight, self._rank
        kept = [ranks[stop][1] for stop in sequence if stop in ranks and ranks[stop][0] == tour]
        changes_s = self._policy.stop_resequenced_s * n_out_of_order(kept)
        changes_s += self._policy.told_shifted_s * drive.n_shifted
        known = self._next[tour]
        if known is not None and self._policy.next_changed_s:
            changes_s += self._policy.next_changed_s * n_next_changed(known, sequence, self._policy.n_next)
        return drive.duration_s + weight * _late_s(drive) + surcharge + changes_s

    @staticmethod
    def _is_worse(drive: Drive, base: Drive) -> bool:
        """Whether vehicle or pairs suffer more than on the base's tour."""
        return (
            drive.excess_packages > base.excess_packages
            or drive.excess_kg > base.excess_kg + LEAST_EXCESS
            or drive.excess_m3 > base.excess_m3 + LEAST_EXCESS
            or drive.n_apart > base.n_apart
            or drive.excess_stops > base.excess_stops
            or drive.excess_metres > base.excess_metres + LEAST_EXCESS_M
        )


def _late_s(drive: Drive) -> float:
    """Late at stops, at breaks and at the shift's end, with what broken promises count more."""
    return BROKEN_PROMISE_S * drive.n_late + drive.lateness_s + drive.late_break_s + drive.overrun_s
