"""When each remaining stop will be reached: P50 and P90 over the sequence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import hypot

from routing.plan import Location, Stop
from routing.travel import TravelTimes

Z_P90 = 1.2815515655446004
"""The standard normal quantile of 0.9."""


@dataclass(frozen=True, slots=True)
class Eta:
    """Arrival estimate of one stop; ``slack_s`` is the window's close minus P50, negative is late."""

    stop_id: str
    p50_at: datetime
    p90_at: datetime
    slack_s: float | None


@dataclass(frozen=True, slots=True)
class Spread:
    """How uncertain legs and services are: standard deviation as a share of their duration."""

    leg: float = 0.15
    service: float = 0.4


def estimate_etas(
    stops: Sequence[Stop],
    origin: Location,
    ready_at: datetime,
    travel: TravelTimes,
    spread: Spread = Spread(),
) -> tuple[Eta, ...]:
    """ETAs of ``stops`` in sequence for a vehicle free to leave ``origin`` at ``ready_at``.

    A window that is not open yet is waited for, and the wait absorbs uncertainty: the deviation
    that is left is what P90 reaches past the opening. Leg and service deviations are taken as
    independent, so their variances add.
    """
    etas: list[Eta] = []
    place, free_at, deviation_s = origin, ready_at, 0.0
    for stop in stops:
        _, leg_s = travel.leg(place, stop.location, free_at)
        p50_at = free_at + timedelta(seconds=leg_s)
        deviation_s = hypot(deviation_s, leg_s * spread.leg)
        p90_at = p50_at + timedelta(seconds=Z_P90 * deviation_s)
        slack_s = None if stop.window is None else -stop.window.lateness_s(p50_at)
        etas.append(Eta(stop.stop_id, p50_at, p90_at, slack_s))
        begin_at = p50_at
        if stop.window is not None and p50_at < stop.window.opens_at:
            begin_at = stop.window.opens_at
            deviation_s = max(0.0, (p90_at - begin_at).total_seconds() / Z_P90)
        free_at = begin_at + timedelta(seconds=stop.service_s)
        deviation_s = hypot(deviation_s, stop.service_s * spread.service)
        place = stop.location
    return tuple(etas)
