"""A plan for a map: GeoJSON with a line for each route and a point for each stop."""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

import msgspec

from routing.plan import Location, Route, RoutePlan
from routing.travel import HasPaths, TravelTimes

Position = tuple[float, float]
"""Longitude and latitude, as GeoJSON has them."""


class _Line(msgspec.Struct, tag_field="type", tag="LineString"):
    coordinates: list[Position]


class _Point(msgspec.Struct, tag_field="type", tag="Point"):
    coordinates: Position


class _RouteFacts(msgspec.Struct):
    shift_id: str
    vehicle_id: str
    stops: int


class _VisitFacts(msgspec.Struct):
    stop_id: str
    shift_id: str
    place: int
    arrive_at: datetime
    begin_at: datetime
    depart_at: datetime


class _LeftOutFacts(msgspec.Struct):
    stop_id: str
    left_out: str


class _HandedOverFacts(msgspec.Struct):
    stop_id: str
    carrier_id: str


class _Feature(msgspec.Struct, tag_field="type", tag="Feature"):
    geometry: _Line | _Point
    properties: _RouteFacts | _VisitFacts | _LeftOutFacts | _HandedOverFacts


class _FeatureCollection(msgspec.Struct, tag_field="type", tag="FeatureCollection"):
    features: list[_Feature]


def as_geojson(plan: RoutePlan, travel: TravelTimes) -> bytes:
    """The plan's routes that serve somebody: along the roads where ``travel`` knows them, else straight.

    Each stop is a point with its times, with its carrier, or with the reason why it is left out.
    """
    features = [each for route in plan.routes if route.visits for each in _features(route, travel)]
    for each in plan.handed_over:
        taken = _HandedOverFacts(each.stop.stop_id, each.carrier_id)
        features.append(_Feature(_Point(_position(each.stop.location)), taken))
    for out in plan.unassigned:
        facts = _LeftOutFacts(out.stop.stop_id, out.reason)
        features.append(_Feature(_Point(_position(out.stop.location)), facts))
    return msgspec.json.encode(_FeatureCollection(features))


def _features(route: Route, travel: TravelTimes) -> Iterator[_Feature]:
    shift = route.shift
    facts = _RouteFacts(shift.shift_id, shift.vehicle.vehicle_id, len(route.visits))
    line = [_position(each) for each in _line(route, travel)]
    # A place on its road stands there twice.
    bends = [here for before, here in pairwise(line) if here != before]
    yield _Feature(_Line([line[0], *(bends or line[-1:])]), facts)
    for place, visit in enumerate(route.visits, 1):
        times = visit.arrive_at, visit.begin_at, visit.depart_at
        yield _Feature(
            _Point(_position(visit.stop.location)),
            _VisitFacts(visit.stop.stop_id, shift.shift_id, place, *times),
        )


def _line(route: Route, travel: TravelTimes) -> list[Location]:
    """From the shift's start over all stops to its end; the places themselves are on the line."""
    places = [route.shift.start, *(visit.stop.location for visit in route.visits), route.shift.end]
    if not isinstance(travel, HasPaths):
        return places
    line = places[:1]
    for origin, destination in pairwise(places):
        line += [*travel.path(origin, destination), destination]
    return line


def _position(place: Location) -> Position:
    return round(place.lon_deg, 7), round(place.lat_deg, 7)
