"""Which positions are not to be believed, and by which rule.

A position is held against the vehicle's last believed place. One that contradicts it is flagged and
moves nothing, so that it can't make the next, good one look bad; only when the fixes that follow
agree with it was it the vehicle's own, and it is believed from then on.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from streams.columns.compiled import compiled
from streams.fleet.columns import NEVER, SECOND_US, Fields
from streams.fleet.distance import distance_m
from streams.fleet.rules import FleetRules

POSITION_FIELDS: Fields = [
    ("place_us", np.int64),
    ("place_lat_deg", np.float64),
    ("place_lon_deg", np.float64),
    ("place_odometer_m", np.float64),
    ("is_place_parked", np.bool_),
    ("suspect_us", np.int64),
    ("suspect_lat_deg", np.float64),
    ("suspect_lon_deg", np.float64),
    ("suspect_count", np.int32),
    ("same_since_us", np.int64),
    ("same_lat_deg", np.float64),
    ("same_lon_deg", np.float64),
    ("same_odometer_m", np.float64),
    ("same_count", np.int32),
    ("same_moving_count", np.int32),
    ("gps_m", np.float64),
    ("gps_gaps", np.int32),
]
"""The last believed place; the one that contradicts it, and how many fixes agree with that; since when
the coordinates are the same to the last digit, and how many of those fixes said that it moves; the
distance driven by believed places, and how many times it is unknown because fixes are missing."""

NULL_ISLAND, POOR_ACCURACY, OVER_SPEED_LIMIT, JUMP, FROZEN, PARKED_DRIFT = (1 << bit for bit in range(6))


class PositionRule(StrEnum):
    """What is said of a position."""

    NULL_ISLAND = "null_island"
    POOR_ACCURACY = "poor_accuracy"
    OVER_SPEED_LIMIT = "over_speed_limit"
    JUMP = "jump"
    FROZEN = "frozen"
    PARKED_DRIFT = "parked_drift"


@dataclass(frozen=True, slots=True)
class Ruling:
    """One rule on positions: its bit, whether the position may still move a visit, what it means."""

    rule: PositionRule
    bit: int
    is_usable: bool
    meaning: str


RULINGS = (
    Ruling(PositionRule.NULL_ISLAND, NULL_ISLAND, False, "at 0 N 0 E: a receiver without a fix"),
    Ruling(
        PositionRule.POOR_ACCURACY, POOR_ACCURACY, False, "less accurate, by its own word, than can be used"
    ),
    Ruling(PositionRule.OVER_SPEED_LIMIT, OVER_SPEED_LIMIT, True, "a reported speed that is not plausible"),
    Ruling(PositionRule.JUMP, JUMP, False, "further from the last believed place than can be driven"),
    Ruling(
        PositionRule.FROZEN,
        FROZEN,
        False,
        "the same to the last digit for a while, in which speed or odometer say that the vehicle moves",
    ),
    Ruling(
        PositionRule.PARKED_DRIFT,
        PARKED_DRIFT,
        False,
        "away from where the vehicle was parked, with the ignition off all the time",
    ),
)
"""Every rule on positions."""

UNUSABLE_BITS = sum(ruling.bit for ruling in RULINGS if not ruling.is_usable)
"""Positions flagged with any of these are kept, but move no visit."""

IGNITION_OFF = 0


@compiled
def flag_position(
    vehicle: np.void,
    at_us: int,
    lat_deg: float,
    lon_deg: float,
    speed_mps: float,
    accuracy_m: float,
    odometer_m: float,
    ignition: int,
    rules: np.void,
) -> int:
    """The bits of the rules that speak on a fix; nearly always none.

    ``ignition`` is 1, 0 or -1 for unknown; numbers that the fix doesn't have are NaN. A fix that is no
    newer than the last believed one is judged by itself alone.
    """
    said = 0
    if speed_mps > rules.implausible_speed_mps:
        said |= OVER_SPEED_LIMIT
    if abs(lat_deg) < rules.null_island_deg and abs(lon_deg) < rules.null_island_deg:
        return said | NULL_ISLAND
    if accuracy_m > rules.poor_accuracy_m:
        return said | POOR_ACCURACY
    if at_us <= vehicle.place_us:
        return said
    if _is_frozen(vehicle, at_us, lat_deg, lon_deg, speed_mps, odometer_m, rules):
        return said | FROZEN
    away_m = distance_m(vehicle.place_lat_deg, vehicle.place_lon_deg, lat_deg, lon_deg)
    doubt = 0
    if vehicle.place_us != NEVER:
        doubt = _doubt(vehicle, at_us, away_m, odometer_m, ignition, rules)
        if doubt and not _is_confirmed(vehicle, doubt, at_us, lat_deg, lon_deg, rules):
            return said | doubt
    _believe(vehicle, at_us, lat_deg, lon_deg, speed_mps, odometer_m, ignition, away_m, doubt, rules)
    return said


@compiled
def _is_frozen(
    vehicle: np.void,
    at_us: int,
    lat_deg: float,
    lon_deg: float,
    speed_mps: float,
    odometer_m: float,
    rules: np.void,
) -> bool:
    """Ignition proves nothing here: many trackers repeat their place on purpose while the wheels stand."""
    if lat_deg != vehicle.same_lat_deg or lon_deg != vehicle.same_lon_deg:
        vehicle.same_lat_deg, vehicle.same_lon_deg = lat_deg, lon_deg
        vehicle.same_since_us, vehicle.same_odometer_m = at_us, odometer_m
        vehicle.same_count = vehicle.same_moving_count = 0
    vehicle.same_count += 1
    if speed_mps >= rules.slow_speed_mps:
        vehicle.same_moving_count += 1
    is_moving = (
        vehicle.same_moving_count >= rules.frozen_fixes
        or odometer_m - vehicle.same_odometer_m >= rules.frozen_moved_m
    )
    return (
        is_moving
        and vehicle.same_count >= rules.frozen_fixes
        and at_us - vehicle.same_since_us >= rules.frozen_after_s * SECOND_US
    )


@compiled
def _doubt(
    vehicle: np.void, at_us: int, away_m: float, odometer_m: float, ignition: int, rules: np.void
) -> int:
    """How the fix contradicts the last believed place, if it does."""
    passed_s = (at_us - vehicle.place_us) / SECOND_US
    if away_m > rules.jump_slack_m + rules.jump_speed_mps * passed_s:
        return JUMP
    has_rolled = odometer_m - vehicle.place_odometer_m > rules.drift_noise_m
    is_parked = vehicle.is_place_parked and ignition == IGNITION_OFF and not has_rolled
    if is_parked and rules.drift_noise_m < away_m <= rules.drift_most_m:
        return PARKED_DRIFT
    return 0


@compiled
def _is_confirmed(
    vehicle: np.void, doubt: int, at_us: int, lat_deg: float, lon_deg: float, rules: np.void
) -> bool:
    """Whether enough fixes in a row agree on the other place; a copy of a wild one confirms nothing."""
    apart_m = distance_m(vehicle.suspect_lat_deg, vehicle.suspect_lon_deg, lat_deg, lon_deg)
    passed_s = (at_us - vehicle.suspect_us) / SECOND_US
    reach_m = rules.drift_noise_m
    if doubt == JUMP:
        reach_m = rules.jump_slack_m + rules.jump_speed_mps * passed_s
    if vehicle.suspect_us == NEVER or at_us <= vehicle.suspect_us or apart_m > reach_m:
        vehicle.suspect_count = 0
    if doubt == PARKED_DRIFT or apart_m > 0.0 or vehicle.suspect_count == 0:
        vehicle.suspect_count += 1
    vehicle.suspect_us = at_us
    vehicle.suspect_lat_deg, vehicle.suspect_lon_deg = lat_deg, lon_deg
    return vehicle.suspect_count > rules.confirming_fixes


@compiled
def _believe(
    vehicle: np.void,
    at_us: int,
    lat_deg: float,
    lon_deg: float,
    speed_mps: float,
    odometer_m: float,
    ignition: int,
    away_m: float,
    doubt: int,
    rules: np.void,
) -> None:
    """The vehicle is there. While it stands, what is below the noise is no distance and moves no place."""
    is_standing = speed_mps < rules.slow_speed_mps or ignition == IGNITION_OFF
    is_noise = is_standing and away_m <= rules.drift_noise_m
    is_gap = at_us - vehicle.place_us > rules.gps_gap_s * SECOND_US and away_m > rules.drift_noise_m
    if doubt or vehicle.place_us == NEVER or is_gap:
        vehicle.gps_gaps += 1
    elif not is_noise:
        vehicle.gps_m += away_m
    if not is_noise:
        vehicle.place_lat_deg, vehicle.place_lon_deg = lat_deg, lon_deg
        vehicle.place_odometer_m = odometer_m
    vehicle.place_us = at_us
    vehicle.is_place_parked = ignition == IGNITION_OFF
    vehicle.suspect_us, vehicle.suspect_count = NEVER, 0


def position_rulings(said: int) -> list[Ruling]:
    """The rules behind the bits."""
    return [ruling for ruling in RULINGS if said & ruling.bit]


def position_evidence(
    rule: PositionRule,
    vehicle: np.void,
    at_us: int,
    lat_deg: float,
    lon_deg: float,
    speed_mps: float,
    accuracy_m: float,
    rules: FleetRules,
) -> str:
    """The figures behind a rule, in words; ``vehicle`` as `flag_position` left it."""
    match rule:
        case PositionRule.NULL_ISLAND:
            return f"at {lat_deg}, {lon_deg}"
        case PositionRule.POOR_ACCURACY:
            return f"{accuracy_m:.0f} m, used up to {rules.poor_accuracy_m:.0f} m"
        case PositionRule.OVER_SPEED_LIMIT:
            return f"{speed_mps:.1f} m/s, plausible up to {rules.implausible_speed_mps:.1f} m/s"
        case PositionRule.FROZEN:
            lasted_s = (at_us - vehicle["same_since_us"]) / SECOND_US
            fixes = f"{vehicle['same_count']} fixes at {lat_deg}, {lon_deg}"
            return f"{fixes} within {lasted_s:.0f} s, while it moves"
    away_m = distance_m(vehicle["place_lat_deg"], vehicle["place_lon_deg"], lat_deg, lon_deg)
    if rule is PositionRule.PARKED_DRIFT:
        limits = f"noise is up to {rules.drift_noise_m:.0f} m, a move over {rules.drift_most_m:.0f} m"
        return f"{away_m:.0f} m from where it is parked with the ignition off; {limits}"
    passed_s = (at_us - vehicle["place_us"]) / SECOND_US
    limit = f"possible are {rules.jump_speed_mps:.0f} m/s and {rules.jump_slack_m:.0f} m"
    return f"{away_m:.0f} m from the last believed place within {passed_s:.0f} s; {limit}"
