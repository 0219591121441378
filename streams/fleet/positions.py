"""Which positions are not to be believed, and by which rule."""

from dataclasses import dataclass
from enum import StrEnum

from streams.events.telematics import GpsFix
from streams.fleet.rules import FleetRules


class PositionRule(StrEnum):
    """What is said of a position."""

    NULL_ISLAND = "null_island"
    OVER_SPEED_LIMIT = "over_speed_limit"
    POOR_ACCURACY = "poor_accuracy"


UNUSABLE = frozenset({PositionRule.NULL_ISLAND, PositionRule.POOR_ACCURACY})
"""Fixes flagged with these are kept, but move no visit."""


@dataclass(frozen=True, slots=True)
class Flag:
    """One rule's word on a fix, with its figures."""

    rule: PositionRule
    evidence: str


def flags(fix: GpsFix, rules: FleetRules) -> tuple[Flag, ...]:
    """All rules that speak on the fix; nearly always none."""
    found: tuple[Flag, ...] = ()
    if abs(fix.lat_deg) < rules.null_island_deg and abs(fix.lon_deg) < rules.null_island_deg:
        found += (Flag(PositionRule.NULL_ISLAND, f"at {fix.lat_deg}, {fix.lon_deg}"),)
    if fix.speed_mps is not None and fix.speed_mps > rules.implausible_speed_mps:
        limit = f"{fix.speed_mps:.1f} m/s, plausible up to {rules.implausible_speed_mps:.1f} m/s"
        found += (Flag(PositionRule.OVER_SPEED_LIMIT, limit),)
    if fix.accuracy_m is not None and fix.accuracy_m > rules.poor_accuracy_m:
        limit = f"{fix.accuracy_m:.0f} m, used up to {rules.poor_accuracy_m:.0f} m"
        found += (Flag(PositionRule.POOR_ACCURACY, limit),)
    return found
