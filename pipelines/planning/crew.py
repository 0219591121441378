"""Searches side by side, each in a process of its own."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

from routing.solvers.crew import Search
from routing.solvers.solver import Found


class ProcessCrew:
    """As many processes as the crew's size; they are there before the first search."""

    def __init__(self, executor: ProcessPoolExecutor, size: int) -> None:
        self._executor, self._size = executor, size

    @property
    def size(self) -> int:
        """How many searches run at once."""
        return self._size

    def run(self, searches: Sequence[Search]) -> list[Found]:
        """The findings in the order of the searches."""
        return list(self._executor.map(_run, searches))


@contextmanager
def process_crew(size: int) -> Iterator[ProcessCrew]:
    """A crew whose processes have imported what they need, and end with the block."""
    # Processes are not forked: whoever plans may have threads.
    with ProcessPoolExecutor(size, mp_context=get_context("spawn")) as executor:
        list(executor.map(_warm, range(size)))
        yield ProcessCrew(executor, size)


def _run(search: Search) -> Found:
    return search.run()


def _warm(_: int) -> None:
    """Importing this module imported the solvers."""
