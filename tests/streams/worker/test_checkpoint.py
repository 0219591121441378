import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack
from msgspec.structs import replace

from routing.errors import ContractError
from streams.worker.checkpoint import Assembly, Checkpoint, Part, Saved, pack


def checkpoint(state: bytes = b"state", **next_offsets: int) -> Checkpoint:
    return Checkpoint(
        judge="fleet", partition=3, next_offsets=next_offsets or {"fixes": 17}, state=state, state_format=7
    )


def read(*records: tuple[str, bytes]) -> dict[str, Saved]:
    assembly = Assembly()
    for key, value in records:
        assembly.add(key, value)
    return dict(assembly.newest())


def compacted(records: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """What Kafka keeps in the end: the newest record of each key, in order."""
    newest = {key: place for place, (key, _) in enumerate(records)}
    return [record for place, record in enumerate(records) if newest[record[0]] == place]


A, B, C = (checkpoint(bytes(range(256)) * 4 + name, n=n) for n, name in enumerate((b"a", b"b", b"c")))


@given(st.binary(), st.dictionaries(st.text(), st.integers(0, 2**62)), st.integers(1, 40))
def test_a_checkpoint_survives_packing(state: bytes, next_offsets: dict[str, int], part_bytes: int) -> None:
    written = replace(checkpoint(state), next_offsets=next_offsets)

    assert read(*pack(written, 1, part_bytes)) == {"fleet/3": Saved(written, slot=1)}


def test_a_repetitive_state_is_stored_small() -> None:
    ((_, value),) = pack(checkpoint(b"vehicle" * 100_000), slot=0)

    assert len(value) < 10_000


@pytest.mark.parametrize("is_compacted", [False, True])
@pytest.mark.parametrize("written", range(7))
def test_the_newest_checkpoint_that_is_whole_counts_whenever_its_writer_was_killed(
    written: int, is_compacted: bool
) -> None:
    #   A 0/n  A 1/n …  |  B 0/n  ✗ killed after ``written`` parts
    a, b = pack(A, 0, 60), pack(B, 1, 60)
    assert 4 < len(b) < 7
    records = a + b[:written]

    saved = read(*(compacted(records) if is_compacted else records))

    assert saved == {"fleet/3": Saved(B, 1) if written >= len(b) else Saved(A, 0)}


@pytest.mark.parametrize("written", range(7))
def test_a_half_checkpoint_is_written_over(written: int) -> None:
    records = pack(A, 0, 60) + pack(B, 1, 60)[:written] + pack(C, 1, 50)

    assert read(*records) == read(*compacted(records)) == {"fleet/3": Saved(C, 1)}


def test_a_smaller_checkpoint_takes_the_place_of_a_larger_one_of_its_slot() -> None:
    records = pack(A, 0, 30) + pack(B, 1, 60) + pack(C, 0, 100)

    assert read(*compacted(records)) == {"fleet/3": Saved(C, 0)}


@given(st.binary(max_size=200))
def test_bytes_that_are_no_checkpoint_are_refused(value: bytes) -> None:
    with pytest.raises(ContractError, match="is no checkpoint"):
        read(("fleet/3/0/0", value))


def test_a_state_that_was_damaged_is_refused() -> None:
    ((key, value),) = pack(checkpoint(), slot=0)
    part = msgpack.decode(value, type=Part)

    with pytest.raises(ContractError, match="is no checkpoint"):
        read((key, msgpack.encode(replace(part, data=part.data[:-5] + b"wrong"))))


def test_a_key_without_a_slot_is_refused() -> None:
    ((_, value),) = pack(checkpoint(), slot=0)

    with pytest.raises(ContractError, match="is no checkpoint"):
        read(("fleet/3", value))


def test_another_format_is_named() -> None:
    ((key, value),) = pack(checkpoint(), slot=0)
    part = msgpack.decode(value, type=Part)

    with pytest.raises(ContractError, match=r"fleet/3 .* has format 9, .* format 3: go on with .*anew"):
        read((key, msgpack.encode(replace(part, version=9))))
