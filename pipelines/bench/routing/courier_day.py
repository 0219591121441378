"""A made-up day of couriers, and what goes wrong in it: the ground of the benchmarks of re-planning."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from math import sqrt
from random import Random

from routing.changes import Changes, Progress
from routing.plan import Location, Route, RoutePlan, Shift, Stop, StopKind, TimeWindow, Vehicle
from routing.problem import Problem
from routing.travel import StraightLine

DAY = date(2026, 3, 2)
CENTRE = Location(41.16, -8.63)
TRAVEL = StraightLine(1.3, (8.0,) * 24)
"""One speed at any hour: PyVRP, which is to be held against, knows no other."""

SHIFT_H, WINDOW_H, NEW_SERVICE_S = 7, 2, 600.0
WINDOWS_OPEN = (7, 9, 11)
SIZED_FOR = 250
"""So many stops lie in a city of the usual size, whose vans are 3 to 4 km from its middle; more stops,
larger city."""

DELAY, NEW_ORDER = "delay", "new order"


@dataclass(frozen=True, slots=True)
class Mishap:
    """A plan under way in which one thing has just happened."""

    kind: str
    plan: RoutePlan
    progress: tuple[Progress, ...]
    changes: Changes


def courier_day(
    n_shifts: int, n_stops: int, service_s: float, seed: int, sized_for: int = SIZED_FOR
) -> Problem:
    """A day without breaks: half the stops are deliveries, half pick-ups; every second has a window.

    A city of the usual size has ``sized_for`` stops.
    """
    random = Random(seed)
    van = Vehicle("van", cost_per_km=0.35, cost_per_h=24.0, co2e_kg_per_km=0.24, capacity_packages=200)
    shifts = tuple(
        Shift(f"S{n}", replace(van, vehicle_id=f"v{n}"), f"d{n}", CENTRE, CENTRE, at(7), at(7 + SHIFT_H))
        for n in range(n_shifts)
    )
    size = sqrt(n_stops / sized_for)
    stops = tuple(_stop(f"s{n}", n, size, service_s, random) for n in range(n_stops))
    return Problem("D1", DAY, shifts, stops, TRAVEL)


def mishaps(plan: RoutePlan, n_open: int, n_cases: int, seed: int) -> list[Mishap]:
    """Delays of one vehicle and single new orders by turns, when ``n_open`` stops are open."""
    random = Random(seed)
    now, progress = _moment(plan, n_open)
    size = sqrt(sum(len(route.visits) for route in plan.routes) / SIZED_FOR)
    return [
        _new_order(plan, progress, now, n, size, random) if n % 2 else _delay(plan, progress, random)
        for n in range(n_cases)
    ]


def n_open_of(plan: RoutePlan, progress: tuple[Progress, ...]) -> int:
    """How many stops are neither done nor driven to."""
    passed = sum(len(each.done_stop_ids) + len(each.frozen_stop_ids) for each in progress)
    return sum(len(route.visits) for route in plan.routes) - passed


def how_far(route: Route, now: datetime) -> Progress:
    """The shift if it went as planned: it drives to the first stop that it has not left by ``now``."""
    done = [visit for visit in route.visits if visit.depart_at <= now]
    ahead = route.visits[len(done) : len(done) + 1]
    left_at = done[-1].depart_at if done else route.shift.starts_at
    return Progress(
        route.shift.shift_id,
        done[-1].stop.location if done else route.shift.start,
        left_at if ahead else now,
        done_stop_ids=tuple(visit.stop.stop_id for visit in done),
        frozen_stop_ids=tuple(visit.stop.stop_id for visit in ahead),
        has_departed=bool(route.visits),
    )


def at(hour: int, minutes: float = 0.0) -> datetime:
    """A moment of the day."""
    return datetime(DAY.year, DAY.month, DAY.day, hour, tzinfo=UTC) + timedelta(minutes=minutes)


def _moment(plan: RoutePlan, n_open: int) -> tuple[datetime, tuple[Progress, ...]]:
    """The first minute at which no more than ``n_open`` stops are open, and how far the shifts are then."""
    for minute in range(SHIFT_H * 60):
        now = at(7, minute)
        progress = tuple(how_far(route, now) for route in plan.routes)
        if n_open_of(plan, progress) <= n_open:
            break
    return now, progress


def _delay(plan: RoutePlan, progress: tuple[Progress, ...], random: Random) -> Mishap:
    """A vehicle with stops to come is held up for 20 to 90 minutes."""
    busy = [
        number
        for number, (route, each) in enumerate(zip(plan.routes, progress, strict=True))
        if len(route.visits) > len(each.done_stop_ids) + len(each.frozen_stop_ids)
    ]
    number = random.choice(busy)
    late = replace(
        progress[number], free_at=progress[number].free_at + timedelta(minutes=random.uniform(20, 90))
    )
    return Mishap(DELAY, plan, (*progress[:number], late, *progress[number + 1 :]), Changes())


def _new_order(
    plan: RoutePlan, progress: tuple[Progress, ...], now: datetime, number: int, size: float, random: Random
) -> Mishap:
    """A pick-up within the next hours."""
    opens_at = now + timedelta(minutes=random.uniform(30, 150))
    window = TimeWindow(opens_at, opens_at + timedelta(hours=WINDOW_H))
    order = replace(_stop(f"new{number}", 0, size, NEW_SERVICE_S, random), window=window)
    return Mishap(NEW_ORDER, plan, progress, Changes(new_stops=(order,)))


def _stop(stop_id: str, number: int, size: float, service_s: float, random: Random) -> Stop:
    place = Location(
        CENTRE.lat_deg + size * random.gauss(0, 0.03), CENTRE.lon_deg + size * random.gauss(0, 0.04)
    )
    opens_at = at(random.choice(WINDOWS_OPEN))
    return Stop(
        stop_id,
        place,
        kind=StopKind.PICK_UP if number % 4 < 2 else StopKind.DELIVER,
        service_s=service_s,
        packages=random.randint(1, 3),
        window=TimeWindow(opens_at, opens_at + timedelta(hours=WINDOW_H)) if number % 2 else None,
    )
