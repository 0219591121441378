"""What a rest of the day is worth under a policy, in seconds of driving."""

from collections.abc import Sequence
from math import inf

from routing.changes import Policy
from routing.stability import n_out_of_order
from routing.task import Task, Tours
from routing.timetable import Drive, Timetable


class ReplanPrices:
    """Prices of sequences against ``base``, the plan in force without what was cancelled.

    Lateness and overrun have a price; a forbidden stop, or more overload than the base has on that
    tour, makes a sequence infinite. ``surcharges`` hold per tour the price of each stop.
    """

    def __init__(
        self, task: Task, base: Tours, policy: Policy, surcharges: Sequence[Sequence[float]]
    ) -> None:
        self._drive = Timetable(task).drive
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
        is_later = drive.lateness_s + drive.overrun_s > base.lateness_s + base.overrun_s + 1.0
        return inf if is_later else self.price(tour, sequence)

    def _compute(self, tour: int, sequence: tuple[int, ...]) -> float:
        surcharge = sum(map(self._surcharges[tour].__getitem__, sequence))
        if surcharge == inf:
            return inf
        drive = self._drive(tour, sequence)
        if self._is_overloaded(drive, self._base[tour]):
            return inf
        weight, ranks = self._policy.lateness_weight, self._rank
        kept = [ranks[stop][1] for stop in sequence if stop in ranks and ranks[stop][0] == tour]
        late_s = drive.lateness_s + drive.overrun_s
        changes_s = self._policy.stop_resequenced_s * n_out_of_order(kept)
        return drive.duration_s + weight * late_s + surcharge + changes_s

    @staticmethod
    def _is_overloaded(drive: Drive, base: Drive) -> bool:
        return drive.excess_packages > base.excess_packages or drive.excess_kg > base.excess_kg + 1e-6
