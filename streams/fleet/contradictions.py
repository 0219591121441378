"""Where a scan was clearly not made at its stop."""

from datetime import timedelta

from routing.geometry import haversine_m
from routing.plan import Location
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
    """By where GPS had the vehicle just before."""
    position = tracks.position_at(row, at_us, timedelta(seconds=rules.scan_position_age_s))
    if position is None:
        return None
    distance_m = haversine_m(position, stop)
    if distance_m <= rules.scan_distance_m:
        return None
    return f"scanned while GPS had the vehicle {distance_text(distance_m)} from the stop"
