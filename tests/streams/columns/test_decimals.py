from struct import pack, unpack

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from streams.columns.decimals import LARGEST_POWER, double_bits


@given(st.integers(1, 2**64 - 1), st.integers(-LARGEST_POWER, LARGEST_POWER))
@example(2**53 + 1, 0)
@example(9007199254740993, -3)
@example(2**64 - 1, 22)
@example(1, -22)
def test_digits_and_a_power_of_ten_give_the_double_that_python_gives(digits: int, power: int) -> None:
    bits = double_bits(np.uint64(digits), power)

    assert unpack("<d", pack("<q", bits))[0] == float(f"{digits}e{power}")


@given(st.floats(1e-3, 1e9))
def test_the_shortest_text_of_a_double_gives_it_back(number: float) -> None:
    whole, _, fraction = f"{number:.17g}".partition(".")
    if "e" in fraction or "e" in whole:
        return

    bits = double_bits(np.uint64(int(whole + fraction)), -len(fraction))

    assert unpack("<d", pack("<q", bits))[0] == number
