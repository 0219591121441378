"""What is remembered of where a vehicle with a shift stands, and of its stops, for compiled code."""

import numpy as np

from streams.fleet.columns import Fields

NOWHERE, DEPOT, GONE = 0, -1, -2
"""``GONE`` is a stop that the route had when the vehicle came to stand at it, and has no longer."""

LEFT, ARRIVED, CROSSED, DEPARTED, LATE, TOO_LATE = (1 << bit for bit in range(6))
"""What a fix or scan showed; a late one first has to be derived in its place."""
BY_GPS, BY_SCAN, BY_INFERENCE = range(3)

STAY_FIELDS: Fields = [
    # The newest fix that was followed, since when the vehicle is slow (if it is), the newest fix or claim.
    ("track_us", np.int64),
    ("track_lat_deg", np.float64),
    ("track_lon_deg", np.float64),
    ("track_slow_us", np.int64),
    ("track_seen_us", np.int64),
    # The oldest fix of a message that came late and has not been derived yet.
    ("late_us", np.int64),
    # Stays begun and stretches passed so far. The stay under way; how it is known, its last fix inside,
    # and how many in a row were outside since.
    ("stay_count", np.int64),
    ("stay_place", np.int64),
    ("stay_lat_deg", np.float64),
    ("stay_lon_deg", np.float64),
    ("stay_radius_m", np.float64),
    ("stay_since_us", np.int64),
    ("stay_known", np.int64),
    ("stay_inside_us", np.int64),
    ("stay_outside_us", np.int64),
    ("stay_outside_fixes", np.int64),
    ("stay_claims", np.int64),
    ("stay_claimed_us", np.int64),
    # A stay that may begin: inside a radius, not yet for long enough.
    ("near_place", np.int64),
    ("near_since_us", np.int64),
    ("near_inside_us", np.int64),
    ("near_outside_fixes", np.int64),
    ("near_is_slow", np.bool_),
    # The place around which the vehicle is while it stays nowhere, since when, its last fix there, and
    # whether its newest one was elsewhere.
    ("rest_us", np.int64),
    ("rest_inside_us", np.int64),
    ("rest_lat_deg", np.float64),
    ("rest_lon_deg", np.float64),
    ("rest_is_out", np.bool_),
    # No place lies within ``quiet_m`` of here; NaN is none.
    ("quiet_lat_deg", np.float64),
    ("quiet_lon_deg", np.float64),
    ("quiet_m", np.float64),
    # Stops passed between two fixes with time for a stay, to be believed if the next fix is not back again.
    ("passed_first", np.int64),
    ("passed_last", np.int64),
    ("passed_count", np.int64),
    ("passed_since_us", np.int64),
    ("passed_until_us", np.int64),
    ("passed_after_us", np.int64),
    ("passed_before_us", np.int64),
    ("passed_lat_deg", np.float64),
    ("passed_lon_deg", np.float64),
    # Trips: how many have begun, how many stops this one has had, when the first began.
    ("trip_number", np.int64),
    ("trip_stops", np.int64),
    ("trip_departed_us", np.int64),
    ("is_on_trip", np.bool_),
    ("has_been_at_depot", np.bool_),
    ("away_us", np.int64),
    # The stay that ended last, for whoever is told that one did.
    ("left_place", np.int64),
    ("left_since_us", np.int64),
    ("left_until_us", np.int64),
    ("left_known", np.int64),
    ("left_is_mistaken", np.bool_),
    # The stops that were told last as passed with time for a stay, as they were noted.
    ("crossed_first", np.int64),
    ("crossed_last", np.int64),
    ("crossed_since_us", np.int64),
    ("crossed_until_us", np.int64),
    ("crossed_after_us", np.int64),
    ("crossed_before_us", np.int64),
]

STOP_STAY_FIELDS: Fields = [("left_us", np.int64), ("over_us", np.int64), ("scanned_us", np.int64)]
"""Of a stop: when its last stay ended; since when nothing is left to do there, by a stay and by scans.

All of it holds from that moment on, so that a fix of before it is followed as it was.
"""
