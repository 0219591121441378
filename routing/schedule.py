"""When each stop of a sequence is reached, served and left."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from routing.plan import Location, PlannedVisit, Route, Shift, Stop
from routing.travel import TravelTimes


def schedule_visits(
    stops: Sequence[Stop], origin: Location, ready_at: datetime, travel: TravelTimes
) -> tuple[PlannedVisit, ...]:
    """The visits of ``stops`` in sequence by a vehicle that leaves ``origin`` at ``ready_at``.

    Service begins on arrival, or when the window opens; a window that has closed is served late.
    """
    visits: list[PlannedVisit] = []
    place, free_at = origin, ready_at
    for stop in stops:
        _, leg_s = travel.leg(place, stop.location, free_at)
        arrive_at = free_at + timedelta(seconds=leg_s)
        begin_at = arrive_at if stop.window is None else max(arrive_at, stop.window.opens_at)
        free_at = begin_at + timedelta(seconds=stop.service_s)
        visits.append(PlannedVisit(stop, arrive_at, begin_at, free_at))
        place = stop.location
    return tuple(visits)


def close_route(
    shift: Shift, visits: tuple[PlannedVisit, ...], left: Location, left_at: datetime, travel: TravelTimes
) -> Route:
    """The route of ``visits``, driven home from ``left``, its last place, at ``left_at``.

    Its distance is that of the whole sequence, from the shift's start to its end.
    """
    _, home_s = travel.leg(left, shift.end, left_at)
    places = [shift.start, *(visit.stop.location for visit in visits), shift.end]
    departures = [shift.starts_at, *(visit.depart_at for visit in visits)]
    distance_m = sum(
        travel.leg(origin, destination, depart_at)[0]
        for origin, destination, depart_at in zip(places, places[1:], departures, strict=False)
    )
    return Route(shift, visits, left_at + timedelta(seconds=home_s), distance_m)


def schedule_route(
    shift: Shift, stops: Sequence[Stop], travel: TravelTimes, depart_at: datetime | None = None
) -> Route:
    """The route of ``shift`` that serves ``stops`` in sequence, leaving its start at ``depart_at``.

    Without ``depart_at`` the vehicle leaves when the shift starts. A shift without stops stays at
    home: no distance, and it ends when it begins.
    """
    ready_at = shift.starts_at if depart_at is None else depart_at
    if not stops:
        return Route(shift, (), ready_at, 0.0)
    visits = schedule_visits(stops, shift.start, ready_at, travel)
    return close_route(shift, visits, visits[-1].stop.location, visits[-1].depart_at, travel)
