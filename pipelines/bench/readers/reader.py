"""One reader, in a process of its own: it opens the link, reads every mart, and does so again."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path
from typing import Protocol

import duckdb

MARTS = ("orders", "routes", "kpi_daily")
"""Tables of equally many rows, all of which carry the version."""

LONG_EVERY = 10
LONG_PASSES, LONG_PAUSE_S = 20, 0.02
"""Each tenth opening stays open for some versions and reads all marts time and again."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a reader came to; long openings are not timed.

    An opening is mixed where its marts, or two looks at one of them, differ in version.
    """

    openings: int
    took_ms: tuple[float, ...]
    versions: frozenset[int]
    mixed: int
    gone_back: int
    errors: tuple[str, ...]


class Answers(Protocol):
    """Where readers put what they saw."""

    def put(self, seen: Seen) -> None:
        """Hand it to who started the reader."""


def read_until(link: Path, ready: Barrier, stop: Event, answers: Answers) -> None:
    """Wait for the others, then read until ``stop`` is set."""
    ready.wait()
    answers.put(read(link, stop.is_set))


def read(link: Path, is_over: Callable[[], bool]) -> Seen:
    """Read time and again. An error of DuckDB's is counted, in its own words, and reading goes on."""
    took_ms: list[float] = []
    newest: list[int] = []
    versions: set[int] = set()
    errors: list[str] = []
    mixed = openings = 0
    while not is_over():
        openings += 1
        is_long = openings % LONG_EVERY == 0
        began = time.perf_counter()
        try:
            found = _opening(link, LONG_PASSES if is_long else 1)
        except duckdb.Error as error:
            errors.append(str(error))
            continue
        if not is_long:
            took_ms.append((time.perf_counter() - began) * 1000)
        mixed += len(found) > 1
        newest.append(max(found))
        versions |= found
    gone_back = sum(after < before for before, after in pairwise(newest))
    return Seen(openings, tuple(took_ms), frozenset(versions), mixed, gone_back, tuple(errors))


def _opening(link: Path, passes: int) -> set[int]:
    found: set[int] = set()
    with duckdb.connect(str(link), read_only=True) as connection:
        connection.execute("set threads = 1")
        for number in range(passes):
            if number:
                time.sleep(LONG_PAUSE_S)
            for mart in MARTS:
                sql = f"select min(version), max(version) from marts.{mart}"
                found |= set(connection.execute(sql).fetchall()[0])
    return found
