"""Sequences driven on looked-up legs: what a search asks a hundred thousand times a second."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from math import inf
from types import MappingProxyType
from typing import NamedTuple

from routing.task import Task, Vantage

LEAST_EXCESS = 1e-6
"""What sums of weights and volumes differ by comes from rounding."""

LEAST_EXCESS_M = 0.01
"""Likewise for sums of metres."""

LATE_S = 1.0
"""Who is served later than promised by less is in time."""


class Drive(NamedTuple):
    """A sequence as driven, and by how much it exceeds windows, shift and vehicle.

    ``late_break_s`` is how much later than they may breaks begin, in all; ``n_apart`` counts stops of
    pairs whose other half is not where it belongs; ``n_late`` those served later than promised;
    ``n_shifted`` those reached much earlier or later than their customers were told.
    """

    duration_s: float
    distance_m: float
    lateness_s: float
    overrun_s: float
    excess_packages: int = 0
    excess_kg: float = 0.0
    excess_m3: float = 0.0
    late_break_s: float = 0.0
    n_apart: int = 0
    n_late: int = 0
    overtime_s: float = 0.0
    excess_stops: int = 0
    excess_metres: float = 0.0
    n_shifted: int = 0


STAYS_HOME = Drive(0.0, 0.0, 0.0, 0.0)

NOBODY_TOLD: Mapping[int, datetime] = MappingProxyType({})


Due = tuple[float, float, float]
"""A break: when it may begin, how long it lasts, when it has to begin."""


class Timetable:
    """Drives sequences of a task's stops; inside, moments are seconds since the legs' epoch.

    ``told`` are the arrivals that customers know; those that shift by more than ``told_within_s`` are
    counted.
    """

    def __init__(
        self, task: Task, told: Mapping[int, datetime] = NOBODY_TOLD, told_within_s: float = inf
    ) -> None:
        self._told = {index: task.seconds(arrive_at) for index, arrive_at in told.items()}
        self._told_within_s = told_within_s
        windows = [stop.windows for stop in task.stops]
        self._opens = [task.seconds(each[0].opens_at) if each else -inf for each in windows]
        self._closes = [task.seconds(each[-1].closes_at) if each else inf for each in windows]
        self._gaps = _gaps(task)
        self._service = _services(task)
        self._amounts: tuple[list[float], ...] = (
            [stop.packages for stop in task.stops],
            [stop.weight_kg for stop in task.stops],
            [stop.volume_m3 for stop in task.stops],
        )
        self._signs = [stop.sign for stop in task.stops]
        self._at_start = [stop.is_loaded_at_start for stop in task.stops]
        self._brought = tuple(
            [amount * at_start for amount, at_start in zip(amounts, self._at_start, strict=True)]
            for amounts in self._amounts
        )
        self._mates = task.mates
        self._has_pairs = any(mate >= 0 for mate in task.mates)
        self._is_begun = [each.is_begun for each in task.vantages]
        self._released = _releases(task)
        self._leaves = [task.seconds(each.leaves_at) for each in task.vantages]
        self._ends = [task.seconds(each.shift.ends_at) for each in task.vantages]
        self._returns = [task.seconds(each.shift.latest_end_at) for each in task.vantages]
        self._breaks = _breaks(task)
        self._origins, self._homes = task.origins, task.homes
        self._distances: list[list[float]] = task.legs.distances_m.tolist()
        self._durations: list[list[list[float]]] = [each.tolist() for each in task.legs.durations_s]
        self._room = _rooms(task)
        totals = [sum(amounts) for amounts in self._amounts]
        self._can_be_full = [
            any(all_of_it > room for all_of_it, room in zip(totals, rooms, strict=True))
            for rooms in self._room
        ]
        self._set_limits(task)

    def _set_limits(self, task: Task) -> None:
        """How many stops and metres a tour may still have, where that is limited."""
        rooms_of_stops = [each.room_stops for each in task.vantages]
        rooms_m = [each.room_m for each in task.vantages]
        self._room_stops = [len(task.stops) if each is None else each for each in rooms_of_stops]
        self._room_m = [inf if each is None else each for each in rooms_m]
        self._has_limits = [
            n_stops is not None or room_m is not None
            for n_stops, room_m in zip(rooms_of_stops, rooms_m, strict=True)
        ]

    def is_too_much(self, tour: int, sequence: tuple[int, ...]) -> bool:
        """Whether it is seen without a drive that the stops are too many, or don't fit in at the start."""
        if self._has_limits[tour] and len(sequence) > self._room_stops[tour]:
            return True
        return self._can_be_full[tour] and any(
            sum(map(amounts.__getitem__, sequence)) > room + LEAST_EXCESS
            for amounts, room in zip(self._brought, self._room[tour], strict=True)
        )

    def drive(self, tour: int, sequence: tuple[int, ...]) -> Drive:
        """Drive ``sequence`` on ``tour``; without stops, a tour that has not begun stays at home."""
        if not sequence and not self._is_begun[tour]:
            return STAYS_HOME
        if self._breaks[tour]:
            end, metres, late, n_late, n_shifted, late_break = self._with_breaks(tour, sequence)
        else:
            end, metres, late, n_late, n_shifted = self._without_breaks(tour, sequence)
            late_break = 0.0
        overrun = max(0.0, end - self._returns[tour])
        packages, kg, m3 = self._excess(tour, sequence) if self._can_be_full[tour] else (0, 0.0, 0.0)
        apart = self._n_apart(sequence) if self._has_pairs else 0
        overtime = max(0.0, end - overrun - self._ends[tour])
        lasts = end - self._leaves[tour]
        n_over, over = 0, 0.0
        if self._has_limits[tour]:
            n_over = max(0, len(sequence) - self._room_stops[tour])
            over = max(0.0, metres - self._room_m[tour])
            over = over if over > LEAST_EXCESS_M else 0.0
        return Drive(
            lasts,
            metres,
            late,
            overrun,
            packages,
            kg,
            m3,
            late_break,
            apart,
            n_late,
            overtime,
            n_over,
            over,
            n_shifted,
        )

    def _without_breaks(self, tour: int, sequence: tuple[int, ...]) -> tuple[float, float, float, int, int]:
        opens, closes, service, distances = self._opens, self._closes, self._service[tour], self._distances
        durations, last_hour, gaps = self._durations, len(self._durations) - 1, self._gaps
        told, within, n_shifted = self._told, self._told_within_s, 0
        now, place, metres, late, n_late = self._leaves[tour], self._origins[tour], 0.0, 0.0, 0
        if self._released[tour]:
            now = max(now, self._held_until(tour, sequence))
        for index in sequence:
            now += durations[min(int(now // 3600), last_hour)][place][index]
            metres += distances[place][index]
            if told and index in told:
                n_shifted += abs(now - told[index]) > within
            if now > closes[index]:
                late += now - closes[index]
                n_late += now - closes[index] > LATE_S
            elif now < opens[index]:
                now = opens[index]
            elif gaps and index in gaps:
                now = _after_gap(gaps[index], now)
            now += service[index]
            place = index
        home = self._homes[tour]
        now += durations[min(int(now // 3600), last_hour)][place][home]
        return now, metres + distances[place][home], late, n_late, n_shifted

    def _with_breaks(
        self, tour: int, sequence: tuple[int, ...]
    ) -> tuple[float, float, float, int, int, float]:
        """The same with breaks, each as soon as it is due and neither a drive nor a service goes on."""
        breaks, service = self._breaks[tour], self._service[tour]
        durations, last_hour = self._durations, len(self._durations) - 1
        now, place, metres = self._leaves[tour], self._origins[tour], 0.0
        late, n_late, n_shifted, late_break, taken = 0.0, 0, 0, 0.0, 0
        held_until = self._held_until(tour, sequence)
        if now < held_until:
            now, taken, late_break = _rest(breaks, taken, now, held_until)
            now = max(now, held_until)
        for index in (*sequence, self._homes[tour]):
            while taken < len(breaks) and breaks[taken][0] <= now:
                late_break += max(0.0, now - breaks[taken][2])
                now += breaks[taken][1]
                taken += 1
            now += durations[min(int(now // 3600), last_hour)][place][index]
            metres += self._distances[place][index]
            place = index
            if index >= len(self._opens):
                break
            if index in self._told:
                n_shifted += abs(now - self._told[index]) > self._told_within_s
            late += max(0.0, now - self._closes[index])
            n_late += now - self._closes[index] > LATE_S
            opens = self._opens[index]
            if index in self._gaps:
                opens = max(opens, _after_gap(self._gaps[index], now))
            if now < opens:
                if taken < len(breaks) and breaks[taken][0] < opens:
                    now, taken, late_s = _rest(breaks, taken, now, opens)
                    late_break += late_s
                now = max(now, opens)
            now += service[index]
        return now, metres, late, n_late, n_shifted, late_break

    def _held_until(self, tour: int, sequence: tuple[int, ...]) -> float:
        """When all is there that the tour has still to load."""
        released = self._released[tour]
        return max((released[index] for index in sequence if index in released), default=-inf)

    def _excess(self, tour: int, sequence: tuple[int, ...]) -> tuple[int, float, float]:
        """What is on board beyond the capacity where it is most: deliveries leave, all else joins."""
        packages, kg, m3 = (
            self._most_above(kind, room, sequence) for kind, room in enumerate(self._room[tour])
        )
        return int(packages), kg if kg > LEAST_EXCESS else 0.0, m3 if m3 > LEAST_EXCESS else 0.0

    def _most_above(self, kind: int, room: float, sequence: tuple[int, ...]) -> float:
        """By how much a kind of load is above ``room`` at its most, at least 0."""
        amounts = self._amounts[kind]
        if sum(map(amounts.__getitem__, sequence)) <= room:
            return 0.0
        load = sum(amounts[index] for index in sequence if self._at_start[index])
        most = load
        for index in sequence:
            load += self._signs[index] * amounts[index]
            if load > most:
                most = load
        return max(0.0, most - room)

    def _n_apart(self, sequence: tuple[int, ...]) -> int:
        """Stops of pairs that are alone in the sequence, or come in the wrong order."""
        place_of = {index: place for place, index in enumerate(sequence)}
        apart = 0
        for place, index in enumerate(sequence):
            mate = self._mates[index]
            if mate >= 0:
                mate_place = place_of.get(mate, -1)
                is_first = self._signs[index] > 0
                apart += mate_place < 0 or (mate_place > place) != is_first
        return apart


def _gaps(task: Task) -> dict[int, list[tuple[float, float]]]:
    """By stop with several windows, from when to when it is closed in between."""
    return {
        index: [
            (task.seconds(before.closes_at), task.seconds(after.opens_at))
            for before, after in pairwise(stop.windows)
        ]
        for index, stop in enumerate(task.stops)
        if stop.other_windows
    }


def _releases(task: Task) -> list[dict[int, float]]:
    """By tour and stop, when the parcels are at the depot; who is out, or has them, waits for none."""
    of_all = {
        index: task.seconds(stop.released_at)
        for index, stop in enumerate(task.stops)
        if stop.released_at is not None
    }
    return [_to_load(each, of_all, task) for each in task.vantages]


def _to_load(vantage: Vantage, releases: dict[int, float], task: Task) -> dict[int, float]:
    if vantage.is_begun or not vantage.loaded_stop_ids:
        return {} if vantage.is_begun else releases
    loaded = vantage.loaded_stop_ids
    return {index: at_s for index, at_s in releases.items() if task.stops[index].stop_id not in loaded}


def _breaks(task: Task) -> list[list[Due]]:
    """By tour the breaks to come."""
    return [
        [
            (
                task.seconds(due.earliest_at),
                due.duration_s,
                inf if due.latest_at is None else task.seconds(due.latest_at),
            )
            for due in each.breaks
        ]
        for each in task.vantages
    ]


def _rooms(task: Task) -> list[tuple[int, float, float]]:
    """By tour what its vehicle takes beside what is on board: packages, kilograms, cubic metres."""
    return [
        (
            each.shift.vehicle.capacity_packages - each.packages,
            each.shift.vehicle.capacity_kg - each.kg,
            each.shift.vehicle.capacity_m3 - each.m3,
        )
        for each in task.vantages
    ]


def _services(task: Task) -> list[list[float]]:
    """Seconds at each stop by tour; tours of drivers with the same pace share a list."""
    by_pace = {
        pace: [stop.service_s * pace for stop in task.stops]
        for pace in {each.shift.service_pace for each in task.vantages}
    }
    return [by_pace[each.shift.service_pace] for each in task.vantages]


def _rest(breaks: Sequence[Due], taken: int, now: float, until: float) -> tuple[float, int, float]:
    """Take the breaks that may begin before ``until``: when the last ends, how many are taken, how late."""
    late = 0.0
    while taken < len(breaks) and breaks[taken][0] < until:
        earliest, lasts, latest = breaks[taken]
        begins = max(now, earliest)
        late += max(0.0, begins - latest)
        now = begins + lasts
        taken += 1
    return now, taken, late


def _after_gap(gaps: Sequence[tuple[float, float]], now: float) -> float:
    """When the next window opens, if ``now`` is between two of them."""
    return next((opens for closes, opens in gaps if closes < now < opens), now)
