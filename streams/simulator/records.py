"""The city's reference data, its orders and its wish for a plan, as events."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import groupby

from routing.plan import Shift
from streams.events.base import derived_id
from streams.events.delivery import OrderEvent, OrderKind, Package
from streams.events.dispatch import Command, CommandKind
from streams.events.reference import (
    Acceptance,
    CarrierModel,
    CarrierRecord,
    DepotRecord,
    DeviceRecord,
    DriverRecord,
    RateRecord,
    ShiftRecord,
    VehicleRecord,
)
from streams.simulator import roster
from streams.simulator.city import TIME_ZONE, City, Depot, Van, local
from streams.simulator.demand import Order
from streams.simulator.engine import FITTED_ON
from streams.simulator.outbox import Message
from streams.simulator.tracker import PARKED_EVERY
from streams.simulator.traffic import planned_travel
from streams.topics import (
    CARRIERS,
    COMMANDS,
    DEPOTS,
    DEVICES,
    DRIVERS,
    ORDERS,
    RATES,
    SHIFTS,
    VEHICLES,
)

SOURCE = "simulator"
CUTOVER_HOUR = 3


def reference_messages(
    city: City, day: date, shifts: tuple[Shift, ...], now_at: datetime
) -> Iterator[Message]:
    """All reference data that ``day`` needs, in force from the morning before it."""
    carrier_id = f"s{city.seed}-fleet"
    yield Message(
        now_at,
        CARRIERS,
        carrier_id,
        CarrierRecord(
            event_id=derived_id("simulated", carrier_id),
            source=SOURCE,
            effective_at=local(FITTED_ON, 0),
            carrier_id=carrier_id,
            name="Own fleet",
            carrier_model=CarrierModel.OWN_FLEET,
        ),
    )
    for depot in city.depots:
        yield Message(now_at, DEPOTS, depot.depot_id, _depot(city, depot, day))
    for van in city.vans:
        yield from _van(van, carrier_id, now_at)
    for driver in city.drivers:
        record = DriverRecord(
            event_id=derived_id("simulated", driver.driver_id),
            source=SOURCE,
            effective_at=local(FITTED_ON, 0),
            driver_id=driver.driver_id,
            depot_id=driver.depot_id,
            carrier_id=carrier_id,
        )
        yield Message(now_at, DRIVERS, driver.driver_id, record)
    yield from _rates(city, now_at)
    for shift, van in zip(shifts, city.vans, strict=True):
        yield Message(now_at, SHIFTS, shift.shift_id, _shift(shift, van, day))


def order_message(order: Order, seed: int) -> Message:
    """The order as the shop's system announces it."""
    received_at = order.placed_at + timedelta(seconds=2)
    event = OrderEvent(
        event_id=derived_id("simulated", seed, order.order_id, "placed"),
        source="shop",
        received_at=received_at,
        order_id=order.order_id,
        depot_id=order.depot_id,
        kind=OrderKind.PLACED,
        ordered_at=order.placed_at,
        promised_from=order.promise.opens_at,
        promised_until=order.promise.closes_at,
        stop_id=order.stop_id,
        lat_deg=order.location.lat_deg,
        lon_deg=order.location.lon_deg,
        service_s=order.service_s,
        packages=tuple(
            Package(package_id=parcel.package_id, weight_kg=parcel.weight_kg) for parcel in order.parcels
        ),
        customer_ref=order.customer_ref,
    )
    return Message(received_at, ORDERS, order.depot_id, event)


def plan_commands(city: City, day: date, shifts: tuple[Shift, ...], now_at: datetime) -> Iterator[Message]:
    """One wish for a plan of ``day`` for each depot, with its shifts."""
    depot_of = {van.vehicle_id: van.depot_id for van in city.vans}
    by_depot = sorted(shifts, key=lambda shift: depot_of[shift.vehicle.vehicle_id])
    for depot_id, group in groupby(by_depot, key=lambda shift: depot_of[shift.vehicle.vehicle_id]):
        event_id = derived_id("simulated", city.seed, day, depot_id, "plan_day")
        command = Command(
            event_id=event_id,
            source=SOURCE,
            command_id=event_id.hex,
            depot_id=depot_id,
            kind=CommandKind.PLAN_DAY,
            issued_at=now_at,
            issued_by="simulated dispatcher",
            service_date=day,
            shifts=tuple(group),
            reason="the plan of the day",
        )
        yield Message(now_at, COMMANDS, depot_id, command)


def _depot(city: City, depot: Depot, day: date) -> DepotRecord:
    return DepotRecord(
        event_id=derived_id("simulated", depot.depot_id, day),
        source=SOURCE,
        effective_at=local(day - timedelta(days=1), 0),
        depot_id=depot.depot_id,
        name=depot.name,
        lat_deg=depot.location.lat_deg,
        lon_deg=depot.location.lon_deg,
        time_zone=TIME_ZONE.key,
        cutover_hour=CUTOVER_HOUR,
        acceptance=Acceptance.AUTOMATIC,
        travel=planned_travel(day, TIME_ZONE),
    )


def _van(van: Van, carrier_id: str, now_at: datetime) -> Iterator[Message]:
    vehicle = VehicleRecord(
        event_id=derived_id("simulated", van.vehicle_id),
        source=SOURCE,
        effective_at=local(FITTED_ON, 0),
        vehicle_id=van.vehicle_id,
        depot_id=van.depot_id,
        vehicle_class=van.vehicle_class,
        energy=van.energy,
        carrier_id=carrier_id,
        capacity_packages=van.capacity_packages,
        capacity_kg=van.capacity_kg,
        reporting_interval_s=PARKED_EVERY.total_seconds(),
    )
    yield Message(now_at, VEHICLES, van.vehicle_id, vehicle)
    for device_id in (van.device_id, van.scanner_id):
        device = DeviceRecord(
            event_id=derived_id("simulated", device_id),
            source=SOURCE,
            effective_at=local(FITTED_ON, 0),
            device_id=device_id,
            vehicle_id=van.vehicle_id,
        )
        yield Message(now_at, DEVICES, device_id, device)


def _rates(city: City, now_at: datetime) -> Iterator[Message]:
    kinds = {van.vehicle_class: van.energy for van in city.vans}
    for depot in city.depots:
        for vehicle_class, energy in sorted(kinds.items()):
            rate_id = f"{depot.depot_id}-{vehicle_class}"
            rate = RateRecord(
                event_id=derived_id("simulated", rate_id),
                source=SOURCE,
                effective_at=local(FITTED_ON, 0),
                rate_id=rate_id,
                depot_id=depot.depot_id,
                vehicle_class=vehicle_class,
                currency=roster.CURRENCY,
                driver_per_h=roster.DRIVER_PER_H,
                per_km=roster.PER_KM[energy],
                per_vehicle_day=roster.PER_VEHICLE_DAY[energy],
                overhead_per_route=roster.OVERHEAD_PER_ROUTE,
                fuel_per_l=roster.FUEL_PER_L,
                energy_per_kwh=roster.ENERGY_PER_KWH,
            )
            yield Message(now_at, RATES, rate_id, rate)


def _shift(shift: Shift, van: Van, day: date) -> ShiftRecord:
    return ShiftRecord(
        event_id=derived_id("simulated", shift.shift_id, "shift"),
        source=SOURCE,
        effective_at=local(day - timedelta(days=1), 0),
        shift_id=shift.shift_id,
        depot_id=van.depot_id,
        service_date=day,
        vehicle_id=van.vehicle_id,
        driver_id=shift.driver_id,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
    )
