"""What a scan says of where its vehicle is, and what GPS says of that: compiled."""

import numpy as np
from numpy.typing import NDArray

from streams.columns.compiled import compiled
from streams.fleet.columns import NEVER, SECOND_US
from streams.fleet.pages import Pages, Tracks
from streams.fleet.places import Stops
from streams.fleet.ring import away_one_m, claim_one
from streams.fleet.track_fields import NOWHERE


@compiled
def claim_stop(
    vehicles: NDArray[np.void],
    number: int,
    heads: Tracks,
    bases: Tracks,
    rings: Tracks,
    pages: Pages,
    stops: Stops,
    limits: NDArray[np.void],
    place: int,
    at_us: int,
    done_us: int,
) -> tuple[int, float, float]:
    """Take a scan at a stop of the route, whose orders are all scanned as of ``done_us`` unless ``NEVER``.

    Returns bits as of `ring.keep_claim`, and how far GPS had the vehicle from the stop, as `away_from_stop`.
    """
    if done_us != NEVER:
        stops[vehicles[number].first_stop + place].scanned_us = done_us
    bits = claim_one(vehicles, number, heads, bases, rings, pages, stops, limits, place, at_us)
    away_m, age_s = away_from_stop(vehicles, number, heads, bases, rings, pages, stops, limits, place, at_us)
    return bits, away_m, age_s


@compiled
def away_from_stop(
    vehicles: NDArray[np.void],
    number: int,
    heads: Tracks,
    bases: Tracks,
    rings: Tracks,
    pages: Pages,
    stops: Stops,
    limits: NDArray[np.void],
    place: int,
    at_us: int,
) -> tuple[float, float]:
    """How far from a stop, metres, GPS had the vehicle just before a moment, and how long before, seconds.

    NaN if it was not seen for ``scan_position_age_s``.
    """
    vehicle = vehicles[number]
    stop = stops[vehicle.first_stop + place]
    age_us = int(np.rint(limits[0].scan_position_age_s * SECOND_US))
    return away_one_m(
        heads, bases, rings, pages, vehicle.track_row, at_us, age_us, stop.lat_deg, stop.lon_deg
    )


@compiled
def place_by_scan(
    vehicles: NDArray[np.void],
    number: int,
    heads: Tracks,
    watches: NDArray[np.void],
    stops: Stops,
    place: int,
    at_us: int,
    is_contradicted: bool,
) -> None:
    """Where a scan has the vehicle: in its stay there, else at the stop if nothing newer says otherwise."""
    vehicle = vehicles[number]
    watch, stay_place = watches[vehicle.track_row], heads[vehicle.track_row].stay_place
    is_there = stay_place == place + 1 or (stay_place == NOWHERE and not is_contradicted)
    if is_there and at_us > max(vehicle.position_us, watch.placed_us):
        stop = stops[vehicle.first_stop + place]
        watch.placed_us = at_us
        watch.placed_lat_deg = stop.lat_deg
        watch.placed_lon_deg = stop.lon_deg
