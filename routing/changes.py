"""Re-planning's nouns: how far shifts are, what changed, what a change may cost, what can be done."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from math import inf

from routing.checks import require_amount, require_moments
from routing.plan import Break, HandedOver, Location, Route, Stop, Unassigned

MOST_BREAKS = 1_000
"""No shift has more breaks."""

MOST_NEXT = 100
"""No driver knows more of the stops ahead by heart."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a shift is.

    The vehicle can leave ``location`` at ``free_at``. ``done_stop_ids`` and ``frozen_stop_ids``
    (being served or driven to, in order) can't change any more; ``loaded_stop_ids`` can't move to
    another vehicle, and of what has a release a vehicle that has left has no more than them.
    ``current_stop_id``, where given, is being served at ``location`` until
    ``free_at``, so it is not driven to again. A vehicle that ``has_departed`` takes no more parcels
    from the depot: it can be given pick-ups, what is delivered from a pick-up on its way, and returns
    only. The first ``breaks_taken`` of the shift's breaks are over; where nobody counts them, those
    that were due before ``free_at`` are. The customers of ``told_stop_ids`` were told when the vehicle
    comes, and are kept up to date.
    """

    shift_id: str
    location: Location
    free_at: datetime
    done_stop_ids: tuple[str, ...] = ()
    frozen_stop_ids: tuple[str, ...] = ()
    loaded_stop_ids: tuple[str, ...] = ()
    current_stop_id: str | None = None
    has_departed: bool = False
    breaks_taken: int | None = None
    told_stop_ids: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require_moments(f"Progress of shift {self.shift_id}", self.free_at)
        if self.breaks_taken is not None and not 0 <= self.breaks_taken <= MOST_BREAKS:
            raise ValueError(f"Progress of shift {self.shift_id} counts {self.breaks_taken} breaks taken")

    def breaks_ahead(self, breaks: Sequence[Break]) -> tuple[Break, ...]:
        """Those of the shift's ``breaks`` that are not over, by when they are due."""
        due = sorted(breaks, key=lambda each: each.earliest_at)
        if self.breaks_taken is None:
            return tuple(each for each in due if each.earliest_at >= self.free_at)
        return tuple(due[self.breaks_taken :])

    @property
    def is_out(self) -> bool:
        """Whether the vehicle has to come home in any case."""
        return self.has_left or bool(self.frozen_stop_ids)

    @property
    def has_left(self) -> bool:
        """Whether it has been on its way; who is only about to drive to a frozen stop may still load."""
        return self.has_departed or bool(self.done_stop_ids) or self.current_stop_id is not None


@dataclass(frozen=True, slots=True)
class Policy:
    """What a change costs, in seconds of driving that it has to save.

    ``stop_moved_s`` per stop that changes its vehicle, ``stop_resequenced_s`` per stop that
    changes its place in a route, ``next_changed_s`` beside that per change among the ``n_next`` stops
    that a driver who is out serves next, ``told_shifted_s`` per customer who was told an arrival that
    becomes earlier or later by more than ``told_within_s``, ``handed_over_s`` per stop that a carrier
    takes, beside its money, ``lateness_weight`` seconds of driving per
    second late (at a stop, or past the end of a shift).
    """

    stop_moved_s: float = 300.0
    stop_resequenced_s: float = 30.0
    lateness_weight: float = 10.0
    next_changed_s: float = 60.0
    n_next: int = 3
    told_shifted_s: float = 60.0
    told_within_s: float = 900.0
    handed_over_s: float = 1800.0

    def __post_init__(self) -> None:
        prices = (self.stop_moved_s, self.stop_resequenced_s, self.next_changed_s, self.told_shifted_s)
        others = (self.lateness_weight, self.told_within_s, self.handed_over_s)
        if not all(0 <= each < inf for each in (*prices, *others)):
            raise ValueError(f"Policy has a figure that is negative or none: {self}")
        if not 0 <= self.n_next <= MOST_NEXT:
            raise ValueError(f"Policy has a number of next stops outside 0..{MOST_NEXT}: {self.n_next}")


@dataclass(frozen=True, slots=True)
class Outage:
    """A shift that goes on no more: its vehicle broke down, or its driver is gone.

    Others may serve its open stops. What is on board can be taken over at ``transfer_at``, ``transfer_from``
    on, in ``transfer_s`` for each stop; without such a place it stays on board.
    """

    shift_id: str
    transfer_at: Location | None = None
    transfer_from: datetime | None = None
    transfer_s: float = 60.0

    def __post_init__(self) -> None:
        noun = f"Outage of shift {self.shift_id}"
        require_amount(noun, "transfer_s", self.transfer_s)
        if self.transfer_from is not None:
            require_moments(noun, self.transfer_from)
            if self.transfer_at is None:
                raise ValueError(f"{noun} says when parcels can be taken over, and not where")


@dataclass(frozen=True, slots=True)
class Changes:
    """What is new since the plan was made."""

    new_stops: tuple[Stop, ...] = ()
    cancelled_stop_ids: tuple[str, ...] = ()
    outages: tuple[Outage, ...] = ()


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
    """What a proposal changes: differences are after minus before, over all open stops.

    Before is the plan in force, driven on as it is from where the vehicles are. ``changes`` holds
    the stops that move, join, leave or are reached at least a second earlier or later.
    """

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

    Empty ``routes`` say that nothing better was found; ``violations`` are the evaluator's words on
    the plan as it then stands; ``unassigned`` are all stops that nobody serves, ``handed_over`` those that
    a carrier takes from now on.
    """

    routes: tuple[Route, ...]
    effects: Effects
    unassigned: tuple[Unassigned, ...] = ()
    solver: str = ""
    violations: tuple[str, ...] = ()
    handed_over: tuple[HandedOver, ...] = ()


class AlternativeKind(StrEnum):
    """What is done; each may include what comes before it, but for nothing at all."""

    NOTHING = "nothing"
    KEEP_ORDER = "keep_order"
    RESEQUENCE = "resequence"
    MOVE = "move"
    HAND_OVER = "hand_over"
    RESCHEDULE = "reschedule"
