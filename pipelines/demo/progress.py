"""What the demo shows while it runs."""

from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
from rich.console import RenderableType
from rich.table import Table

from streams.events.base import Event
from streams.events.dispatch import Outcome, OutcomeStatus, Proposal, Trigger
from streams.events.judgements import DelayEvent, DelayPhase, FleetAlert, StopVisit, VisitPhase


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The counts at one moment of the simulated day; ``lag`` is in messages."""

    sim_time: str = "--:--"
    events: int = 0
    lag: int = 0
    vehicles_out: int = 0
    vehicles: int = 0
    orders_done: int = 0
    orders: int = 0
    visits: int = 0
    delays_raised: int = 0
    delays_cleared: int = 0
    alerts: int = 0
    proposals: int = 0
    proposals_accepted: int = 0


class SimulatorWord(msgspec.Struct, frozen=True):
    """One line of ``doorstep simulate --progress-json``; ``now_at`` is local to the city."""

    now_at: datetime
    events: int
    vehicles_out: int
    vehicles: int
    orders_done: int
    orders: int


_WORDS = msgspec.json.Decoder(SimulatorWord)


def heard(counts: Snapshot, line: str) -> Snapshot:
    """``counts`` with the simulator's latest line; a line of another kind changes nothing."""
    if not line.startswith("{"):
        return counts
    word = _WORDS.decode(line)
    return replace(
        counts,
        sim_time=f"{word.now_at:%H:%M}",
        events=word.events,
        vehicles_out=word.vehicles_out,
        vehicles=word.vehicles,
        orders_done=word.orders_done,
        orders=word.orders,
    )


def tally(counts: Snapshot, event: Event) -> Snapshot:
    """``counts`` with one more event of the streams' output counted."""
    match event:
        case DelayEvent(phase=DelayPhase.RAISED):
            return replace(counts, delays_raised=counts.delays_raised + 1)
        case DelayEvent(phase=DelayPhase.CLEARED):
            return replace(counts, delays_cleared=counts.delays_cleared + 1)
        case StopVisit(phase=VisitPhase.ARRIVED, is_depot=False):
            return replace(counts, visits=counts.visits + 1)
        case FleetAlert():
            return replace(counts, alerts=counts.alerts + 1)
        case Proposal(routes=routes, trigger=trigger) if routes and trigger is not Trigger.PLAN_DAY:
            return replace(counts, proposals=counts.proposals + 1)
        case Outcome(proposal_id=str(), status=OutcomeStatus.ACCEPTED, plan_revision=revision) if (
            revision != 1
        ):
            return replace(counts, proposals_accepted=counts.proposals_accepted + 1)
        case _:
            return counts


def as_line(counts: Snapshot) -> str:
    """One line, for a log or a pipe."""
    return (
        f"{counts.sim_time}  {counts.events:,} events in, lag {counts.lag:,}, "
        f"{counts.vehicles_out}/{counts.vehicles} vehicles out, "
        f"{counts.orders_done}/{counts.orders} orders done, "
        f"{counts.visits} visits, {counts.delays_raised} delays ({counts.delays_cleared} cleared), "
        f"{counts.proposals_accepted}/{counts.proposals} proposals accepted"
    )


def as_table(counts: Snapshot) -> RenderableType:
    """A small table, for a terminal."""
    table = Table(
        title=f"Delivery day, {counts.sim_time} local time", title_justify="left", show_header=False
    )
    table.add_row("events in", f"{counts.events:,}", "lag", f"{counts.lag:,} messages")
    table.add_row(
        "vehicles out",
        f"{counts.vehicles_out} of {counts.vehicles}",
        "orders done",
        f"{counts.orders_done} of {counts.orders}",
    )
    table.add_row("stop visits", f"{counts.visits}", "silent alerts", f"{counts.alerts}")
    table.add_row("delays raised", f"{counts.delays_raised}", "cleared", f"{counts.delays_cleared}")
    table.add_row("proposals", f"{counts.proposals}", "accepted", f"{counts.proposals_accepted}")
    return table
