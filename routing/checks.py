"""What values check of themselves at construction: a ``ValueError`` names whose figure is wrong."""

from collections.abc import Iterable
from datetime import datetime
from math import inf

MOST_PACKAGES = 1_000_000_000
"""No count or limit is above it."""

MOST_AMOUNT = 1e15
"""No price, weight or volume is above it: what adds up to more is a wrong field."""

MOST_LOAD = 1e9
"""No stop has more kilograms or cubic metres: all of them together still fit into whole numbers."""

FIRST_YEAR, LAST_YEAR = 1900, 5000
"""Between them and the ends of the calendar there is room for any plan."""


def require_time_zone(noun: str, *moments: datetime) -> None:
    """Moments without a time zone are nobody's."""
    for moment in moments:
        if moment.tzinfo is None:
            raise ValueError(f"{noun} has a time without a time zone: {moment.isoformat()}")


def require_moments(noun: str, *moments: datetime) -> None:
    """Moments with a time zone, far enough from the calendar's ends to be counted from."""
    require_time_zone(noun, *moments)
    for moment in moments:
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise ValueError(
                f"{noun} has a time outside the years {FIRST_YEAR} to {LAST_YEAR}: {moment.isoformat()}"
            )


def require_finite(noun: str, **figures: float) -> None:
    """Neither infinite nor NaN."""
    for name, figure in figures.items():
        if not -inf < figure < inf:
            raise ValueError(f"{noun} has a {name} that is no number: {figure}")
        _require_bounded(noun, name, figure)


def require_amount(noun: str, name: str, figure: float) -> None:
    """A price, a rate or a weight: at least 0, and finite."""
    if not 0 <= figure < inf:
        raise ValueError(f"{noun} has a {name} that is negative or none: {figure}")
    _require_bounded(noun, name, figure)


def _require_bounded(noun: str, name: str, figure: float) -> None:
    if figure > MOST_AMOUNT:
        raise ValueError(f"{noun} has a {name} above {MOST_AMOUNT:g}: {figure:g}")


def require_names(noun: str, names: Iterable[str]) -> None:
    """No empty name among them."""
    if not all(names):
        raise ValueError(f"{noun} has an empty name among {list(names)}")
