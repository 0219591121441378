"""Which stops are worth their way: left-out ones for served ones, and optional ones for nothing."""

from collections.abc import Callable, Sequence
from math import inf

from routing.insertion import Price, with_job
from routing.task import Tours
from routing.worth import Job, jobs

MOST_TRIES = 200
"""So many jobs that are left out are tried in the place of served ones; each costs thousands of prices."""

WORTHWHILE = 1e-6


def select(
    tours: Tours,
    left_out: Sequence[Job],
    price: Price,
    worth: Callable[[Job], float],
    mates: Sequence[int],
) -> tuple[Tours, tuple[Job, ...]]:
    """Put left-out jobs in the place of served ones of less worth, and drop what costs more than its worth.

    Raises nothing and never makes a plan dearer: the sum of prices and of the worth of what is left
    out falls with every step.
    """
    sequences, outside = list(tours), list[Job]()
    for job in sorted(left_out, key=worth, reverse=True)[:MOST_TRIES]:
        outside.append(_exchange(sequences, job, price, worth, mates) or job)
    outside += sorted(left_out, key=worth, reverse=True)[MOST_TRIES:]
    outside += _drop(sequences, price, worth, mates)
    return tuple(sequences), tuple(outside)


def _exchange(
    sequences: list[tuple[int, ...]],
    job: Job,
    price: Price,
    worth: Callable[[Job], float],
    mates: Sequence[int],
) -> Job | None:
    """Serve ``job`` instead of what is then left out, where that is better; who that is."""
    best_gain, best_tour, best_sequence, best_out = WORTHWHILE, -1, tuple[int, ...](), tuple[int, ...]()
    for tour, sequence in enumerate(sequences):
        before = price(tour, sequence)
        for out in jobs(sequence, mates):
            gain_in_worth = worth(job) - worth(out)
            # No sequence costs less than nothing, so that no more than this can be gained.
            if gain_in_worth <= 0 or gain_in_worth + before <= best_gain:
                continue
            rest = tuple(index for index in sequence if index not in out)
            for tried in with_job(rest, job):
                after = price(tour, tried)
                if after < inf and gain_in_worth + before - after > best_gain:
                    best_gain = gain_in_worth + before - after
                    best_tour, best_sequence, best_out = tour, tried, out
    if best_tour < 0:
        return None
    sequences[best_tour] = best_sequence
    return best_out


def _drop(
    sequences: list[tuple[int, ...]], price: Price, worth: Callable[[Job], float], mates: Sequence[int]
) -> list[Job]:
    """Leave out the jobs whose way costs more than they are worth; who that is."""
    dropped: list[Job] = []
    for tour, sequence in enumerate(sequences):
        while sequence:
            before = price(tour, sequence)
            gains = [
                (before - price(tour, tuple(each for each in sequence if each not in job)) - worth(job), job)
                for job in jobs(sequence, mates)
            ]
            gain, job = max(gains)
            if gain <= WORTHWHILE:
                break
            dropped.append(job)
            sequence = tuple(each for each in sequence if each not in job)
            sequences[tour] = sequence
    return dropped
