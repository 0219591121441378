"""Of a new plan only those parts that pay: what changes together is taken over together, or not at all."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from routing.insertion import Price
from routing.task import Tours


def what_pays(
    before: Tours, after: Tours, price: Price, least: float, transfers: Collection[int] = ()
) -> Tours:
    """``before`` with each part of ``after`` that is cheaper by ``least`` at least.

    A part is the tours that exchange stops with each other, directly or through others, so that each stop
    stands once however the parts are chosen; stops that only one of the two serves come and go with theirs.
    Who serves more stops is cheaper at any price, ``transfers`` of parcels between vehicles not counted.
    """
    tours = list(before)
    for part in _parts(before, after):
        saved = sum(price(tour, before[tour]) - price(tour, after[tour]) for tour in part)
        serves_more = sum(_served(after[tour], transfers) - _served(before[tour], transfers) for tour in part)
        if serves_more > 0 or (serves_more == 0 and saved >= least):
            for tour in part:
                tours[tour] = after[tour]
    return tuple(tours)


def _served(sequence: Sequence[int], transfers: Collection[int]) -> int:
    return sum(stop not in transfers for stop in sequence)


def _parts(before: Tours, after: Tours) -> list[list[int]]:
    """The tours that differ, those together that share a stop."""
    head = list(range(len(before)))

    def head_of(tour: int) -> int:
        while head[tour] != tour:
            tour = head[tour]
        return tour

    home = {stop: tour for tour, sequence in enumerate(before) for stop in sequence}
    for tour, sequence in enumerate(after):
        for stop in sequence:
            head[head_of(home.get(stop, tour))] = head_of(tour)
    together: dict[int, list[int]] = defaultdict(list)
    for tour, (was, becomes) in enumerate(zip(before, after, strict=True)):
        if was != becomes:
            together[head_of(tour)].append(tour)
    return list(together.values())
