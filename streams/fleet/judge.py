"""The fleet judge: each record to what it means for its vehicle, by composition of the parts beside it."""

from collections.abc import Callable

import msgspec

from routing.plan import Location
from streams.events.base import Event, derived_id
from streams.events.delivery import ScanEvent
from streams.events.judgements import ClockTick
from streams.events.reference import VehicleRecord
from streams.events.telematics import GpsFix, Telemetry
from streams.fleet.clocks import as_utc
from streams.fleet.delays import judge_delays
from streams.fleet.etas import refresh_etas
from streams.fleet.intake import Observation, Observed, Said, accept
from streams.fleet.progress import tell_progress
from streams.fleet.routes import end_shift, is_overrun, receive_route, take_due_routes, withdraw_route
from streams.fleet.rules import DEFAULT_RULES, FleetRules
from streams.fleet.scans import take_scan
from streams.fleet.silence import hear, judge_silence
from streams.fleet.state import FleetState, VehicleState
from streams.fleet.turn import SOURCE, Turn
from streams.fleet.validate import read_routes
from streams.fleet.visits import follow
from streams.judge import DeadLetter, Record, Run
from streams.topics import (
    BY_NAME,
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


class FleetJudge:
    """Judges what vehicles and scanners report against their routes. Implements ``streams.judge.Judge``.

    A record of several events (all of one vehicle, by its key) is taken in event by event; ETAs,
    delays and progress are judged once, at its end.
    """

    name: str = "fleet"
    inputs: tuple[Topic, ...] = FLEET_INPUTS

    def __init__(self, rules: FleetRules = DEFAULT_RULES) -> None:
        self.rules = rules
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(FleetState)
        self._takers: dict[str, Callable[[FleetState, Record, Said], None]] = {
            TICKS.name: self._take_ticks,
            ROUTES.name: self._take_routes,
            VEHICLES.name: self._take_vehicles,
            GPS_FIXES.name: lambda state, record, said: self._observe(state, record, said, GpsFix, _move),
            TELEMETRY.name: lambda state, record, said: self._observe(
                state, record, said, Telemetry, _note_telemetry
            ),
            SCANS.name: lambda state, record, said: self._observe(state, record, said, ScanEvent, _take_scan),
            **dict.fromkeys((topic.name for topic in VALIDATED), _validate),
        }

    def fresh(self, partition: int) -> FleetState:
        """The state before the first record of partition number ``partition``."""
        return FleetState(partition)

    def save(self, state: FleetState) -> bytes:
        """The state as MessagePack."""
        return self._encoder.encode(state)

    def load(self, data: bytes) -> FleetState:
        """The state that ``save`` wrote."""
        return self._decoder.decode(data)

    def advance(self, state: FleetState, record: Record) -> Said:
        """Judge one record. Raises ``KeyError`` for a topic that is not among ``inputs``."""
        said: Said = []
        self._takers[record.topic](state, record, said)
        return said

    def advance_run(self, state: FleetState, run: Run) -> Said:
        """Judge the records of a run, one after the other."""
        return [output for place in range(len(run)) for output in self.advance(state, run.record(place))]

    def _take_ticks(self, state: FleetState, record: Record, said: Said) -> None:
        for element in read(record, ClockTick):
            if isinstance(element, DeadLetter):
                said.append(element)
            elif state.now_at is None or element.event.now_at > state.now_at:
                state.now_at = as_utc(element.event.now_at)
                self._tick(state, element.event, said)

    def _tick(self, state: FleetState, tick: ClockTick, said: Said) -> None:
        """Time moves on for the vehicles that have a shift, and for no others."""
        for vehicle_id in dict.fromkeys(state.shifts.values()):
            vehicle = state.vehicle(vehicle_id)
            turn = self._turn(state, vehicle, tick, said)
            take_due_routes(turn, state, vehicle)
            if vehicle.shift is None:
                continue
            if is_overrun(turn, vehicle.shift):
                end_shift(turn, state, vehicle, "the shift is long over")
            else:
                judge_silence(turn, vehicle, vehicle.shift)
                _settle(turn, vehicle)

    def _take_routes(self, state: FleetState, record: Record, said: Said) -> None:
        if not record.value:
            self._withdraw(state, record, said)
        for element in read_routes(record):
            if isinstance(element, DeadLetter):
                said.append(element)
                continue
            vehicle = state.vehicle(element.event.vehicle_id)
            receive_route(state, vehicle, element.event)
            if state.now_at is not None or vehicle.now_at is not None:
                turn = self._turn(state, vehicle, element.event, said)
                take_due_routes(turn, state, vehicle)
                _settle(turn, vehicle)

    def _withdraw(self, state: FleetState, record: Record, said: Said) -> None:
        """An empty value under a shift's key: the shift has no route any more."""
        place = (record.topic, record.partition, record.offset)
        removal = Event(event_id=derived_id("removal", *place), source=SOURCE)
        turn = Turn(self.rules, removal, state.now_at or appended_at(record), said)
        withdraw_route(turn, state, (record.key or b"").decode(errors="replace"))

    def _take_vehicles(self, state: FleetState, record: Record, said: Said) -> None:
        for element in read(record, VehicleRecord):
            if isinstance(element, DeadLetter):
                said.append(element)
                continue
            reference, vehicle = element.event, state.vehicle(element.event.vehicle_id)
            if vehicle.reference_at is None or reference.effective_at >= vehicle.reference_at:
                vehicle.reference_at = as_utc(reference.effective_at)
                vehicle.reporting_interval_s = reference.reporting_interval_s

    def _observe(
        self,
        state: FleetState,
        record: Record,
        said: Said,
        event_type: type[Observed],
        take: Callable[[Turn, VehicleState, Observation[Observed]], None],
    ) -> None:
        last: tuple[Turn, VehicleState] | None = None
        for seen in accept(state, record, event_type, self.rules, said):
            if seen.event.vehicle_id is None:
                continue
            vehicle = state.vehicle(seen.event.vehicle_id)
            vehicle.now_at = seen.at if vehicle.now_at is None else max(vehicle.now_at, seen.at)
            if vehicle.shift is None and not vehicle.upcoming:
                continue
            turn = self._turn(state, vehicle, seen.event, said)
            if vehicle.upcoming:
                take_due_routes(turn, state, vehicle)
            take(turn, vehicle, seen)
            last = turn, vehicle
        if last is not None:
            _settle(*last)

    def _turn(self, state: FleetState, vehicle: VehicleState, cause: Event, said: Said) -> Turn:
        """The vehicle's now is the newest of its own events and the ticks; one of them is known."""
        moments = [at for at in (state.now_at, vehicle.now_at) if at is not None]
        return Turn(self.rules, cause, max(moments), said)


def _validate(state: FleetState, record: Record, said: Said) -> None:
    """Reference data that changes no judgement: only what is wrong with it is told."""
    event_type = BY_NAME[record.topic].event
    assert event_type is not None
    said += [element for element in read(record, event_type) if isinstance(element, DeadLetter)]


def _move(turn: Turn, vehicle: VehicleState, seen: Observation[GpsFix]) -> None:
    fix = seen.event
    hear(turn, vehicle, as_utc(fix.received_at))
    is_newer = vehicle.position_at is None or seen.at > vehicle.position_at
    if vehicle.shift is not None and is_newer and seen.is_position_usable:
        follow(turn, vehicle, Location(fix.lat_deg, fix.lon_deg), fix.speed_mps, seen.at)


def _note_telemetry(turn: Turn, vehicle: VehicleState, seen: Observation[Telemetry]) -> None:
    hear(turn, vehicle, as_utc(seen.event.received_at))


def _take_scan(turn: Turn, vehicle: VehicleState, seen: Observation[ScanEvent]) -> None:
    if vehicle.shift is not None:
        take_scan(turn, vehicle, seen.event, seen.at)


def _settle(turn: Turn, vehicle: VehicleState) -> None:
    """What follows from a vehicle's new state, once all of a record is in it."""
    shift = vehicle.shift
    if shift is None:
        return
    is_to_judge = refresh_etas(turn, vehicle, shift) or shift.is_delay_due or bool(shift.delays)
    is_raised = is_to_judge and judge_delays(turn, vehicle, shift)
    tell_progress(turn, vehicle, shift, is_asked_for=is_raised)
