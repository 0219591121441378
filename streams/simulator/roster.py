"""Who works when: one shift a van, in two waves, and what a van and its driver cost."""

from datetime import date, timedelta

from routing.plan import Shift, Vehicle
from streams.events.reference import EnergyKind
from streams.simulator.city import City, Van, local
from streams.simulator.dice import dice

AFTERNOON_SHARE = 0.4
MORNING_STARTS, AFTERNOON_STARTS = (7.25, 7.5, 8.0), (12.75, 13.25, 13.75)
HOURS = 5.5

CURRENCY = "EUR"
DRIVER_PER_H, OVERHEAD_PER_ROUTE = 24.5, 18.0
PER_VEHICLE_DAY = {EnergyKind.DIESEL: 31.0, EnergyKind.ELECTRIC: 37.0}
PER_KM = {EnergyKind.DIESEL: 0.17, EnergyKind.ELECTRIC: 0.12}
FUEL_PER_L, ENERGY_PER_KWH = 1.58, 0.31
LITRES_PER_KM, KWH_PER_KM = 0.105, 0.27
CO2E_KG_PER_KM = {EnergyKind.DIESEL: 0.34584, EnergyKind.ELECTRIC: 0.10309}
"""Well-to-wheel, vans of class III (1.74 to 3.5 t), UK DESNZ 2025."""


def shifts_of(city: City, day: date) -> tuple[Shift, ...]:
    """The shifts of ``day``, one for each van, in the vans' order."""
    return tuple(_shift(city, day, index) for index in range(len(city.vans)))


def planning_vehicle(van: Van) -> Vehicle:
    """What a planner has to know of ``van``: capacities, marginal costs and emissions."""
    energy_per_km = (
        KWH_PER_KM * ENERGY_PER_KWH if van.energy is EnergyKind.ELECTRIC else LITRES_PER_KM * FUEL_PER_L
    )
    return Vehicle(
        vehicle_id=van.vehicle_id,
        vehicle_class=van.vehicle_class,
        capacity_packages=van.capacity_packages,
        capacity_kg=van.capacity_kg,
        fixed_cost=OVERHEAD_PER_ROUTE,
        cost_per_km=round(PER_KM[van.energy] + energy_per_km, 4),
        cost_per_h=DRIVER_PER_H,
        currency=CURRENCY,
        co2e_kg_per_km=CO2E_KG_PER_KM[van.energy],
    )


def _shift(city: City, day: date, index: int) -> Shift:
    van, place_in_depot = city.vans[index], index // len(city.depots)
    generator = dice(city.seed, day, "shift", van.vehicle_id)
    is_afternoon = _is_afternoon(place_in_depot)
    starts_at = local(day, generator.choice(AFTERNOON_STARTS if is_afternoon else MORNING_STARTS))
    depot = next(depot for depot in city.depots if depot.depot_id == van.depot_id)
    return Shift(
        shift_id=f"{van.vehicle_id}-{day:%Y%m%d}",
        vehicle=planning_vehicle(van),
        driver_id=city.drivers[index].driver_id,
        start=depot.location,
        end=depot.location,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=HOURS),
    )


def _is_afternoon(place_in_depot: int) -> bool:
    """Spread the share evenly over a depot's vans: the first is always a morning one."""
    return int((place_in_depot + 1) * AFTERNOON_SHARE) > int(place_in_depot * AFTERNOON_SHARE)
