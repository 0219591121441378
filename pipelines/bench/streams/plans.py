"""What a fleet of rounds is told beforehand: vehicles, routes, and the same plan for the peers."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from pipelines.bench.streams.day import BATCH
from pipelines.bench.streams.rounds import (
    DETOUR,
    SERVICE_S,
    SPEED_MPS,
    STARTS_AT,
    WINDOW_AFTER_S,
    Rounds,
)
from pipelines.bench.streams.wording import SOURCE, stop_name, vehicle_name
from routing.plan import Location, PlannedVisit, Route, Shift, Stop, TimeWindow, Vehicle
from routing.travel import StraightLine
from streams.events.base import derived_id
from streams.events.dispatch import RouteAssignment
from streams.events.judgements import ClockTick
from streams.events.reference import EnergyKind, VehicleRecord

TRAVEL = StraightLine(DETOUR, (SPEED_MPS,) * 24)
SHIFT_BEGINS_S = -600.0
AFTERWARDS_S = 14_400.0


def moment(second: float) -> datetime:
    """A second of the rounds as an instant."""
    return STARTS_AT + timedelta(seconds=round(second, 3))


def tick(second: int, partition: int) -> ClockTick:
    """The time, told to one partition."""
    return ClockTick(
        event_id=derived_id("bench tick", second, partition), source=SOURCE, now_at=moment(second)
    )


def vehicle_records(rounds: Rounds, is_batched: bool) -> Iterator[VehicleRecord]:
    """Every vehicle, with how often it reports: each fix by itself, or a batch of them."""
    fixes = BATCH if is_batched else 1
    for vehicle in range(rounds.scale.vehicles):
        yield VehicleRecord(
            event_id=derived_id("bench vehicle", vehicle),
            source=SOURCE,
            effective_at=moment(SHIFT_BEGINS_S),
            vehicle_id=vehicle_name(vehicle),
            depot_id=_depot_name(vehicle),
            vehicle_class="van",
            energy=EnergyKind.DIESEL,
            reporting_interval_s=float(rounds.fix_every_s[vehicle] * fixes),
        )


def route_assignments(rounds: Rounds) -> Iterator[RouteAssignment]:
    """Every vehicle's route, in force from before its first fix."""
    for vehicle in range(rounds.scale.vehicles):
        route = _route(rounds, vehicle)
        yield RouteAssignment(
            event_id=derived_id("bench route", vehicle),
            source=SOURCE,
            depot_id=_depot_name(vehicle),
            service_date=STARTS_AT.date(),
            vehicle_id=route.shift.vehicle.vehicle_id,
            shift_id=route.shift.shift_id,
            revision=1,
            effective_at=moment(SHIFT_BEGINS_S),
            route=route,
            travel=TRAVEL,
        )


def write_peer_plans(rounds: Rounds, path: Path) -> None:
    """The same stops for the peers: ``[id, lat, lon, close of the window as epoch seconds]`` by vehicle."""
    start_s = STARTS_AT.timestamp()
    closes = (rounds.planned_s + WINDOW_AFTER_S + start_s).round(3).tolist()
    lats, lons = rounds.stop_lat.round(6).tolist(), rounds.stop_lon.round(6).tolist()
    plans = {
        vehicle_name(vehicle): [
            (stop_name(vehicle, stop), *place)
            for stop, place in enumerate(zip(lats[vehicle], lons[vehicle], closes[vehicle], strict=True))
        ]
        for vehicle in range(rounds.scale.vehicles)
    }
    path.write_bytes(msgspec.json.encode(plans))


def _depot_name(vehicle: int) -> str:
    return f"depot-{vehicle // 50:04d}"


def _route(rounds: Rounds, vehicle: int) -> Route:
    visits = tuple(_visit(rounds, vehicle, stop) for stop in range(rounds.scale.stops))
    depot = Location(float(rounds.depot_lat[vehicle]), float(rounds.depot_lon[vehicle]))
    ends_at = visits[-1].depart_at + timedelta(seconds=AFTERWARDS_S)
    shift = Shift(
        f"shift-{vehicle:06d}",
        Vehicle(vehicle_name(vehicle)),
        f"driver-{vehicle:06d}",
        depot,
        depot,
        moment(SHIFT_BEGINS_S),
        ends_at,
    )
    return Route(shift, visits, ends_at, float(rounds.leg_m[vehicle].sum() * DETOUR))


def _visit(rounds: Rounds, vehicle: int, place: int) -> PlannedVisit:
    planned_at = moment(float(rounds.planned_s[vehicle, place]))
    location = Location(
        round(float(rounds.stop_lat[vehicle, place]), 6), round(float(rounds.stop_lon[vehicle, place]), 6)
    )
    stop = Stop(
        stop_name(vehicle, place),
        location,
        SERVICE_S,
        TimeWindow(
            planned_at - timedelta(seconds=3 * WINDOW_AFTER_S), planned_at + timedelta(seconds=WINDOW_AFTER_S)
        ),
        order_ids=(f"order-{vehicle:06d}-{place:03d}",),
    )
    return PlannedVisit(stop, planned_at, planned_at, planned_at + timedelta(seconds=SERVICE_S))
