"""RFC 3339 text to microseconds since 1970, as strictly as msgspec reads it."""

import numpy as np
from numpy.typing import NDArray

from streams.columns.compiled import compiled

FIRST_YEAR, LAST_YEAR = 1970, 2199
"""Years that are read here; others are left to the slow way."""

DAY_S = 86_400
_MONTH_DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.int64)
_ZERO, _DASH, _COLON, _DOT, _PLUS = 48, 45, 58, 46, 43


@compiled
def _digits(buffer: NDArray[np.uint8], at: int, count: int) -> int:
    """The number of ``count`` digits at ``at``, or -1."""
    number = 0
    for i in range(count):
        digit = np.int64(buffer[at + i]) - _ZERO
        if digit < 0 or digit > 9:
            return -1
        number = number * 10 + digit
    return number


@compiled
def days_since_1970(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to a date of the Gregorian calendar, or -1 where there is no such date."""
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12 and day >= 1):
        return -1
    if day > _MONTH_DAYS[month - 1] + (1 if is_leap and month == 2 else 0):
        return -1
    # Years that begin in March put the leap day last, where it moves nothing that follows.
    shifted = year - (1 if month <= 2 else 0)
    day_of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    return 365 * shifted + shifted // 4 - shifted // 100 + shifted // 400 + day_of_year - 719468


@compiled
def _offset_s(buffer: NDArray[np.uint8], at: int, end: int) -> int:
    """Seconds east of UTC of ``Z`` or ``+hh:mm`` that fill ``at:end``, or ``DAY_S`` if they don't."""
    if end - at == 1 and (buffer[at] == 90 or buffer[at] == 122):
        return 0
    if end - at != 6 or buffer[at + 3] != _COLON or (buffer[at] != _PLUS and buffer[at] != _DASH):
        return DAY_S
    hours, minutes = _digits(buffer, at + 1, 2), _digits(buffer, at + 4, 2)
    if not (0 <= hours <= 23 and 0 <= minutes <= 59):
        return DAY_S
    seconds = hours * 3600 + minutes * 60
    return seconds if buffer[at] == _PLUS else -seconds


@compiled
def read_instant(buffer: NDArray[np.uint8], at: int, length: int) -> int:
    """Microseconds since 1970 of the ``length`` characters at ``at``, or -1 where they aren't read here."""
    end = at + length
    if length < 20 or buffer[at + 4] != _DASH or buffer[at + 7] != _DASH:
        return -1
    if buffer[at + 10] != 84 or buffer[at + 13] != _COLON or buffer[at + 16] != _COLON:
        return -1
    days = days_since_1970(_digits(buffer, at, 4), _digits(buffer, at + 5, 2), _digits(buffer, at + 8, 2))
    hours, minutes = _digits(buffer, at + 11, 2), _digits(buffer, at + 14, 2)
    seconds = _digits(buffer, at + 17, 2)
    if days < 0 or not (0 <= hours <= 23 and 0 <= minutes <= 59 and 0 <= seconds <= 59):
        return -1
    at += 19
    fraction_us = 0
    if buffer[at] == _DOT:
        begin = at + 1
        at = begin
        scale = 100_000
        while at < end and 0 <= np.int64(buffer[at]) - _ZERO <= 9:
            if at - begin >= 6:
                return -1
            fraction_us += (np.int64(buffer[at]) - _ZERO) * scale
            scale //= 10
            at += 1
        if at == begin:
            return -1
    offset_s = _offset_s(buffer, at, end)
    if offset_s == DAY_S:
        return -1
    return (days * DAY_S + hours * 3600 + minutes * 60 + seconds - offset_s) * 1_000_000 + fraction_us
