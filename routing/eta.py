"""When each remaining stop will be reached: P50 and P90 over the sequence.

The formula stands once, in ``fill_etas``, compiled and on plain arrays, so that a stream can follow
thousands of vehicles by it; ``estimate_etas`` is the same on the plan's nouns.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import asin, cos, hypot, radians, sin, sqrt
from typing import Final, ParamSpec, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from routing.geometry import EARTH_RADIUS_M
from routing.plan import Break, Location, Stop
from routing.travel import StraightLine

P = ParamSpec("P")
R = TypeVar("R")

Z_P90: Final = 1.2815515655446004
"""The standard normal quantile of 0.9."""

HOUR_US: Final = 3_600_000_000
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

ESTIMATED = np.dtype(
    [
        ("lat_deg", np.float64),
        ("lon_deg", np.float64),
        ("service_s", np.float64),
        ("opens_us", np.int64),
        ("p50_us", np.int64),
        ("p90_us", np.int64),
        ("is_done", np.bool_),
    ]
)
"""What ``fill_etas`` reads and writes of a stop; instants are microseconds since 1970."""

ALWAYS_OPEN_US: Final = -(2**62)
"""``opens_us`` of a stop without a window: before any arrival."""


@dataclass(frozen=True, slots=True)
class Eta:
    """Arrival estimate of one stop; ``slack_s`` is the window's close minus P50, negative is late."""

    stop_id: str
    p50_at: datetime
    p90_at: datetime
    slack_s: float | None


@dataclass(frozen=True, slots=True)
class Spread:
    """How uncertain legs and services are: standard deviation as a share of their duration.

    ``leg`` and ``service`` are each one's own, and so even out over many; ``day`` is of all work ahead,
    which a slow driver or a bad day makes longer together.
    """

    leg: float = 0.15
    service: float = 0.4
    day: float = 0.1


@dataclass(frozen=True, slots=True)
class Pace:
    """How today goes against the model: 1.2 is a fifth slower. Legs and services apart."""

    leg: float = 1.0
    service: float = 1.0


def _compiled(function: Callable[P, R]) -> Callable[P, R]:
    return cast("Callable[P, R]", numba.njit(cache=True, error_model="numpy")(function))


@_compiled
def leg_us(
    lat_a_deg: float,
    lon_a_deg: float,
    lat_b_deg: float,
    lon_b_deg: float,
    depart_us: int,
    speeds_mps: NDArray[np.float64],
    detour: float,
) -> int:
    """One leg in microseconds, as ``StraightLine.leg`` has it: by the speed of the UTC hour it begins in."""
    lat_a, lat_b = radians(lat_a_deg), radians(lat_b_deg)
    half_dlat, half_dlon = (lat_b - lat_a) / 2, radians(lon_b_deg - lon_a_deg) / 2
    chord = sin(half_dlat) ** 2 + cos(lat_a) * cos(lat_b) * sin(half_dlon) ** 2
    distance_m = 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(chord))) * detour
    return np.int64(np.rint(distance_m / speeds_mps[(depart_us // HOUR_US) % 24] * 1e6))


@_compiled
def fill_etas(
    stops: NDArray[np.void],
    begin: int,
    count: int,
    served: int,
    lat_deg: float,
    lon_deg: float,
    ready_us: int,
    not_before_us: int,
    now_us: int,
    speeds_mps: NDArray[np.float64],
    detour: float,
    leg_pace: float,
    service_pace: float,
    leg_spread: float,
    service_spread: float,
    day_spread: float,
    breaks: NDArray[np.int64],
) -> int:
    """Write P50 and P90 of the stops at ``begin`` and after that are not done; how many they were.

    The vehicle is free to leave its place at ``ready_us``, which may have been before now; none of the
    stops is reached before ``not_before_us``, nor surely before ``now_us``. ``served`` is the place of
    the stop that is being served (-1 is none): like those that are done it keeps its figures.

    A window that is not open yet is waited for, and the wait absorbs uncertainty: the deviation that
    is left is what P90 reaches past the opening. Leg and service deviations are taken as independent of
    each other, and of the day's, so their variances add; the day's grows with the work since.
    ``breaks`` (n, 2) are earliest starts and durations, microseconds, by start: each is taken as soon as
    it is due and the vehicle neither drives nor serves, and a wait for a window is such a time.
    """
    free_us, deviation_s, work_s, n_ahead, n_taken = ready_us, 0.0, 0.0, 0, 0
    for place in range(begin, begin + count):
        if stops[place].is_done or place == served:
            continue
        while n_taken < len(breaks) and breaks[n_taken, 0] <= free_us:
            free_us += breaks[n_taken, 1]
            n_taken += 1
        stop = stops[place]
        drive_us = leg_us(
            lat_deg, lon_deg, stop.lat_deg, stop.lon_deg, free_us, speeds_mps, detour * leg_pace
        )
        p50_us = max(free_us + drive_us, not_before_us)
        deviation_s = hypot(deviation_s, drive_us * 1e-6 * leg_spread)
        work_s += drive_us * 1e-6
        reach_us = np.int64(np.rint(Z_P90 * hypot(deviation_s, work_s * day_spread) * 1e6))
        p90_us = max(p50_us + reach_us, now_us)
        stop.p50_us, stop.p90_us = p50_us, p90_us
        begin_us = p50_us
        if p50_us < stop.opens_us:
            begin_us = stop.opens_us
            deviation_s, work_s = max(0.0, (p90_us - begin_us) * 1e-6 / Z_P90), 0.0
            while n_taken < len(breaks) and breaks[n_taken, 0] < stop.opens_us:
                begin_us = max(begin_us, max(p50_us, breaks[n_taken, 0]) + breaks[n_taken, 1])
                n_taken += 1
        service_s = stop.service_s * service_pace
        free_us = begin_us + np.int64(np.rint(service_s * 1e6))
        deviation_s = hypot(deviation_s, service_s * service_spread)
        work_s += service_s
        lat_deg, lon_deg = stop.lat_deg, stop.lon_deg
        n_ahead += 1
    return n_ahead


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970, UTC."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def break_rows(breaks: Sequence[Break]) -> NDArray[np.int64]:
    """Breaks (n, 2) as ``fill_etas`` takes them: by their earliest start."""
    rows = [(microseconds(due.earliest_at), round(due.duration_s * 1e6)) for due in breaks]
    return np.array(sorted(rows), np.int64).reshape(-1, 2)


def estimate_etas(
    stops: Sequence[Stop],
    origin: Location,
    ready_at: datetime,
    travel: StraightLine,
    spread: Spread = Spread(),
    pace: Pace = Pace(),
    breaks: Sequence[Break] = (),
) -> tuple[Eta, ...]:
    """ETAs of ``stops`` in sequence for a vehicle free to leave ``origin`` at ``ready_at``."""
    rows, ready_us = np.zeros(len(stops), ESTIMATED), microseconds(ready_at)
    for row, stop in zip(rows, stops, strict=True):
        row["lat_deg"], row["lon_deg"] = stop.location.lat_deg, stop.location.lon_deg
        row["service_s"] = stop.service_s
        row["opens_us"] = ALWAYS_OPEN_US if stop.window is None else microseconds(stop.window.opens_at)
    fill_etas(
        rows,
        0,
        len(stops),
        -1,
        origin.lat_deg,
        origin.lon_deg,
        ready_us,
        ready_us,
        ready_us,
        np.array(travel.speeds_mps, np.float64),
        travel.detour,
        pace.leg,
        pace.service,
        spread.leg,
        spread.service,
        spread.day,
        break_rows(breaks),
    )
    return tuple(_eta(stop, row) for stop, row in zip(stops, rows, strict=True))


def _eta(stop: Stop, row: np.void) -> Eta:
    p50_at = EPOCH + timedelta(microseconds=int(row["p50_us"]))
    p90_at = EPOCH + timedelta(microseconds=int(row["p90_us"]))
    slack_s = None if stop.window is None else -stop.window.lateness_s(p50_at)
    return Eta(stop.stop_id, p50_at, p90_at, slack_s)
