"""Whose parcels were on a vehicle as its shift went out of action: after that no route of it has them."""

from dataclasses import replace

from routing.changes import Progress
from routing.plan import Route, StopKind
from streams.dispatch.progress import done_stops, is_out
from streams.dispatch.state import Depot
from streams.events.judgements import VehicleProgress


def remember_aboard(depot: Depot, route: Route) -> None:
    """Keep on record what is on board of the route's vehicle now; no other vehicle has it any more."""
    shift_id = route.shift.shift_id
    found = _on_board(route, depot.progress.get(shift_id))
    for other, stop_ids in depot.aboard.items():
        if other != shift_id:
            depot.aboard[other] = tuple(stop_id for stop_id in stop_ids if stop_id not in found)
    if found:
        depot.aboard[shift_id] = tuple(dict.fromkeys((*depot.aboard.get(shift_id, ()), *found)))


def with_aboard(depot: Depot, progress: Progress) -> Progress:
    """The same, with what is remembered as on board among what is loaded."""
    known = depot.aboard.get(progress.shift_id, ())
    loaded = tuple(dict.fromkeys((*progress.loaded_stop_ids, *known)))
    return progress if loaded == progress.loaded_stop_ids else replace(progress, loaded_stop_ids=loaded)


def _on_board(route: Route, heard: VehicleProgress | None) -> tuple[str, ...]:
    """Its open deliveries that were loaded at the depot, scanned or not, or picked up on the way."""
    if heard is None or not is_out(heard):
        return ()
    done = done_stops(route, heard)
    return tuple(
        stop.stop_id
        for stop in (visit.stop for visit in route.visits)
        if stop.stop_id not in done
        and stop.kind is StopKind.DELIVER
        and (stop.is_loaded_at_start or stop.picked_up_at in done or stop.stop_id in heard.loaded_stop_ids)
    )
