"""JSON of a flat contract to columns: what is certainly valid is read here, the rest is left to msgspec.

The scanner never judges a message to be wrong. It takes what it fully understands (plain ASCII text
without escapes, known fields at most once, numbers of up to 19 digits, instants of 1970 to 2199,
canonical UUIDs) and leaves every other message to the slow way, which knows the whole contract and
says what is wrong. A message is taken whole or not at all.
"""

import numpy as np
from numba import uint64
from numpy.typing import NDArray

from streams.columns.compiled import compiled
from streams.columns.decimals import LARGEST_POWER, double_bits
from streams.columns.instants import read_instant

UUID, TEXT, INSTANT, FLOAT, INT, FLAG, EMPTY = range(7)
NOT_READ = -1
"""In place of the position after a value: the scanner does not understand it."""

MOST_DIGITS = 19
LARGEST_INT = 2**63 - 1
QUOTE, COMMA, COLON, MINUS, PLUS, DOT = 34, 44, 58, 45, 43, 46
ZERO, NINE, BACKSLASH = 48, 57, 92
OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY = 123, 125, 91, 93
LETTER_E, SMALL_E = 69, 101

Bytes = NDArray[np.uint8]

NULL, TRUE, FALSE = (np.frombuffer(word, np.uint8) for word in (b"null", b"true", b"false"))

_ENDS_TEXT = np.array([byte < 32 or byte > 126 or byte in (QUOTE, BACKSLASH) for byte in range(256)])
"""Bytes at which plain text is over: its closing quote, or what is not read here."""

NOT_HEX = 16
_NIBBLES = np.full(256, NOT_HEX, np.uint64)
for _digit in b"0123456789abcdefABCDEF":
    _NIBBLES[_digit] = int(chr(_digit), 16)


@compiled
def skip_space(buffer: Bytes, at: int, end: int) -> int:
    """The first place from ``at`` that holds no JSON white space."""
    while at < end and (buffer[at] == 32 or 9 <= buffer[at] <= 10 or buffer[at] == 13):
        at += 1
    return at


@compiled
def text_end(buffer: Bytes, at: int, end: int) -> int:
    """Where the closing quote stands of a text whose opening quote stands at ``at``."""
    if at >= end or buffer[at] != QUOTE:
        return NOT_READ
    at += 1
    while at < end and not _ENDS_TEXT[buffer[at]]:
        at += 1
    return at if at < end and buffer[at] == QUOTE else NOT_READ


@compiled
def _is_word(buffer: Bytes, at: int, end: int, word: Bytes) -> bool:
    if at + len(word) > end:
        return False
    for i in range(len(word)):
        if buffer[at + i] != word[i]:
            return False
    return True


@compiled
def _read_number(buffer: Bytes, at: int, end: int, is_int: bool) -> tuple[int, int]:
    """A number's bits (of a whole one: the number) and the place after it."""
    is_negative = buffer[at] == MINUS
    if is_negative:
        at += 1
    begin, digits, power, count = at, uint64(0), 0, 0
    while at < end and ZERO <= buffer[at] <= NINE:
        digits = digits * uint64(10) + uint64(buffer[at] - ZERO)
        at += 1
    count = at - begin
    if count == 0 or (count > 1 and buffer[begin] == ZERO):
        return 0, NOT_READ
    if at < end and buffer[at] == DOT:
        at += 1
        begin = at
        while at < end and ZERO <= buffer[at] <= NINE:
            digits = digits * uint64(10) + uint64(buffer[at] - ZERO)
            at += 1
        power = begin - at
        count += at - begin
        if power == 0 or is_int:
            return 0, NOT_READ
    if count > MOST_DIGITS:
        return 0, NOT_READ
    if at < end and (buffer[at] == SMALL_E or buffer[at] == LETTER_E):
        exponent, at = _read_exponent(buffer, at + 1, end)
        power += exponent
        if at == NOT_READ or is_int:
            return 0, NOT_READ
    if is_int:
        if digits > uint64(LARGEST_INT):
            return 0, NOT_READ
        return -np.int64(digits) if is_negative else np.int64(digits), at
    if digits == uint64(0):
        return np.int64(uint64(is_negative) << uint64(63)), at
    if not -LARGEST_POWER <= power <= LARGEST_POWER:
        return 0, NOT_READ
    bits = double_bits(digits, power)
    return np.int64(uint64(bits) | (uint64(is_negative) << uint64(63))), at


@compiled
def _read_exponent(buffer: Bytes, at: int, end: int) -> tuple[int, int]:
    sign = 1
    if at < end and (buffer[at] == MINUS or buffer[at] == PLUS):
        sign = -1 if buffer[at] == MINUS else 1
        at += 1
    begin, exponent = at, 0
    while at < end and ZERO <= buffer[at] <= NINE and at - begin < 4:
        exponent = exponent * 10 + np.int64(buffer[at] - ZERO)
        at += 1
    return sign * exponent, (at if at > begin else NOT_READ)


@compiled
def _nibbles(buffer: Bytes, at: int, count: int) -> int:
    """The number of ``count`` (up to 12) hexadecimal digits at ``at``; some of them is none: 2^60 or more."""
    number, worst = uint64(0), uint64(0)
    for i in range(count):
        nibble = _NIBBLES[buffer[at + i]]
        number = (number << uint64(4)) | nibble
        worst |= nibble
    return number if worst < uint64(NOT_HEX) else uint64(1 << 60)


@compiled
def _read_uuid(buffer: Bytes, at: int, cells: NDArray[np.int64], cell: int) -> bool:
    """Read the 36 characters from ``at`` into two cells; whether they are a UUID."""
    if (
        buffer[at + 8] != MINUS
        or buffer[at + 13] != MINUS
        or buffer[at + 18] != MINUS
        or buffer[at + 23] != MINUS
    ):
        return False
    low, mid, version = _nibbles(buffer, at, 8), _nibbles(buffer, at + 9, 4), _nibbles(buffer, at + 14, 4)
    variant, node = _nibbles(buffer, at + 19, 4), _nibbles(buffer, at + 24, 12)
    if (low | mid | version | variant | node) >= uint64(1 << 60):
        return False
    cells[cell] = np.int64((low << uint64(32)) | (mid << uint64(16)) | version)
    cells[cell + 1] = np.int64((variant << uint64(48)) | node)
    return True


@compiled
def _read_value(
    buffer: Bytes,
    at: int,
    end: int,
    kind: int,
    least: float,
    most: float,
    cells: NDArray[np.int64],
    doubles: NDArray[np.float64],
    cell: int,
) -> int:
    """Read the value at ``at`` into its cells; the place after it."""
    if kind == FLOAT or kind == INT:
        bits, after = _read_number(buffer, at, end, kind == INT)
        if after == NOT_READ:
            return NOT_READ
        cells[cell] = bits
        value = doubles[cell] if kind == FLOAT else float(bits)
        return after if least <= value <= most else NOT_READ
    if kind == FLAG:
        if _is_word(buffer, at, end, TRUE):
            cells[cell] = 1
            return at + 4
        if _is_word(buffer, at, end, FALSE):
            cells[cell] = 0
            return at + 5
        return NOT_READ
    if kind == EMPTY:
        if buffer[at] != OPEN_ARRAY:
            return NOT_READ
        at = skip_space(buffer, at + 1, end)
        return at + 1 if at < end and buffer[at] == CLOSE_ARRAY else NOT_READ
    close = text_end(buffer, at, end)
    if close == NOT_READ:
        return NOT_READ
    at += 1
    length = close - at
    if kind == TEXT:
        cells[cell] = (at << 16) | length
        return close + 1 if least <= length <= most else NOT_READ
    if kind == UUID:
        return close + 1 if length == 36 and _read_uuid(buffer, at, cells, cell) else NOT_READ
    instant_us = read_instant(buffer, at, length)
    cells[cell] = instant_us
    return close + 1 if instant_us >= 0 else NOT_READ


@compiled
def _is_named(buffer: Bytes, at: int, end: int, names: Bytes, begin: int, length: int) -> bool:
    """Whether the name ``names[begin : begin + length]`` stands from ``at``, and then a quote."""
    if at + length >= end or buffer[at + length] != QUOTE:
        return False
    for i in range(length):
        if buffer[at + i] != names[begin + i]:
            return False
    return True


@compiled
def _field_at(
    buffer: Bytes, at: int, end: int, names: Bytes, name_starts: NDArray[np.int64], guess: int
) -> int:
    """Which field is named from ``at``; fields mostly come in the contract's order, from ``guess`` on."""
    count = len(name_starts) - 1
    for step in range(count):
        place = guess + step
        if place >= count:
            place -= count
        begin = name_starts[place]
        if _is_named(buffer, at, end, names, begin, name_starts[place + 1] - begin):
            return place
    return NOT_READ


@compiled
def read_object(
    buffer: Bytes,
    at: int,
    end: int,
    kinds: NDArray[np.int64],
    first_cells: NDArray[np.int64],
    least: NDArray[np.float64],
    most: NDArray[np.float64],
    required: int,
    nullable: int,
    names: Bytes,
    name_starts: NDArray[np.int64],
    cells: NDArray[np.int64],
    doubles: NDArray[np.float64],
) -> tuple[int, int]:
    """Read the object at ``at`` into one row; which fields it has, a bit each, and the place after it."""
    present, guess = 0, 0
    if at >= end or buffer[at] != OPEN_OBJECT:
        return 0, NOT_READ
    while True:
        at = skip_space(buffer, at + 1, end)
        if at >= end or buffer[at] != QUOTE:
            return 0, NOT_READ
        place = _field_at(buffer, at + 1, end, names, name_starts, guess)
        if place == NOT_READ or (present >> place) & 1:
            return 0, NOT_READ
        at = skip_space(buffer, at + 2 + name_starts[place + 1] - name_starts[place], end)
        if at >= end or buffer[at] != COLON:
            return 0, NOT_READ
        at = skip_space(buffer, at + 1, end)
        if at >= end:
            return 0, NOT_READ
        if (nullable >> place) & 1 and _is_word(buffer, at, end, NULL):
            at += 4
        else:
            kind, cell = kinds[place], first_cells[place]
            at = _read_value(buffer, at, end, kind, least[place], most[place], cells, doubles, cell)
            if at == NOT_READ:
                return 0, NOT_READ
            present |= 1 << place
        guess = place + 1
        at = skip_space(buffer, at, end)
        if at >= end:
            return 0, NOT_READ
        if buffer[at] == CLOSE_OBJECT:
            return (present, at + 1) if present & required == required else (0, NOT_READ)
        if buffer[at] != COMMA:
            return 0, NOT_READ
