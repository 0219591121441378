"""Which stops nobody under way should be sent to, and why nobody serves a stop, in words."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from routing.plan import Shift, Stop
from routing.reasons import NO_WAY, back_too_late, crowded_out, why_unservable
from routing.standing import Leftover
from routing.task import Task
from routing.travel import NO_WAY_S, TravelTimes

MOST_OVERRUN = timedelta(hours=4)
"""Who could not be home sooner than so long after the end of the shift, even if nothing else were to be
done, is not sent there: the address is wrong, or the order is for another day."""


def out_of_reach(
    task: Task,
    indices: Sequence[int],
    rests: Sequence[Leftover],
    loaded_on: Mapping[str, str],
    travel: TravelTimes,
) -> dict[int, str]:
    """Of the stops those that no shift that may take them can serve and come home from, with the reason.

    Halves of pairs go together. Whom nobody may take at all is not among them.
    """
    found: dict[int, str] = {}
    for index in indices:
        stop, mate = task.stops[index], task.mates[index]
        pair = (index,) if mate < 0 else (index, mate) if stop.picked_up_at is None else (mate, index)
        stops = [task.stops[each] for each in pair]
        takers = [rest for rest in rests if rest.may_take(stop, loaded_on.get(stop.stop_id))]
        reason = _why_not_home(stops, takers, travel)
        if reason is not None:
            found |= {each: found.get(each, reason) for each in pair}
    return found


def _why_not_home(stops: Sequence[Stop], rests: Sequence[Leftover], travel: TravelTimes) -> str | None:
    least: timedelta | None = None
    for rest in rests:
        due_at = max(rest.shift.latest_end_at, rest.route((), travel).ends_at)
        overrun = rest.route(stops, travel).ends_at - due_at
        if overrun <= MOST_OVERRUN:
            return None
        least = overrun if least is None else min(least, overrun)
    if least is None:
        return None
    if least.total_seconds() >= NO_WAY_S / 2:
        return NO_WAY
    return back_too_late(least.total_seconds())


def why_not_served(
    stop: Stop,
    pick_up: Stop | None,
    rests: Sequence[Leftover],
    loaded_on: Mapping[str, str],
    travel: TravelTimes,
) -> str:
    """Why a stop that somebody could be sent to is left out."""
    going: list[Shift] = [rest.shift for rest in rests if not rest.is_over]
    if not going:
        return "every shift goes on no more"
    able = [rest for rest in rests if not rest.is_over and not rest.shift.missing(stop)]
    if able and not any(rest.may_load(stop, loaded_on.get(stop.stop_id)) for rest in able):
        return "its parcels are at the depot, and every vehicle that could take them has left"
    return why_unservable(stop, going, travel, pick_up) or crowded_out(stop, going)
