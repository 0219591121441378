"""What all peers compute: visits by standing inside a stop's radius, the next stop's ETA, late or not.

Plain Python, one vehicle at a time, without a framework: a state goes in, a state comes out, with
what is to be said. A state is a tuple of numbers, so that every framework can keep it.
"""

from datetime import datetime
from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple

import msgspec

RADIUS_M, EXIT_FACTOR = 60.0, 1.5
SLOW_MPS = 1.5
DWELL_S = 45.0
DETOUR, SPEED_MPS = 1.3, 8.33
LATE_AFTER_S = 120.0
EARTH_RADIUS_M = 6_371_008.8


class Fix(msgspec.Struct):
    """What the kernel wants of a fix; the other fields are skipped."""

    vehicle_id: str
    fix_at: datetime
    lat_deg: float
    lon_deg: float
    speed_mps: float = 0.0


class State(NamedTuple):
    """One vehicle: which stop is next, since when it stands there (0: not), and what was said of it."""

    next_stop: int = 0
    newest_s: float = 0.0
    since_s: float = 0.0
    is_visiting: bool = False
    is_late: bool = False


FRESH = State()


class Said(msgspec.Struct):
    """A visit (``late`` is ``None``), or that the next stop is going to be late, or no longer."""

    vehicle_id: str
    stop_id: str
    arrived_s: float
    late: bool | None = None


class PlannedStop(NamedTuple):
    """One stop of a plan: id, position in degrees, close of its window as epoch seconds."""

    stop_id: str
    lat_deg: float
    lon_deg: float
    closes_s: float


Plans = dict[str, list[PlannedStop]]

read_plans = msgspec.json.Decoder(Plans).decode
_read_fix = msgspec.json.Decoder(Fix).decode
_read_fixes = msgspec.json.Decoder(list[Fix]).decode
write_said = msgspec.json.Encoder().encode


def fixes_of(value: bytes) -> list[Fix]:
    """The fixes of one message: one, or a device's batch."""
    return _read_fixes(value) if value[:1] == b"[" else [_read_fix(value)]


def advance_message(plans: Plans, state: State, value: bytes) -> tuple[State, list[Said]]:
    """Take all fixes of one message of one vehicle."""
    said: list[Said] = []
    for fix in fixes_of(value):
        state = advance(plans.get(fix.vehicle_id, []), state, fix, said)
    return state, said


def advance(plan: list[PlannedStop], state: State, fix: Fix, said: list[Said]) -> State:
    """Take one fix; one that is not newer than all before changes nothing."""
    next_stop, newest_s, since_s, is_visiting, is_late = state
    at_s = fix.fix_at.timestamp()
    if at_s <= newest_s:
        return state
    if next_stop >= len(plan):
        return State(next_stop, at_s)
    stop_id, lat_deg, lon_deg, closes_s = plan[next_stop]
    distance_m = _distance_m(fix.lat_deg, fix.lon_deg, lat_deg, lon_deg)
    if is_visiting:
        if distance_m > RADIUS_M * EXIT_FACTOR:
            return State(next_stop + 1, at_s, is_late=is_late)
        return State(next_stop, at_s, since_s, True, is_late)
    if distance_m > RADIUS_M or fix.speed_mps >= SLOW_MPS:
        since_s = 0.0
    elif not since_s:
        since_s = at_s
    elif at_s - since_s >= DWELL_S:
        said.append(Said(fix.vehicle_id, stop_id, since_s))
        return State(next_stop, at_s, since_s, True, is_late)
    eta_s = at_s + distance_m * DETOUR / SPEED_MPS
    if (eta_s > closes_s + LATE_AFTER_S) is not is_late:
        is_late = not is_late
        said.append(Said(fix.vehicle_id, stop_id, eta_s, is_late))
    return State(next_stop, at_s, since_s, False, is_late)


def _distance_m(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Great circle, by the haversine formula."""
    phi_a, phi_b = radians(lat_a), radians(lat_b)
    half_phi, half_lambda = (phi_b - phi_a) / 2, radians(lon_b - lon_a) / 2
    chord = sin(half_phi) ** 2 + cos(phi_a) * cos(phi_b) * sin(half_lambda) ** 2
    return 2 * EARTH_RADIUS_M * asin(sqrt(chord))
