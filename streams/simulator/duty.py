"""The values of a driver's day: where they are in it, and what happened."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from routing.plan import Shift, Stop
from streams.events.delivery import FailureReason
from streams.simulator.city import City, Person
from streams.simulator.fate import Breakdown
from streams.simulator.roads import Path, Point
from streams.simulator.traffic import Traffic


class Phase(StrEnum):
    """What a driver is doing."""

    OFF_DUTY = "off_duty"
    LOADING = "loading"
    READY = "ready"
    DRIVING = "driving"
    STANDING = "standing"
    WAITING = "waiting"
    SERVING = "serving"
    LEAVING = "leaving"
    HOME = "home"


AT_DEPOT = frozenset({Phase.OFF_DUTY, Phase.LOADING, Phase.READY, Phase.HOME})
"""Phases in which the van stands at its depot."""


class What(StrEnum):
    """What can happen to a driver."""

    LOADED = "loaded"
    UNLOADED = "unloaded"
    DEPARTED = "departed"
    ARRIVED = "arrived"
    DELIVERED = "delivered"
    FAILED = "failed"
    LEFT = "left"
    BROKE_DOWN = "broke_down"
    REPAIRED = "repaired"
    RETURNED = "returned"
    CAME_HOME = "came_home"


@dataclass(frozen=True, slots=True)
class Happening:
    """One fact of the real day; ``order_id`` goes with what is about one order."""

    what: What
    at: datetime
    stop: Stop | None = None
    order_id: str | None = None
    reason: FailureReason | None = None


@dataclass(frozen=True, slots=True)
class World:
    """What surrounds every driver: the city and the real traffic."""

    city: City
    traffic: Traffic


@dataclass(frozen=True, slots=True)
class Driver:
    """One driver with one van in one shift, at the moment ``now_at``.

    ``phase_ends_at`` is ``None`` where only a new plan changes something. ``stop`` is being driven
    to or served; ``None`` on the road means on the way home. ``queue`` holds the stops after it.
    ``rhythm`` are the factors of speed that the stretches of the current leg take in turn.
    """

    shift: Shift
    person: Person
    now_at: datetime
    place: Point
    late_start_s: float = 0.0
    breakdown: Breakdown | None = None
    phase: Phase = Phase.OFF_DUTY
    phase_ends_at: datetime | None = None
    leaves_at: datetime | None = None
    queue: tuple[Stop, ...] = ()
    stop: Stop | None = None
    path: Path | None = None
    along_m: float = 0.0
    speed_mps: float = 0.0
    heading_deg: float = 0.0
    rhythm: tuple[float, ...] = ()
    legs: int = 0
    stretches: int = 0
    driven_m: float = 0.0
    on_board: frozenset[str] = frozenset()
    finished: frozenset[str] = frozenset()
    fault_code: str | None = None
    revision: int = 0

    @property
    def is_on_duty(self) -> bool:
        """From the first parcel to the return."""
        return self.phase not in (Phase.OFF_DUTY, Phase.HOME)

    @property
    def is_out(self) -> bool:
        """Away from the depot."""
        return self.phase not in AT_DEPOT

    @property
    def is_engine_on(self) -> bool:
        """Whether the motor (or its electronics) runs."""
        if self.phase in (Phase.SERVING, Phase.LEAVING):
            return self.person.leaves_engine_on
        return self.phase is Phase.DRIVING

    @property
    def loading_starts_at(self) -> datetime:
        """When the first parcel is carried to the van."""
        return self.shift.starts_at - timedelta(minutes=20)
