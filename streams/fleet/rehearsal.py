"""A small day that is judged before the real one, so that the judge's machine code is there when it counts.

Making that code takes half a minute of a processor after each change of the program; it is kept for
later processes. A worker that had its partitions by then would neither judge nor leave when told to.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from routing.plan import Location, Shift, Stop, TimeWindow, Vehicle
from routing.schedule import schedule_route
from routing.travel import StraightLine
from streams.codec import encode
from streams.events.base import Event, derived_id
from streams.events.delivery import ScanEvent, ScanKind
from streams.events.dispatch import RouteAssignment
from streams.events.judgements import ClockTick
from streams.events.reference import EnergyKind, VehicleRecord
from streams.events.telematics import GpsFix, HarshEvent, HarshKind, Telemetry
from streams.fleet.judge import FleetJudge
from streams.judge import Record, run_of
from streams.topics import FLEET_INPUTS, GPS_FIXES, ROUTES, SCANS, TELEMETRY, TICKS, VEHICLES, Topic

STARTS_AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DEPOT = Location(52.0, 5.0)
VEHICLE_ID, SHIFT_ID = "v1", "A"
SOURCE = "rehearsal"
EVERY_S, FIXES, LATE, LIE = 20, 240, 210, 200
"""So many fixes, one every so many seconds; the late one comes last, and one is told from far away."""

STOPS_DEG = (0.02, 0.05)
"""How far east of the depot the stops are: about 1.4 and 3.4 km."""

STEP_DEG = 0.0025
"""How far east the vehicle gets from one fix to the next, where it drives."""


def rehearse(judge: FleetJudge) -> None:
    """Judge a vehicle's two stops, late and wrong fixes, scans, counters and a silence; nothing is kept."""
    appended_ms = int(STARTS_AT.timestamp() * 1_000)
    records = [
        Record(topic.name, 0, offset, appended_ms + offset, _key(event), encode(event))
        for offset, (topic, event) in enumerate(_day())
    ]
    state = judge.fresh(0)
    judge.advance_run(state, run_of(records, tuple(topic.name for topic in FLEET_INPUTS)))
    judge.load(judge.save(state))


def _key(event: Event) -> bytes:
    return SHIFT_ID.encode() if isinstance(event, RouteAssignment) else VEHICLE_ID.encode()


def _day() -> Iterator[tuple[Topic, Event]]:
    yield VEHICLES, _vehicle()
    yield TICKS, _tick(0)
    yield ROUTES, _route()
    for number in range(FIXES):
        if number != LATE:
            yield GPS_FIXES, _fix(number)
        if number % 5 == 0:
            yield TELEMETRY, _telemetry(number)
            yield TICKS, _tick(number * EVERY_S + 1)
    yield SCANS, _scan(ScanKind.ARRIVED, "s1", 300)
    yield SCANS, _scan(ScanKind.ARRIVED, "s2", LATE * EVERY_S - 60)
    yield GPS_FIXES, _fix(LATE)
    yield SCANS, _scan(ScanKind.DELIVERED, "s2", 1_200)
    yield TICKS, _tick(2 * 3_600)


def _after(seconds: float) -> datetime:
    return STARTS_AT + timedelta(seconds=seconds)


def _east_deg(number: int) -> float:
    """Where the vehicle is: it stands at each stop for ten minutes, and ends at the last."""
    stand = 30
    driven = min(number, 8) + max(0, min(number - 8 - stand, 12))
    return driven * STEP_DEG + (number == LIE)


def _vehicle() -> VehicleRecord:
    return VehicleRecord(
        event_id=derived_id("rehearsal", "vehicle"),
        effective_at=STARTS_AT,
        depot_id="D1",
        vehicle_class="van",
        energy=EnergyKind.DIESEL,
        reporting_interval_s=EVERY_S,
        cargo_min_c=2.0,
        cargo_max_c=8.0,
        source=SOURCE,
        vehicle_id=VEHICLE_ID,
    )


def _route() -> RouteAssignment:
    shift = Shift(SHIFT_ID, Vehicle(VEHICLE_ID), "d1", DEPOT, DEPOT, STARTS_AT, _after(8 * 3_600))
    stops = [
        Stop(
            f"s{number}",
            Location(DEPOT.lat_deg, DEPOT.lon_deg + east_deg),
            service_s=120.0,
            window=TimeWindow(STARTS_AT, _after(number * 600)),
            order_ids=(f"o{number}",),
        )
        for number, east_deg in enumerate(STOPS_DEG, 1)
    ]
    travel = StraightLine()
    return RouteAssignment(
        event_id=derived_id("rehearsal", "route"),
        depot_id="D1",
        service_date=STARTS_AT.date(),
        shift_id=SHIFT_ID,
        revision=1,
        effective_at=STARTS_AT,
        route=schedule_route(shift, stops, travel),
        travel=travel,
        source=SOURCE,
        vehicle_id=VEHICLE_ID,
    )


def _tick(after_s: float) -> ClockTick:
    return ClockTick(event_id=derived_id("rehearsal", "tick", after_s), source=SOURCE, now_at=_after(after_s))


def _fix(number: int) -> GpsFix:
    """Every other one has a text that columns don't take."""
    return GpsFix(
        event_id=derived_id("rehearsal", "fix", number),
        received_at=_after(number * EVERY_S + 1),
        fix_at=_after(number * EVERY_S),
        lat_deg=DEPOT.lat_deg,
        lon_deg=DEPOT.lon_deg + _east_deg(number),
        device_id="t1" if number % 2 else "é",
        device_seq=number,
        source=SOURCE,
        vehicle_id=VEHICLE_ID,
    )


def _telemetry(number: int) -> Telemetry:
    at = _after(number * EVERY_S)
    return Telemetry(
        event_id=derived_id("rehearsal", "telemetry", number),
        received_at=at,
        measured_at=at,
        fuel_used_l=number / 10,
        odometer_m=number * 100.0,
        idle_s=0.0,
        engine_rpm=800.0,
        speed_mps=0.0,
        cargo_temperature_c=12.0,
        fuel_level_share=0.5,
        fault_codes=("P0300",),
        harsh_events=(HarshEvent(kind=HarshKind.BRAKING, happened_at=at, peak_mps2=5.0),),
        source=SOURCE,
        vehicle_id=VEHICLE_ID,
    )


def _scan(kind: ScanKind, stop_id: str, after_s: float) -> ScanEvent:
    return ScanEvent(
        event_id=derived_id("rehearsal", "scan", kind, stop_id),
        received_at=_after(after_s),
        scanned_at=_after(after_s),
        kind=kind,
        depot_id="D1",
        shift_id=SHIFT_ID,
        stop_id=stop_id,
        order_id=f"o{stop_id[1:]}",
        source=SOURCE,
        vehicle_id=VEHICLE_ID,
    )
