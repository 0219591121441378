"""Is an event's own time to be believed? Measured against its receipt, so that history can be judged."""

from datetime import UTC, datetime
from enum import StrEnum

from streams.events.base import ObservedEvent
from streams.fleet.rules import FleetRules

DAY_S = 86_400.0


class ClockRule(StrEnum):
    """What is said of a clock."""

    CLOCK_AHEAD = "clock_ahead"
    FUTURE = "future"
    TOO_OLD = "too_old"


def as_utc(moment: datetime) -> datetime:
    """The same moment in UTC, so that it prints the same before and after a restart."""
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


def judge_clock(event: ObservedEvent, retention_days: int | None, rules: FleetRules) -> ClockRule | None:
    """The rule that speaks on the event's time, or ``None`` where all is well.

    Only ``clock_ahead`` can be corrected: the event was received, so it happened by then. The time
    of receipt is the smallest correction that makes this so.
    """
    ahead_s = (event.happened_at - event.received_at).total_seconds()
    if ahead_s > 0:
        return ClockRule.CLOCK_AHEAD if ahead_s <= rules.clock_ahead_limit_s else ClockRule.FUTURE
    if retention_days is not None and -ahead_s > retention_days * DAY_S:
        return ClockRule.TOO_OLD
    return None


def describe(event: ObservedEvent, rule: ClockRule, retention_days: int | None) -> str:
    """The figures behind a rule, in words."""
    ahead_s = (event.happened_at - event.received_at).total_seconds()
    if rule is ClockRule.TOO_OLD:
        return f"{-ahead_s / DAY_S:.1f} days older than its receipt; judged up to {retention_days} days"
    return f"{ahead_s:.1f} s ahead of its receipt"
