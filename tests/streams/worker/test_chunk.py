import pytest
from confluent_kafka import KafkaError, Message
from faust.types import TP

from routing.errors import KafkaUnavailable
from streams.worker.chunk import drained, joined

FIXES, SCANS = TP("gps.fixes", 0), TP("delivery.scans", 1)


def message(tp: TP, offset: int, value: bytes | None = b"{}", code: int | None = None) -> Message:
    error = None if code is None else KafkaError(code)
    return Message(
        tp.topic, tp.partition, offset, b"van-1", value, error=error, timestamp=(2, 1_000 + offset)
    )


def test_records_are_put_together_by_partition_in_their_order() -> None:
    messages = [message(FIXES, 5), message(FIXES, 6), message(SCANS, 2), message(FIXES, 8, b"[]")]

    found = drained(messages, arrived_at_s=7.0)

    fixes, scans = found.chunks
    assert (fixes.tp, scans.tp) == (FIXES, SCANS)
    assert fixes.columns.offsets.tolist() == [5, 6, 8]
    assert fixes.columns.appended_ms.tolist() == [1_005, 1_006, 1_008]
    assert fixes.columns.values == [b"{}", b"{}", b"[]"]
    assert fixes.columns.keys == [b"van-1"] * 3
    assert found.positions == {FIXES: 9, SCANS: 3}


def test_several_looks_become_one_which_arrived_when_the_last_of_it_did() -> None:
    first = drained([message(FIXES, 5), message(SCANS, 2)], arrived_at_s=7.0)
    second = drained([message(FIXES, 8, b"[]"), message(SCANS, 4, code=KafkaError._PARTITION_EOF)], 7.5)

    found = joined([first, second])

    fixes, scans = found.chunks
    assert fixes.columns.offsets.tolist() == [5, 8]
    assert fixes.columns.values == [b"{}", b"[]"]
    assert fixes.columns.size_bytes == 4
    assert (fixes.arrived_at_s, scans.arrived_at_s) == (7.5, 7.0)
    assert found.positions == {FIXES: 9, SCANS: 4}


def test_partitions_of_one_topic_are_apart() -> None:
    other = TP(FIXES.topic, 1)

    found = drained([message(FIXES, 5), message(other, 5), message(FIXES, 6)], arrived_at_s=7.0)

    assert [(chunk.tp, chunk.columns.offsets.tolist()) for chunk in found.chunks] == [
        (FIXES, [5, 6]),
        (other, [5]),
    ]


def test_a_deletion_has_an_empty_value() -> None:
    found = drained([message(FIXES, 5, None)], arrived_at_s=7.0)

    assert found.chunks[0].columns.values == [b""]


def test_a_logs_end_is_told_beyond_a_gap_and_is_no_record() -> None:
    messages = [message(FIXES, 5), message(FIXES, 9, code=KafkaError._PARTITION_EOF)]

    found = drained(messages, arrived_at_s=7.0)

    assert len(found.chunks[0].columns) == 1
    assert found.positions == {FIXES: 9}


def test_an_error_that_waiting_mends_is_no_record() -> None:
    found = drained([message(FIXES, 0, code=KafkaError._ALL_BROKERS_DOWN)], arrived_at_s=7.0)

    assert (found.chunks, found.positions) == ([], {})


def test_an_error_that_waiting_does_not_mend_is_raised() -> None:
    with pytest.raises(KafkaUnavailable, match=r"gps\.fixes"):
        drained([message(FIXES, 0, code=KafkaError.TOPIC_AUTHORIZATION_FAILED)], arrived_at_s=7.0)
