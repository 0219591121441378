"""Where a scan was clearly not made at its stop."""

from math import isnan

from routing.geometry import haversine_m
from routing.plan import Location
from streams.fleet.columns import SECOND_US
from streams.fleet.ring import away_one_m
from streams.fleet.rules import FleetRules
from streams.fleet.track_table import TrackTable
from streams.fleet.turn import distance_text


def scanner_contradiction(rules: FleetRules, scanner: Location, stop: Location) -> str | None:
    """By the scanner's own position."""
    distance_m = haversine_m(scanner, stop)
    if distance_m <= rules.scan_distance_m:
        return None
    return f"scanned {distance_text(distance_m)} from the stop, by the scanner's own position"


def gps_contradiction(
    rules: FleetRules, tracks: TrackTable, row: int, stop: Location, at_us: int
) -> str | None:
    """By where GPS had the vehicle just before, further away than it may have driven since."""
    age_us = round(rules.scan_position_age_s * SECOND_US)
    at = stop.lat_deg, stop.lon_deg
    of_ring = tracks.heads, tracks.bases, tracks.rings, tracks.pages
    distance_m, age_s = away_one_m(*of_ring, row, at_us, age_us, *at)
    if isnan(distance_m) or distance_m <= rules.scan_distance_m + age_s * rules.scan_reach_mps:
        return None
    return f"scanned while GPS had the vehicle {distance_text(distance_m)} from the stop"
