"""Door or locker: what is dropped where, so that it fits in and no other choice is cheaper."""

from collections.abc import Iterator, Sequence

from routing.day import DayPrices
from routing.insertion import insert
from routing.selection import WORTHWHILE
from routing.task import Task, Tours

MOST_ROUNDS = 3
MOST_PRICES = 10_000
"""About so many prices are asked for at most, a fraction of a second's worth; the same on every machine."""


def within_rooms(task: Task, tours: Tours) -> Tours:
    """The tours without the drops that a locker has no room for.

    Of the least priority the largest go first.
    """
    served = {index for tour in tours for index in tour}
    out: set[int] = set()
    for room in task.rooms:
        dropped = sorted(
            (each for each in room.drops if each in served),
            key=lambda each: (-task.stops[each].priority, task.stops[each].packages),
        )
        while sum(task.stops[each].packages for each in dropped) > room.most_packages:
            out.add(dropped.pop())
    return _without(tours, out) if out else tours


class Choosing:
    """Where stops are served that have a locker to choose."""

    def __init__(self, task: Task, prices: DayPrices, kinds: Sequence[int]) -> None:
        self._task, self._prices, self._kinds = task, prices, kinds
        self._left = MOST_PRICES
        self._rivals = {index: rivals for rivals in task.rivals for index in rivals}

    def improve(self, tours: Tours) -> Tours:
        """The tours with each choice made anew as long as that saves something, those left out first.

        Where a locker is full, one stop that is dropped there may have to go elsewhere. On large days
        the prices are used up by the first choices.
        """
        for may_evict in (False, True):
            for _ in range(MOST_ROUNDS):
                before = tours
                served = {index for tour in tours for index in tour}
                for rivals in sorted(self._task.rivals, key=lambda each: not served.isdisjoint(each)):
                    tours = self._chosen(tours, rivals, may_evict)
                if tours == before:
                    break
        return tours

    def _chosen(self, tours: Tours, rivals: tuple[int, ...], may_evict: bool) -> Tours:
        if self._left <= 0:
            return tours
        best, (least_weight, least) = tours, self._prices.score(tours)
        for tried in self._ways(_without(tours, rivals), rivals, may_evict):
            if self._left <= 0:
                break
            weight, price = self._prices.score(tried)
            if (weight, price + WORTHWHILE) < (least_weight, least):
                best, least_weight, least = tried, weight, price
        return best

    def _ways(self, without: Tours, rivals: tuple[int, ...], may_evict: bool) -> Iterator[Tours]:
        for option in rivals:
            tried = self._with(without, option)
            if within_rooms(self._task, tried) == tried:
                yield tried
                continue
            if not may_evict:
                continue
            (room,) = [each for each in self._task.rooms if option in each.drops]
            served = {index for tour in tried for index in tour}
            for other in sorted(served.intersection(room.drops) - {option}):
                smaller = _without(tried, [other])
                elsewhere = (self._with(smaller, each) for each in self._rivals[other] if each != other)
                yield from (each for each in elsewhere if within_rooms(self._task, each) == each)

    def _with(self, tours: Tours, option: int) -> Tours:
        self._left -= sum(1 + len(tour) for tour in tours)
        return insert(tours, [(option,)], self._prices.price, self._prices.worth, self._kinds)[0]


def _without(tours: Tours, out: Sequence[int] | set[int]) -> Tours:
    return tuple(tuple(each for each in tour if each not in out) for tour in tours)
