from hypothesis import given
from hypothesis import strategies as st

from streams.fleet.seen import BYTES_EACH, WAYS, Seen, is_seen


def put(seen: Seen, high: int, low: int) -> bool:
    seen.make_room()
    return is_seen(seen.keys, seen.counts, high, low)


@given(st.lists(st.tuples(st.integers(-5, 5), st.integers(-(2**63), 2**63 - 1)), max_size=200))
def test_what_was_put_in_is_known_and_nothing_else(pairs: list[tuple[int, int]]) -> None:
    seen = Seen(1_000_000)

    found = [put(seen, high, low) for high, low in pairs]

    assert found == [pair in pairs[:at] for at, pair in enumerate(pairs)]


def test_all_are_still_known_while_the_table_grows() -> None:
    seen = Seen(100_000)
    for number in range(20_000):
        put(seen, number, -number)

    known = [put(seen, number, -number) for number in range(20_000)]

    assert all(known)


def test_at_its_largest_it_keeps_half_as_many_as_it_has_places_and_8_bytes_of_each() -> None:
    seen = Seen(4096)
    for number in range(100_000):
        put(seen, number, 7)

    newest = [put(seen, number, 7) for number in range(99_999, 100_000 - 2048, -1)]

    assert all(newest)
    assert not put(seen, 3, 7)
    assert seen.keys.nbytes == 4096 * BYTES_EACH
    assert len(seen.keys) * WAYS == 4096


def test_a_saved_table_goes_on_as_it_was() -> None:
    seen = Seen(4096)
    for number in range(3000):
        put(seen, number, 1)

    again = Seen.load(seen.save(), 4096)

    assert [put(again, number, 1) for number in range(3100)] == [
        put(seen, number, 1) for number in range(3100)
    ]
