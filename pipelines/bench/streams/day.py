"""The fleet's messages in the order in which they reach Kafka, slice by slice of the simulated day."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from pipelines.bench.streams.rounds import TELEMETRY_EVERY_S, Floats, Ints, Rounds
from pipelines.bench.streams.wording import (
    ARRIVED,
    DELIVERED,
    fix_messages,
    scan_messages,
    telemetry_messages,
)

SLICE_S = 10
DUPLICATE_SHARE, LATE_SHARE = 0.005, 0.003
LATE_S = (20.0, 90.0)
AGAIN_AFTER_S = 3.0
FIXES, TELEMETRY, SCANS = 0, 1, 2
BATCH = 20


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a vehicle; ``events`` is how many it holds, ``kind`` which topic takes it.

    ``appended_s`` is the second at which Kafka gets it.
    """

    kind: int
    vehicle: int
    value: bytes
    appended_s: float
    events: int = 1


Slice = list[Message]


class Day:
    """Makes the slices one after the other. With ``is_batched``, 20 fixes are one message."""

    def __init__(self, rounds: Rounds, is_batched: bool) -> None:
        self._rounds = rounds
        self._is_batched = is_batched
        self._dice = np.random.default_rng([rounds.scale.seed, 7])
        self._waiting: defaultdict[int, Slice] = defaultdict(list)
        self._batches: defaultdict[int, list[bytes]] = defaultdict(list)
        self._first_fix_s = self._dice.integers(0, rounds.fix_every_s)
        self._first_telemetry_s = self._dice.integers(0, TELEMETRY_EVERY_S, rounds.scale.vehicles)
        self._scans = _scans_in_order(rounds, self._dice)
        self.duplicates = self.late = 0

    def slices(self) -> Iterator[tuple[int, Slice]]:
        """Without end: the second at which each slice ends, and its messages in order of receipt."""
        number = 0
        while True:
            begins_s, ends_s = number * SLICE_S, (number + 1) * SLICE_S
            rows = [*self._fixes(begins_s, ends_s), *self._telemetry(begins_s, ends_s)]
            rows += self._scanned(begins_s, ends_s)
            rows += self._waiting.pop(number, [])
            rows.sort(key=lambda message: message.appended_s)
            end = bisect_left(rows, float(ends_s), key=lambda message: message.appended_s)
            self._waiting[number + 1] += rows[end:]
            yield ends_s, rows[:end]
            number += 1

    def _fixes(self, begins_s: int, ends_s: int) -> Slice:
        every = self._rounds.fix_every_s
        vehicle, seq, at_s = _due(self._first_fix_s, every, begins_s, ends_s)
        late_s = np.where(
            self._dice.random(len(vehicle)) < LATE_SHARE, self._dice.uniform(*LATE_S, len(vehicle)), 0.0
        )
        received_s = at_s + self._dice.uniform(0.2, 1.2, len(vehicle)) + late_s
        places = self._rounds.where(vehicle, at_s.astype(np.float64))
        values = fix_messages(self._dice, vehicle, at_s, received_s, places, seq)
        if self._is_batched:
            return self._batched(vehicle, received_s, values)
        return self._with_dirt(begins_s // SLICE_S, vehicle, received_s, late_s, values)

    def _with_dirt(
        self, number: int, vehicle: Ints, received_s: Floats, late_s: Floats, values: list[bytes]
    ) -> Slice:
        """Late ones wait for the slice of their receipt; some of all come twice."""
        rows: Slice = []
        is_twice = self._dice.random(len(vehicle)) < DUPLICATE_SHARE
        columns = (vehicle.tolist(), received_s.tolist(), late_s.tolist(), is_twice.tolist(), values)
        for v, received, late, twice, value in zip(*columns, strict=True):
            message = Message(FIXES, v, value, received)
            if late:
                self.late += 1
                self._waiting[int(received) // SLICE_S].append(message)
            else:
                rows.append(message)
            if twice:
                self.duplicates += 1
                again = max(number + 1, int(received) // SLICE_S)
                self._waiting[again].append(replace(message, appended_s=received + AGAIN_AFTER_S))
        return rows

    def _batched(self, vehicle: Ints, received_s: Floats, values: list[bytes]) -> Slice:
        rows: Slice = []
        for v, received, value in zip(vehicle.tolist(), received_s.tolist(), values, strict=True):
            batch = self._batches[v]
            batch.append(value)
            if len(batch) == BATCH:
                rows.append(Message(FIXES, v, b"[" + b",".join(batch) + b"]", received, BATCH))
                batch.clear()
        return rows

    def _telemetry(self, begins_s: int, ends_s: int) -> Slice:
        every = np.full(self._rounds.scale.vehicles, TELEMETRY_EVERY_S)
        vehicle, _, at_s = _due(self._first_telemetry_s, every, begins_s, ends_s)
        received_s = at_s + self._dice.uniform(0.2, 1.2, len(vehicle))
        places = self._rounds.where(vehicle, at_s.astype(np.float64))
        values = telemetry_messages(self._dice, vehicle, at_s, received_s, places)
        return _rows(TELEMETRY, vehicle, received_s, values)

    def _scanned(self, begins_s: int, ends_s: int) -> Slice:
        scans = self._scans
        first, end = np.searchsorted(scans.at_s, (begins_s, ends_s))
        vehicle, at_s = scans.vehicle[first:end], scans.at_s[first:end]
        received_s = at_s + self._dice.uniform(0.2, 1.2, len(vehicle))
        stop, kind = scans.stop[first:end], scans.kind[first:end]
        values = scan_messages(self._dice, vehicle, stop, kind, at_s, received_s)
        return _rows(SCANS, vehicle, received_s, values)


def _rows(kind: int, vehicle: Ints, received_s: Floats, values: list[bytes]) -> Slice:
    columns = zip(received_s.tolist(), vehicle.tolist(), values, strict=True)
    return [Message(kind, v, value, received) for received, v, value in columns]


def _due(first_s: Ints, every_s: Ints, begins_s: int, ends_s: int) -> tuple[Ints, Ints, Ints]:
    """Of reports at ``first_s + n * every_s``, those in [begins, ends): vehicle, n, second."""
    first = np.maximum(0, -((first_s - begins_s) // every_s))
    end = np.maximum(first, -((first_s - ends_s) // every_s))
    counts = end - first
    vehicle = np.repeat(np.arange(len(first_s)), counts)
    place = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    n = first[vehicle] + place
    return vehicle, n, first_s[vehicle] + n * every_s[vehicle]


@dataclass(frozen=True, slots=True)
class Scans:
    """All scans of the day, by time."""

    at_s: Floats
    vehicle: Ints
    stop: Ints
    kind: Ints


def _scans_in_order(rounds: Rounds, dice: np.random.Generator) -> Scans:
    shape = rounds.arrives_s.shape
    at_s = np.concatenate(
        [
            (rounds.arrives_s + dice.uniform(5.0, 25.0, shape)).ravel(),
            (rounds.departs_s - dice.uniform(10.0, 30.0, shape)).ravel(),
        ]
    )
    order = np.argsort(at_s, kind="stable")
    vehicle, stop = (np.tile(index.ravel(), 2)[order] for index in np.indices(shape))
    kind = np.repeat([ARRIVED, DELIVERED], rounds.arrives_s.size)[order]
    return Scans(at_s[order], vehicle, stop, kind)
