"""Decimal text to the nearest double, as the text's digits and its power of ten.

The method is that of D. Lemire, "Number Parsing at a Gigabyte per Second", Software: Practice and
Experience 51 (2021): the digits times a power of five known to 128 bits; between 10^-22 and 10^22
the product always tells which double is the nearest.
"""

import numpy as np
from numba import uint64

from streams.columns.compiled import compiled

LARGEST_POWER = 22
"""Powers of ten up to this are taken, either way."""


def _five_to(power: int) -> int:
    """5^power as a number of exactly 128 bits: cut for positive powers, rounded up for negative ones."""
    if power < 0:
        five = int(5**-power)
        return (1 << ((five - 1).bit_length() + 127)) // five + 1
    five = int(5**power)
    return five << (128 - five.bit_length())


_POWERS = [_five_to(power) for power in range(-LARGEST_POWER, LARGEST_POWER + 1)]
FIVES_HIGH = np.array([five >> 64 for five in _POWERS], np.uint64)
FIVES_LOW = np.array([five & (2**64 - 1) for five in _POWERS], np.uint64)


@compiled
def _high_of_product(a: int, b: int) -> int:
    """The upper 64 bits of the product of two unsigned numbers of 64 bits."""
    low_mask, half = uint64(0xFFFFFFFF), uint64(32)
    a_low, a_high = a & low_mask, a >> half
    b_low, b_high = b & low_mask, b >> half
    low_high, high_low = a_low * b_high, a_high * b_low
    carry = ((a_low * b_low) >> half) + (low_high & low_mask) + (high_low & low_mask)
    return a_high * b_high + (low_high >> half) + (high_low >> half) + (carry >> half)


@compiled
def _leading_zeros(number: int) -> int:
    count = 0
    step = 32
    while step:
        if number >> uint64(64 - step) == uint64(0):
            number = number << uint64(step)
            count += step
        step >>= 1
    return count


@compiled
def double_bits(digits: int, power: int) -> int:
    """The bits of the double nearest to ``digits`` (unsigned, not 0) x 10^``power``, ties to even.

    ``power`` lies within ``LARGEST_POWER`` of 0.
    """
    zeros = _leading_zeros(digits)
    scaled = digits << uint64(zeros)
    at = power + LARGEST_POWER
    high, low = _high_of_product(scaled, FIVES_HIGH[at]), scaled * FIVES_HIGH[at]
    if high & uint64(0x1FF) == uint64(0x1FF):
        more = _high_of_product(scaled, FIVES_LOW[at])
        low = low + more
        if low < more:
            high = high + uint64(1)
    upper = high >> uint64(63)
    shift = upper + uint64(9)
    mantissa = high >> shift
    exponent = ((217706 * power) >> 16) + 63 + np.int64(upper) - zeros + 1023
    is_halfway = low <= uint64(1) and -4 <= power <= 23 and mantissa & uint64(3) == uint64(1)
    if is_halfway and mantissa << shift == high:
        mantissa = mantissa & ~uint64(1)
    mantissa = (mantissa + (mantissa & uint64(1))) >> uint64(1)
    if mantissa >= uint64(1 << 53):
        mantissa = uint64(1 << 52)
        exponent += 1
    return np.int64((mantissa & ~uint64(1 << 52)) | (uint64(exponent) << uint64(52)))
