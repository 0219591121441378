"""What follows from a row at which the screen stopped: verdicts, visits, scans, silence, a look."""

from datetime import datetime

from routing.plan import Location
from streams.events.delivery import ScanEvent
from streams.events.judgements import VerdictKind
from streams.events.telematics import GpsFix
from streams.fleet.clocks import ClockRule, describe
from streams.fleet.columns import NEVER
from streams.fleet.instants import moment
from streams.fleet.observations import Observations
from streams.fleet.positions import UNUSABLE, flags
from streams.fleet.retention import RETENTION_DAYS
from streams.fleet.routes import take_due_routes
from streams.fleet.rules import FleetRules
from streams.fleet.scans import take_scan
from streams.fleet.screen import CLOCK, DUPLICATE, FLAGGED, HEARD_AGAIN, MOVED, REPEAT, SCANNED
from streams.fleet.settle import settle
from streams.fleet.silence import hear_again
from streams.fleet.state import FleetState, VehicleState
from streams.fleet.turn import Cause, Said, Turn
from streams.fleet.verdicts import verdict
from streams.fleet.visits import follow
from streams.judge import Emission, Record, Run

SAME_EVENT_ID = "same_event_id"
SAME_FIX_TIME = "same_fix_time"


def wake(rules: FleetRules, state: FleetState, run: Run, seen: Observations, at: int, said: Said) -> None:
    """Say what row ``at`` leads to."""
    row = seen.rows[at]
    bits, at_us = int(row["said"]), int(row["at_us"])
    cause = Cause(*seen.ids(at))
    is_usable = True
    if bits & (DUPLICATE | REPEAT | CLOCK | FLAGGED):
        is_usable = _give_verdicts(rules, run.record(int(row["place"])), seen, at, cause, said)
    vehicle = state.by_number.get(int(row["vehicle"]))
    if vehicle is None or at_us == NEVER or not bits & ~(DUPLICATE | REPEAT | CLOCK | FLAGGED):
        return
    moments = [moment(vehicle.record["now_us"]), *([] if state.now_at is None else [state.now_at])]
    turn = Turn(rules, cause, max(moments), said)
    take_due_routes(turn, state, vehicle)
    if bits & HEARD_AGAIN:
        hear_again(turn, vehicle, moment(row["received_us"]))
    if bits & MOVED and is_usable and vehicle.shift is not None:
        speed_mps = float(row["speed_mps"])
        location = Location(float(row["lat_deg"]), float(row["lon_deg"]))
        follow(turn, vehicle, location, None if speed_mps != speed_mps else speed_mps, moment(at_us))
    if bits & SCANNED:
        _take_scan(turn, vehicle, seen, at, moment(at_us))
    settle(turn, state, vehicle)


def _take_scan(turn: Turn, vehicle: VehicleState, seen: Observations, at: int, at_moment: datetime) -> None:
    scan = seen.event(at)
    if vehicle.shift is not None and isinstance(scan, ScanEvent):
        take_scan(turn, vehicle, scan, at_moment)


def _give_verdicts(
    rules: FleetRules, record: Record, seen: Observations, at: int, cause: Cause, said: Said
) -> bool:
    """Say what the screen found in the event itself; whether its position may move a visit."""
    row = seen.rows[at]
    bits, index = int(row["said"]), int(row["index"])
    if bits & DUPLICATE:
        said.append(verdict(record, index, cause, VerdictKind.DUPLICATE, SAME_EVENT_ID))
    if bits & REPEAT:
        said.append(verdict(record, index, cause, VerdictKind.REPEAT, SAME_FIX_TIME))
    event, is_usable = seen.event(at), True
    if bits & FLAGGED and isinstance(event, GpsFix):
        for flag in flags(event, rules):
            said.append(verdict(record, index, cause, VerdictKind.FLAGGED, flag.rule, flag.evidence))
            is_usable = is_usable and flag.rule not in UNUSABLE
    if bits & CLOCK:
        said.append(_clock_verdict(record, seen, at, cause))
    return is_usable


def _clock_verdict(record: Record, seen: Observations, at: int, cause: Cause) -> Emission:
    row, event = seen.rows[at], seen.event(at)
    at_us, retention_days = int(row["at_us"]), RETENTION_DAYS[int(row["kind"])]
    index = int(row["index"])
    if at_us != NEVER:
        evidence, corrected_at = describe(event, ClockRule.CLOCK_AHEAD, retention_days), moment(at_us)
        kind = VerdictKind.CLOCK_CORRECTED
        return verdict(record, index, cause, kind, ClockRule.CLOCK_AHEAD, evidence, corrected_at)
    is_ahead = int(row["happened_us"]) > int(row["received_us"])
    rule = ClockRule.FUTURE if is_ahead else ClockRule.TOO_OLD
    evidence = describe(event, rule, retention_days)
    return verdict(record, index, cause, VerdictKind.NOT_JUDGED, rule, evidence)
