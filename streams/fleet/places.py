"""Which stop, or which depot, a position lies at: compiled."""

import numpy as np
from numpy.typing import NDArray

from streams.columns.compiled import compiled
from streams.fleet.columns import NEVER
from streams.fleet.distance import M_PER_DEG, distance_m
from streams.fleet.track_fields import DEPOT, NOWHERE

Stops = NDArray[np.void]


@compiled
def find_place(
    stay: np.void, route: np.void, stops: Stops, rules: np.void, lat_deg: float, lon_deg: float, at_us: int
) -> int:
    """The place that a position lies at, other than where the vehicle stays; with none, how far none is.

    On a trip a stop counts before the depot, else the depot before a stop. Of stops about equally
    far (one building) the one that may be stayed at already counts, then the next in sequence.
    """
    nearest_m = np.inf
    near_m = np.inf
    for number in range(route.stop_count):
        stop = stops[route.first_stop + number]
        if abs(stop.lat_deg - lat_deg) * M_PER_DEG > nearest_m + rules.same_place_m:
            continue
        if number + 1 == stay.stay_place or is_over(stop, at_us):
            continue
        away_m = distance_m(lat_deg, lon_deg, stop.lat_deg, stop.lon_deg)
        nearest_m = min(nearest_m, away_m)
        if number + 1 == stay.near_place:
            near_m = away_m
    depot_m = np.inf
    if stay.stay_place != DEPOT:
        depot_m = min(
            distance_m(lat_deg, lon_deg, route.depot_lat_deg, route.depot_lon_deg),
            distance_m(lat_deg, lon_deg, route.end_lat_deg, route.end_lon_deg),
        )
    is_at_depot = depot_m <= rules.depot_radius_m
    edge_m = rules.depot_radius_m * rules.exit_factor
    if stay.near_place == DEPOT and depot_m <= edge_m:
        is_at_depot = True
    if is_at_depot:
        stay.has_been_at_depot = True
    if is_at_depot and not stay.is_on_trip:
        return DEPOT
    widest_m = rules.stop_radius_m * rules.exit_factor
    if near_m <= min(nearest_m + rules.same_place_m, widest_m):
        return int(stay.near_place)
    if nearest_m <= rules.stop_radius_m:
        reach_m = min(nearest_m + rules.same_place_m, rules.stop_radius_m)
        for number in range(route.stop_count):
            stop = stops[route.first_stop + number]
            if number + 1 == stay.stay_place or is_over(stop, at_us):
                continue
            if distance_m(lat_deg, lon_deg, stop.lat_deg, stop.lon_deg) <= reach_m:
                return number + 1
    if is_at_depot:
        return DEPOT
    stay.quiet_lat_deg = lat_deg
    stay.quiet_lon_deg = lon_deg
    stay.quiet_m = min(nearest_m - rules.stop_radius_m, depot_m - rules.depot_radius_m)
    return NOWHERE


@compiled
def is_next(route: np.void, stops: Stops, number: int, at_us: int) -> bool:
    """Whether nothing is left to do at the stops before in sequence."""
    for before in range(number):
        if not is_over(stops[route.first_stop + before], at_us + 1):
            return False
    return True


@compiled
def take_stock(
    vehicles: NDArray[np.void],
    number: int,
    heads: NDArray[np.void],
    stops: Stops,
    places: NDArray[np.int64],
    done_us: NDArray[np.int64],
) -> tuple[int, int]:
    """When the vehicle departed, ``NEVER`` is not yet, and how many stops changed from open to done or back.

    Their ``places`` are put down, and since when they are done, ``NEVER`` for one that is open.
    """
    vehicle, found = vehicles[number], 0
    for place in range(vehicle.stop_count):
        stop = stops[vehicle.first_stop + place]
        is_done = stop.over_us != NEVER or stop.scanned_us != NEVER
        if is_done != stop.is_done:
            stop.is_done = is_done
            places[found] = place
            done_us[found] = max(stop.over_us, stop.scanned_us)
            if stop.over_us != NEVER and stop.scanned_us != NEVER:
                done_us[found] = min(stop.over_us, stop.scanned_us)
            found += 1
    return heads[vehicle.track_row].trip_departed_us, found


@compiled
def is_over(stop: np.void, at_us: int) -> bool:
    """Whether nothing was left to do at the stop before that moment."""
    return (stop.over_us != NEVER and stop.over_us < at_us) or (
        stop.scanned_us != NEVER and stop.scanned_us < at_us
    )
