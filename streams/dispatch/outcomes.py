"""What became of commands and proposals: one outcome each, remembered so that none is given twice."""

from datetime import datetime
from typing import TypeVar
from uuid import UUID

from msgspec.structs import replace

from streams.dispatch.plan import SOURCE
from streams.dispatch.state import Depot
from streams.events.base import Event, derived_id
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
    outcome_id = derived_id("outcome", command.event_id)
    outcome = _outcome(
        depot,
        command,
        outcome_id,
        command.command_id,
        status,
        reason,
        now,
        command.proposal_id,
        plan_revision,
    )
    depot.answered[command.command_id] = outcome
    return outcome


def on_undecided(depot: Depot, command: Command, reason: str, now: datetime) -> Outcome:
    """The refusal of a command whose proposal goes on waiting: it does not name it as decided."""
    outcome = replace(on_command(depot, command, OutcomeStatus.REFUSED, reason, now), proposal_id=None)
    depot.answered[command.command_id] = outcome
    return outcome


def repeated(depot: Depot, command: Command, first: Outcome, now: datetime) -> Outcome:
    """The outcome of a command that was carried out before, under another event."""
    outcome_id, command_id = derived_id("outcome", command.event_id), command.command_id
    words = f"command {command_id} was {first.status} before: {first.reason}"
    repeat, proposal_id, revision = OutcomeStatus.REPEATED, first.proposal_id, first.plan_revision
    return _outcome(depot, command, outcome_id, command_id, repeat, words, now, proposal_id, revision)


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
    outcome_id = derived_id("outcome", depot.depot_id, command_id)
    return _outcome(
        depot, proposal, outcome_id, command_id, status, reason, now, proposal.proposal_id, plan_revision
    )


def on_silence(depot: Depot, request: ReoptimizationRequest, now: datetime) -> Outcome:
    """The outcome of a request whose answer would come too late."""
    outcome_id = derived_id("outcome", "request", request.request_id)
    words = f"no answer to the request of {request.requested_at.isoformat()} came in time"
    command_id = f"request:{request.request_id}"
    return _outcome(depot, request, outcome_id, command_id, OutcomeStatus.REFUSED, words, now)


def on_foreign_revision(depot: Depot, revision: PlanRevision, reason: str, now: datetime) -> Outcome:
    """The outcome of a revision that somebody else published and that doesn't fit."""
    outcome_id = derived_id("outcome", "plan", revision.event_id)
    words = f"revision {revision.revision} of {revision.service_date}: {reason}"
    command_id = f"plan:{revision.event_id}"
    return _outcome(depot, revision, outcome_id, command_id, OutcomeStatus.REFUSED, words, now)


def emission(outcome: Outcome) -> Emission:
    """The outcome on its topic."""
    return Emission(OUTCOMES, outcome.depot_id, outcome)


def forget_oldest(remembered: dict[Key, Value], most: int) -> None:
    """Keep the ``most`` entries that were put in last."""
    for key in list(remembered)[: max(0, len(remembered) - most)]:
        del remembered[key]


def _outcome(
    depot: Depot,
    cause: Event,
    event_id: UUID,
    command_id: str,
    status: OutcomeStatus,
    reason: str,
    now: datetime,
    proposal_id: str | None = None,
    plan_revision: int | None = None,
) -> Outcome:
    return Outcome(
        event_id=event_id,
        source=SOURCE,
        correlation_id=cause.correlation_id or cause.event_id,
        causation_id=cause.event_id,
        depot_id=depot.depot_id,
        command_id=command_id,
        status=status,
        decided_at=now,
        reason=reason,
        proposal_id=proposal_id,
        plan_revision=plan_revision,
    )
