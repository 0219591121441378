"""What became of commands and proposals: one outcome each, remembered so that none is given twice."""

from datetime import datetime
from typing import TypeVar

from streams.dispatch.plan import SOURCE
from streams.dispatch.state import Depot
from streams.events.base import derived_id
from streams.events.dispatch import (
    Command,
    Outcome,
    OutcomeStatus,
    PlanRevision,
    Proposal,
    ReoptimizationRequest,
)
from streams.judge import Emission
from streams.topics import OUTCOMES

Key = TypeVar("Key")
Value = TypeVar("Value")


def on_command(
    depot: Depot,
    command: Command,
    status: OutcomeStatus,
    reason: str,
    now: datetime,
    plan_revision: int | None = None,
) -> Outcome:
    """The outcome of a command, remembered under its ``command_id``."""
    outcome = Outcome(
        event_id=derived_id("outcome", command.event_id),
        source=SOURCE,
        correlation_id=command.correlation_id or command.event_id,
        causation_id=command.event_id,
        depot_id=depot.depot_id,
        command_id=command.command_id,
        status=status,
        decided_at=now,
        reason=reason,
        proposal_id=command.proposal_id,
        plan_revision=plan_revision,
    )
    depot.answered[command.command_id] = outcome
    return outcome


def repeated(depot: Depot, command: Command, first: Outcome, now: datetime) -> Outcome:
    """The outcome of a command that was carried out before, under another event."""
    return Outcome(
        event_id=derived_id("outcome", command.event_id),
        source=SOURCE,
        correlation_id=command.correlation_id or command.event_id,
        causation_id=command.event_id,
        depot_id=depot.depot_id,
        command_id=command.command_id,
        status=OutcomeStatus.REPEATED,
        decided_at=now,
        reason=f"command {command.command_id} was {first.status} before: {first.reason}",
        proposal_id=first.proposal_id,
        plan_revision=first.plan_revision,
    )


def on_proposal(
    depot: Depot,
    proposal: Proposal,
    status: OutcomeStatus,
    reason: str,
    now: datetime,
    plan_revision: int | None = None,
) -> Outcome:
    """The outcome of a proposal that no command decided: by policy, by time or by the world."""
    command_id = f"auto:{proposal.proposal_id}"
    return Outcome(
        event_id=derived_id("outcome", depot.depot_id, command_id),
        source=SOURCE,
        correlation_id=proposal.correlation_id or proposal.event_id,
        causation_id=proposal.event_id,
        depot_id=depot.depot_id,
        command_id=command_id,
        status=status,
        decided_at=now,
        reason=reason,
        proposal_id=proposal.proposal_id,
        plan_revision=plan_revision,
    )


def on_silence(depot: Depot, request: ReoptimizationRequest, now: datetime) -> Outcome:
    """The outcome of a request whose answer would come too late."""
    return Outcome(
        event_id=derived_id("outcome", "request", request.request_id),
        source=SOURCE,
        correlation_id=request.correlation_id or request.event_id,
        causation_id=request.event_id,
        depot_id=depot.depot_id,
        command_id=f"request:{request.request_id}",
        status=OutcomeStatus.REFUSED,
        decided_at=now,
        reason=f"no answer to the request of {request.requested_at.isoformat()} came in time",
    )


def on_foreign_revision(depot: Depot, revision: PlanRevision, reason: str, now: datetime) -> Outcome:
    """The outcome of a revision that somebody else published and that doesn't fit."""
    return Outcome(
        event_id=derived_id("outcome", "plan", revision.event_id),
        source=SOURCE,
        correlation_id=revision.correlation_id or revision.event_id,
        causation_id=revision.event_id,
        depot_id=depot.depot_id,
        command_id=f"plan:{revision.event_id}",
        status=OutcomeStatus.REFUSED,
        decided_at=now,
        reason=f"revision {revision.revision} of {revision.service_date}: {reason}",
    )


def emission(outcome: Outcome) -> Emission:
    """The outcome on its topic."""
    return Emission(OUTCOMES, outcome.depot_id, outcome)


def forget_oldest(remembered: dict[Key, Value], most: int) -> None:
    """Keep the ``most`` entries that were put in last."""
    for key in list(remembered)[: max(0, len(remembered) - most)]:
        del remembered[key]
