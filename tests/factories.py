"""The plan's nouns, saying only what matters: everything else has a dull default.

All of it happens on Monday 2 March 2026, UTC, around a depot at 52 N 5 E; a shift is 08:00 to
16:00. Places are metres east and north of the depot.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from math import cos, degrees, radians

from routing.carriers import Carrier
from routing.geometry import EARTH_RADIUS_M
from routing.plan import (
    Break,
    Location,
    Route,
    RoutePlan,
    Shift,
    Stop,
    StopKind,
    TimeWindow,
    Unassigned,
    Vehicle,
)
from routing.schedule import schedule_route
from routing.travel import StraightLine, TravelTimes

DAY = date(2026, 3, 2)
DEPOT = Location(52.0, 5.0)
TRAVEL = StraightLine(detour=1.0, speeds_mps=(10.0,) * 24)
"""Great circle at 10 m/s: 1 km takes 100 s."""


def at(clock: str, day: date = DAY) -> datetime:
    """``at("09:00")`` or ``at("09:00:30")``, UTC."""
    return datetime.combine(day, time.fromisoformat(clock), UTC)


def window(opens: str, closes: str) -> TimeWindow:
    """``window("09:00", "10:00")``."""
    return TimeWindow(at(opens), at(closes))


def rest(earliest: str, minutes: float, latest: str | None = None) -> Break:
    """A break of so many minutes, due at ``earliest``."""
    return Break(at(earliest), 60 * minutes, None if latest is None else at(latest))


def place(east_m: float = 0.0, north_m: float = 0.0) -> Location:
    """A point so many metres from the depot."""
    lat_deg = DEPOT.lat_deg + degrees(north_m / EARTH_RADIUS_M)
    lon_deg = DEPOT.lon_deg + degrees(east_m / (EARTH_RADIUS_M * cos(radians(DEPOT.lat_deg))))
    return Location(lat_deg, lon_deg)


def stop(
    stop_id: str = "s1",
    east_m: float = 1000.0,
    north_m: float = 0.0,
    *,
    window: tuple[str, str] | None = None,
    service_s: float = 0.0,
    packages: int = 1,
    weight_kg: float = 0.0,
    kind: StopKind = StopKind.DELIVER,
    order_ids: tuple[str, ...] = (),
    zone: str | None = None,
    volume_m3: float = 0.0,
    requires: tuple[str, ...] = (),
    priority: int = 0,
    skip_price: float | None = None,
    picked_up_at: str | None = None,
    other_windows: Sequence[tuple[str, str]] = (),
    released: str | None = None,
) -> Stop:
    """A stop 1 km east of the depot with one package and no window."""
    return Stop(
        stop_id,
        place(east_m, north_m),
        service_s=service_s,
        window=None if window is None else TimeWindow(at(window[0]), at(window[1])),
        packages=packages,
        weight_kg=weight_kg,
        kind=kind,
        order_ids=order_ids,
        zone=zone,
        volume_m3=volume_m3,
        requires=requires,
        priority=priority,
        skip_price=skip_price,
        picked_up_at=picked_up_at,
        other_windows=tuple(TimeWindow(at(opens), at(closes)) for opens, closes in other_windows),
        released_at=None if released is None else at(released),
    )


def vehicle(
    vehicle_id: str = "v1",
    *,
    vehicle_class: str = "van",
    packages: int = 1_000_000,
    kg: float = 1_000_000.0,
    fixed_cost: float = 0.0,
    per_km: float = 0.0,
    per_h: float = 0.0,
    co2e_kg_per_km: float = 0.0,
    m3: float = 1_000_000.0,
    features: tuple[str, ...] = (),
    most_stops: int | None = None,
    most_km: float | None = None,
    most_h: float | None = None,
) -> Vehicle:
    """A free van that is never full; ``packages``, ``kg`` and ``m3`` are its capacities."""
    return Vehicle(
        vehicle_id,
        vehicle_class=vehicle_class,
        capacity_packages=packages,
        capacity_kg=kg,
        fixed_cost=fixed_cost,
        cost_per_km=per_km,
        cost_per_h=per_h,
        co2e_kg_per_km=co2e_kg_per_km,
        capacity_m3=m3,
        features=features,
        most_stops=most_stops,
        most_km=most_km,
        most_h=most_h,
    )


def carrier(carrier_id: str = "C", per_stop: float = 5.0, **asked: object) -> Carrier:
    """A carrier at the depot who takes every delivery without a window."""
    return Carrier(carrier_id, DEPOT, per_stop, **asked)  # type: ignore[arg-type]


def shift(
    shift_id: str = "A",
    *,
    vehicle: Vehicle | None = None,
    driver_id: str | None = None,
    start: Location = DEPOT,
    end: Location = DEPOT,
    starts: str = "08:00",
    ends: str = "16:00",
    breaks: tuple[Break, ...] = (),
    skills: tuple[str, ...] = (),
    service_pace: float = 1.0,
    overtime_s: float = 0.0,
    overtime_cost_per_h: float = 0.0,
) -> Shift:
    """A shift from the depot and back; vehicle and driver are named after it (``v-A``, ``d-A``)."""
    return Shift(
        shift_id,
        Vehicle(f"v-{shift_id}") if vehicle is None else vehicle,
        f"d-{shift_id}" if driver_id is None else driver_id,
        start,
        end,
        at(starts),
        at(ends),
        breaks,
        skills,
        service_pace,
        overtime_s,
        overtime_cost_per_h,
    )


def route(*stops: Stop, shift: Shift | None = None, travel: TravelTimes = TRAVEL) -> Route:
    """The stops in this order, scheduled; by shift ``A`` where none is given."""
    return schedule_route(_shift() if shift is None else shift, stops, travel)


def plan(
    *routes: Route,
    depot_id: str = "D1",
    service_date: date = DAY,
    revision: int = 1,
    unassigned: Sequence[Unassigned] = (),
) -> RoutePlan:
    """A plan of depot ``D1``."""
    return RoutePlan(depot_id, service_date, revision, routes, tuple(unassigned))


_shift = shift
