"""How fast one gets on: by hour, by place, through incidents; and what planners believe of it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from routing.travel import StraightLine
from streams.simulator.roads import Point

DETOUR = 1.27
"""Driven length over great circle, as planned; ``roads.streets`` drives 4/pi on average."""

SPEED_KMH = (38,) * 5 + (36, 33, 27, 25, 28, 30, 30, 29, 29, 29, 28, 26, 24, 26, 30, 33, 35, 37, 38)
"""A van's average between stops, lights included, per local hour of the day."""

OPTIMISM = 1.05
"""Planned speed over real speed: planners forget queues, parking and wrong turns."""

CENTRE_M, CENTRE_FACTOR, OUTSKIRTS_FACTOR = 4_000.0, 0.88, 1.05


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that slows an area for a while; ``factor`` of the usual speed is left."""

    incident_id: str
    centre: Point
    radius_m: float
    starts_at: datetime
    ends_at: datetime
    factor: float


@dataclass(frozen=True, slots=True)
class Traffic:
    """The real speeds of one day. ``utc_speeds_mps`` holds one value per UTC hour."""

    utc_speeds_mps: tuple[float, ...]
    incidents: tuple[Incident, ...]

    def speed_mps(self, place: Point, at: datetime) -> float:
        """The usual speed at ``place``, slowed by what happens there at that moment."""
        centre_m = place.distance_m(Point(0.0, 0.0))
        factor = CENTRE_FACTOR if centre_m < CENTRE_M else OUTSKIRTS_FACTOR
        for incident in self.incidents:
            if (
                incident.starts_at <= at < incident.ends_at
                and place.distance_m(incident.centre) < incident.radius_m
            ):
                factor *= incident.factor
        return self.utc_speeds_mps[at.hour] * factor


def utc_speeds_mps(day: date, zone: ZoneInfo) -> tuple[float, ...]:
    """Real average speeds of ``day`` in ``zone``, one per UTC hour."""
    midnight_at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    local = [(midnight_at + timedelta(hours=hour)).astimezone(zone).hour for hour in range(24)]
    return tuple(SPEED_KMH[hour] / 3.6 for hour in local)


def planned_travel(day: date, zone: ZoneInfo) -> StraightLine:
    """What the depots' plans reckon with: the right shape of the day, a little too fast."""
    return StraightLine(DETOUR, tuple(round(speed * OPTIMISM, 3) for speed in utc_speeds_mps(day, zone)))
