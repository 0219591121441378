"""What will happen whatever the plan: late starts, breakdowns, incidents, doors that stay shut."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from routing.plan import Shift
from streams.events.delivery import FailureReason
from streams.events.reference import EnergyKind
from streams.simulator.city import RADIUS_M, TIME_ZONE, City, Van, local
from streams.simulator.dice import dice, lognormal
from streams.simulator.roads import Point
from streams.simulator.traffic import Incident, Traffic, utc_speeds_mps

FAILURE_SHARE = 0.05
REASONS = {
    FailureReason.NOT_AT_HOME: 62,
    FailureReason.NO_ACCESS: 14,
    FailureReason.REFUSED: 10,
    FailureReason.ADDRESS_NOT_FOUND: 9,
    FailureReason.DAMAGED: 5,
}
LATE_START_SHARE = 0.12
BREAKDOWN_SHARE = 0.06
FAULT_CODES = {EnergyKind.ELECTRIC: ("P0A80", "P0AA6"), EnergyKind.DIESEL: ("P0087", "P0401", "P2463")}
INCIDENTS = 3
DEAD_SPOT_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Breakdown:
    """From ``due_at``, at the next moment on the road, the van stands for ``lasts_s`` with ``fault_code``."""

    due_at: datetime
    lasts_s: float
    fault_code: str


@dataclass(frozen=True, slots=True)
class DeadSpot:
    """A stretch of time in which a tracker has no network and keeps what it sees."""

    starts_at: datetime
    ends_at: datetime


def traffic_of(city: City, day: date) -> Traffic:
    """The day's real speeds, with an hour of trouble in three places."""
    return Traffic(
        utc_speeds_mps(day, TIME_ZONE),
        tuple(_incident(city, day, index) for index in range(INCIDENTS)),
    )


def late_start_s(seed: int, shift: Shift) -> float:
    """Seconds between the rostered start and being ready to leave; mostly some minutes."""
    generator = dice(seed, shift.shift_id, "late start")
    is_late = generator.random() < LATE_START_SHARE
    return generator.uniform(900, 2400) if is_late else generator.uniform(0, 240)


def breakdown_of(seed: int, shift: Shift, van: Van) -> Breakdown | None:
    """The breakdown of this shift, if it has one."""
    generator = dice(seed, shift.shift_id, "breakdown")
    if generator.random() >= BREAKDOWN_SHARE:
        return None
    due_at = shift.starts_at + (shift.ends_at - shift.starts_at) * generator.uniform(0.15, 0.6)
    return Breakdown(due_at, generator.uniform(1800, 3600), generator.choice(FAULT_CODES[van.energy]))


def dead_spot_of(seed: int, shift: Shift) -> DeadSpot | None:
    """When this shift's tracker is out of reach, if ever."""
    generator = dice(seed, shift.shift_id, "dead spot")
    if generator.random() >= DEAD_SPOT_SHARE:
        return None
    starts_at = shift.starts_at + (shift.ends_at - shift.starts_at) * generator.uniform(0.1, 0.8)
    return DeadSpot(starts_at, starts_at + timedelta(seconds=generator.uniform(120, 720)))


def failure_at_door(seed: int, stop_id: str) -> FailureReason | None:
    """Why the attempt at this door fails; ``None`` when it doesn't."""
    generator = dice(seed, stop_id, "door")
    if generator.random() >= FAILURE_SHARE:
        return None
    return generator.choices(tuple(REASONS), tuple(REASONS.values()))[0]


def service_factor(seed: int, stop_id: str) -> float:
    """How the service at this stop compares with what was expected."""
    return min(4.0, lognormal(dice(seed, stop_id, "service"), 0.88, 0.4))


def _incident(city: City, day: date, index: int) -> Incident:
    generator = dice(city.seed, day, "incident", index)
    starts_at = local(day, generator.uniform(8.0, 17.0))
    east_m, north_m = (generator.uniform(-0.6, 0.6) * RADIUS_M for _ in range(2))
    return Incident(
        incident_id=f"s{city.seed}-{day:%Y%m%d}-incident-{index + 1}",
        centre=Point(east_m, north_m),
        radius_m=generator.uniform(2_000, 3_500),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
        factor=generator.uniform(0.3, 0.5),
    )
