"""The dispatch judge: a fold over the depots of one partition number."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from routing.errors import ContractError
from streams.dispatch.commands import carry_out
from streams.dispatch.intake import take_delay, take_depot, take_order, take_progress, take_revision
from streams.dispatch.proposals import receive
from streams.dispatch.rules import DEFAULT_RULES, Rules
from streams.dispatch.state import STATE_FORMAT, DispatchState
from streams.dispatch.turn import on_tick
from streams.events.base import Event
from streams.events.delivery import OrderEvent
from streams.events.dispatch import Command, PlanRevision, Proposal, ReoptimizationRequest
from streams.events.judgements import ClockTick, DelayEvent, VehicleProgress
from streams.events.reference import DepotRecord
from streams.judge import DeadLetter, Emission, Record, Run
from streams.topics import (
    COMMANDS,
    DELAYS,
    DEPOTS,
    DISPATCH_INPUTS,
    ORDERS,
    PLANS,
    PROGRESS,
    PROPOSALS,
    TICKS,
)
from streams.validate import Element, read

E = TypeVar("E", DepotRecord, OrderEvent, PlanRevision, VehicleProgress, DelayEvent, Proposal, Command)
Outputs = list[Emission | DeadLetter]

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(DispatchState)


class DispatchJudge:
    """Requests, proposals, commands and plan revisions, by depot."""

    name = "dispatch"
    inputs = DISPATCH_INPUTS
    state_format: int = STATE_FORMAT

    def __init__(self, rules: Rules = DEFAULT_RULES) -> None:
        self._rules = rules

    def fresh(self, partition: int) -> DispatchState:
        """Nothing known, not even the time."""
        return DispatchState(partition)

    def advance(self, state: DispatchState, record: Record) -> Outputs:
        """Judge one record. Raises ``KeyError`` for a topic that is none of the inputs."""
        return _READERS[record.topic](state, record, self._rules)

    def advance_run(self, state: DispatchState, run: Run) -> Outputs:
        """Judge the records of a run, one after the other."""
        return [output for place in range(len(run)) for output in self.advance(state, run.record(place))]

    def save(self, state: DispatchState) -> bytes:
        """The state as MessagePack."""
        return _ENCODER.encode(state)

    def load(self, data: bytes) -> DispatchState:
        """The state that ``save`` wrote."""
        return _DECODER.decode(data)


def pending_requests(state: DispatchState) -> tuple[ReoptimizationRequest, ...]:
    """The requests whose proposals have not come back, at most one a depot."""
    return tuple(depot.pending for depot in state.depots.values() if depot.pending is not None)


def _reader(
    event_type: type[E], take: Callable[[DispatchState, E, Rules], list[Emission]]
) -> Callable[[DispatchState, Record, Rules], Outputs]:
    def read_and_take(state: DispatchState, record: Record, rules: Rules) -> Outputs:
        outputs: Outputs = []
        for found in read(record, event_type):
            outputs += [found] if isinstance(found, DeadLetter) else _taken(state, record, found, take, rules)
        return outputs

    return read_and_take


def _taken(
    state: DispatchState,
    record: Record,
    element: Element[E],
    take: Callable[[DispatchState, E, Rules], list[Emission]],
    rules: Rules,
) -> Outputs:
    try:
        _check_savable(element.event)
        return [*take(state, element.event, rules)]
    except ContractError as error:
        return [DeadLetter(record, element.index, element.raw, str(error), error.rule)]


def _check_savable(event: Event) -> None:
    """What a checkpoint can't hold must not get in, or every checkpoint from then on would fail."""
    try:
        _ENCODER.encode(event)
    except OverflowError as error:
        rule = "a time or a number is out of range"
        raise ContractError(f"{rule}: {error}", rule) from error


def _take_tick(state: DispatchState, record: Record, rules: Rules) -> Outputs:
    """Let time pass. A tick that breaks its contract is the fleet judge's to report."""
    outputs: Outputs = []
    for found in read(record, ClockTick):
        if isinstance(found, Element):
            state.pass_time(found.event.now_at)
            now = state.now or found.event.now_at
            for depot in state.depots.values():
                outputs += on_tick(depot, now, rules)
    return outputs


def _take_proposal(state: DispatchState, proposal: Proposal, rules: Rules) -> list[Emission]:
    return receive(state.depot(proposal.depot_id), proposal, state.now or proposal.requested_at)


def _take_command(state: DispatchState, command: Command, rules: Rules) -> list[Emission]:
    """A command's own time counts only while no clock was heard: people's clocks don't move the day's."""
    return carry_out(state.depot(command.depot_id), command, state.now or command.issued_at, rules)


_READERS: dict[str, Callable[[DispatchState, Record, Rules], Outputs]] = {
    TICKS.name: _take_tick,
    DEPOTS.name: _reader(DepotRecord, take_depot),
    ORDERS.name: _reader(OrderEvent, take_order),
    PLANS.name: _reader(PlanRevision, take_revision),
    PROGRESS.name: _reader(VehicleProgress, take_progress),
    DELAYS.name: _reader(DelayEvent, take_delay),
    PROPOSALS.name: _reader(Proposal, _take_proposal),
    COMMANDS.name: _reader(Command, _take_command),
}
