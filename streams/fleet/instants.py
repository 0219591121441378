"""Moments as microseconds since 1970, as the records keep them, and back."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from streams.fleet.columns import NEVER

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def micros_or_never(moment: datetime | None) -> int:
    """Microseconds since 1970; ``NEVER`` for none."""
    return NEVER if moment is None else micros(moment)


@lru_cache(maxsize=1024)
def moment(at_us: int) -> datetime:
    """The moment in UTC; one is spoken of several times, so the newest are remembered."""
    return _EPOCH + timedelta(0, 0, int(at_us))


def moment_or_none(at_us: int) -> datetime | None:
    """The moment in UTC; ``None`` for ``NEVER``."""
    return None if at_us == NEVER else moment(at_us)
