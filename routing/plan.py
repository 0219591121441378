"""The plan's nouns: what is to be delivered, by whom, in which order and when.

All values are frozen and check themselves at construction. They are plain dataclasses,
so that the events in ``streams`` can carry them over Kafka as they are. Stops and shifts have modules
of their own; they are had from here.
"""

from dataclasses import dataclass
from datetime import date, datetime

from routing.checks import require_time_zone
from routing.shifts import Break, Shift, Vehicle
from routing.stops import Location, Stop, StopKind, TimeWindow

__all__ = [
    "Break",
    "HandedOver",
    "Location",
    "PlannedVisit",
    "Route",
    "RoutePlan",
    "Shift",
    "Stop",
    "StopKind",
    "TimeWindow",
    "Unassigned",
    "Vehicle",
]


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """A stop in its place in a route: arrival, begin of service (after any wait), departure.

    ``stop`` has one window at most: of several, the one that the plan promises.
    """

    stop: Stop
    arrive_at: datetime
    begin_at: datetime
    depart_at: datetime

    def __post_init__(self) -> None:
        require_time_zone(
            f"PlannedVisit of {self.stop.stop_id}", self.arrive_at, self.begin_at, self.depart_at
        )
        if self.stop.other_windows:
            raise ValueError(
                f"PlannedVisit of {self.stop.stop_id} has {len(self.stop.windows)} windows: "
                "a plan promises one of them"
            )


@dataclass(frozen=True, slots=True)
class Route:
    """The visits of one shift in the order they are to be driven."""

    shift: Shift
    visits: tuple[PlannedVisit, ...]
    ends_at: datetime
    distance_m: float

    def __post_init__(self) -> None:
        require_time_zone(f"Route of {self.shift.shift_id}", self.ends_at)

    @property
    def stop_ids(self) -> tuple[str, ...]:
        """Ids of the stops in driving order."""
        return tuple(visit.stop.stop_id for visit in self.visits)


@dataclass(frozen=True, slots=True)
class Unassigned:
    """A stop that no route serves, with the reason in words."""

    stop: Stop
    reason: str


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A stop that no own route serves, since an outside carrier does."""

    stop: Stop
    carrier_id: str


@dataclass(frozen=True, slots=True)
class RoutePlan:
    """All routes of one depot and service date; ``revision`` counts from 1."""

    depot_id: str
    service_date: date
    revision: int
    routes: tuple[Route, ...]
    unassigned: tuple[Unassigned, ...] = ()
    handed_over: tuple[HandedOver, ...] = ()

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for route in self.routes:
            for stop_id in route.stop_ids:
                if stop_id in seen:
                    raise ValueError(f"RoutePlan {self.depot_id} visits stop {stop_id} twice")
                seen.add(stop_id)
