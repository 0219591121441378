"""Where a scan was clearly not made at its stop."""

from math import isnan

from routing.geometry import haversine_m
from routing.plan import Location
from streams.fleet.rules import FleetRules
from streams.fleet.turn import distance_text


def scanner_contradiction(rules: FleetRules, scanner: Location, stop: Location) -> str | None:
    """By the scanner's own position."""
    distance_m = haversine_m(scanner, stop)
    if distance_m <= rules.scan_distance_m:
        return None
    return f"scanned {distance_text(distance_m)} from the stop, by the scanner's own position"


def gps_contradiction(rules: FleetRules, away_m: float, age_s: float) -> str | None:
    """By where GPS had the vehicle so long before, further from the stop than it may have driven since."""
    if isnan(away_m) or away_m <= rules.scan_distance_m + age_s * rules.scan_reach_mps:
        return None
    return f"scanned while GPS had the vehicle {distance_text(away_m)} from the stop"
