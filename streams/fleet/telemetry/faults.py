"""Fault codes that come and go."""

import numpy as np
from msgspec import Struct

from streams.events.judgements import AlertKind, AlertPhase
from streams.events.telematics import Telemetry
from streams.fleet.alerts import tell_alert
from streams.fleet.columns import NEVER, SECOND_US
from streams.fleet.turn import Turn, span_text


class OpenFault(Struct):
    """A fault code that messages have: since when, and the last of them."""

    since_us: int
    seen_us: int


Faults = dict[str, OpenFault]
"""The open fault codes of one vehicle."""


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
