from hypothesis import given
from hypothesis import strategies as st

from streams.lake.buffer import MAX_BYTES, Buffer, cut
from streams.lake.chunk import Chunk, join
from tests.streams.lake.records import HOUR_MS, NOON_MS, fetched


def offsets(files: list[Chunk]) -> list[list[int]]:
    return [file.offsets.tolist() for file in files]


def test_files_are_cut_at_the_grid_and_at_the_hour() -> None:
    # offset   0     1     2     3     4     5
    # hour     12    12    12    13    13    13
    # grid 4   |-----------------------|-----------
    records = [fetched(n, b"x", appended_at_ms=NOON_MS + (HOUR_MS if n >= 3 else 0)) for n in range(6)]

    assert offsets(cut(join(records), 4)) == [[0, 1, 2], [3], [4, 5]]


def test_a_file_is_complete_when_the_grid_was_passed() -> None:
    buffer = Buffer(grid=3)
    for n in range(3):
        buffer.add(fetched(n, b"x"))

    assert buffer.take_full() == []
    buffer.add(fetched(3, b"x"))

    assert offsets(buffer.take_full()) == [[0, 1, 2]]
    assert offsets(buffer.take_all()) == [[3]]
    assert buffer.take_all() == []


def test_a_compacted_topics_gaps_do_not_hold_a_file_open() -> None:
    buffer = Buffer(grid=10)
    buffer.add(fetched(4, b"x"))
    buffer.add(fetched(57, b"x"))

    assert offsets(buffer.take_full()) == [[4]]


def test_too_many_bytes_are_written_at_once() -> None:
    buffer = Buffer(grid=1000)
    buffer.add(fetched(0, bytes(MAX_BYTES)))
    assert not buffer.is_full()
    buffer.add(fetched(1, b"x"))

    assert buffer.is_full()
    assert offsets(buffer.take_full()) == [[0, 1]]


@given(st.lists(st.tuples(st.integers(1, 5), st.booleans()), max_size=40), st.integers(1, 7))
def test_every_record_is_taken_once_in_order_whenever_one_asks(
    steps: list[tuple[int, bool]], grid: int
) -> None:
    buffer, offset = Buffer(grid), -1
    added: list[int] = []
    taken: list[Chunk] = []
    for gap, asks in steps:
        offset += gap
        added.append(offset)
        buffer.add(fetched(offset, b"x"))
        if asks:
            taken += buffer.take_full()
    taken += buffer.take_all()

    assert [n for file in offsets(taken) for n in file] == added
    assert all(file[0] // grid == file[-1] // grid for file in offsets(taken))
