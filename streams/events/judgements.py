"""What the streams conclude: visits, ETAs, delays, alerts, progress, verdicts, and the clock's ticks."""

from enum import StrEnum

from msgspec import Struct

from routing.plan import Location
from streams.events.base import Count, Event, Id, Instant, NonNegative
from streams.events.delivery import ScanKind


class KnownBy(StrEnum):
    """How an arrival is known."""

    GPS = "gps"
    SCAN = "scan"
    INFERRED = "inferred"


class VisitPhase(StrEnum):
    """Which word on a visit this is."""

    ARRIVED = "arrived"
    DEPARTED = "departed"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"


class StopVisit(Event, frozen=True, kw_only=True):
    """A vehicle reached a stop. Key: vehicle. One ``visit_id`` has several of these, the last one counts.

    ``scans`` are the outcomes scanned there; ``contradiction`` says in words where scan and GPS
    disagree. ``stop_id`` is the depot's id with ``is_depot``. ``dwell_s`` is missing where it isn't
    known: by a single scan, or inferred between two fixes. A ``corrected`` word says in ``changes``
    what is different now, and may open the visit anew; ``withdrawn`` says that there was none: it
    doesn't count, unless a later word follows.
    """

    visit_id: Id
    vehicle_id: Id
    depot_id: Id
    stop_id: Id
    phase: VisitPhase
    arrived_at: Instant
    known_by: KnownBy
    is_depot: bool = False
    shift_id: Id | None = None
    departed_at: Instant | None = None
    dwell_s: NonNegative | None = None
    scans: tuple[ScanKind, ...] = ()
    is_confirmed_by_scan: bool | None = None
    contradiction: str | None = None
    changes: str | None = None


class StopEta(Struct, frozen=True, kw_only=True):
    """One stop's estimate; ``slack_s`` is the window's close minus P50, negative is late."""

    stop_id: Id
    p50_at: Instant
    p90_at: Instant
    slack_s: float | None = None


class EtaUpdate(Event, frozen=True, kw_only=True):
    """ETAs of a vehicle's remaining stops in sequence. Key: vehicle. ``basis`` says what they used."""

    vehicle_id: Id
    depot_id: Id
    shift_id: Id
    plan_revision: Count
    estimated_at: Instant
    stops: tuple[StopEta, ...]
    basis: str


class DelayRule(StrEnum):
    """Why a delay is spoken of.

    The P90 of the estimate is beyond the close; the P50 is; the window has closed on a stop that is
    neither done nor being served; the vehicle has arrived long before the window opens, and waits.
    """

    AT_RISK = "at_risk"
    LATE = "late"
    MISSED = "missed"
    EARLY = "early"


class DelayPhase(StrEnum):
    """A delay's life."""

    RAISED = "raised"
    UPDATED = "updated"
    CLEARED = "cleared"


class DelayEvent(Event, frozen=True, kw_only=True):
    """A stop is going to be late, or no longer. Key: depot.

    ``delay_s`` is the estimate (P90 for ``at_risk``, else P50) minus the window's close, seconds,
    positive is late; of an ``early`` one it is the arrival minus the window's opening, negative, and
    ``p50_at`` and ``p90_at`` are the arrival: it lasts until the window opens, the vehicle leaves or the
    stop is done. ``missed`` says that the window has closed on a stop that
    is neither done nor being served. ``alert_id`` stays the same from raised to cleared.
    """

    alert_id: Id
    depot_id: Id
    vehicle_id: Id
    shift_id: Id
    stop_id: Id
    rule: DelayRule
    phase: DelayPhase
    judged_at: Instant
    delay_s: float
    cause: str
    evidence: str
    p50_at: Instant
    p90_at: Instant
    closes_at: Instant
    order_ids: tuple[Id, ...] = ()


class AlertKind(StrEnum):
    """What is to be known of a vehicle.

    ``idling`` is the engine running at a standstill; ``standing`` is losing time at no stop, whatever
    the engine does. ``overdue`` is a stop that should have been reached, without any news since.
    """

    SILENT = "silent"
    NOT_DEPARTED = "not_departed"
    STANDING = "standing"
    OFF_ROUTE = "off_route"
    OUT_OF_SEQUENCE = "out_of_sequence"
    OVERDUE = "overdue"
    IDLING = "idling"
    SPEEDING = "speeding"
    CARGO_TEMPERATURE = "cargo_temperature"
    ODOMETER = "odometer"
    FAULT_CODE = "fault_code"
    HARSH_ACCELERATION = "harsh_acceleration"
    HARSH_BRAKING = "harsh_braking"
    HARSH_CORNERING = "harsh_cornering"
    REFUELLED = "refuelled"
    FUEL_DRAINED = "fuel_drained"


class AlertPhase(StrEnum):
    """An alert's life; what is over as it happens is ``noted``, and never cleared."""

    RAISED = "raised"
    UPDATED = "updated"
    CLEARED = "cleared"
    NOTED = "noted"


class FleetAlert(Event, frozen=True, kw_only=True):
    """Something about a vehicle that a person should know. Key: depot.

    ``stop_id`` is the stop that it is about, where it is about one: the next one, or the one passed over.
    """

    alert_id: Id
    depot_id: Id
    vehicle_id: Id
    kind: AlertKind
    phase: AlertPhase
    judged_at: Instant
    evidence: str
    stop_id: Id | None = None


class VehicleProgress(Event, frozen=True, kw_only=True):
    """Where a shift stands, for its depot's dispatcher. Key: depot.

    ``done_stop_ids`` are finished, ``current_stop_id`` is being served, ``next_stop_id`` is being
    driven to; the stops whose parcels are on board are in ``loaded_stop_ids``. ``free_at`` is when
    the vehicle can leave ``location``: when it was last seen there, or the expected end of the current
    service; later where it should have reached the next stop by now. By then the first ``breaks_taken``
    of the shift's breaks are over; ``None`` where nobody counts them.
    """

    vehicle_id: Id
    depot_id: Id
    shift_id: Id
    plan_revision: Count
    judged_at: Instant
    location: Location
    free_at: Instant
    has_departed: bool = False
    done_stop_ids: tuple[Id, ...] = ()
    current_stop_id: Id | None = None
    next_stop_id: Id | None = None
    loaded_stop_ids: tuple[Id, ...] = ()
    breaks_taken: Count | None = None
    delay_s: float = 0.0


class VerdictKind(StrEnum):
    """What became of an input that was not simply accepted."""

    DUPLICATE = "duplicate"
    REPEAT = "repeat"
    FLAGGED = "flagged"
    CLOCK_CORRECTED = "clock_corrected"
    NOT_JUDGED = "not_judged"
    REPAIRED = "repaired"
    TOO_LATE = "too_late"


class Verdict(Event, frozen=True, kw_only=True):
    """A word on one input event. Key: topic, partition, offset, index. No verdict means accepted.

    An event that came late and ``repaired`` what was told, or was ``too_late`` for that, is accepted too.

    ``rule`` names what spoke (``clock_ahead``, ``future``, ``null_island``, ``over_speed_limit`` …).
    """

    topic: Id
    partition: Count
    offset: Count
    index: Count
    kind: VerdictKind
    rule: Id
    judged_event_id: Id
    evidence: str = ""
    corrected_at: Instant | None = None


class ClockTick(Event, frozen=True, kw_only=True):
    """The time, so that silence can be judged. One a partition."""

    now_at: Instant
