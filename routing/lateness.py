"""How likely it is that a promise is broken, from the spreads of legs and services."""

from collections.abc import Mapping, Sequence
from math import erfc, hypot, prod, sqrt

from routing.eta import Z_P90, Spread
from routing.evaluation import RouteEvaluation
from routing.plan import Stop

Chances = Mapping[str, float]
"""By stop id, the probability of being late; stops without a window are promised nothing."""


def chances_of_lateness(judged: RouteEvaluation, stops: Sequence[Stop], spread: Spread) -> Chances:
    """How likely each stop is late, ``1 - Phi(slack / deviation)``.

    ``judged`` drives ``stops`` in this order. Its arrivals are the P50; the deviation is that of
    ``routing.eta``: legs and services add their variances and the day's grows with their time, and a
    wait for a window leaves what P90 reaches past its opening.
    """
    chances, own_s, work_s = dict[str, float](), 0.0, 0.0
    for visit, stop in zip(judged.visits, stops, strict=True):
        own_s = hypot(own_s, visit.leg.duration_s * spread.leg)
        work_s += visit.leg.duration_s
        if stop.window is not None:
            slack_s = -stop.window.lateness_s(visit.arrive_at)
            deviation_s = hypot(own_s, work_s * spread.day)
            chances[stop.stop_id] = chance_of_lateness(slack_s, deviation_s)
            early_s = (stop.window.opens_at - visit.arrive_at).total_seconds()
            if early_s > 0:
                own_s, work_s = max(0.0, deviation_s - early_s / Z_P90), 0.0
        own_s = hypot(own_s, visit.service_s * spread.service)
        work_s += visit.service_s
    return chances


def chance_of_lateness(slack_s: float, deviation_s: float) -> float:
    """That a normal arrival comes after the close, ``slack_s`` behind its P50; exactly then is in time."""
    if deviation_s == 0:
        return float(slack_s < 0)
    return erfc(slack_s / (deviation_s * sqrt(2))) / 2


def chance_of_harm(before: Chances, after: Chances) -> float:
    """That somebody becomes late: ``1 - prod(1 - added)``, over what each stop's chance goes up by.

    A stop that was not there before adds all of its chance. This takes the stops for independent;
    since one delay makes all behind it late together, the truth is rather below.
    """
    added = (max(0.0, chance - before.get(stop_id, 0.0)) for stop_id, chance in after.items())
    return 1.0 - prod(1.0 - each for each in added)
