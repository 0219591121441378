"""What driving costs: running counters of fuel, energy, distance and idling."""

from dataclasses import dataclass, replace
from datetime import date

from streams.events.reference import EnergyKind
from streams.simulator.city import Van
from streams.simulator.roster import KWH_PER_KM, LITRES_PER_KM

IDLE_L_PER_H, IDLE_KWH_PER_H = 0.9, 1.1
FITTED_ON = date(2023, 1, 1)
"""The trackers' first day; counters grow from it by an average day's worth."""

USUAL_DAY_M, USUAL_IDLE_S, USUAL_MESSAGES = 160_000.0, 3_600.0, 20_000


@dataclass(frozen=True, slots=True)
class Counters:
    """Running totals since the tracker was fitted; ``None`` for what the van doesn't burn."""

    odometer_m: float
    idle_s: float
    fuel_used_l: float | None
    energy_used_kwh: float | None


def counters_at_start(van: Van, day: date) -> Counters:
    """Where the counters stand on the morning of ``day``: later days begin higher than earlier ones end."""
    days = max(0, (day - FITTED_ON).days)
    km = days * USUAL_DAY_M / 1000
    is_battery = van.energy is EnergyKind.ELECTRIC
    return Counters(
        odometer_m=days * USUAL_DAY_M,
        idle_s=days * USUAL_IDLE_S,
        fuel_used_l=None if is_battery else km * LITRES_PER_KM * 2,
        energy_used_kwh=km * KWH_PER_KM * 2 if is_battery else None,
    )


def run(counters: Counters, van: Van, driven_m: float, engine_on_s: float, standing_s: float) -> Counters:
    """The counters after ``driven_m`` with the engine on for ``engine_on_s``, ``standing_s`` of it idle."""
    km, hours = driven_m / 1000 * van.thirst, engine_on_s / 3600
    fuel_l, energy_kwh = counters.fuel_used_l, counters.energy_used_kwh
    return replace(
        counters,
        odometer_m=counters.odometer_m + driven_m,
        idle_s=counters.idle_s + standing_s,
        fuel_used_l=None if fuel_l is None else fuel_l + km * LITRES_PER_KM + hours * IDLE_L_PER_H,
        energy_used_kwh=(
            None if energy_kwh is None else energy_kwh + km * KWH_PER_KM + hours * IDLE_KWH_PER_H
        ),
    )
