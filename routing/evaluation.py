"""What the independent judge of plans says: figures and violations."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import fsum


class ViolationKind(StrEnum):
    """What a plan can do wrong."""

    LATE = "late"
    OVER_CAPACITY = "over_capacity"
    PAST_SHIFT_END = "past_shift_end"
    BEFORE_SHIFT_START = "before_shift_start"
    TOO_EARLY_CLAIM = "too_early_claim"
    STOP_MISSING = "stop_missing"
    STOP_TWICE = "stop_twice"
    STOP_UNKNOWN = "stop_unknown"
    SHIFT_TWICE = "shift_twice"
    NOT_QUALIFIED = "not_qualified"
    LATE_BREAK = "late_break"
    PAIR_APART = "pair_apart"
    NO_WAY = "no_way"
    WRONG_WINDOW = "wrong_window"
    OVER_STOPS = "over_stops"
    OVER_KM = "over_km"
    OVER_HOURS = "over_hours"
    NOT_TAKEN = "not_taken"
    WRONG_LOCKER = "wrong_locker"
    LOCKER_FULL = "locker_full"
    NOT_RELEASED = "not_released"


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong, in words, and whom it concerns."""

    kind: ViolationKind
    words: str
    shift_id: str | None = None
    stop_id: str | None = None


@dataclass(frozen=True, slots=True)
class BreakEvaluation:
    """A break as it would be taken; ``lateness_s`` is past the moment when it has to begin, at least 0."""

    begin_at: datetime
    duration_s: float
    lateness_s: float


@dataclass(frozen=True, slots=True)
class LegEvaluation:
    """One drive with what is on board; ``cost`` and ``co2e_kg`` are of the drive alone."""

    depart_at: datetime
    distance_m: float
    duration_s: float
    packages: int
    kg: float
    m3: float
    cost: float
    co2e_kg: float


@dataclass(frozen=True, slots=True)
class VisitEvaluation:
    """One visit as it would happen, and the leg that leads to it; ``lateness_s`` is at least 0.

    ``wait_s`` is until the window opens, breaks in it included; ``cost`` is that of the hours from
    the previous departure to this one, breaks included, and of the kilometres.
    """

    stop_id: str
    arrive_at: datetime
    wait_s: float
    begin_at: datetime
    depart_at: datetime
    lateness_s: float
    service_s: float
    leg: LegEvaluation
    cost: float


@dataclass(frozen=True, slots=True)
class RouteEvaluation:
    """One route as it would happen, from where its vehicle is.

    ``cost`` is in the vehicle's currency: kilometres, hours, and the fixed cost if it has stops and
    is not out already. ``peak_*`` is the most that is on board at once. ``overtime_s`` is past the shift's
    end as far as it may be, ``overrun_s`` what is beyond that, both at least 0. ``home`` is the last leg,
    none for a vehicle that stays at home. ``whole_*`` are of the shift from its start, what is driven
    already included; metres of that only where the vehicle's are limited.
    """

    shift_id: str
    visits: tuple[VisitEvaluation, ...]
    breaks: tuple[BreakEvaluation, ...]
    home: LegEvaluation | None
    ends_at: datetime
    duration_s: float
    distance_m: float
    service_s: float
    wait_s: float
    lateness_s: float
    overtime_s: float
    overrun_s: float
    peak_packages: int
    peak_kg: float
    peak_m3: float
    cost: float
    co2e_kg: float
    violations: tuple[Violation, ...]
    whole_stops: int = 0
    whole_distance_m: float = 0.0
    whole_duration_s: float = 0.0


@dataclass(frozen=True, slots=True)
class HandOverEvaluation:
    """A stop that a carrier delivers: how far from its start that is, its price and its CO2e."""

    stop_id: str
    carrier_id: str
    distance_m: float
    cost: float
    co2e_kg: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All routes as they would happen, and everything that is wrong with them.

    ``skipped_price`` is the price of the optional stops that are left out. Distances and durations are
    of the own routes alone, cost and CO2e those of the carriers too.
    """

    routes: tuple[RouteEvaluation, ...]
    violations: tuple[Violation, ...]
    skipped_price: float = 0.0
    handed_over: tuple[HandOverEvaluation, ...] = ()

    @property
    def is_feasible(self) -> bool:
        """Whether nothing is wrong."""
        return not self.violations

    @property
    def duration_s(self) -> float:
        """From leaving to being back, summed over the routes."""
        return fsum(route.duration_s for route in self.routes)

    @property
    def distance_m(self) -> float:
        """Driven, summed over the routes."""
        return fsum(route.distance_m for route in self.routes)

    @property
    def lateness_s(self) -> float:
        """Past the close of windows, summed over the stops."""
        return fsum(route.lateness_s for route in self.routes)

    @property
    def late_break_s(self) -> float:
        """Past the moment when breaks have to begin, summed over the breaks."""
        return fsum(each.lateness_s for route in self.routes for each in route.breaks)

    @property
    def overtime_s(self) -> float:
        """Past the end of shifts as far as it may be, summed over the routes."""
        return fsum(route.overtime_s for route in self.routes)

    @property
    def overrun_s(self) -> float:
        """Past the end of shifts and their overtime, summed over the routes."""
        return fsum(route.overrun_s for route in self.routes)

    @property
    def cost(self) -> float:
        """Summed over the routes and the hand-overs, which share one currency."""
        return fsum([*(each.cost for each in self.routes), *(each.cost for each in self.handed_over)])

    @property
    def co2e_kg(self) -> float:
        """Summed over the routes and the hand-overs."""
        return fsum([*(each.co2e_kg for each in self.routes), *(each.co2e_kg for each in self.handed_over)])
