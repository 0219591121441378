"""Where each proposal stands, from the proposals and outcomes on the log."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from streams.events.dispatch import Outcome, OutcomeStatus, Proposal

SHORTEST_ID = 4


class State(StrEnum):
    """What became of a proposal so far; ``nothing_better`` ones need no decision."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REFUSED = "refused"
    EXPIRED = "expired"
    NOTHING_BETTER = "nothing_better"


@dataclass(frozen=True, slots=True)
class Standing:
    """A proposal, its shortest unambiguous id, and the outcome that decided it."""

    proposal: Proposal
    short_id: str
    state: State
    outcome: Outcome | None = None

    def age_s(self, now: datetime) -> float:
        """Seconds since the request, at least 0."""
        return max(0.0, (now - self.proposal.requested_at).total_seconds())


def standings(proposals: Iterable[Proposal], outcomes: Iterable[Outcome]) -> list[Standing]:
    """Every proposal once, oldest request first. The first outcome of a proposal is the one that counts."""
    by_id: dict[str, Proposal] = {}
    for proposal in proposals:
        by_id.setdefault(proposal.proposal_id, proposal)
    decided: dict[tuple[str, str], Outcome] = {}
    for outcome in outcomes:
        if outcome.proposal_id is not None and outcome.status is not OutcomeStatus.REPEATED:
            decided.setdefault((outcome.depot_id, outcome.proposal_id), outcome)
    found = [
        _standing(each, decided.get((each.depot_id, each.proposal_id)), _shortest(each.proposal_id, by_id))
        for each in by_id.values()
    ]
    return sorted(found, key=lambda each: (each.proposal.requested_at, each.proposal.proposal_id))


def matching(found: Sequence[Standing], prefix: str) -> list[Standing]:
    """The proposals whose id is ``prefix`` or begins with it; an exact id is never ambiguous."""
    exact = [each for each in found if each.proposal.proposal_id == prefix]
    return exact or [each for each in found if prefix and each.proposal.proposal_id.startswith(prefix)]


def _standing(proposal: Proposal, outcome: Outcome | None, short_id: str) -> Standing:
    if not proposal.routes:
        return Standing(proposal, short_id, State.NOTHING_BETTER, outcome)
    if outcome is None:
        return Standing(proposal, short_id, State.WAITING)
    return Standing(proposal, short_id, _state(proposal, outcome), outcome)


def _state(proposal: Proposal, outcome: Outcome) -> State:
    if outcome.status is OutcomeStatus.ACCEPTED:
        return State.ACCEPTED
    if outcome.status is OutcomeStatus.REJECTED:
        return State.REJECTED
    return State.EXPIRED if outcome.decided_at >= proposal.expires_at else State.REFUSED


def _shortest(proposal_id: str, others: Iterable[str]) -> str:
    """The shortest beginning of at least four characters that no other id has."""
    rivals = [other for other in others if other != proposal_id]
    length = SHORTEST_ID
    while length < len(proposal_id) and any(rival.startswith(proposal_id[:length]) for rival in rivals):
        length += 1
    return proposal_id[:length]
