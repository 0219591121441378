"""Every topic: what it carries, what its key is, how long it is kept. One table, read by all.

Topics of one family share the partition count and the partitioner (murmur2 of the key), so that
partition *n* of each holds the same vehicles, or the same depots.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from streams.events.base import Event
from streams.events.delivery import OrderEvent, ScanEvent
from streams.events.dispatch import (
    Command,
    Outcome,
    PlanRevision,
    Proposal,
    ReoptimizationRequest,
    RouteAssignment,
)
from streams.events.judgements import (
    ClockTick,
    DelayEvent,
    EtaUpdate,
    FleetAlert,
    StopVisit,
    VehicleProgress,
    Verdict,
)
from streams.events.letters import LetterReplayed
from streams.events.notices import CustomerNotice
from streams.events.reference import (
    CarrierRecord,
    DepotRecord,
    DeviceRecord,
    DriverRecord,
    RateRecord,
    ShiftRecord,
    VehicleRecord,
)
from streams.events.telematics import GpsFix, Telemetry

DAY_MS = 86_400_000
MIB = 1_048_576


class Cleanup(StrEnum):
    """How Kafka forgets: by age, or all but the latest of each key."""

    DELETE = "delete"
    COMPACT = "compact"


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic; ``event`` is ``None`` where the value is not an event (raw bytes, checkpoints).

    ``segment_bytes`` is the size of a file of the log, where Kafka's own 1 GiB is not right.
    """

    name: str
    event: type[Event] | None
    key: str
    retention_days: int | None = 30
    cleanup: Cleanup = Cleanup.DELETE
    max_message_bytes: int = MIB
    segment_bytes: int | None = None

    def __post_init__(self) -> None:
        if (self.retention_days is None) != (self.cleanup is Cleanup.COMPACT):
            raise ValueError(f"Topic {self.name} is either kept for days or compacted")

    @property
    def config(self) -> dict[str, str]:
        """Kafka's topic configuration. Append time, because history must not expire on arrival."""
        retention_ms = -1 if self.retention_days is None else self.retention_days * DAY_MS
        segment = {} if self.segment_bytes is None else {"segment.bytes": str(self.segment_bytes)}
        return {
            "cleanup.policy": self.cleanup.value,
            "retention.ms": str(retention_ms),
            "max.message.bytes": str(self.max_message_bytes),
            "message.timestamp.type": "LogAppendTime",
            **segment,
        }


def _compacted(name: str, event: type[Event] | None, key: str, max_message_bytes: int = MIB) -> Topic:
    return Topic(name, event, key, None, Cleanup.COMPACT, max_message_bytes)


GPS_FIXES = Topic("gps.fixes", GpsFix, "vehicle", 7)
TELEMETRY = Topic("vehicle.telemetry", Telemetry, "vehicle", 7)
SCANS = Topic("delivery.scans", ScanEvent, "vehicle, else carrier")
ORDERS = Topic("delivery.orders", OrderEvent, "depot")
DEPOTS = _compacted("reference.depots", DepotRecord, "depot")
VEHICLES = _compacted("reference.vehicles", VehicleRecord, "vehicle")
DEVICES = _compacted("reference.devices", DeviceRecord, "device, partitioned by vehicle")
DRIVERS = _compacted("reference.drivers", DriverRecord, "driver")
CARRIERS = _compacted("reference.carriers", CarrierRecord, "carrier")
RATES = _compacted("reference.rates", RateRecord, "rate")
SHIFTS = _compacted("reference.shifts", ShiftRecord, "shift")
PLANS = Topic("dispatch.plans", PlanRevision, "depot", max_message_bytes=8 * MIB)
ROUTES = _compacted("dispatch.routes", RouteAssignment, "shift, partitioned by vehicle")
COMMANDS = Topic("dispatch.commands", Command, "depot")
OUTCOMES = Topic("dispatch.outcomes", Outcome, "depot")
REQUESTS = Topic("dispatch.requests", ReoptimizationRequest, "depot", max_message_bytes=8 * MIB)
PROPOSALS = Topic("dispatch.proposals", Proposal, "depot", max_message_bytes=8 * MIB)
VISITS = Topic("delivery.visits", StopVisit, "vehicle")
ETAS = Topic("delivery.etas", EtaUpdate, "vehicle", 7)
DELAYS = Topic("delivery.delays", DelayEvent, "depot")
PROGRESS = Topic("delivery.progress", VehicleProgress, "depot", 7)
ALERTS = Topic("fleet.alerts", FleetAlert, "depot")
NOTICES = Topic("delivery.notices", CustomerNotice, "order")
VERDICTS = Topic("stream.verdicts", Verdict, "topic, partition, offset, index")
TICKS = Topic("clock.ticks", ClockTick, "none: one record a partition", 1)
DEAD_LETTERS = Topic("dead.letters", None, "source topic", max_message_bytes=9 * MIB)
REPLAYS = Topic("dead.replays", LetterReplayed, "letter")
CHECKPOINTS = replace(
    _compacted("stream.checkpoints", None, "judge and partition", 64 * MIB),
    # Kafka compacts closed segments alone, and a worker that starts reads all that was not compacted.
    segment_bytes=128 * MIB,
)

TOPICS: tuple[Topic, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Topic))
"""All topics, in the order above."""

BY_NAME: dict[str, Topic] = {topic.name: topic for topic in TOPICS}

VALIDATED: tuple[Topic, ...] = (DRIVERS, CARRIERS, RATES, SHIFTS)
"""What no judge needs to know; the fleet judge reads it to report what breaks its contract."""

FLEET_INPUTS: tuple[Topic, ...] = (TICKS, ROUTES, VEHICLES, DEVICES, *VALIDATED, GPS_FIXES, TELEMETRY, SCANS)
"""What the fleet judge reads, by rank: records of one millisecond go in this order."""

DISPATCH_INPUTS: tuple[Topic, ...] = (TICKS, DEPOTS, ORDERS, PLANS, PROGRESS, DELAYS, PROPOSALS, COMMANDS)
"""What the dispatch judge reads, by rank."""
