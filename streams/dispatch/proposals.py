"""A proposal's life: it waits or is accepted by policy; it becomes the plan, expires, or is overtaken."""

from collections.abc import Iterable
from datetime import datetime

from streams.dispatch.chosen import as_chosen, is_proposed, words_for
from streams.dispatch.fit import objection, outdated
from streams.dispatch.outcomes import emission, on_command, on_proposal, on_undecided
from streams.dispatch.plan import SOURCE, after, revision_emissions, revision_id
from streams.dispatch.requests import wish_after_refusal, wish_again
from streams.dispatch.roads import wish_for_roads
from streams.dispatch.rules import Rules
from streams.dispatch.state import Depot
from streams.events.dispatch import Command, CommandKind, OutcomeStatus, PlanRevision, Proposal, Trigger
from streams.events.reference import Acceptance
from streams.judge import Emission


def receive(depot: Depot, proposal: Proposal, now: datetime) -> list[Emission]:
    """Take an answer in: note it, let it wait for a person, or decide by policy."""
    if depot.pending is not None and depot.pending.request_id == proposal.request_id:
        depot.pending = None
    if proposal.proposal_id in depot.waiting or proposal.proposal_id in depot.decided:
        return []
    if not proposal.routes:
        return _note_nothing_better(depot, proposal, now)
    if _is_replaced(depot, proposal):
        words = "the question was replaced by a newer one, which knows more"
        return [_decide(depot, proposal, OutcomeStatus.REFUSED, words, now)]
    reason = objection(depot, proposal, now)
    if reason is not None:
        return _refuse(depot, proposal, reason, now)
    if depot.acceptance(now) is Acceptance.AUTOMATIC:
        return accept(depot, proposal, now)
    older = [each for each in depot.waiting.values() if each.service_date == proposal.service_date]
    depot.waiting[proposal.proposal_id] = proposal
    return _overtake(depot, older, f"superseded by proposal {proposal.proposal_id}", now)


def _is_replaced(depot: Depot, proposal: Proposal) -> bool:
    pending = depot.pending
    return (
        pending is not None
        and pending.service_date == proposal.service_date
        and pending.requested_at >= proposal.requested_at
    )


def accept(depot: Depot, proposal: Proposal, now: datetime, command: Command | None = None) -> list[Emission]:
    """Make ``proposal``, which fits, the plan in force: one depot record, its routes, the outcome."""
    plan = depot.plans.get(proposal.service_date)
    by = "by the depot's policy" if command is None else f"by {command.issued_by}"
    what = words_for(proposal, None if command is None else command.choice)
    revision = PlanRevision(
        event_id=revision_id(depot.depot_id, proposal.proposal_id),
        source=SOURCE,
        correlation_id=proposal.correlation_id or proposal.event_id,
        causation_id=proposal.event_id if command is None else command.event_id,
        depot_id=depot.depot_id,
        service_date=proposal.service_date,
        revision=1 if plan is None else plan.revision + 1,
        base_revision=None if plan is None else plan.revision,
        effective_at=now,
        routes=proposal.routes,
        travel=proposal.travel,
        reason=f"proposal {proposal.proposal_id} ({proposal.trigger}): {what}accepted {by}",
        unassigned=proposal.unassigned,
        proposal_id=proposal.proposal_id,
    )
    overtaken = put_in_force(depot, revision, now)
    if plan is None:
        wish_for_roads(depot, proposal, now)
    words = f"{what}accepted {by} as revision {revision.revision}"
    outcome = _decide(depot, proposal, OutcomeStatus.ACCEPTED, words, now, command, revision.revision)
    return [*revision_emissions(depot, revision), outcome, *overtaken]


def put_in_force(depot: Depot, revision: PlanRevision, now: datetime) -> list[Emission]:
    """Take over a revision that fits; the outcomes of the proposals that it overtakes."""
    depot.plans[revision.service_date] = after(depot.plans.get(revision.service_date), revision)
    depot.seen_revisions[revision.event_id] = revision.revision
    older = [
        each
        for each in depot.waiting.values()
        if each.service_date == revision.service_date and each.proposal_id != revision.proposal_id
    ]
    return _overtake(depot, older, f"overtaken by revision {revision.revision} of the plan", now)


def decide_by_command(depot: Depot, command: Command, now: datetime, rules: Rules) -> list[Emission]:
    """Carry out ``approve`` or ``reject``, or refuse it with the reason."""
    proposal = depot.waiting.get(command.proposal_id or "")
    if proposal is None:
        return [
            emission(on_command(depot, command, OutcomeStatus.REFUSED, _not_waiting(depot, command), now))
        ]
    if command.kind is CommandKind.REJECT:
        words = command.reason or f"rejected by {command.issued_by}"
        return [_decide(depot, proposal, OutcomeStatus.REJECTED, words, now, command)]
    if command.choice is not None and not is_proposed(proposal, command.choice):
        return _approve_choice(depot, proposal, command, command.choice, now, rules)
    reason = objection(depot, proposal, now)
    if reason is not None:
        return _refuse(depot, proposal, reason, now, command)
    return accept(depot, proposal, now, command)


def _approve_choice(
    depot: Depot, proposal: Proposal, command: Command, number: int, now: datetime, rules: Rules
) -> list[Emission]:
    """Where the choice can't be had, the proposal goes on waiting: it may fit all the same."""
    chosen = as_chosen(depot, proposal, number, now, rules)
    if isinstance(chosen, str):
        return [emission(on_undecided(depot, command, chosen, now))]
    return accept(depot, chosen, now, command)


def expire(depot: Depot, now: datetime) -> list[Emission]:
    """Refuse the proposals whose time to decide is over."""
    expired = [proposal for proposal in depot.waiting.values() if now >= proposal.expires_at]
    outputs: list[Emission] = []
    for proposal in expired:
        outputs += _refuse(depot, proposal, f"it expired at {proposal.expires_at.isoformat()}", now)
    return outputs


def refuse_outdated(depot: Depot, now: datetime) -> list[Emission]:
    """Refuse the proposals made for what was taken back: what they change for it is to stay.

    A day's first plan is kept: nobody would ask for another, and it is bettered once it is in force.
    """
    outputs: list[Emission] = []
    for proposal in list(depot.waiting.values()):
        reason = None if proposal.trigger is Trigger.PLAN_DAY else outdated(depot, proposal, now)
        if reason is not None:
            wish_again(depot, proposal.service_date, proposal.trigger, now)
            outputs.append(_decide(depot, proposal, OutcomeStatus.REFUSED, reason, now))
    return outputs


def _note_nothing_better(depot: Depot, proposal: Proposal, now: datetime) -> list[Emission]:
    """Nothing to decide; but somebody waits for the first plan of a day."""
    words = "; ".join(proposal.effects.reasons) or "nothing better was found"
    outcome = on_proposal(depot, proposal, OutcomeStatus.REFUSED, words, now)
    depot.decided[proposal.proposal_id] = outcome
    return [emission(outcome)] if proposal.trigger is Trigger.PLAN_DAY else []


def _refuse(
    depot: Depot, proposal: Proposal, reason: str, now: datetime, command: Command | None = None
) -> list[Emission]:
    """Refuse, and ask anew where what made the request has not gone away."""
    wish_after_refusal(depot, proposal.service_date, proposal.trigger, now)
    return [_decide(depot, proposal, OutcomeStatus.REFUSED, reason, now, command)]


def _overtake(depot: Depot, older: Iterable[Proposal], reason: str, now: datetime) -> list[Emission]:
    return [_decide(depot, proposal, OutcomeStatus.REFUSED, reason, now) for proposal in older]


def _decide(
    depot: Depot,
    proposal: Proposal,
    status: OutcomeStatus,
    reason: str,
    now: datetime,
    command: Command | None = None,
    plan_revision: int | None = None,
) -> Emission:
    depot.waiting.pop(proposal.proposal_id, None)
    if command is None:
        outcome = on_proposal(depot, proposal, status, reason, now, plan_revision)
    else:
        outcome = on_command(depot, command, status, reason, now, plan_revision)
    depot.decided[proposal.proposal_id] = outcome
    return emission(outcome)


def _not_waiting(depot: Depot, command: Command) -> str:
    decided = depot.decided.get(command.proposal_id or "")
    if decided is not None:
        return f"proposal {command.proposal_id} was decided before: {decided.reason}"
    waiting = ", ".join(depot.waiting) or "none"
    return f"depot {depot.depot_id} has no proposal {command.proposal_id}; waiting: {waiting}"
