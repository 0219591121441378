"""What serving a stop is worth, and which stops are served or left out together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from routing.plan import Stop
from routing.task import Task

Job = tuple[int, ...]
"""Stop indices that one vehicle serves in this order, or nobody: a stop alone, or a pair."""

OBLIGED = 1e9
"""What leaving out a stop of weight 1 counts beside costs: more than any plan costs."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What leaving out a stop costs: ``weight`` where it should be served, else its ``price``."""

    weight: int
    price: float

    @property
    def value(self) -> float:
        """Both in one figure; prices are in the currency, or in metres where vehicles cost nothing."""
        return self.weight * OBLIGED + self.price


def worths(task: Task) -> tuple[Worth, ...]:
    """By stop; an optional pair has its price at the pick-up, and its delivery none."""
    return tuple(_worth(stop, _lead(task, index), task) for index, stop in enumerate(task.stops))


def jobs(stop_indices: Iterable[int], mates: Sequence[int]) -> list[Job]:
    """The stops as jobs, in their order; a pair stands where its first half does.

    A half whose other half is not among the stops is a job alone.
    """
    given = list(stop_indices)
    among = set(given)
    found: dict[int, Job] = {}
    for index in given:
        mate = mates[index]
        if mate not in among:
            found[index] = (index,)
        elif mate not in found:
            found[index] = (index, mate)
    return list(found.values())


def _lead(task: Task, index: int) -> int:
    mate = task.mates[index]
    return mate if mate >= 0 and task.stops[index].picked_up_at is not None else index


def _worth(stop: Stop, lead: int, task: Task) -> Worth:
    skip_price = task.stops[lead].skip_price
    if skip_price is None:
        return Worth(10**stop.priority, 0.0)
    return Worth(0, skip_price if task.stops[lead] is stop else 0.0)
