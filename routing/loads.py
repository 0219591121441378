"""How much is on board where it is most."""

from collections.abc import Iterable, Sequence

from routing.plan import Stop, Vehicle

Load = tuple[int, float, float]
"""Packages, kilograms and cubic metres."""


def load_of(stops: Iterable[Stop]) -> Load:
    """What the stops take of a vehicle together."""
    packages, kg, m3 = 0, 0.0, 0.0
    for stop in stops:
        packages, kg, m3 = packages + stop.packages, kg + stop.weight_kg, m3 + stop.volume_m3
    return packages, kg, m3


def peak_load(stops: Sequence[Stop], on_board: Load = (0, 0.0, 0.0)) -> Load:
    """The most of each that is on board at once; ``on_board`` is there before the first of ``stops``."""
    packages, kg, m3 = load_of(stop for stop in stops if stop.is_loaded_at_start)
    packages, kg, m3 = packages + on_board[0], kg + on_board[1], m3 + on_board[2]
    most_packages, most_kg, most_m3 = packages, kg, m3
    for stop in stops:
        sign = stop.sign
        packages += sign * stop.packages
        kg += sign * stop.weight_kg
        m3 += sign * stop.volume_m3
        if sign > 0:
            most_packages, most_kg, most_m3 = max(most_packages, packages), max(most_kg, kg), max(most_m3, m3)
    return most_packages, most_kg, most_m3


def room_of(vehicle: Vehicle) -> Load:
    """What the vehicle takes."""
    return vehicle.capacity_packages, vehicle.capacity_kg, vehicle.capacity_m3
