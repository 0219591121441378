"""When customers sleep: a depot's quiet hours by its own clock."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

NEVER_QUIET_FOR = timedelta(days=1)
"""Without quiet hours, this long is asked about at a time."""


def quiet_span(now_at: datetime, zone: ZoneInfo, from_h: float, until_h: float) -> tuple[datetime, datetime]:
    """The quiet hours under way, else the next to come, UTC; the first moment is in, the last is not.

    They go from one local hour of the day to another, over midnight where that is earlier. Where both
    are the same there are none: the span is empty, and lies a day ahead.
    """
    if from_h == until_h:
        return now_at + NEVER_QUIET_FOR, now_at + NEVER_QUIET_FOR
    today = now_at.astimezone(zone).date()
    for days in (-1, 0, 1):
        first = today + timedelta(days=days)
        last = first if from_h < until_h else first + timedelta(days=1)
        span = tuple(
            datetime.combine(day, _clock(hour), zone).astimezone(UTC)
            for day, hour in ((first, from_h), (last, until_h))
        )
        if now_at < span[1]:
            return span[0], span[1]
    raise AssertionError(f"no quiet hours end after {now_at}")


def _clock(hour: float) -> time:
    """``6.5`` is half past six; a day's 24 o'clock is its last microsecond."""
    minutes = round(hour * 60)
    return time.max if minutes >= 1440 else time(minutes // 60, minutes % 60)
