"""Simulated rounds in columns: where each of many vehicles is at any second, and when it is scanned.

All is drawn from one seed. Vehicles drive out from their depot, stop after stop, at about 11 stops an
hour, which is 90 in eight hours, and are spread evenly over that cycle, so that any part of the day has
its share of arrivals, and of vehicles that begin to be late.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STARTS_AT = datetime(2025, 3, 11, 8, 0, tzinfo=UTC)
"""Second 0 of all columns. In the past: what was received after its append is no valid event."""

CYCLE_S, SERVICE_S = 320.0, 190.0
"""From one arrival to the next as planned, and what of it is service."""

DETOUR, SPEED_MPS = 1.3, 8.33
LEG_M = (400.0, 1_270.0)
"""As the crow flies from stop to stop; about 130 s of driving."""

WINDOW_AFTER_S = 900.0
"""A window closes this long after the planned arrival."""

BEHIND_SHARE, HELD_S, SLOW_FACTOR = 0.12, 1_400.0, 1.5
"""What makes delays: at some stop some vehicles are held up to this long, and serve slowly from there on."""

FIX_EVERY_S = (5, 10)
TELEMETRY_EVERY_S = 60
EVENTS_PER_VEHICLE_S = 0.1419 + 1 / TELEMETRY_EVERY_S + 2 / 340
"""Fixes (the mean of 1/5 to 1/10 Hz), telemetry, two scans a stop."""

METRES_PER_DEG = 111_195.0
NOISE_M = 3.0
ONE_VEHICLE = 1e7
"""More seconds than any round has: vehicle and time as one sorted number."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How large a simulated fleet is; the same scale and seed are the same day."""

    vehicles: int
    stops: int
    seed: int


@dataclass(frozen=True, slots=True)
class Rounds:
    """Vehicles by row, stops by column. Times are seconds since ``STARTS_AT``, positions degrees."""

    scale: Scale
    depot_lat: Floats
    depot_lon: Floats
    stop_lat: Floats
    stop_lon: Floats
    planned_s: Floats
    leaves_s: Floats
    """When the vehicle leaves for each stop."""
    arrives_s: Floats
    departs_s: Floats
    leg_m: Floats
    fix_every_s: Ints

    def where(self, vehicle: Ints, at_s: Floats) -> "Places":
        """Positions and speeds of ``vehicle`` (n,) at ``at_s`` (n,)."""
        stops = self.scale.stops
        flat = (self.departs_s + np.arange(self.scale.vehicles)[:, None] * ONE_VEHICLE).ravel()
        stop = np.searchsorted(flat, vehicle * ONE_VEHICLE + at_s, side="right") - vehicle * stops
        stop = np.minimum(stop, stops - 1)
        leaves, arrives = self.leaves_s[vehicle, stop], self.arrives_s[vehicle, stop]
        share = np.clip((at_s - leaves) / (arrives - leaves), 0.0, 1.0)
        is_first, before = stop == 0, np.maximum(stop - 1, 0)
        from_lat = np.where(is_first, self.depot_lat[vehicle], self.stop_lat[vehicle, before])
        from_lon = np.where(is_first, self.depot_lon[vehicle], self.stop_lon[vehicle, before])
        lat = from_lat + share * (self.stop_lat[vehicle, stop] - from_lat)
        lon = from_lon + share * (self.stop_lon[vehicle, stop] - from_lon)
        is_driving = (share > 0) & (share < 1)
        speed = np.where(is_driving, self.leg_m[vehicle, stop] / (arrives - leaves), 0.0)
        driven = self.leg_m.cumsum(axis=1)[vehicle, stop] - (1 - share) * self.leg_m[vehicle, stop]
        return Places(lat, lon, speed, driven * DETOUR)


@dataclass(frozen=True, slots=True)
class Places:
    """Positions (n,) in degrees, speeds in m/s, metres driven since the depot."""

    lat_deg: Floats
    lon_deg: Floats
    speed_mps: Floats
    driven_m: Floats


def make_rounds(scale: Scale) -> Rounds:
    """The fleet's day."""
    dice = np.random.default_rng([scale.seed, scale.vehicles, scale.stops])
    shape = (scale.vehicles, scale.stops)
    depot_lat, depot_lon = _depots(dice, scale.vehicles)
    leg_m = dice.uniform(*LEG_M, shape)
    lat, lon = _stops(dice, depot_lat, depot_lon, leg_m)
    drive_s = leg_m * DETOUR / SPEED_MPS
    first_s = dice.uniform(0.0, CYCLE_S, scale.vehicles)
    planned_s = first_s[:, None] + np.cumsum(drive_s + SERVICE_S, axis=1) - drive_s[:, :1] - SERVICE_S
    real_drive_s = drive_s * dice.uniform(0.9, 1.1, shape)
    service_s = SERVICE_S * dice.uniform(0.9, 1.1, shape) + _delays(dice, shape)
    departs_s = (first_s - real_drive_s[:, 0])[:, None] + np.cumsum(real_drive_s + service_s, axis=1)
    arrives_s = departs_s - service_s
    return Rounds(
        scale,
        depot_lat,
        depot_lon,
        lat,
        lon,
        planned_s,
        arrives_s - real_drive_s,
        arrives_s,
        departs_s,
        leg_m,
        dice.integers(FIX_EVERY_S[0], FIX_EVERY_S[1], scale.vehicles, endpoint=True),
    )


def _delays(dice: np.random.Generator, shape: tuple[int, int]) -> Floats:
    """Seconds that services take longer, by vehicle and stop; delays begin at any time of the day."""
    vehicles, stops = shape
    is_behind = dice.random(vehicles) < BEHIND_SHARE
    since = np.where(is_behind, dice.integers(0, stops, vehicles), stops)[:, None]
    stop = np.arange(stops)
    held_s = np.where(stop == since, dice.uniform(0.0, HELD_S, vehicles)[:, None], 0.0)
    return held_s + np.where(stop >= since, (SLOW_FACTOR - 1.0) * SERVICE_S, 0.0)


def _depots(dice: np.random.Generator, vehicles: int) -> tuple[Floats, Floats]:
    """Fifty vehicles a depot, depots all over middle latitudes."""
    depots = vehicles // 50 + 1
    lat, lon = dice.uniform(40.0, 55.0, depots), dice.uniform(-5.0, 25.0, depots)
    of_vehicle = np.arange(vehicles) // 50
    return lat[of_vehicle], lon[of_vehicle]


def _stops(
    dice: np.random.Generator, depot_lat: Floats, depot_lon: Floats, leg_m: Floats
) -> tuple[Floats, Floats]:
    """A way that winds outward and never comes near itself, so that each stop is told from the others."""
    heading = dice.uniform(0.0, 2 * np.pi, len(leg_m))[:, None] + dice.uniform(-0.6, 0.6, leg_m.shape)
    north_m, east_m = np.cumsum(leg_m * np.cos(heading), 1), np.cumsum(leg_m * np.sin(heading), 1)
    lat = depot_lat[:, None] + north_m / METRES_PER_DEG
    lon = depot_lon[:, None] + east_m / (METRES_PER_DEG * np.cos(np.radians(depot_lat))[:, None])
    return lat, lon
