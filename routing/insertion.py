"""Putting stops where they cost least."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from math import inf

from routing.task import Tours
from routing.worth import Job

Price = Callable[[int, tuple[int, ...]], float]
"""What a sequence costs on a tour; infinite where it is not allowed."""

IsOver = Callable[[], bool]
"""Whether the time for making a plan better is over."""


def never() -> bool:
    """There is time without end."""
    return False


def insert(
    tours: Tours,
    missing: Iterable[Job],
    price: Price,
    worth: Callable[[Job], float] = lambda _: inf,
    kinds: Sequence[int] | None = None,
) -> tuple[Tours, tuple[Job, ...]]:
    """Insert ``missing`` jobs one after the other, each at its cheapest place.

    Returns the tours and the jobs that have no place at less than their ``worth``. Of equally cheap
    places the first one is taken. Empty tours of the same of ``kinds`` are alike: one of them is tried.
    """
    sequences, left_out = list(tours), list[Job]()
    prices = [price(tour, sequence) for tour, sequence in enumerate(sequences)]
    for job in missing:
        extra, tour = worth(job), -1
        longer: tuple[int, ...] = ()
        for candidate in worth_trying(sequences, kinds):
            sequence = sequences[candidate]
            for tried in with_job(sequence, job):
                difference = price(candidate, tried) - prices[candidate]
                if difference < extra:
                    extra, tour, longer = difference, candidate, tried
        if tour < 0:
            left_out.append(job)
        else:
            sequences[tour], prices[tour] = longer, prices[tour] + extra
    return tuple(sequences), tuple(left_out)


def worth_trying(sequences: Sequence[tuple[int, ...]], kinds: Sequence[int] | None) -> list[int]:
    """The tours with stops, and the first empty one of each kind; without ``kinds`` all tours."""
    if kinds is None:
        return list(range(len(sequences)))
    first_empty: dict[int, int] = {}
    for tour, sequence in enumerate(sequences):
        if not sequence:
            first_empty.setdefault(kinds[tour], tour)
    return [tour for tour, sequence in enumerate(sequences) if sequence or first_empty[kinds[tour]] == tour]


def with_job(sequence: tuple[int, ...], job: Job) -> Iterator[tuple[int, ...]]:
    """The sequence with the job in it, at every place; both halves of a pair in either order."""
    first, *rest = job
    for position in range(len(sequence) + 1):
        with_first = (*sequence[:position], first, *sequence[position:])
        if not rest:
            yield with_first
            continue
        for other in range(len(with_first) + 1):
            yield (*with_first[:other], rest[0], *with_first[other:])
