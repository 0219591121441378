"""Distance on the sphere for compiled code: the formula of `routing.geometry`."""

from math import asin, cos, pi, radians, sin, sqrt

from routing.geometry import EARTH_RADIUS_M
from streams.columns.compiled import compiled

M_PER_DEG = EARTH_RADIUS_M * pi / 180
"""Metres in a degree of latitude."""


@compiled
def distance_m(lat_a_deg: float, lon_a_deg: float, lat_b_deg: float, lon_b_deg: float) -> float:
    """Great-circle distance, metres; NaN where a place is unknown."""
    lat_a, lat_b = radians(lat_a_deg), radians(lat_b_deg)
    half_dlat = (lat_b - lat_a) / 2
    half_dlon = radians(lon_b_deg - lon_a_deg) / 2
    chord = sin(half_dlat) ** 2 + cos(lat_a) * cos(lat_b) * sin(half_dlon) ** 2
    return 2 * EARTH_RADIUS_M * asin(sqrt(min(chord, 1.0)))
