"""What follows from a row at which the screen stopped: verdicts, visits, scans, silence, a look."""

import numpy as np

from streams.events.delivery import ScanEvent
from streams.events.judgements import VerdictKind
from streams.events.telematics import Telemetry
from streams.fleet.clocks import ClockRule, clock_evidence, clock_rules
from streams.fleet.columns import FIX, NEVER, SECOND_US
from streams.fleet.instants import moment
from streams.fleet.moves import take_move, where
from streams.fleet.notices import note_scan
from streams.fleet.observations import Observations, Observed
from streams.fleet.positions import position_evidence, position_rulings
from streams.fleet.retention import RETENTION_US
from streams.fleet.ring import move_one
from streams.fleet.routes import has_due_route, take_due_routes
from streams.fleet.row import Row
from streams.fleet.rules import FleetRules
from streams.fleet.scans import take_scan
from streams.fleet.screen import (
    CLOCK,
    CLOCK_SHIFT,
    DUPLICATE,
    FLAGGED,
    HEARD_AGAIN,
    LOOK,
    MACHINE,
    MACHINE_SHIFT,
    POSITION_SHIFT,
    REPEAT,
    SCANNED,
    TRACK,
    TRACK_SHIFT,
    UNUSABLE,
)
from streams.fleet.settle import settle
from streams.fleet.silence import hear_again
from streams.fleet.state import FleetState, VehicleState
from streams.fleet.telemetry.faults import take_faults
from streams.fleet.telemetry.harsh import take_harsh, tell_rest
from streams.fleet.telemetry.told import counter_verdicts, tell_machine
from streams.fleet.telemetry.watch import HARSH_REST, LISTS
from streams.fleet.track_fields import LATE, TOO_LATE
from streams.fleet.turn import Cause, Said, Turn, clock_text, span_text
from streams.fleet.verdicts import verdict
from streams.judge import Emission, Record, Run

OF_EVENT = DUPLICATE | REPEAT | CLOCK | FLAGGED
"""What is said of the event itself."""
SAME_EVENT_ID = "same_event_id"
SAME_FIX_TIME = "same_fix_time"
LATE_FIX = "late_fix"
BEYOND_REACH = "beyond_reach"
CLOCK_VERDICTS = {
    ClockRule.CLOCK_AHEAD: VerdictKind.CLOCK_CORRECTED,
    ClockRule.CLOCK_JUMP: VerdictKind.FLAGGED,
    ClockRule.FUTURE: VerdictKind.NOT_JUDGED,
    ClockRule.TOO_OLD: VerdictKind.NOT_JUDGED,
}


def wake(rules: FleetRules, state: FleetState, run: Run, seen: Observations, at: int, said: Said) -> None:
    """Say what row ``at`` leads to."""
    row = seen.row(at)
    bits, number = row["said"], row["vehicle"]
    cause = Cause.by(*seen.ids(at))
    if bits & OF_EVENT:
        _give_verdicts(rules, run.record(row["place"]), row, state.records[number], cause, said)
    if number < 0 or not bits & ~OF_EVENT:
        return
    turn = Turn.at(rules, cause, max(state.record(number)["now_us"], state.now_us), said)
    if bits & MACHINE:
        _tell_machine(turn, state, run.record(row["place"]), seen, at)
    vehicle = state.by_number.get(number)
    if vehicle is None or not bits & ~(OF_EVENT | MACHINE):
        return
    if bits & HEARD_AGAIN:
        hear_again(turn, vehicle, moment(row["received_us"]))
    track_bits = (bits & TRACK) >> TRACK_SHIFT
    if bits & LOOK:
        if track_bits and has_due_route(vehicle, turn.now_at):
            _take_track(turn, state, vehicle, run, row, track_bits)  # it was of the route so far
            track_bits = 0
        take_due_routes(turn, state, vehicle)
        track_bits |= _move(state, vehicle, seen, at)
    _take_track(turn, state, vehicle, run, row, track_bits)
    if bits & SCANNED:
        _take_scan(turn, state, vehicle, seen.event(at), row["at_us"])
    settle(turn, state, vehicle)


def _move(state: FleetState, vehicle: VehicleState, seen: Observations, at: int) -> int:
    """Follow a fix that came with a look: the route that it is followed by may be a new one."""
    row = seen.row(at)
    if vehicle.shift is None or row["kind"] != FIX or row["said"] & UNUSABLE:
        return 0
    return int(move_one(*where(state, vehicle), seen.rows, at))


def _take_track(turn: Turn, state: FleetState, vehicle: VehicleState, run: Run, row: Row, bits: int) -> None:
    """Tell what the ring said of the track, with a verdict on a fix that repaired or came too late.

    Of several that came late in one message, the last has the verdict on what they repaired, and the
    oldest says how late; the last may itself be too late.
    """
    if not bits or vehicle.shift is None:
        return
    track_row = vehicle.record["track_row"]
    late_us = int(state.tracks.heads[track_row]["late_us"]) if bits & LATE else NEVER
    changes = take_move(turn, state, vehicle, vehicle.shift, bits)
    if not bits & (TOO_LATE | LATE):
        return
    record, index = run.record(row["place"]), row["index"]
    if bits & TOO_LATE:
        reach = moment(state.tracks.bases[track_row]["track_seen_us"])
        evidence = f"older than {clock_text(reach)}, from when on visits can be derived anew"
        turn.said.append(verdict(record, index, turn.cause, VerdictKind.TOO_LATE, BEYOND_REACH, evidence))
    if bits & LATE and changes:
        late_s = int(state.tracks.heads[track_row]["track_seen_us"] - late_us) / SECOND_US
        evidence = f"{span_text(late_s)} older than the newest: {'; '.join(changes)}"
        turn.said.append(verdict(record, index, turn.cause, VerdictKind.REPAIRED, LATE_FIX, evidence))


def _tell_machine(turn: Turn, state: FleetState, record: Record, seen: Observations, at: int) -> None:
    """Say what the screen found in the vehicle as a machine."""
    row = seen.row(at)
    bits, number, at_us = (row["said"] & MACHINE) >> MACHINE_SHIFT, row["vehicle"], row["at_us"]
    machine, depot_id = state.records[number], state.depots[number]
    for rule, evidence in counter_verdicts(bits, machine).items():
        turn.said.append(verdict(record, row["index"], turn.cause, VerdictKind.FLAGGED, rule, evidence))
    vehicle_id = (record.key or b"").decode()
    tell_machine(turn, bits, at_us, machine, depot_id, vehicle_id)
    event = seen.event(at) if bits & LISTS else None
    if isinstance(event, Telemetry):
        take_faults(turn, machine, state.faults.setdefault(number, {}), event, at_us, depot_id)
        take_harsh(turn, machine, event, event.measured_at - moment(at_us), depot_id)
    if bits & HARSH_REST:
        tell_rest(turn, machine, at_us, depot_id, vehicle_id)


def _take_scan(turn: Turn, state: FleetState, vehicle: VehicleState, scan: Observed, at_us: int) -> None:
    if vehicle.shift is not None and isinstance(scan, ScanEvent):
        take_scan(turn, state, vehicle, scan, at_us)
        note_scan(turn, vehicle, scan, at_us)


def _give_verdicts(
    rules: FleetRules,
    record: Record,
    row: Row,
    vehicle: np.void,
    cause: Cause,
    said: Said,
) -> None:
    """Say what the screen found in the event itself."""
    bits, index = row["said"], row["index"]
    if bits & DUPLICATE:
        said.append(verdict(record, index, cause, VerdictKind.DUPLICATE, SAME_EVENT_ID))
    if bits & REPEAT:
        said.append(verdict(record, index, cause, VerdictKind.REPEAT, SAME_FIX_TIME))
    if bits & FLAGGED:
        names = ("lat_deg", "lon_deg", "speed_mps", "accuracy_m")
        lat_deg, lon_deg, speed_mps, accuracy_m = (row[name] for name in names)
        for ruling in position_rulings((bits & FLAGGED) >> POSITION_SHIFT):
            evidence = position_evidence(
                ruling.rule, vehicle, row["at_us"], lat_deg, lon_deg, speed_mps, accuracy_m, rules
            )
            said.append(verdict(record, index, cause, VerdictKind.FLAGGED, ruling.rule, evidence))
    if bits & CLOCK:
        for rule in clock_rules((bits & CLOCK) >> CLOCK_SHIFT):
            said.append(_clock_verdict(record, row, rule, cause))


def _clock_verdict(record: Record, row: Row, rule: ClockRule, cause: Cause) -> Emission:
    at_us, retention_us = row["at_us"], int(RETENTION_US[row["kind"]])
    evidence = clock_evidence(rule, row["happened_us"], row["received_us"], at_us, retention_us)
    corrected_at = moment(at_us) if rule is ClockRule.CLOCK_AHEAD else None
    return verdict(record, row["index"], cause, CLOCK_VERDICTS[rule], rule, evidence, corrected_at)
