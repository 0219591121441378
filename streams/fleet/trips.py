"""Trips, from the depot out and back to it: compiled."""

import numpy as np

from streams.columns.compiled import compiled
from streams.fleet.columns import NEVER
from streams.fleet.distance import distance_m
from streams.fleet.track_fields import DEPARTED


@compiled
def depart_unseen(
    stay: np.void, route: np.void, rules: np.void, lat_deg: float, lon_deg: float, at_us: int
) -> int:
    """Twice in a row outside after it was seen inside, or once the shift has begun, it has departed."""
    if stay.is_on_trip:
        return 0
    away_m = distance_m(lat_deg, lon_deg, route.depot_lat_deg, route.depot_lon_deg)
    is_under_way = stay.has_been_at_depot or at_us >= route.shift_starts_us
    if away_m <= rules.depot_radius_m * rules.exit_factor or not is_under_way:
        stay.away_us = NEVER
        return 0
    if stay.away_us == NEVER:
        stay.away_us = at_us
        return 0
    begin_trip(stay, stay.away_us)
    return DEPARTED


@compiled
def begin_trip(stay: np.void, at_us: int) -> None:
    """The vehicle is on a trip from then on; the first one is the departure."""
    stay.is_on_trip = True
    stay.trip_number += 1
    stay.trip_stops = 0
    stay.away_us = NEVER
    if stay.trip_departed_us == NEVER:
        stay.trip_departed_us = at_us
