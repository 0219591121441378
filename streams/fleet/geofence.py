"""Which stop, or which depot, a position lies at."""

from typing import NamedTuple

from routing.geometry import haversine_m
from routing.plan import Location
from streams.fleet.rules import FleetRules
from streams.fleet.state import ShiftState


class Place(NamedTuple):
    """A stop or depot with its circle."""

    stop_id: str
    location: Location
    radius_m: float
    is_depot: bool = False


def stop_place(shift: ShiftState, position: int, rules: FleetRules) -> Place:
    """The circle of the stop at that place in the route."""
    stop = shift.stop_at(position)
    return Place(stop.stop_id, stop.location, rules.stop_radius_m)


def place_at(shift: ShiftState, location: Location, rules: FleetRules) -> Place | None:
    """The remaining stop or the depot that the position lies at.

    A vehicle that has departed is rather at a stop than at the depot, one that has not the other way
    round. Of stops about equally far (one building) the next in sequence counts, else the nearest.
    A position with nothing near it also says how far around it there is nothing, so that the next
    ones cost one distance and not one for each stop.
    """
    if shift.quiet_around is not None and haversine_m(location, shift.quiet_around) < shift.quiet_m:
        return None
    depot, depot_gap_m = _depot_at(shift, location, rules)
    stop, stop_gap_m = _stop_at(shift, location, rules)
    if stop is None and depot is None:
        shift.quiet_around, shift.quiet_m = location, min(depot_gap_m, stop_gap_m)
        return None
    shift.quiet_around = None
    return (stop or depot) if shift.departed_at is not None else (depot or stop)


def _depot_at(shift: ShiftState, location: Location, rules: FleetRules) -> tuple[Place | None, float]:
    ends = (shift.assignment.route.shift.start, shift.assignment.route.shift.end)
    distance_m, end = min(((haversine_m(location, end), end) for end in ends), key=lambda found: found[0])
    gap_m = distance_m - rules.depot_radius_m
    return (Place(shift.depot_id, end, rules.depot_radius_m, True) if gap_m <= 0 else None), gap_m


def _stop_at(shift: ShiftState, location: Location, rules: FleetRules) -> tuple[Place | None, float]:
    distances = [haversine_m(location, shift.stop_at(position).location) for position in shift.remaining]
    nearest_m = min(distances, default=float("inf"))
    gap_m = nearest_m - rules.stop_radius_m
    if gap_m > 0:
        return None, gap_m
    reach_m = min(nearest_m + rules.same_place_m, rules.stop_radius_m)
    first = next(index for index, distance_m in enumerate(distances) if distance_m <= reach_m)
    return stop_place(shift, shift.remaining[first], rules), gap_m
