"""One value of somebody's file to one value of a field."""

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo

from streams.ingest.units import Unit

Convert = Callable[[object], object]
"""A value that is not empty to a field's value. Raises ``Unmappable``."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNIX_SECONDS = {"unix_s": 1.0, "unix_ms": 0.001}
TRUE, FALSE = ("true", "1", "yes"), ("false", "0", "no")


class Unmappable(Exception):
    """A row that can't become its events: the ``rule`` it breaks, and the reason with the row's values."""

    def __init__(self, rule: str, reason: str | None = None) -> None:
        super().__init__(reason or rule)
        self.rule = rule


def _unmappable(rule: str, value: object) -> Unmappable:
    return Unmappable(rule, f"{rule}: {str(value)[:200]!r}")


def is_empty(value: object) -> bool:
    """Whether a file says nothing there: null, not-a-number, or nothing but blanks."""
    return (
        value is None
        or (isinstance(value, float) and math.isnan(value))
        or (isinstance(value, str) and not value.strip())
    )


def to_text(value: object) -> str:
    """A value as text; a whole number without a point, because ids are often read as numbers."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def to_number(unit: Unit | None) -> Convert:
    """A finite number, in the field's unit."""

    def convert(value: object) -> float:
        try:
            number = float(value) if isinstance(value, int | float) else _parse_number(str(value))
        except (ValueError, OverflowError) as error:
            raise _unmappable("not a number", value) from error
        number = unit.convert(number) if unit else number
        if not math.isfinite(number):
            raise _unmappable("not a finite number", value)
        return number

    return convert


def _parse_number(text: str) -> float:
    if "_" in text:  # Python's own way to group digits, nobody else's
        raise ValueError(text)
    return float(text)


def to_whole_number(value: object) -> int:
    """A whole number; 3.0 is one."""
    number = to_number(None)(value)
    assert isinstance(number, float)
    if not number.is_integer():
        raise _unmappable("not a whole number", value)
    return int(number)


def to_truth(value: object) -> bool:
    """True or false."""
    word = str(value).strip().lower()
    if word not in TRUE + FALSE:
        raise _unmappable(f"neither of {', '.join(TRUE)} nor of {', '.join(FALSE)}", value)
    return word in TRUE


def to_instant(zone: tzinfo | None, pattern: str | None) -> Convert:
    """An instant in UTC; local times are of ``zone``, ``pattern`` as in ``FieldRule.format``.

    A local time that the clocks skipped is ``Unmappable``; of one that they showed twice, the first counts.
    """

    def convert(value: object) -> datetime:
        if pattern in UNIX_SECONDS:
            return _seconds_after(EPOCH, value, UNIX_SECONDS[pattern])
        moment = _moment(value, pattern)
        if moment.tzinfo is None and zone is None:
            raise _unmappable("a local time, and the mapping names no time_zone", value)
        return _to_utc(moment, zone)

    return convert


def to_instant_after(start_at: datetime) -> Convert:
    """The instant so many seconds after ``start_at``."""

    def convert(value: object) -> datetime:
        return _seconds_after(start_at, value, 1.0)

    return convert


def to_day(zone: tzinfo | None, pattern: str | None) -> Convert:
    """A calendar date: the one that is written, or that of an instant in ``zone``."""

    def convert(value: object) -> date:
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        moment = _moment(value, pattern)
        return (moment.astimezone(zone) if moment.tzinfo and zone else moment).date()

    return convert


def _seconds_after(start_at: datetime, value: object, unit_s: float) -> datetime:
    seconds = to_number(None)(value)
    assert isinstance(seconds, float)
    try:
        return start_at + timedelta(seconds=seconds * unit_s)
    except OverflowError as error:
        raise _unmappable("a time outside the calendar", value) from error


def _moment(value: object, pattern: str | None) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a local time, its zone comes later
    text = str(value).strip()
    try:
        # A local time at first: its zone comes later.
        return datetime.strptime(text, pattern) if pattern else datetime.fromisoformat(text)  # noqa: DTZ007
    except ValueError as error:
        raise _unmappable(f"not a time written as {pattern or 'ISO 8601'}", value) from error


def _to_utc(moment: datetime, zone: tzinfo | None) -> datetime:
    try:
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
        instant = moment.replace(tzinfo=zone, fold=0).astimezone(UTC)
        shown = instant.astimezone(zone).replace(tzinfo=None)
    except OverflowError as error:
        raise _unmappable("a time outside the calendar", moment) from error
    if shown != moment:
        raise _unmappable(f"a local time that the clocks of {zone} skipped", moment)
    return instant
