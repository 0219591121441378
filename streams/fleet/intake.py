"""What reaches the state machines: events that are new and at a believable time; verdicts on the rest."""

from collections.abc import Iterator
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

from streams.events.delivery import ScanEvent
from streams.events.judgements import VerdictKind
from streams.events.telematics import GpsFix, Telemetry
from streams.fleet.clocks import ClockRule, as_utc, describe, judge_clock
from streams.fleet.dedupe import is_duplicate, is_repeat
from streams.fleet.positions import UNUSABLE, flags
from streams.fleet.rules import FleetRules
from streams.fleet.state import FleetState
from streams.fleet.verdicts import verdict
from streams.judge import DeadLetter, Emission, Record
from streams.topics import BY_NAME
from streams.validate import read

Observed = TypeVar("Observed", GpsFix, Telemetry, ScanEvent)
Said = list[Emission | DeadLetter]

SAME_EVENT_ID = "same_event_id"
SAME_FIX_TIME = "same_fix_time"


class Observation(NamedTuple, Generic[Observed]):
    """An event to be judged as of ``at``, its time with its clock corrected."""

    event: Observed
    at: datetime
    is_position_usable: bool


def accept(
    state: FleetState, record: Record, event_type: type[Observed], rules: FleetRules, said: Said
) -> Iterator[Observation[Observed]]:
    """The events of one record that are to be judged; dead letters and verdicts are appended to ``said``."""
    for element in read(record, event_type):
        if isinstance(element, DeadLetter):
            said.append(element)
            continue
        event = element.event
        if is_duplicate(state.seen, event.event_id.bytes, rules.ids_per_generation):
            said.append(verdict(record, element.index, event, VerdictKind.DUPLICATE, SAME_EVENT_ID))
            continue
        is_usable = True
        if isinstance(event, GpsFix):
            vehicle = state.vehicle(event.vehicle_id)
            if is_repeat(vehicle, event.fix_at, rules.fix_times_per_vehicle):
                said.append(verdict(record, element.index, event, VerdictKind.REPEAT, SAME_FIX_TIME))
                continue
            is_usable = _flag(record, element.index, event, rules, said)
        at = _judged_at(record, element.index, event, rules, said)
        if at is not None:
            yield Observation(event, at, is_usable)


def _flag(record: Record, index: int, fix: GpsFix, rules: FleetRules, said: Said) -> bool:
    """Say which rules flag the fix; whether it may move a visit."""
    found = flags(fix, rules)
    for flag in found:
        said.append(verdict(record, index, fix, VerdictKind.FLAGGED, flag.rule, flag.evidence))
    return not any(flag.rule in UNUSABLE for flag in found)


def _judged_at(record: Record, index: int, event: Observed, rules: FleetRules, said: Said) -> datetime | None:
    """The event's time, corrected where its clock is ahead; ``None`` where it is not to be judged."""
    retention_days = BY_NAME[record.topic].retention_days
    rule = judge_clock(event, retention_days, rules)
    if rule is None:
        return as_utc(event.happened_at)
    is_corrected = rule is ClockRule.CLOCK_AHEAD
    received_at = as_utc(event.received_at)
    kind = VerdictKind.CLOCK_CORRECTED if is_corrected else VerdictKind.NOT_JUDGED
    evidence = describe(event, rule, retention_days)
    corrected_at = received_at if is_corrected else None
    said.append(verdict(record, index, event, kind, rule, evidence, corrected_at))
    return corrected_at
