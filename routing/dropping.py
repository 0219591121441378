"""What is dropped at lockers, so that they have room for it."""

from collections.abc import Sequence

from routing.day import DayPrices, left_out_of
from routing.insertion import insert
from routing.task import Task, Tours


def within_rooms(task: Task, tours: Tours) -> Tours:
    """The tours without the drops that a locker has no room for: the largest go first."""
    served = {index for tour in tours for index in tour}
    out: set[int] = set()
    for room in task.rooms:
        dropped = sorted(
            (each for each in room.drops if each in served), key=lambda each: task.stops[each].packages
        )
        while sum(task.stops[each].packages for each in dropped) > room.most_packages:
            out.add(dropped.pop())
    return tuple(tuple(each for each in tour if each not in out) for tour in tours) if out else tours


def with_drops(task: Task, tours: Tours, prices: DayPrices, kinds: Sequence[int]) -> Tours:
    """The tours with what they leave out dropped where a locker has room, one after the other."""
    rivals = {each[0]: each for each in task.rivals}
    for index in left_out_of(task, tours):
        for drop in rivals.get(index, ()):
            if task.stops[drop].at_locker is None:
                continue
            tried, left_out = insert(tours, [(drop,)], prices.price, prices.worth, kinds)
            if not left_out and within_rooms(task, tried) == tried:
                tours = tried
                break
    return tours
