"""Re-planning during the day: what is driven stays, what is loaded stays on its vehicle."""

from dataclasses import dataclass, field
from datetime import datetime

from routing.plan import Location, Route, Stop, Unassigned


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a shift is.

    The vehicle can leave ``location`` at ``free_at``; ``done_stop_ids`` and ``frozen_stop_ids``
    (being served or driven to, in order) can't change any more, ``loaded_stop_ids`` can't move to
    another vehicle.
    """

    shift_id: str
    location: Location
    free_at: datetime
    done_stop_ids: tuple[str, ...] = ()
    frozen_stop_ids: tuple[str, ...] = ()
    loaded_stop_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """What a change costs, in seconds of driving that it has to save.

    ``stop_moved_s`` per stop that changes its vehicle, ``stop_resequenced_s`` per stop that
    changes its place in a route, ``lateness_weight`` seconds of driving per second late.
    """

    stop_moved_s: float = 300.0
    stop_resequenced_s: float = 30.0
    lateness_weight: float = 10.0


@dataclass(frozen=True, slots=True)
class Changes:
    """What is new since the plan was made."""

    new_stops: tuple[Stop, ...] = ()
    cancelled_stop_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EtaChange:
    """A stop's estimate before and after; ``lateness_*_s`` are seconds past the close, at least 0."""

    stop_id: str
    before_at: datetime | None
    after_at: datetime | None
    lateness_before_s: float
    lateness_after_s: float
    shift_before: str | None
    shift_after: str | None


@dataclass(frozen=True, slots=True)
class Effects:
    """What a proposal changes: differences are after minus before, over all open stops."""

    duration_delta_s: float = 0.0
    distance_delta_m: float = 0.0
    cost_delta: float = 0.0
    co2e_delta_kg: float = 0.0
    lateness_delta_s: float = 0.0
    saved_stop_ids: tuple[str, ...] = ()
    late_stop_ids: tuple[str, ...] = ()
    changes: tuple[EtaChange, ...] = ()
    reasons: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Reoptimization:
    """A better plan from now on: the changed routes alone (whole, with their driven part in front).

    Empty ``routes`` say that nothing better was found; ``violations`` are the evaluator's words.
    """

    routes: tuple[Route, ...]
    effects: Effects
    unassigned: tuple[Unassigned, ...] = ()
    solver: str = ""
    violations: tuple[str, ...] = ()
