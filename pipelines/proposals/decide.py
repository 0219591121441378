"""Saying yes or no to a proposal, and waiting for what dispatch makes of it."""

from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

from pipelines.proposals.log import Outcomes
from pipelines.proposals.standing import Standing
from streams.events.dispatch import Command, CommandKind, Outcome, OutcomeStatus

WAIT_S = 10.0
SOURCE = "doorstep.cli"
_CARRIED_OUT = (OutcomeStatus.ACCEPTED, OutcomeStatus.REJECTED)


def command_for(
    standing: Standing,
    kind: CommandKind,
    issued_by: str,
    now: datetime,
    reason: str = "",
    key: str | None = None,
    choice: int | None = None,
) -> Command:
    """``approve`` or ``reject``, by a person; ``choice`` is another than what is proposed, from 1.

    Without a ``key`` of their own, the same person's same word on the same proposal is one command,
    however often it is typed; a choice that was refused is tried again while the proposal waits.
    """
    proposal = standing.proposal
    what = proposal.proposal_id if choice is None else f"{proposal.proposal_id}:{choice}"
    return Command(
        event_id=uuid4(),
        source=SOURCE,
        correlation_id=proposal.correlation_id,
        command_id=key or f"{kind}:{what}:{issued_by}",
        depot_id=proposal.depot_id,
        kind=kind,
        issued_at=now,
        issued_by=issued_by,
        proposal_id=proposal.proposal_id,
        reason=reason,
        choice=choice,
    )


def issue(
    command: Command, send: Callable[[Command], None], log: Outcomes, wait_s: float = WAIT_S
) -> Outcome | None:
    """Send ``command`` and wait for its outcome; ``None`` when dispatch says nothing in time."""
    send(command)
    return log.wait_for(command.event_id, wait_s)


def is_carried_out(outcome: Outcome, log: Outcomes) -> bool:
    """Whether the command was carried out, now or when it was sent before."""
    if outcome.status is not OutcomeStatus.REPEATED:
        return outcome.status in _CARRIED_OUT
    return any(
        each.command_id == outcome.command_id
        and each.depot_id == outcome.depot_id
        and each.status in _CARRIED_OUT
        for each in log.outcomes
    )
