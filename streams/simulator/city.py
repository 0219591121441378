"""The city that a seed makes: depots, vans, drivers, and where people live. The same every day."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from math import cos, pi, sin
from random import Random
from zoneinfo import ZoneInfo

from routing.plan import Location
from streams.events.reference import EnergyKind
from streams.simulator.dice import dice
from streams.simulator.roads import Plane, Point

CENTRE = Location(52.3745, 9.7386)
TIME_ZONE = ZoneInfo("Europe/Berlin")
RADIUS_M = 15_000.0
NEIGHBOURHOODS = 18
BATTERY_SHARE = 1 / 3
DIRECTIONS = ("North", "South", "East", "West")


@dataclass(frozen=True, slots=True)
class Depot:
    """Where vans start and end."""

    depot_id: str
    name: str
    place: Point
    location: Location


@dataclass(frozen=True, slots=True)
class Van:
    """One vehicle with its tracker and its driver's scanner."""

    vehicle_id: str
    device_id: str
    scanner_id: str
    depot_id: str
    energy: EnergyKind
    vehicle_class: str
    capacity_packages: int
    capacity_kg: float
    thirst: float
    """Consumption relative to its class."""


@dataclass(frozen=True, slots=True)
class Person:
    """A driver with habits; ``pace`` and ``service_pace`` are factors of speed and of service time."""

    driver_id: str
    depot_id: str
    pace: float
    service_pace: float
    harsh_per_km: float
    leaves_engine_on: bool


@dataclass(frozen=True, slots=True)
class City:
    """All that stays from day to day; ``drivers[i]`` drives ``vans[i]``."""

    seed: int
    plane: Plane
    grid_rad: float
    depots: tuple[Depot, ...]
    vans: tuple[Van, ...]
    drivers: tuple[Person, ...]
    neighbourhoods: tuple[Point, ...]

    def nearest_depot(self, place: Point) -> Depot:
        """The depot that serves ``place``."""
        return min(self.depots, key=lambda depot: depot.place.distance_m(place))

    def some_address(self, generator: Random) -> Point:
        """A place where somebody lives: mostly in a neighbourhood, sometimes anywhere."""
        if generator.random() < 0.3:
            return _anywhere(generator, RADIUS_M)
        home = generator.choice(self.neighbourhoods)
        return Point(home.east_m + generator.gauss(0, 800), home.north_m + generator.gauss(0, 800))


def build_city(seed: int, depots: int, vehicles: int) -> City:
    """The city of ``seed`` with that many depots and vans. Raises ``ValueError`` for less than one each."""
    if depots < 1 or vehicles < depots:
        raise ValueError(f"a city needs a depot and a van for each, not {depots} depots and {vehicles} vans")
    generator = dice(seed, "city")
    plane = Plane(CENTRE)
    turn_rad = generator.uniform(0, 2 * pi)
    sites = tuple(_depot(seed, plane, index, depots, turn_rad) for index in range(depots))
    homes = tuple(sites[index % depots].depot_id for index in range(vehicles))
    return City(
        seed,
        plane,
        generator.uniform(0, pi / 2),
        sites,
        tuple(_van(seed, index, homes[index]) for index in range(vehicles)),
        tuple(_person(seed, index, homes[index]) for index in range(vehicles)),
        tuple(_anywhere(generator, RADIUS_M * 0.9) for _ in range(NEIGHBOURHOODS)),
    )


def local(day: date, hour: float) -> datetime:
    """The instant of an hour of the local day, in UTC; 12.5 is half past noon."""
    minutes = round(hour * 60)
    clock = datetime.combine(day, time(minutes // 60, minutes % 60), TIME_ZONE)
    return clock.astimezone(UTC)


def _depot(seed: int, plane: Plane, index: int, depots: int, turn_rad: float) -> Depot:
    angle_rad = turn_rad + 2 * pi * index / depots
    distance_m = 0.0 if depots == 1 else RADIUS_M * 0.45
    place = Point(distance_m * cos(angle_rad), distance_m * sin(angle_rad))
    name = f"{DIRECTIONS[index]} depot" if index < len(DIRECTIONS) else f"Depot {index + 1}"
    return Depot(f"s{seed}-depot-{index + 1}", name, place, plane.location(place))


def _van(seed: int, index: int, depot_id: str) -> Van:
    generator = dice(seed, "van", index)
    number = f"{index + 1:02d}"
    is_battery = generator.random() < BATTERY_SHARE
    return Van(
        vehicle_id=f"s{seed}-van-{number}",
        device_id=f"s{seed}-tracker-{number}",
        scanner_id=f"s{seed}-scanner-{number}",
        depot_id=depot_id,
        energy=EnergyKind.ELECTRIC if is_battery else EnergyKind.DIESEL,
        vehicle_class="van_class_iii_battery" if is_battery else "van_class_iii_diesel",
        capacity_packages=60 if is_battery else 80,
        capacity_kg=700.0 if is_battery else 900.0,
        thirst=generator.uniform(0.92, 1.12),
    )


def _person(seed: int, index: int, depot_id: str) -> Person:
    generator = dice(seed, "driver", index)
    return Person(
        driver_id=f"s{seed}-driver-{index + 1:02d}",
        depot_id=depot_id,
        pace=generator.uniform(0.93, 1.05),
        service_pace=generator.uniform(0.85, 1.25),
        harsh_per_km=generator.choice((0.01, 0.03, 0.05, 0.15)),
        leaves_engine_on=generator.random() < 0.2,
    )


def _anywhere(generator: Random, radius_m: float) -> Point:
    """A place in the disk; the root makes it as likely per square metre everywhere."""
    distance_m, angle_rad = radius_m * generator.random() ** 0.5, generator.uniform(0, 2 * pi)
    return Point(distance_m * cos(angle_rad), distance_m * sin(angle_rad))
