"""Slow and closed roads: whom they concern, and a day's first plan that was made for others."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from routing.slow_zones import SlowZone
from streams.dispatch.requests import wish
from streams.dispatch.state import Depot, PlanInForce
from streams.events.dispatch import Proposal, Trigger


def is_concerned(plan: PlanInForce, zone: SlowZone, now: datetime) -> bool:
    """Whether a shift of the plan is not over, and may still be out when the zone counts."""
    return any(zone.from_at < each.shift.latest_end_at and now < each.shift.ends_at for each in plan.routes)


def wish_for_roads(depot: Depot, first: Proposal, now: datetime) -> None:
    """Wish for a better plan where ``first``, a day's first and now in force, was made for other roads.

    Before it was there, nobody could ask about it: there was no plan to be better than.
    """
    plan = depot.plans[first.service_date]
    if _ahead(plan, first.slow_zones, now) != _ahead(plan, depot.slow_zones.values(), now):
        wish(depot, first.service_date, now, Trigger.TRAFFIC, is_at_once=True)


def _ahead(plan: PlanInForce, zones: Iterable[SlowZone], now: datetime) -> Counter[SlowZone]:
    """The zones that the plan has ahead of it; one told twice slows down twice."""
    return Counter(zone for zone in zones if zone.until_at > now and is_concerned(plan, zone, now))
