import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack
from msgspec.structs import replace

from routing.errors import ContractError
from streams.worker.checkpoint import Checkpoint, pack, unpack


def checkpoint(state: bytes = b"state") -> Checkpoint:
    return Checkpoint(judge="fleet", partition=3, next_offsets={"gps.fixes": 17}, state=state)


@given(st.binary(), st.dictionaries(st.text(), st.integers(0, 2**62)))
def test_a_checkpoint_survives_packing(state: bytes, next_offsets: dict[str, int]) -> None:
    written = replace(checkpoint(state), next_offsets=next_offsets)

    assert unpack(pack(written)) == written


def test_a_repetitive_state_is_stored_small() -> None:
    assert len(pack(checkpoint(b"vehicle" * 100_000))) < 10_000


@given(st.binary(max_size=200))
def test_bytes_that_are_no_checkpoint_are_refused(value: bytes) -> None:
    with pytest.raises(ContractError, match="is no checkpoint"):
        unpack(value)


def test_another_format_is_named() -> None:
    value = zlib.compress(msgpack.encode(replace(checkpoint(), version=9)))

    with pytest.raises(ContractError, match=r"fleet/3 .* has format 9; this program reads format 1"):
        unpack(value)
