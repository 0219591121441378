"""Who leaves a plan when stops are cancelled: those stops, and what nobody needs without them."""

from collections.abc import Sequence
from dataclasses import replace

from routing.changes import Changes
from routing.plan import RoutePlan, Stop
from routing.standing import Leftover


def with_mates(plan: RoutePlan, changes: Changes, rests: Sequence[Leftover]) -> Changes:
    """The changes with the other halves of cancelled pairs cancelled, too.

    What has been picked up, or is being driven to, is past that: such a delivery stays, since its parcels
    are on board, and such a pick-up is done though its delivery is cancelled.
    """
    passed = {
        stop.stop_id for rest in rests for stop in (*(visit.stop for visit in rest.driven), *rest.frozen)
    }
    cancelled = set(changes.cancelled_stop_ids) - passed
    mates = [
        mate
        for delivery in _stops_of(plan, changes)
        if delivery.picked_up_at is not None and delivery.picked_up_at not in passed
        for half, mate in _both_ways(delivery.stop_id, delivery.picked_up_at)
        if half in cancelled and mate not in changes.cancelled_stop_ids
    ]
    return replace(changes, cancelled_stop_ids=(*changes.cancelled_stop_ids, *mates)) if mates else changes


def require_pick_ups(plan: RoutePlan, changes: Changes) -> None:
    """Raise ``ValueError`` for a new delivery whose pick-up nobody knows."""
    known = {stop.stop_id for stop in _stops_of(plan, changes)}
    for stop in changes.new_stops:
        if stop.picked_up_at is not None and stop.picked_up_at not in known:
            raise ValueError(
                f"new stop {stop.stop_id} is picked up at {stop.picked_up_at}, which is neither new nor in "
                f"plan {plan.depot_id}"
            )


def _stops_of(plan: RoutePlan, changes: Changes) -> list[Stop]:
    return [
        *(visit.stop for route in plan.routes for visit in route.visits),
        *(each.stop for each in plan.unassigned),
        *changes.new_stops,
    ]


def _both_ways(one: str, other: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return (one, other), (other, one)
