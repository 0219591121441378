"""What the machine's bits mean in words: alerts for the depot, verdicts on counters that began anew."""

from collections.abc import Callable, Iterator
from math import isinf
from typing import NamedTuple

import numpy as np

from streams.events.judgements import AlertKind, AlertPhase
from streams.events.telematics import HarshKind
from streams.fleet.alerts import tell_alert
from streams.fleet.columns import NEVER, SECOND_US
from streams.fleet.rules import FleetRules
from streams.fleet.telemetry import watch
from streams.fleet.telemetry.counters import OUTLIER, RESET, ROLLED
from streams.fleet.telemetry.driving import ACCELERATION, BRAKING
from streams.fleet.telemetry.harsh import harsh_text
from streams.fleet.telemetry.levels import DRAINED, REFUELLED
from streams.fleet.telemetry.phases import CLEARED, RAISED, UPDATED
from streams.fleet.turn import Turn, distance_text, span_text

PHASES = {RAISED: AlertPhase.RAISED, UPDATED: AlertPhase.UPDATED, CLEARED: AlertPhase.CLEARED}
COUNTER_RULES = {OUTLIER: "counter_outlier", RESET: "counter_reset", ROLLED: "counter_rollover"}
KMH_PER_MPS = 3.6


def _lasted(machine: np.void, condition: str, at_us: int) -> str:
    until_us = int(machine[f"{condition}_fine_us"]) if _is_over(machine, condition) else at_us
    return span_text((until_us - int(machine[f"{condition}_since_us"])) / SECOND_US)


def _is_over(machine: np.void, condition: str) -> bool:
    return int(machine[f"{condition}_raised_us"]) == NEVER


def _idling(machine: np.void, at_us: int, rules: FleetRules) -> str:
    limit = f"the limit is {span_text(rules.idling_after_s)}"
    engine = "the engine ran" if _is_over(machine, "idling") else "the engine runs"
    return f"{engine} at a standstill for {_lasted(machine, 'idling', at_us)}; {limit}"


def _speeding(machine: np.void, at_us: int, rules: FleetRules) -> str:
    limit_mps = float(machine["speed_limit_mps"]) or rules.speed_limit_mps
    top = f"up to {machine['speeding_top_mps'] * KMH_PER_MPS:.0f} km/h"
    return f"{top} for {_lasted(machine, 'speeding', at_us)}; the limit is {limit_mps * KMH_PER_MPS:.0f} km/h"


def _cargo(machine: np.void, at_us: int, rules: FleetRules) -> str:
    now = f"{machine['cargo_c']:.1f} °C, outside for {_lasted(machine, 'cargo', at_us)}"
    return f"{now}, at worst {machine['cargo_worst_c']:.1f} °C; {_band(machine)}"


def _band(machine: np.void) -> str:
    low_c, high_c = float(machine["cargo_min_c"]), float(machine["cargo_max_c"])
    if isinf(low_c) and isinf(high_c):
        return "there is no band any more"
    if isinf(low_c):
        return f"the band is up to {high_c:.1f} °C"
    return (
        f"the band is {low_c:.1f} °C and more"
        if isinf(high_c)
        else f"the band is {low_c:.1f} to {high_c:.1f} °C"
    )


def _odometer(machine: np.void, at_us: int, rules: FleetRules) -> str:
    odometer_m, gps_m = float(machine["told_odometer_m"]), float(machine["told_gps_m"])
    share = abs(odometer_m - gps_m) / max(odometer_m, gps_m)
    both = f"{distance_text(odometer_m)} by the odometer, {distance_text(gps_m)} by GPS"
    return f"{both}: {share:.0%} apart, up to {rules.odometer_tolerance:.0%} is usual"


class _Condition(NamedTuple):
    shift: int
    kind: AlertKind
    since: str
    words: Callable[[np.void, int, FleetRules], str]


CONDITIONS = (
    _Condition(watch.IDLING, AlertKind.IDLING, "idling_since_us", _idling),
    _Condition(watch.SPEEDING, AlertKind.SPEEDING, "speeding_since_us", _speeding),
    _Condition(watch.CARGO, AlertKind.CARGO_TEMPERATURE, "cargo_since_us", _cargo),
    _Condition(watch.ODOMETER, AlertKind.ODOMETER, "disagree_since_us", _odometer),
)


def tell_machine(turn: Turn, bits: int, at_us: int, machine: np.void, depot_id: str, vehicle_id: str) -> None:
    """Tell the alerts of one row, from its bits and the vehicle's record as they left it."""
    for condition in CONDITIONS:
        phase = PHASES.get(bits >> condition.shift & 3)
        if phase is not None:
            evidence = condition.words(machine, at_us, turn.rules)
            since_us = int(machine[condition.since])
            tell_alert(turn, depot_id, vehicle_id, condition.kind, phase, since_us, evidence)
    for kind, evidence in _noted(bits, machine, turn.rules):
        tell_alert(turn, depot_id, vehicle_id, kind, AlertPhase.NOTED, at_us, evidence)


def _noted(bits: int, machine: np.void, rules: FleetRules) -> Iterator[tuple[AlertKind, str]]:
    harsh, level = bits >> watch.HARSH & 3, bits >> watch.LEVEL & 3
    if harsh == ACCELERATION:
        size = harsh_text(machine, HarshKind.ACCELERATION, machine["harsh_mps2"], rules)
        yield AlertKind.HARSH_ACCELERATION, size
    if harsh == BRAKING:
        yield AlertKind.HARSH_BRAKING, harsh_text(machine, HarshKind.BRAKING, machine["harsh_mps2"], rules)
    shares = f"from {machine['level_from_share']:.0%} to {machine['level_base_share']:.0%} of the tank"
    if level == REFUELLED:
        yield AlertKind.REFUELLED, shares
    if level == DRAINED:
        yield AlertKind.FUEL_DRAINED, f"{shares}, more than was driven takes"


_COUNTER_BITS = (
    (watch.FUEL, "fuel", "l"),
    (watch.ENERGY, "energy", "kWh"),
    (watch.METRES, "odometer", "m"),
    (watch.IDLE, "idle", "s"),
)


def counter_verdicts(bits: int, machine: np.void) -> dict[str, str]:
    """For each rule that speaks the figures of all counters that did not simply go on."""
    said: dict[str, list[str]] = {}
    for shift, counter, unit in _COUNTER_BITS:
        did = bits >> shift & 3
        if did:
            said.setdefault(COUNTER_RULES[did], []).append(_counter_text(machine, counter, unit, did))
    return {rule: "; ".join(texts) for rule, texts in said.items()}


def _counter_text(machine: np.void, counter: str, unit: str, did: int) -> str:
    last, before = float(machine[f"{counter}_last"]), float(machine[f"{counter}_before"])
    if did == OUTLIER:
        odd = f"{counter} is {float(machine[f'{counter}_suspect']):.1f} {unit} after {last:.1f} {unit}"
        return f"{odd}, not counted unless the next reading follows from it"
    total = f"{float(machine[f'{counter}_total']):.1f} {unit} in all"
    return f"{counter} is {last:.1f} {unit} after {before:.1f} {unit}, {total}"
