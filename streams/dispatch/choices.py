"""What a dispatcher could do beside what is proposed, compactly: it travels with the proposal."""

import logging
from collections.abc import Callable

from msgspec.structs import replace

from routing.alternatives import Alternative, alternatives
from routing.changes import AlternativeKind
from routing.reoptimize import Weighed
from streams.events.dispatch import Choice, Proposal, Sequence

log = logging.getLogger(__name__)

NO_TIME = "no time was left to weigh what else could be done"
TIME_RAN_OUT = "time ran out before all was weighed that could be done"

FIGURES_THAT_FAIL = (ArithmeticError, LookupError, ValueError)
"""What odd input can raise in weighing; any other fault is the solver's, and its process' owner answers."""


def with_choices(proposal: Proposal, weighed: Weighed, is_over: Callable[[], bool]) -> Proposal:
    """The proposal with all that was weighed before ``is_over``; where something is missing, with why."""
    try:
        found = alternatives(weighed, is_over)
        choices = _choices(found.ranked)
    except FIGURES_THAT_FAIL as error:  # what merely stands beside the proposal may not cost it
        log.exception("request %s: its choices can't be weighed", proposal.request_id)
        return without_choices(proposal, f"what else could be done can't be weighed: {error}")
    if found.is_complete:
        return replace(proposal, choices=choices)
    return replace(proposal, choices=choices, choices_note=TIME_RAN_OUT if choices else NO_TIME)


def without_choices(proposal: Proposal, note: str) -> Proposal:
    """The proposal alone, with the reason why it is."""
    return replace(proposal, choices=(), choices_note=note)


def _choices(ranked: tuple[Alternative, ...]) -> tuple[Choice, ...]:
    """Each against doing nothing; none where that was not weighed."""
    idle_s = next((each.price_s for each in ranked if each.kind is AlternativeKind.NOTHING), None)
    return () if idle_s is None else tuple(_choice(each, idle_s) for each in ranked)


def _choice(alternative: Alternative, idle_s: float) -> Choice:
    effects = alternative.answer.effects
    return Choice(
        kind=alternative.kind,
        words=alternative.words,
        outlook=alternative.outlook,
        is_proposed=alternative.is_proposed,
        price_delta_s=alternative.price_s - idle_s,
        duration_delta_s=effects.duration_delta_s,
        distance_delta_m=effects.distance_delta_m,
        cost_delta=effects.cost_delta,
        co2e_delta_kg=effects.co2e_delta_kg,
        lateness_delta_s=effects.lateness_delta_s,
        saved_stop_ids=effects.saved_stop_ids,
        late_stop_ids=effects.late_stop_ids,
        unserved_stop_ids=tuple(each.stop.stop_id for each in alternative.answer.unassigned),
        sequences=()
        if alternative.is_proposed
        else tuple(Sequence(each.shift.shift_id, each.stop_ids) for each in alternative.answer.routes),
    )
