"""Plans, commands, requests and proposals: one record per depot and decision."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from routing.changes import AlternativeKind, Effects, Outage, Policy, Progress
from routing.plan import Route, Shift, Stop, Unassigned
from routing.service import ServiceTimes
from routing.slow_zones import SlowZone
from routing.travel import StraightLine
from streams.events.base import Count, Event, Id, Instant

MOST_CHOICES = 100
"""No proposal has more of them."""

Revision = Annotated[int, Meta(ge=1, le=1_000_000_000)]


class PlanRevision(Event, frozen=True, kw_only=True):
    """A depot's plan changes, all in one record. Key: depot.

    ``routes`` holds every route that differs from ``base_revision`` (all routes where that is
    ``None``). ``travel`` is what the plan reckoned with.
    """

    depot_id: Id
    service_date: date
    revision: Revision
    base_revision: Revision | None
    effective_at: Instant
    routes: tuple[Route, ...]
    travel: StraightLine
    reason: str
    unassigned: tuple[Unassigned, ...] = ()
    proposal_id: Id | None = None


class RouteAssignment(Event, frozen=True, kw_only=True):
    """The current route of one shift. Key: shift; partition: that of the vehicle.

    ``service`` is what a stop takes of which the plan says nothing, ``time_zone`` the depot's, by
    which customers sleep.
    """

    depot_id: Id
    service_date: date
    vehicle_id: Id
    shift_id: Id
    revision: Revision
    effective_at: Instant
    route: Route
    travel: StraightLine
    service: ServiceTimes | None = None
    time_zone: Id = "UTC"


class CommandKind(StrEnum):
    """What a person or a system may ask of dispatch."""

    PLAN_DAY = "plan_day"
    APPROVE = "approve"
    REJECT = "reject"
    OUT_OF_ACTION = "out_of_action"
    BACK_IN_ACTION = "back_in_action"
    SLOW_ZONE = "slow_zone"
    ROADS_CLEAR = "roads_clear"


class Command(Event, frozen=True, kw_only=True):
    """A wish of a person or a system. Key: depot. The same ``command_id`` is carried out once.

    ``plan_day`` names ``service_date`` and ``shifts``; ``approve`` and ``reject`` name ``proposal_id``.
    ``approve`` may name another of its choices than what is proposed, counted from 1. ``out_of_action`` says
    with an ``outage`` that a shift goes on no more, ``back_in_action`` that ``shift_id`` does;
    ``slow_zone`` where roads are slow or closed for a while, ``roads_clear`` that they are no more:
    ``zone_id`` is the ``command_id`` that told of them.
    """

    command_id: Id
    depot_id: Id
    kind: CommandKind
    issued_at: Instant
    issued_by: Id
    proposal_id: Id | None = None
    service_date: date | None = None
    shifts: tuple[Shift, ...] = ()
    reason: str = ""
    choice: Annotated[int, Meta(ge=1, le=MOST_CHOICES)] | None = None
    outage: Outage | None = None
    shift_id: Id | None = None
    slow_zone: SlowZone | None = None
    zone_id: Id | None = None

    def __post_init__(self) -> None:
        missing = self._missing()
        if missing is not None:
            raise ValueError(f"{self.kind} names {missing}")
        for name, kind in (
            ("choice", CommandKind.APPROVE),
            ("outage", CommandKind.OUT_OF_ACTION),
            ("shift_id", CommandKind.BACK_IN_ACTION),
            ("slow_zone", CommandKind.SLOW_ZONE),
            ("zone_id", CommandKind.ROADS_CLEAR),
        ):
            if getattr(self, name) is not None and self.kind is not kind:
                raise ValueError(f"{self.kind} has a {name}, which is for {kind}")

    def _missing(self) -> str | None:
        match self.kind:
            case CommandKind.PLAN_DAY if self.service_date is None or not self.shifts:
                return "a service_date and at least one shift"
            case CommandKind.APPROVE | CommandKind.REJECT if self.proposal_id is None:
                return "a proposal_id"
            case CommandKind.OUT_OF_ACTION if self.outage is None:
                return "an outage"
            case CommandKind.BACK_IN_ACTION if self.shift_id is None:
                return "a shift_id"
            case CommandKind.SLOW_ZONE if self.slow_zone is None:
                return "a slow_zone"
            case CommandKind.ROADS_CLEAR if self.zone_id is None:
                return "a zone_id"
        return None


class OutcomeStatus(StrEnum):
    """What became of a command or a proposal."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REFUSED = "refused"
    REPEATED = "repeated"


class Outcome(Event, frozen=True, kw_only=True):
    """What became of a command, and why. Key: depot."""

    depot_id: Id
    command_id: Id
    status: OutcomeStatus
    decided_at: Instant
    reason: str
    proposal_id: Id | None = None
    plan_revision: Count | None = None


class Trigger(StrEnum):
    """What made dispatch ask for a plan."""

    PLAN_DAY = "plan_day"
    DELAY = "delay"
    ORDERS = "orders"
    OUTAGE = "outage"
    TRAFFIC = "traffic"
    SPARE_TIME = "spare_time"


class ReoptimizationRequest(Event, frozen=True, kw_only=True):
    """A question to the solver with its whole input, so that it can be asked again. Key: depot.

    For ``plan_day``, ``routes`` is empty and ``stops`` with ``shifts`` are to be planned; else
    ``routes`` is the plan in force, ``progress`` how far each shift is, ``stops`` are new ones,
    ``outages`` the shifts that go on no more; legs take longer in ``slow_zones``.
    """

    request_id: Id
    depot_id: Id
    service_date: date
    trigger: Trigger
    requested_at: Instant
    base_revision: Revision | None
    travel: StraightLine
    policy: Policy
    seed: Count
    iterations: Count
    shifts: tuple[Shift, ...] = ()
    stops: tuple[Stop, ...] = ()
    cancelled_stop_ids: tuple[Id, ...] = ()
    routes: tuple[Route, ...] = ()
    progress: tuple[Progress, ...] = ()
    alert_ids: tuple[Id, ...] = ()
    outages: tuple[Outage, ...] = ()
    slow_zones: tuple[SlowZone, ...] = ()


class Sequence(Struct, frozen=True):
    """The stops of one shift, from its first one on."""

    shift_id: Id
    stop_ids: tuple[Id, ...]


class Choice(Struct, frozen=True, kw_only=True):
    """One thing that a dispatcher can do: what it is and what comes of it, in words and figures.

    Differences are to doing nothing, over all open stops. ``price_delta_s`` is in seconds of driving
    under the policy, lateness and changes included; ``unserved_stop_ids`` are all without a place then.
    ``sequences`` are those of the shifts that change; what is proposed has them as routes.
    """

    kind: AlternativeKind
    words: str
    outlook: str
    is_proposed: bool
    price_delta_s: float
    duration_delta_s: float
    distance_delta_m: float
    cost_delta: float
    co2e_delta_kg: float
    lateness_delta_s: float
    saved_stop_ids: tuple[Id, ...] = ()
    late_stop_ids: tuple[Id, ...] = ()
    unserved_stop_ids: tuple[Id, ...] = ()
    sequences: tuple[Sequence, ...] = ()


class Proposal(Event, frozen=True, kw_only=True):
    """A new plan with its reasons, for a person or a policy to decide on. Key: depot.

    ``routes`` holds the changed routes alone; ``effects`` says who gains and who loses. An empty
    ``routes`` says that nothing better was found. ``choices`` are what can be done, the best first,
    what is proposed among them; ``choices_note`` says why some or all of them are missing. A first
    plan has none. ``outages`` and ``slow_zones`` are those that the request told of: it holds until one of
    them is taken back.
    """

    proposal_id: Id
    request_id: Id
    depot_id: Id
    service_date: date
    trigger: Trigger
    base_revision: Revision | None
    requested_at: Instant
    expires_at: Instant
    routes: tuple[Route, ...]
    effects: Effects
    travel: StraightLine
    unassigned: tuple[Unassigned, ...] = ()
    solver: str = ""
    violations: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    choices_note: str = ""
    outages: tuple[Outage, ...] = ()
    slow_zones: tuple[SlowZone, ...] = ()
