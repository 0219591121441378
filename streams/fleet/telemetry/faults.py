"""Fault codes that come and go, and what devices themselves call harsh."""

from datetime import timedelta

import numpy as np
from msgspec import Struct

from streams.events.judgements import AlertKind, AlertPhase
from streams.events.telematics import HarshEvent, HarshKind, Telemetry
from streams.fleet.alerts import tell_alert
from streams.fleet.columns import NEVER, SECOND_US
from streams.fleet.instants import micros, moment
from streams.fleet.rules import FleetRules
from streams.fleet.telemetry.told import harsh_text
from streams.fleet.turn import Turn, clock_text, span_text


class OpenFault(Struct):
    """A fault code that messages have: since when, and the last of them."""

    since_us: int
    seen_us: int


Faults = dict[str, OpenFault]
"""The open fault codes of one vehicle."""

HARSH_ALERTS = {
    HarshKind.ACCELERATION: AlertKind.HARSH_ACCELERATION,
    HarshKind.BRAKING: AlertKind.HARSH_BRAKING,
    HarshKind.CORNERING: AlertKind.HARSH_CORNERING,
}


def take_faults(
    turn: Turn, machine: np.void, faults: Faults, event: Telemetry, at_us: int, depot_id: str
) -> None:
    """Raise codes that are new, clear those that no message has had for long."""
    for code in dict.fromkeys(event.fault_codes):
        if code not in faults:
            faults[code] = OpenFault(at_us, at_us)
            evidence = f"{code}, which no message had in the {span_text(turn.rules.fault_clear_s)} before"
            since = f"{code} {at_us}"
            tell_alert(
                turn, depot_id, event.vehicle_id, AlertKind.FAULT_CODE, AlertPhase.RAISED, since, evidence
            )
        faults[code].seen_us = max(faults[code].seen_us, at_us)
    clear_us = round(turn.rules.fault_clear_s * SECOND_US)
    for code, fault in [(code, fault) for code, fault in faults.items() if at_us - fault.seen_us >= clear_us]:
        evidence = f"{code} in no message for {span_text((at_us - fault.seen_us) / SECOND_US)}"
        since = f"{code} {fault.since_us}"
        tell_alert(
            turn, depot_id, event.vehicle_id, AlertKind.FAULT_CODE, AlertPhase.CLEARED, since, evidence
        )
        del faults[code]
    machine["faults_due_us"] = min((fault.seen_us + clear_us for fault in faults.values()), default=NEVER)


def take_harsh(turn: Turn, machine: np.void, event: Telemetry, corrected: timedelta, depot_id: str) -> None:
    """Note what the device calls harsh, each kind once in a while; ``corrected`` is its clock's error."""
    for harsh in event.harsh_events:
        limit_mps2 = _limit_mps2(harsh, turn.rules)
        if harsh.peak_mps2 is not None and harsh.peak_mps2 < limit_mps2:
            continue
        # Not after the message that tells it: a wrong time would keep all that follow from being told.
        at_us = min(micros(harsh.happened_at - corrected), micros(event.measured_at - corrected))
        told, untold = f"{harsh.kind}_told_us", f"{harsh.kind}_untold"
        if at_us - int(machine[told]) < turn.rules.alert_interval_s * SECOND_US:
            machine[untold] += 1
            continue
        more, machine[untold], machine[told] = int(machine[untold]), 0, at_us
        evidence = (
            f"{harsh_text(harsh.peak_mps2, limit_mps2, more)}, by the device at {clock_text(moment(at_us))}"
        )
        tell_alert(
            turn, depot_id, event.vehicle_id, HARSH_ALERTS[harsh.kind], AlertPhase.NOTED, at_us, evidence
        )


def _limit_mps2(harsh: HarshEvent, rules: FleetRules) -> float:
    return {
        HarshKind.ACCELERATION: rules.harsh_acceleration_mps2,
        HarshKind.BRAKING: rules.harsh_braking_mps2,
        HarshKind.CORNERING: rules.harsh_cornering_mps2,
    }[harsh.kind]
