"""Delays as they stand, and whether one more word on them deserves a new plan."""

from streams.dispatch.state import Depot
from streams.events.judgements import DelayEvent, DelayPhase, DelayRule

_PHASES = tuple(DelayPhase)


def note_delay(depot: Depot, event: DelayEvent) -> bool:
    """Take note of ``event``; true where it is a new delay, or one that got worse by rule.

    A vehicle that is early waits; no plan is better for it.

    A repeated or an overtaken word changes nothing, so that a cleared delay stays cleared.
    """
    held = depot.delays.get(event.alert_id)
    if held is not None and _age(event) <= _age(held):
        return False
    depot.delays[event.alert_id] = event
    if event.phase is DelayPhase.CLEARED or event.rule is DelayRule.EARLY:
        return False
    if held is None or held.phase is DelayPhase.CLEARED or event.phase is DelayPhase.RAISED:
        return True
    return held.rule is DelayRule.AT_RISK and event.rule is DelayRule.LATE


def active_alerts(depot: Depot, shift_ids: set[str]) -> tuple[str, ...]:
    """The delays of these shifts that are not cleared; early arrivals are none that a plan can mend."""
    return tuple(
        sorted(
            alert_id
            for alert_id, delay in depot.delays.items()
            if delay.phase is not DelayPhase.CLEARED
            and delay.rule is not DelayRule.EARLY
            and delay.shift_id in shift_ids
        )
    )


def _age(delay: DelayEvent) -> tuple[object, ...]:
    return delay.judged_at, _PHASES.index(delay.phase)
