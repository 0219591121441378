"""Sequences driven on looked-up legs: what a search asks a hundred thousand times a second."""

from math import inf
from typing import NamedTuple

from routing.plan import StopKind
from routing.task import Task


class Drive(NamedTuple):
    """A sequence as driven, and by how much it exceeds windows, shift and vehicle."""

    duration_s: float
    distance_m: float
    lateness_s: float
    overrun_s: float
    excess_packages: int
    excess_kg: float


STAYS_HOME = Drive(0.0, 0.0, 0.0, 0.0, 0, 0.0)


class Timetable:
    """Drives sequences of a task's stops; inside, moments are seconds since the legs' epoch."""

    def __init__(self, task: Task) -> None:
        windows = [stop.window for stop in task.stops]
        self._opens = [-inf if each is None else task.seconds(each.opens_at) for each in windows]
        self._closes = [inf if each is None else task.seconds(each.closes_at) for each in windows]
        self._service = [stop.service_s for stop in task.stops]
        self._packages = [stop.packages for stop in task.stops]
        self._kg = [stop.weight_kg for stop in task.stops]
        self._is_delivery = [stop.kind is StopKind.DELIVER for stop in task.stops]
        self._is_begun = [each.is_begun for each in task.vantages]
        self._leaves = [task.seconds(each.leaves_at) for each in task.vantages]
        self._returns = [task.seconds(each.shift.ends_at) for each in task.vantages]
        self._origins, self._homes = task.origins, task.homes
        self._distances: list[list[float]] = task.legs.distances_m.tolist()
        self._durations: list[list[list[float]]] = [each.tolist() for each in task.legs.durations_s]
        all_packages, all_kg = sum(self._packages), sum(self._kg)
        self._room = [
            (
                each.shift.vehicle.capacity_packages - each.packages,
                each.shift.vehicle.capacity_kg - each.kg,
            )
            for each in task.vantages
        ]
        self._can_be_full = [all_packages > packages or all_kg > kg for packages, kg in self._room]

    def drive(self, tour: int, sequence: tuple[int, ...]) -> Drive:
        """Drive ``sequence`` on ``tour``; without stops, a tour that has not begun stays at home."""
        if not sequence and not self._is_begun[tour]:
            return STAYS_HOME
        opens, closes, service, distances = self._opens, self._closes, self._service, self._distances
        durations, last_hour = self._durations, len(self._durations) - 1
        now = leaves = self._leaves[tour]
        place, metres, late = self._origins[tour], 0.0, 0.0
        for index in sequence:
            now += durations[min(int(now // 3600), last_hour)][place][index]
            metres += distances[place][index]
            if now > closes[index]:
                late += now - closes[index]
            elif now < opens[index]:
                now = opens[index]
            now += service[index]
            place = index
        home = self._homes[tour]
        now += durations[min(int(now // 3600), last_hour)][place][home]
        metres += distances[place][home]
        packages, kg = self._excess(tour, sequence) if self._can_be_full[tour] else (0, 0.0)
        return Drive(now - leaves, metres, late, max(0.0, now - self._returns[tour]), packages, kg)

    def _excess(self, tour: int, sequence: tuple[int, ...]) -> tuple[int, float]:
        """What is on board beyond the capacity where it is most: deliveries leave, all else joins."""
        packages = sum(self._packages[index] for index in sequence if self._is_delivery[index])
        kg = sum(self._kg[index] for index in sequence if self._is_delivery[index])
        most_packages, most_kg = packages, kg
        for index in sequence:
            if self._is_delivery[index]:
                packages -= self._packages[index]
                kg -= self._kg[index]
            else:
                packages += self._packages[index]
                kg += self._kg[index]
                most_packages, most_kg = max(most_packages, packages), max(most_kg, kg)
        room_packages, room_kg = self._room[tour]
        excess_kg = most_kg - room_kg
        return max(0, most_packages - room_packages), excess_kg if excess_kg > 1e-6 else 0.0
