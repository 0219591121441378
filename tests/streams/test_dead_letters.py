from hypothesis import given
from hypothesis import strategies as st

from streams.dead_letters import Origin
from streams.judge import DeadLetter, Record

TEXT = st.text(max_size=40)
NUMBER = st.none() | st.integers(0, 10**18 - 1)


@given(
    st.builds(
        Origin,
        reason=TEXT,
        topic=st.none() | TEXT,
        partition=NUMBER,
        offset=NUMBER,
        index=NUMBER,
        file=st.none() | TEXT,
        row=NUMBER,
        key=st.none() | st.binary(max_size=40),
        whole_bytes=NUMBER,
        rule=st.none() | TEXT,
    )
)
def test_an_origin_reads_back_from_its_headers(origin: Origin) -> None:
    assert Origin.from_headers(origin.to_headers()) == origin


def test_a_rejected_record_keeps_its_key_verbatim_so_that_it_can_be_sent_again() -> None:
    record = Record("gps.fixes", 1, 7, 0, b"van-\xff", b"rubbish")

    headers = Origin.of(DeadLetter(record, 0, b"rubbish", "not JSON: Maria", "not JSON")).to_headers()

    assert ("key", b"van-\xff") in headers
    assert ("rule", b"not JSON") in headers
