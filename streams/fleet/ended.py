"""Shifts that are over: a route of theirs that is sent once more begins nothing."""

from datetime import date

from streams.events.dispatch import RouteAssignment
from streams.fleet.columns import DAY_US
from streams.fleet.driven import DrivenRoute
from streams.fleet.packing import PackedRoute

REMEMBERED_US = 7 * DAY_US
"""As long as Kafka keeps fixes. What sends routes again, a worker after a crash, does so within minutes."""

AnyRoute = RouteAssignment | PackedRoute | DrivenRoute
Known = dict[tuple[str, date], tuple[int, int]]
"""By shift and service date the newest revision, and when it ended, in the order in which that was noted."""


class EndedShifts:
    """The newest revision of each shift that ended, or was withdrawn, in the last week."""

    __slots__ = ("known",)

    def __init__(self, known: Known | None = None) -> None:
        self.known: Known = {} if known is None else known

    def note(self, route: AnyRoute, now_us: int) -> None:
        """The shift of this route is over; those that have been over for long are forgotten."""
        revision = max(route.revision, self.revision_of(route))
        self.known.pop(_key(route), None)
        self.known[_key(route)] = (revision, now_us)
        while self._oldest_us() < now_us - REMEMBERED_US:
            del self.known[next(iter(self.known))]

    def revision_of(self, route: AnyRoute) -> int:
        """The revision with which the route's shift ended; 0 where it has not."""
        return self.known.get(_key(route), (0, 0))[0]

    def _oldest_us(self) -> int:
        return next(iter(self.known.values()))[1]


def _key(route: AnyRoute) -> tuple[str, date]:
    return route.shift_id, route.service_date
