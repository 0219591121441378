"""All places of a problem, each with what stands there."""

from collections.abc import Iterator

from routing.plan import Location
from routing.problem import Problem


def places_of(problem: Problem) -> Iterator[tuple[str, Location]]:
    """Starts and ends of shifts and carriers, lockers and stops, each with its noun and id."""
    for shift in problem.shifts:
        yield f"the start of shift {shift.shift_id}", shift.start
        yield f"the end of shift {shift.shift_id}", shift.end
    for carrier in problem.carriers:
        yield f"the start of carrier {carrier.carrier_id}", carrier.start
    for locker in problem.lockers:
        yield f"locker {locker.locker_id}", locker.location
    for stop in problem.stops:
        yield f"stop {stop.stop_id}", stop.location
