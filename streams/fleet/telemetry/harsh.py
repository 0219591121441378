"""What is told of harsh manoeuvres: of each kind one at a time, and how many there were meanwhile.

A manoeuvre that comes too soon after one that was told is counted, with how hard the hardest was. That is
told with the next one, or by itself once the interval is over.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

import numpy as np

from streams.events.judgements import AlertKind, AlertPhase
from streams.events.telematics import HarshEvent, HarshKind, Telemetry
from streams.fleet.alerts import tell_alert
from streams.fleet.columns import NEVER, SECOND_US
from streams.fleet.instants import micros, moment
from streams.fleet.rules import FleetRules
from streams.fleet.turn import Turn, clock_text


class Harsh(NamedTuple):
    """One kind: the alert that tells it, and from which change of speed on it is harsh."""

    alert: AlertKind
    limit_mps2: Callable[[FleetRules], float]


KINDS = {
    HarshKind.ACCELERATION: Harsh(AlertKind.HARSH_ACCELERATION, lambda rules: rules.harsh_acceleration_mps2),
    HarshKind.BRAKING: Harsh(AlertKind.HARSH_BRAKING, lambda rules: rules.harsh_braking_mps2),
    HarshKind.CORNERING: Harsh(AlertKind.HARSH_CORNERING, lambda rules: rules.harsh_cornering_mps2),
}


def take_harsh(turn: Turn, machine: np.void, event: Telemetry, corrected: timedelta, depot_id: str) -> None:
    """Note what the device calls harsh, each kind once in a while; ``corrected`` is its clock's error."""
    interval_us = round(turn.rules.alert_interval_s * SECOND_US)
    for harsh in event.harsh_events:
        alert, limit_mps2 = KINDS[harsh.kind]
        if harsh.peak_mps2 is not None and harsh.peak_mps2 < limit_mps2(turn.rules):
            continue
        # Not after the message that tells it: a wrong time would keep all that follow from being told.
        at_us = min(micros(harsh.happened_at - corrected), micros(event.measured_at - corrected))
        due_us = int(machine[f"{harsh.kind}_told_us"]) + interval_us
        if at_us < due_us:
            _count(machine, harsh, due_us)
            continue
        machine[f"{harsh.kind}_told_us"] = at_us
        size = harsh_text(machine, harsh.kind, harsh.peak_mps2, turn.rules)
        evidence = f"{size}, by the device at {clock_text(moment(at_us))}"
        tell_alert(turn, depot_id, event.vehicle_id, alert, AlertPhase.NOTED, at_us, evidence)


def _count(machine: np.void, harsh: HarshEvent, due_us: int) -> None:
    machine[f"{harsh.kind}_untold"] += 1
    worst = f"{harsh.kind}_worst_mps2"
    machine[worst] = max(float(machine[worst]), harsh.peak_mps2 or 0.0)
    known_us = int(machine["harsh_due_us"])
    machine["harsh_due_us"] = due_us if known_us == NEVER else min(known_us, due_us)


def tell_rest(turn: Turn, machine: np.void, now_us: int, depot_id: str, vehicle_id: str) -> None:
    """Tell what was only counted of each kind whose interval is over; the next begins where that ended.

    Not now: what a device held back is older than a tick's time, and would be counted from hours ahead.
    """
    if not NEVER < int(machine["harsh_due_us"]) <= now_us:
        return
    interval_us, due_us = round(turn.rules.alert_interval_s * SECOND_US), []
    for kind, (alert, limit_mps2) in KINDS.items():
        told_us = int(machine[f"{kind}_told_us"])
        if not machine[f"{kind}_untold"]:
            continue
        if now_us < told_us + interval_us:
            due_us.append(told_us + interval_us)
            continue
        machine[f"{kind}_told_us"] = told_us + interval_us
        evidence = f"{_take_rest(machine, kind)}; harsh from {limit_mps2(turn.rules):.2f} m/s²"
        tell_alert(turn, depot_id, vehicle_id, alert, AlertPhase.NOTED, f"after {told_us}", evidence)
    machine["harsh_due_us"] = min(due_us, default=NEVER)


def harsh_text(machine: np.void, kind: HarshKind, size_mps2: float | None, rules: FleetRules) -> str:
    """The figures of one manoeuvre, and of those that were only counted until then."""
    size = "of unknown size" if size_mps2 is None else f"{size_mps2:.2f} m/s²"
    more = f"; {_take_rest(machine, kind)}" if machine[f"{kind}_untold"] else ""
    return f"{size}, harsh from {KINDS[kind].limit_mps2(rules):.2f} m/s²{more}"


def _take_rest(machine: np.void, kind: HarshKind) -> str:
    """How many were counted and how hard the hardest was, if that is known; they are told with this."""
    untold, worst_mps2 = int(machine[f"{kind}_untold"]), float(machine[f"{kind}_worst_mps2"])
    machine[f"{kind}_untold"], machine[f"{kind}_worst_mps2"] = 0, 0.0
    return f"{untold} more since the last that was told" + (
        f", up to {worst_mps2:.2f} m/s²" if worst_mps2 else ""
    )
