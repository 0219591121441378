"""Improving tours step by step until no step helps: stops relocated, exchanged, turned round."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from routing.insertion import IsOver, Price, never, worth_trying
from routing.task import Tours

N_NEAR = 8
"""Steps bring a stop beside one of so many nearest stops."""

LONGEST_CHAIN = 2
"""So many stops in a row move together."""

WORTHWHILE = 1e-6
"""A step has to save more than rounding does."""

Step = tuple[tuple[int, tuple[int, ...]], ...]
"""New sequences of one or two tours."""


def descend(
    tours: Tours,
    price: Price,
    near: list[list[int]],
    is_within: bool = False,
    kinds: Sequence[int] | None = None,
    first: Iterable[int] | None = None,
    is_over: IsOver = never,
) -> Tours:
    """Take steps as long as one saves something, the best for each stop in turn.

    ``near`` lists for each stop the others worth being beside; ``is_within`` keeps every stop on its
    tour. Tours of the same of ``kinds`` are alike, so that exchanging them changes nothing. It begins
    with the stops ``first``, else with all; the stops of a tour that a step changed are looked at again.
    It ends early when the time ``is_over``.
    """
    return _Descent(tours, price, near, is_within, kinds or range(len(tours))).run(first, is_over)


def nearest(durations_s: NDArray[np.float64], n_stops: int, n_near: int = N_NEAR) -> list[list[int]]:
    """For each stop the stops that are nearest by driving there and back; ``durations_s`` is (n, n)."""
    among = durations_s[:n_stops, :n_stops]
    both_ways = among + among.T
    np.fill_diagonal(both_ways, np.inf)
    found: list[list[int]] = np.argsort(both_ways, axis=1, kind="stable")[
        :, : min(n_near, n_stops - 1)
    ].tolist()
    return found


class _Descent:
    def __init__(
        self, tours: Tours, price: Price, near: list[list[int]], is_within: bool, kinds: Sequence[int]
    ) -> None:
        self._kinds = kinds
        self._tours, self._price, self._near, self._is_within = list(tours), price, near, is_within
        self._prices = [price(tour, sequence) for tour, sequence in enumerate(tours)]
        self._tour_of = {stop: tour for tour, sequence in enumerate(tours) for stop in sequence}

    def run(self, first: Iterable[int] | None, is_over: IsOver) -> Tours:
        waiting = dict.fromkeys(sorted(self._tour_of if first is None else first))
        while waiting and not is_over():
            stop = next(iter(waiting))
            step = self._best_step(stop)
            if step is None:
                del waiting[stop]
                continue
            for tour, sequence in step:
                self._tours[tour], self._prices[tour] = sequence, self._price(tour, sequence)
                for each in sequence:
                    self._tour_of[each] = tour
                waiting |= dict.fromkeys(sequence)
        return tuple(self._tours)

    def _best_step(self, stop: int) -> Step | None:
        best, best_saving = None, WORTHWHILE
        for step in self._steps(stop):
            saving = sum(self._prices[tour] - self._price(tour, sequence) for tour, sequence in step)
            if saving > best_saving:
                best, best_saving = step, saving
        return best

    def _steps(self, stop: int) -> Iterator[Step]:
        home = self._tour_of[stop]
        sequence = self._tours[home]
        at = sequence.index(stop)
        for length in range(1, min(LONGEST_CHAIN, len(sequence) - at) + 1):
            chain = sequence[at : at + length]
            rest = sequence[:at] + sequence[at + length :]
            yield from self._relocations(chain, home, rest)
            if not self._is_within:
                yield from (((home, rest), (tour, chain)) for tour in self._empty())
        if at == 0 and not self._is_within:
            yield from self._handovers(home)
        for other in self._near[stop]:
            if other in self._tour_of:
                yield from self._pairings(stop, other, home, at)

    def _relocations(self, chain: tuple[int, ...], home: int, rest: tuple[int, ...]) -> Iterator[Step]:
        for other in self._near[chain[0]]:
            tour = self._tour_of.get(other)
            if tour is None or other in chain or (self._is_within and tour != home):
                continue
            into = rest if tour == home else self._tours[tour]
            beside = into.index(other)
            for position in (beside, beside + 1):
                longer = into[:position] + chain + into[position:]
                yield ((home, longer),) if tour == home else ((home, rest), (tour, longer))
        for position in (0, len(rest)):
            yield ((home, rest[:position] + chain + rest[position:]),)

    def _empty(self) -> list[int]:
        return [tour for tour in worth_trying(self._tours, self._kinds) if not self._tours[tour]]

    def _handovers(self, home: int) -> Iterator[Step]:
        """Exchange the whole sequence with another vehicle's."""
        for tour in worth_trying(self._tours, self._kinds):
            if self._kinds[tour] != self._kinds[home]:
                yield ((home, self._tours[tour]), (tour, self._tours[home]))

    def _pairings(self, stop: int, other: int, home: int, at: int) -> Iterator[Step]:
        """Exchange two stops; turn round what lies between them, or exchange what follows them."""
        tour = self._tour_of[other]
        mine, theirs = self._tours[home], self._tours[tour]
        there = theirs.index(other)
        if tour == home:
            low, high = sorted((at, there))
            between = mine[low + 1 : high]
            yield ((home, (*mine[:low], mine[high], *between, mine[low], *mine[high + 1 :])),)
            yield ((home, mine[:low] + mine[low : high + 1][::-1] + mine[high + 1 :]),)
        elif not self._is_within:
            yield (
                (home, (*mine[:at], other, *mine[at + 1 :])),
                (tour, (*theirs[:there], stop, *theirs[there + 1 :])),
            )
            yield (home, mine[: at + 1] + theirs[there:]), (tour, theirs[:there] + mine[at + 1 :])
