"""What some vehicles do and report on a day, before anything goes wrong: columns, and JSON by template.

A vehicle leaves the depot at 08:00 (every fourth later), drives east at 10 m/s from stop to stop, serves
each for three minutes and stays at the last. Some have a tank that is filled, warm cargo, a fault, a
counter that begins anew, a low speed limit, a receiver that lies. Everything follows from the
vehicle's number.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate
from random import Random

import numpy as np

from routing.schedule import schedule_route
from streams.events.base import derived_id
from streams.events.dispatch import RouteAssignment
from streams.events.reference import DepotRecord, EnergyKind, VehicleRecord
from tests.factories import DAY, DEPOT, TRAVEL, at, place, shift, stop

STARTS_AT = at("08:00")
DRIVE_MPS = 10.0
SERVICE_S = 180.0
LATE_START_S = 1_500.0
TELEMETRY_EVERY = 5
"""Fixes to one message of telemetry."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large the day is."""

    vehicles: int
    fixes: int
    every_s: float
    stops: int


Builder = Callable[[int, float, int], bytes]
"""The JSON of entry i, received so many seconds into the day, as the event of that number."""


@dataclass(frozen=True, slots=True)
class Reports:
    """What a vehicle has to say on one topic: when, in seconds from the start, and how it is written."""

    times_s: list[float]
    build: Builder


@dataclass(frozen=True, slots=True)
class VehicleDay:
    """One vehicle's route and reports."""

    vehicle_id: str
    vehicle: VehicleRecord
    route: RouteAssignment
    fixes: Reports
    telemetry: Reports
    scans: Reports


def depot_record() -> DepotRecord:
    """Depot ``D1``, where people decide."""
    return DepotRecord(
        event_id=derived_id("faults", "depot"),
        source="faults",
        effective_at=at("00:00"),
        depot_id="D1",
        name="Depot One",
        lat_deg=DEPOT.lat_deg,
        lon_deg=DEPOT.lon_deg,
        travel=TRAVEL,
    )


def vehicle_day(number: int, size: Size, seed: int) -> VehicleDay:
    """The day of the vehicle with that number."""
    dice = Random(f"{seed} day {number}")
    name = f"{number:04d}"
    gaps_m = [dice.uniform(400, 1_600) for _ in range(size.stops)]
    route = _route(name, list(accumulate(gaps_m)))
    late_s = LATE_START_S if number % 4 == 0 else 0.0
    arrivals_s = [a + late_s + n * SERVICE_S for n, a in enumerate(g / DRIVE_MPS for g in accumulate(gaps_m))]
    times_s, east_m = [0.0, late_s], [0.0, 0.0]
    for arrival_s, stop_m in zip(arrivals_s, accumulate(gaps_m), strict=True):
        times_s += [arrival_s, arrival_s + SERVICE_S]
        east_m += [stop_m, stop_m]
    skew_s = (0.0, 0.0, 0.0, 12.0, -40.0, 0.0, 0.0, 95.0, 0.0, 0.0)[number % 10]
    at_s = np.arange(size.fixes) * size.every_s + dice.uniform(0, size.every_s)
    return VehicleDay(
        vehicle_id=f"v-{name}",
        vehicle=_vehicle_record(number, size.every_s),
        route=route,
        fixes=_fixes(number, at_s, np.interp(at_s, times_s, east_m), skew_s),
        telemetry=_telemetry(number, at_s[::TELEMETRY_EVERY], skew_s),
        scans=_scans(name, arrivals_s),
    )


def _route(name: str, stops_m: list[float]) -> RouteAssignment:
    """Each stop is promised for the quarter of an hour from its planned arrival on."""
    bare = [stop(f"{name}-{n}", east, service_s=SERVICE_S) for n, east in enumerate(stops_m)]
    driven = shift(name, ends="19:00")
    planned = schedule_route(driven, bare, TRAVEL)
    stops = [
        stop(
            one.stop_id,
            east,
            service_s=SERVICE_S,
            window=(f"{visit.arrive_at:%H:%M}", f"{visit.arrive_at + timedelta(minutes=15):%H:%M}"),
            order_ids=(f"o-{one.stop_id}",),
        )
        for one, east, visit in zip(bare, stops_m, planned.visits, strict=True)
    ]
    return RouteAssignment(
        event_id=derived_id("faults", "route", name),
        source="faults",
        depot_id="D1",
        service_date=DAY,
        vehicle_id=driven.vehicle.vehicle_id,
        shift_id=name,
        revision=1,
        effective_at=at("06:00"),
        route=schedule_route(driven, stops, TRAVEL),
        travel=TRAVEL,
    )


def _vehicle_record(number: int, every_s: float) -> VehicleRecord:
    vehicle_id = f"v-{number:04d}"
    return VehicleRecord(
        event_id=derived_id("faults", "vehicle", vehicle_id),
        source="faults",
        effective_at=at("00:00"),
        vehicle_id=vehicle_id,
        depot_id="D1",
        vehicle_class="van",
        energy=EnergyKind.DIESEL,
        reporting_interval_s=every_s,
        speed_limit_mps=0.9 * DRIVE_MPS if number % 6 == 5 else None,
        cargo_min_c=2.0,
        cargo_max_c=8.0,
    )


def instant(seconds: float) -> str:
    """So many seconds after the start, as JSON has it."""
    return (STARTS_AT + timedelta(seconds=round(seconds, 3))).isoformat()


def uuid_text(number: int) -> str:
    """The id of the event of that number."""
    return f"fa017500-0000-4000-8000-{number:012x}"


def _fixes(number: int, at_s: np.ndarray, east_m: np.ndarray, skew_s: float) -> Reports:
    times = at_s.tolist()
    origin, unit = place(0.0), place(1_000.0)
    lat = np.full(len(times), origin.lat_deg)
    lon = origin.lon_deg + east_m * (unit.lon_deg - origin.lon_deg) / 1_000.0
    if number % 8 == 7:
        lat[40::90], lon[40::90] = 0.0, 0.0
        lon[70::110] += 1.0
    lats, lons = lat.tolist(), lon.tolist()
    speed = np.where(np.diff(east_m, append=east_m[-1:]) > 0, DRIVE_MPS, 0.0).tolist()
    ignition = '"ignition_on":true,' if number % 2 else ""
    name = f"v-{number:04d}"

    def build(i: int, received_s: float, event: int) -> bytes:
        return (
            f'{{"event_id":"{uuid_text(event)}","source":"tracker","received_at":"{instant(received_s)}",'
            f'"device_id":"t-{name}","device_seq":{i},"vehicle_id":"{name}",{ignition}'
            f'"fix_at":"{instant(times[i] + skew_s)}","lat_deg":{lats[i]},"lon_deg":{lons[i]:.6f},'
            f'"speed_mps":{speed[i]},"accuracy_m":5.0}}'
        ).encode()

    return Reports(times, build)


def _telemetry(number: int, at_s: np.ndarray, skew_s: float) -> Reports:
    times = at_s.tolist()
    middle = len(times) // 2
    is_hurt = range(middle, middle + max(4, len(times) // 8))
    """When the cargo is warm and the fault is there, for those that have one."""
    name = f"v-{number:04d}"

    def build(i: int, received_s: float, event: int) -> bytes:
        odometer_m = 50.0 * i if number % 7 == 3 and i >= middle else 100_000.0 + 50.0 * i
        level = 0.6 - 0.2 * i / len(times) + (0.3 if number % 4 == 2 and i >= middle else 0.0)
        cargo_c = 15.0 if number % 5 == 1 and i in is_hurt else 5.0
        faults = '"P0300"' if number % 5 == 2 and i in is_hurt else ""
        harsh = f'{{"kind":"braking","happened_at":"{instant(times[i] + skew_s)}","peak_mps2":5.0}}'
        return (
            f'{{"event_id":"{uuid_text(event)}","source":"tracker","received_at":"{instant(received_s)}",'
            f'"vehicle_id":"{name}","measured_at":"{instant(times[i] + skew_s)}",'
            f'"fuel_used_l":{times[i] / 900:.3f},"odometer_m":{odometer_m},"engine_rpm":1800.0,'
            f'"fuel_level_share":{level:.4f},"cargo_temperature_c":{cargo_c},"fault_codes":[{faults}],'
            f'"harsh_events":[{harsh if number % 5 == 3 and i % 40 == 20 else ""}]}}'
        ).encode()

    return Reports(times, build)


def _scans(name: str, arrivals_s: list[float]) -> Reports:
    """At each stop an arrival and a delivery."""
    times = [moment for arrival_s in arrivals_s for moment in (arrival_s + 30.0, arrival_s + 150.0)]

    def build(i: int, received_s: float, number: int) -> bytes:
        stop_id = f"{name}-{i // 2}"
        what = '"arrived"' if i % 2 == 0 else f'"delivered","order_id":"o-{stop_id}","attempt_number":1'
        return (
            f'{{"event_id":"{uuid_text(number)}","source":"scanner","received_at":"{instant(received_s)}",'
            f'"kind":{what},"scanned_at":"{instant(times[i])}","vehicle_id":"v-{name}",'
            f'"depot_id":"D1","shift_id":"{name}","driver_id":"d-{name}","stop_id":"{stop_id}"}}'
        ).encode()

    return Reports(times, build)
