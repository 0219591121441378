"""How far each shift is, as dispatch heard last."""

from datetime import datetime

from routing.changes import Progress
from routing.plan import Route
from streams.events.judgements import VehicleProgress


def later(held: VehicleProgress | None, heard: VehicleProgress) -> VehicleProgress:
    """The younger of two words on a shift; a repeated one changes nothing."""
    return heard if held is None or _age(heard) > _age(held) else held


def _age(progress: VehicleProgress) -> tuple[object, ...]:
    return (
        progress.judged_at,
        progress.plan_revision,
        len(progress.done_stop_ids),
        progress.has_departed,
        progress.current_stop_id is not None,
        len(progress.loaded_stop_ids),
    )


def done_stops(route: Route, heard: VehicleProgress | None) -> tuple[str, ...]:
    """The route's stops that are finished, in the order in which they were."""
    own = set(route.stop_ids)
    return () if heard is None else tuple(stop_id for stop_id in heard.done_stop_ids if stop_id in own)


def frozen_stops(route: Route, heard: VehicleProgress | None) -> tuple[str, ...]:
    """The route's stops that are being served or driven to, in that order."""
    if heard is None or not is_out(heard):
        return ()
    open_stops = set(route.stop_ids) - set(heard.done_stop_ids)
    ahead = dict.fromkeys((heard.current_stop_id, heard.next_stop_id))
    return tuple(stop_id for stop_id in ahead if stop_id is not None and stop_id in open_stops)


def stranded_stops(route: Route, heard: VehicleProgress | None) -> tuple[str, ...]:
    """What a shift that goes on no more leaves to others: all that it has not done."""
    over = done_stops(route, heard)
    return tuple(stop_id for stop_id in route.stop_ids if stop_id not in over)


def progress_of(route: Route, heard: VehicleProgress | None, now: datetime) -> Progress:
    """What the solver is told of a shift.

    One that hasn't left can leave its start now at the earliest, and so can one from where it is that
    drives to no stop: nothing is planned before now.
    """
    shift = route.shift
    if heard is None or not is_out(heard):
        return Progress(
            shift.shift_id,
            shift.start,
            max(now, shift.starts_at),
            loaded_stop_ids=() if heard is None else heard.loaded_stop_ids,
            breaks_taken=None if heard is None else heard.breaks_taken,
        )
    frozen = frozen_stops(route, heard)
    return Progress(
        shift_id=shift.shift_id,
        location=heard.location,
        free_at=heard.free_at if frozen else max(now, heard.free_at),
        done_stop_ids=done_stops(route, heard),
        frozen_stop_ids=frozen,
        loaded_stop_ids=heard.loaded_stop_ids,
        current_stop_id=heard.current_stop_id if heard.current_stop_id in frozen else None,
        has_departed=True,
        breaks_taken=heard.breaks_taken,
        told_stop_ids=_told_stops(route, heard),
    )


def _told_stops(route: Route, heard: VehicleProgress) -> tuple[str, ...]:
    """The open stops whose customers know when the vehicle comes: all, once it has departed."""
    over = {*heard.done_stop_ids, heard.current_stop_id}
    return tuple(
        visit.stop.stop_id
        for visit in route.visits
        if heard.has_departed and visit.stop.has_customer and visit.stop.stop_id not in over
    )


def is_out(heard: VehicleProgress) -> bool:
    """Whether it has left its start, whatever was seen of that."""
    return heard.has_departed or bool(heard.done_stop_ids) or heard.current_stop_id is not None
