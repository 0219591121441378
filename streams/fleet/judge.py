"""The fleet judge: runs of records to what they mean for vehicles, by composition of the parts beside it."""

from bisect import bisect_left
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from streams.events.base import Event, derived_id
from streams.events.judgements import ClockTick
from streams.events.reference import DeviceRecord, VehicleRecord
from streams.fleet.columns import rules_rows
from streams.fleet.fitted import fit_device, remove_device
from streams.fleet.instants import micros
from streams.fleet.observations import Numbers, Observations, observe
from streams.fleet.retention import RETENTION_US
from streams.fleet.routes import end_shift, is_overrun, receive_route, take_due_routes, withdraw_route
from streams.fleet.rules import DEFAULT_RULES, FleetRules
from streams.fleet.saved import STATE_FORMAT, load, save
from streams.fleet.screen import ROOM_NEEDED, find_due, screen
from streams.fleet.settle import settle
from streams.fleet.silence import judge_silence
from streams.fleet.state import FleetState, VehicleState
from streams.fleet.telemetry.fitting import fit_machine
from streams.fleet.telemetry.harsh import tell_rest
from streams.fleet.turn import SOURCE, Cause, Said, Turn
from streams.fleet.validate import read_routes
from streams.fleet.wake import wake
from streams.judge import DeadLetter, Record, Run, run_of
from streams.topics import (
    BY_NAME,
    DEVICES,
    FLEET_INPUTS,
    GPS_FIXES,
    ROUTES,
    SCANS,
    TELEMETRY,
    TICKS,
    VALIDATED,
    VEHICLES,
    Topic,
)
from streams.validate import appended_at, read

OBSERVED = frozenset((GPS_FIXES.name, TELEMETRY.name, SCANS.name))


class FleetJudge:
    """Judges what vehicles and scanners report against their routes. Implements ``streams.judge.Judge``.

    What vehicles and scanners say goes through the screen, in columns; the rest is record by record.
    """

    name: str = "fleet"
    inputs: tuple[Topic, ...] = FLEET_INPUTS
    state_format: int = STATE_FORMAT

    def __init__(self, rules: FleetRules = DEFAULT_RULES) -> None:
        self.rules = rules
        self._limits = rules_rows(rules)
        self._takers: dict[str, Callable[[FleetState, Record, Said], None]] = {
            TICKS.name: self._take_ticks,
            ROUTES.name: self._take_routes,
            VEHICLES.name: _take_vehicles,
            DEVICES.name: _take_devices,
            **dict.fromkeys((topic.name for topic in VALIDATED), _validate),
        }

    def fresh(self, partition: int) -> FleetState:
        """The state before the first record of partition number ``partition``."""
        return FleetState(partition, self.rules)

    def save(self, state: FleetState) -> bytes:
        """The state as bytes."""
        return save(state)

    def load(self, data: bytes) -> FleetState:
        """The state that ``save`` wrote."""
        return load(data, self.rules)

    def advance(self, state: FleetState, record: Record) -> Said:
        """Judge one record. Raises ``KeyError`` for a topic that is not among ``inputs``."""
        return self.advance_run(state, run_of([record], (record.topic,)))

    def advance_run(self, state: FleetState, run: Run) -> Said:
        """Judge a run. Raises ``KeyError`` for a topic that is not among ``inputs``."""
        said: Said = []
        seen = observe(run, Numbers(state.numbers, state.number_of))
        places: NDArray[np.int64] = np.ascontiguousarray(seen.rows["place"])
        at, letter_at = 0, 0
        letter_places = [letter[0] for letter in seen.letters]
        for place in _places_of_others(run, letter_places):
            end = int(np.searchsorted(places, place))
            at = self._observe(state, run, seen, at, end, said)
            if run.topics[run.ranks[place]] not in OBSERVED:
                self._takers[run.topics[run.ranks[place]]](state, run.record(place), said)
                continue
            letter_end = bisect_left(letter_places, place + 1)
            said += [letter for _, _, letter in seen.letters[letter_at:letter_end]]
            letter_at = letter_end
        self._observe(state, run, seen, at, len(seen.rows), said)
        return said

    def _observe(self, state: FleetState, run: Run, seen: Observations, at: int, end: int, said: Said) -> int:
        """Judge the rows ``at`` to ``end``, and return ``end``."""
        while at < end:
            at = self._screen(state, seen, at, end)
            if at == end:
                break
            if seen.row(at)["said"] == ROOM_NEEDED:
                state.event_ids.make_room()
                state.fix_times.make_room()
                state.tracks.make_room()
                continue
            wake(self.rules, state, run, seen, at, said)
            at += 1
        return end

    def _screen(self, state: FleetState, seen: Observations, at: int, end: int) -> int:
        return screen(
            seen.rows,
            at,
            end,
            state.records,
            state.event_ids.keys,
            state.event_ids.counts,
            state.event_ids.room,
            state.fix_times.keys,
            state.fix_times.counts,
            state.fix_times.room,
            RETENTION_US,
            state.tracks.heads,
            state.tracks.bases,
            state.tracks.rings,
            state.tracks.pages,
            state.tracks.watches,
            state.stops.records,
            state.travels.rows,
            state.now_us,
            self._limits,
        )

    def _take_ticks(self, state: FleetState, record: Record, said: Said) -> None:
        for element in read(record, ClockTick):
            if isinstance(element, DeadLetter):
                said.append(element)
            elif (now_us := micros(element.event.now_at)) > state.now_us:
                state.now_us = now_us
                self._tick(state, Cause.of(element.event), said)

    def _tick(self, state: FleetState, cause: Cause, said: Said) -> None:
        """Time moves on for the vehicles that it has something for, and for no others."""
        due = np.empty(len(state.numbers), np.int64)
        found = find_due(
            state.records,
            len(state.numbers),
            state.tracks.watches,
            state.stops.records,
            state.travels.rows,
            state.now_us,
            self._limits,
            due,
        )
        for number in due[:found].tolist():
            vehicle = state.by_number[number]
            turn = self._turn(state, vehicle, cause, said)
            tell_rest(turn, state.records[number], turn.now_us, state.depots[number], vehicle.vehicle_id)
            take_due_routes(turn, state, vehicle)
            if is_overrun(turn, vehicle):
                end_shift(turn, state, vehicle, "the shift is long over")
            if vehicle.shift is not None:
                judge_silence(turn, state, vehicle, vehicle.shift)
            settle(turn, state, vehicle)

    def _take_routes(self, state: FleetState, record: Record, said: Said) -> None:
        if not record.value:
            self._withdraw(state, record, said)
        for element in read_routes(record):
            if isinstance(element, DeadLetter):
                said.append(element)
                continue
            vehicle = state.vehicle(element.event.vehicle_id)
            state.know_depot(element.event.vehicle_id, element.event.depot_id)
            receive_route(state, vehicle, element.event)
            if state.now_at is not None or vehicle.now_at is not None:
                turn = self._turn(state, vehicle, Cause.of(element.event), said)
                take_due_routes(turn, state, vehicle)
                settle(turn, state, vehicle)

    def _withdraw(self, state: FleetState, record: Record, said: Said) -> None:
        """An empty value under a shift's key: the shift has no route any more."""
        place = (record.topic, record.partition, record.offset)
        removal = Event(event_id=derived_id("removal", *place), source=SOURCE)
        now_us = micros(state.now_at or appended_at(record))
        turn = Turn.at(self.rules, Cause.of(removal), now_us, said)
        withdraw_route(turn, state, (record.key or b"").decode(errors="replace"))

    def _turn(self, state: FleetState, vehicle: VehicleState, cause: Cause, said: Said) -> Turn:
        """The vehicle's now is the newest of its own events and the ticks; one of them is known."""
        return Turn.at(self.rules, cause, max(state.now_us, vehicle.record["now_us"]), said)


def _places_of_others(run: Run, letter_places: list[int]) -> list[int]:
    """Places of what the screen doesn't take: records of other topics, and broken ones, in order."""
    is_other = np.array([topic not in OBSERVED for topic in run.topics])
    return sorted({*np.flatnonzero(is_other[run.ranks]).tolist(), *letter_places})


def _take_vehicles(state: FleetState, record: Record, said: Said) -> None:
    for element in read(record, VehicleRecord):
        if isinstance(element, DeadLetter):
            said.append(element)
            continue
        reference = element.event
        number = state.number_of(reference.vehicle_id.encode())  # which may make the records grow
        known = state.records[number]
        effective_us = micros(reference.effective_at)
        if effective_us >= known["reference_us"]:
            known["reference_us"] = effective_us
            known["reporting_interval_s"] = reference.reporting_interval_s
            fit_machine(known, reference)
            state.know_depot(reference.vehicle_id, reference.depot_id)


def _take_devices(state: FleetState, record: Record, said: Said) -> None:
    if not record.value:
        remove_device(state, (record.key or b"").decode(errors="replace"))
    for element in read(record, DeviceRecord):
        if isinstance(element, DeadLetter):
            said.append(element)
        else:
            fit_device(state, element.event)


def _validate(state: FleetState, record: Record, said: Said) -> None:
    """Reference data that changes no judgement: only what is wrong with it is told."""
    event_type = BY_NAME[record.topic].event
    assert event_type is not None
    said += [element for element in read(record, event_type) if isinstance(element, DeadLetter)]
