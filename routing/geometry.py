"""Distances on the sphere."""

from math import asin, cos, radians, sin, sqrt

from routing.plan import Location

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius R1 of the GRS 80 ellipsoid, metres (IUGG)."""


def haversine_m(a: Location, b: Location) -> float:
    """Great-circle distance, metres."""
    lat_a, lat_b = radians(a.lat_deg), radians(b.lat_deg)
    half_dlat = (lat_b - lat_a) / 2
    half_dlon = radians(b.lon_deg - a.lon_deg) / 2
    chord = sin(half_dlat) ** 2 + cos(lat_a) * cos(lat_b) * sin(half_dlon) ** 2
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(chord)))
