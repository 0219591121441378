"""When each stop of a sequence is reached, served and left."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from routing.plan import Break, Location, PlannedVisit, Route, Shift, Stop
from routing.stops import latest_release
from routing.travel import TravelTimes


class Outing:
    """A vehicle on its way: it drives, waits, serves and rests, one thing after the other.

    ``breaks`` are those not taken yet; ``service_pace`` stretches what stops say of their service.
    """

    def __init__(
        self,
        place: Location,
        free_at: datetime,
        travel: TravelTimes,
        breaks: Sequence[Break] = (),
        service_pace: float = 1.0,
    ) -> None:
        self.place, self.free_at = place, free_at
        self.distance_m = 0.0
        self._travel, self._pace = travel, service_pace
        self._due = sorted(breaks, key=lambda each: each.earliest_at)

    @property
    def breaks(self) -> tuple[Break, ...]:
        """The breaks that are still to come."""
        return tuple(self._due)

    def wait_until(self, moment: datetime) -> None:
        """Stay, and take the breaks that become due before ``moment``."""
        if moment <= self.free_at:
            return
        while self._due and self._due[0].earliest_at < moment:
            self.free_at = self._rest(self.free_at)
        self.free_at = max(self.free_at, moment)

    def serve(self, stop: Stop) -> PlannedVisit:
        """Go on to ``stop``: service begins on arrival or when the window opens; a closed one is late.

        Of several windows the visit has the first one that is still open on arrival, or opens later.
        """
        arrive_at = begin_at = self._drive(stop.location)
        stop = stop.promised(arrive_at)
        if stop.window is not None and stop.window.opens_at > arrive_at:
            rested_at = arrive_at
            while self._due and self._due[0].earliest_at < stop.window.opens_at:
                rested_at = self._rest(rested_at)
            begin_at = max(rested_at, stop.window.opens_at)
        self.free_at = begin_at + timedelta(seconds=stop.service_s * self._pace)
        return PlannedVisit(stop, arrive_at, begin_at, self.free_at)

    def return_to(self, end: Location) -> datetime:
        """Drive to where the shift ends; when that is."""
        self.free_at = self._drive(end)
        return self.free_at

    def _drive(self, destination: Location) -> datetime:
        """Take the breaks that are due, then drive; the arrival."""
        while self._due and self._due[0].earliest_at <= self.free_at:
            self.free_at = self._rest(self.free_at)
        leg_m, leg_s = self._travel.leg(self.place, destination, self.free_at)
        self.place, self.distance_m = destination, self.distance_m + leg_m
        return self.free_at + timedelta(seconds=leg_s)

    def _rest(self, idle_at: datetime) -> datetime:
        due = self._due.pop(0)
        return max(idle_at, due.earliest_at) + timedelta(seconds=due.duration_s)


def schedule_visits(
    stops: Sequence[Stop],
    origin: Location,
    ready_at: datetime,
    travel: TravelTimes,
    breaks: Sequence[Break] = (),
    service_pace: float = 1.0,
) -> tuple[PlannedVisit, ...]:
    """The visits of ``stops`` in sequence by a vehicle that leaves ``origin`` at ``ready_at``."""
    outing = Outing(origin, ready_at, travel, breaks, service_pace)
    return tuple(outing.serve(stop) for stop in stops)


def schedule_route(
    shift: Shift, stops: Sequence[Stop], travel: TravelTimes, depart_at: datetime | None = None
) -> Route:
    """The route of ``shift`` that serves ``stops`` in sequence, leaving its start at ``depart_at``.

    Without ``depart_at`` the vehicle leaves when the shift starts; in any case not before all is released
    that it loads. A shift without stops stays at home: no distance, and it ends when it begins.
    """
    ready_at = shift.starts_at if depart_at is None else depart_at
    if not stops:
        return Route(shift, (), ready_at, 0.0)
    outing = Outing(shift.start, ready_at, travel, shift.breaks, shift.service_pace)
    outing.wait_until(latest_release(stops) or ready_at)
    visits = tuple(outing.serve(stop) for stop in stops)
    ends_at = outing.return_to(shift.end)
    return Route(shift, visits, ends_at, outing.distance_m)


def resume_route(
    shift: Shift, driven: tuple[PlannedVisit, ...], ahead: Sequence[Stop], outing: Outing, travel: TravelTimes
) -> Route:
    """The whole route of a vehicle that has ``driven``, and goes on with ``ahead`` and home.

    Its distance is that of the whole sequence, from the shift's start to its end.
    """
    visits = (*driven, *(outing.serve(stop) for stop in ahead))
    ends_at = outing.return_to(shift.end)
    places = [shift.start, *(visit.stop.location for visit in visits), shift.end]
    departures = [shift.starts_at, *(visit.depart_at for visit in visits)]
    distance_m = sum(
        travel.leg(origin, destination, depart_at)[0]
        for origin, destination, depart_at in zip(places, places[1:], departures, strict=False)
    )
    return Route(shift, visits, ends_at, distance_m)
