import pytest

from routing.errors import ContractError, KafkaUnavailable
from streams.publish import FRAMING_BYTES, Publisher, ensure_fits, partition_of
from streams.topics import GPS_FIXES, PLANS


def test_a_too_large_message_is_refused_naming_its_size_topic_and_limit() -> None:
    rubbish = b"x" * 1_048_577

    with pytest.raises(ContractError, match=r"1048577 bytes is larger than gps\.fixes allows \(1048576"):
        ensure_fits(GPS_FIXES, rubbish)


def test_the_key_and_headers_count_towards_the_size() -> None:
    largest = b"x" * (1_048_576 - FRAMING_BYTES)

    ensure_fits(GPS_FIXES, largest)

    with pytest.raises(ContractError):
        ensure_fits(GPS_FIXES, largest, key="van-1")
    with pytest.raises(ContractError):
        ensure_fits(GPS_FIXES, largest, headers=[("file", b"a.csv")])


def test_a_topic_with_a_higher_limit_takes_what_another_refuses() -> None:
    ensure_fits(PLANS, b"x" * 2_000_000)


@pytest.mark.parametrize(("key", "partition"), [("21", 0), ("foobar", 2), ("a-little-bit-long-string", 0)])
def test_keys_go_where_the_java_client_puts_them(key: str, partition: int) -> None:
    assert partition_of(key, 4) == partition


def test_no_broker_is_an_error_that_names_the_address() -> None:
    with pytest.raises(KafkaUnavailable, match=r"127\.0\.0\.1:9"):
        Publisher("127.0.0.1:9")


def test_a_broken_address_is_an_error_that_shows_how_one_looks() -> None:
    with pytest.raises(KafkaUnavailable, match=r"'nonsense' is not host:port"):
        Publisher("nonsense")
