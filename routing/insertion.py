"""Putting stops where they cost least."""

from collections.abc import Callable, Iterable
from math import inf

from routing.task import Tours

Price = Callable[[int, tuple[int, ...]], float]
"""What a sequence costs on a tour; infinite where it is not allowed."""


def insert(tours: Tours, missing: Iterable[int], price: Price) -> tuple[Tours, tuple[int, ...]]:
    """Insert ``missing`` stops one after the other, each at its cheapest place.

    Returns the tours and the stops that have no place at a finite price. Of equally cheap places
    the first one is taken.
    """
    sequences, left_out = list(tours), list[int]()
    prices = [price(tour, sequence) for tour, sequence in enumerate(sequences)]
    for stop in missing:
        extra, tour = inf, -1
        longer: tuple[int, ...] = ()
        for candidate, sequence in enumerate(sequences):
            for position in range(len(sequence) + 1):
                tried = (*sequence[:position], stop, *sequence[position:])
                difference = price(candidate, tried) - prices[candidate]
                if difference < extra:
                    extra, tour, longer = difference, candidate, tried
        if tour < 0:
            left_out.append(stop)
        else:
            sequences[tour], prices[tour] = longer, prices[tour] + extra
    return tuple(sequences), tuple(left_out)
