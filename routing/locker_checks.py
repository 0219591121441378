"""The judge's own look at what is dropped at lockers."""

from collections import Counter
from collections.abc import Iterator, Sequence

from routing.evaluation import Violation, ViolationKind
from routing.lockers import Locker
from routing.plan import Route, Stop


def check_lockers(
    routes: Sequence[Route], lockers: Sequence[Locker], stops: Sequence[Stop]
) -> list[Violation]:
    """A stop is dropped at a locker that it may be dropped at, where and when that is, and where it fits."""
    known = {each.locker_id: each for each in lockers}
    asked = {each.stop_id: each for each in stops}
    wrong, dropped = [], Counter[str]()
    for route in routes:
        for stop in (visit.stop for visit in route.visits):
            if stop.at_locker is None:
                continue
            dropped[stop.at_locker] += stop.packages
            for words in _wrong(stop, known.get(stop.at_locker), asked.get(stop.stop_id)):
                kind, where = ViolationKind.WRONG_LOCKER, (route.shift.shift_id, stop.stop_id)
                wrong.append(Violation(kind, f"stop {stop.stop_id} is dropped at {words}", *where))
    for locker in lockers:
        if dropped[locker.locker_id] > locker.most_packages:
            count = dropped[locker.locker_id]
            words = f"locker {locker.locker_id} gets {count} packages and has room for {locker.most_packages}"
            wrong.append(Violation(ViolationKind.LOCKER_FULL, words))
    return wrong


def _wrong(stop: Stop, locker: Locker | None, asked: Stop | None) -> Iterator[str]:
    if locker is None:
        yield f"locker {stop.at_locker}, which nobody knows"
        return
    if asked is not None and locker.locker_id not in asked.locker_ids:
        yield f"locker {locker.locker_id}, where it may not be"
    if (stop.location, stop.window) != (locker.location, locker.window) or stop.service_s < locker.drop_s:
        yield f"locker {locker.locker_id}, but not where, when or as long as that takes"
