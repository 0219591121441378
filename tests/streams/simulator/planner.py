"""A planner of a few lines, so that the simulator's tests depend on no solver."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from routing.plan import Location, Route, Shift, Stop, TimeWindow
from routing.schedule import schedule_route
from routing.travel import StraightLine
from streams.events.base import derived_id
from streams.events.delivery import OrderEvent
from streams.events.dispatch import RouteAssignment
from streams.simulator.city import TIME_ZONE, City
from streams.simulator.day import Day
from streams.simulator.demand import orders_of
from streams.simulator.records import order_message
from streams.simulator.traffic import planned_travel


def stops_of(orders: Iterable[OrderEvent]) -> list[Stop]:
    """The orders' stops, as dispatch makes them."""
    groups: dict[str, list[OrderEvent]] = defaultdict(list)
    for order in orders:
        groups[str(order.stop_id)].append(order)
    return [_stop(stop_id, group) for stop_id, group in groups.items()]


def stops_of_orders(city: City, day: date, count: int) -> list[Stop]:
    """The stops of that many orders of a day."""
    events = [order_message(order, city.seed).value for order in orders_of(city, day, count)]
    return stops_of(event for event in events if isinstance(event, OrderEvent))


def plan_greedily(shifts: Sequence[Shift], stops: Iterable[Stop], travel: StraightLine) -> list[Route]:
    """Each stop, by the end of its window, goes to the end of the route that gets there first."""
    routes = {shift.shift_id: schedule_route(shift, (), travel) for shift in shifts}
    for stop in sorted(stops, key=_urgency):
        longer = [_with(route, stop, travel) for route in routes.values()]
        fitting = [route for route in longer if route.ends_at <= route.shift.ends_at]
        if fitting:
            best = min(fitting, key=lambda route: (route.visits[-1].begin_at, route.shift.shift_id))
            routes[best.shift.shift_id] = best
    return list(routes.values())


def assignments_of(day: Day) -> list[RouteAssignment]:
    """A greedy plan of all of the day's orders, in force from the evening before."""
    travel = planned_travel(day.day, TIME_ZONE)
    depot_of = {van.vehicle_id: van.depot_id for van in day.city.vans}
    assignments = []
    for depot in day.city.depots:
        shifts = [shift for shift in day.shifts if depot_of[shift.vehicle.vehicle_id] == depot.depot_id]
        events = [order_message(order, day.city.seed).value for order in day.orders.values()]
        orders = [each for each in events if isinstance(each, OrderEvent) and each.depot_id == depot.depot_id]
        for route in plan_greedily(shifts, stops_of(orders), travel):
            assignments.append(assignment(day, route, travel))
    return assignments


def assignment(
    day: Day, route: Route, travel: StraightLine, revision: int = 1, hours: float = 0
) -> RouteAssignment:
    """A route in force from the evening before, or from so many hours after the day's first."""
    effective_at = day.starts_at + timedelta(hours=hours) if hours else day.evening_at
    vehicle_id = route.shift.vehicle.vehicle_id
    depot_id = next(van.depot_id for van in day.city.vans if van.vehicle_id == vehicle_id)
    return RouteAssignment(
        event_id=derived_id("test", route.shift.shift_id, revision),
        source="test",
        depot_id=depot_id,
        service_date=day.day,
        vehicle_id=vehicle_id,
        shift_id=route.shift.shift_id,
        revision=revision,
        effective_at=effective_at,
        route=route,
        travel=travel,
    )


def _with(route: Route, stop: Stop, travel: StraightLine) -> Route:
    return schedule_route(route.shift, [*(visit.stop for visit in route.visits), stop], travel)


def _stop(stop_id: str, orders: Sequence[OrderEvent]) -> Stop:
    first = orders[0]
    assert first.lat_deg is not None
    assert first.lon_deg is not None
    assert first.promised_from is not None
    assert first.promised_until is not None
    return Stop(
        stop_id,
        Location(first.lat_deg, first.lon_deg),
        service_s=max(order.service_s or 0.0 for order in orders),
        window=TimeWindow(first.promised_from, first.promised_until),
        packages=sum(len(order.packages) for order in orders),
        order_ids=tuple(sorted(order.order_id for order in orders)),
    )


def _urgency(stop: Stop) -> tuple[datetime, str]:
    assert stop.window is not None
    return stop.window.closes_at, stop.stop_id
