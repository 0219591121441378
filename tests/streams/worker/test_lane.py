import pytest

from streams.judge import DeadLetter
from streams.topics import GPS_FIXES, SCANS, TICKS, Topic
from streams.worker.lane import Lane, bench
from streams.worker.merge import Horizon
from tests.streams.worker.counting import Counted, CountingJudge, columns, record

FROM_THE_START = {TICKS.name: 0, GPS_FIXES.name: 0, SCANS.name: 0}


def lane(next_offsets: dict[str, int] = FROM_THE_START, saved: bytes | None = None) -> Lane:
    return Lane(bench(CountingJudge()), 0, next_offsets, saved)


def know_all(at_s: float, subject: Lane, *topics: Topic) -> None:
    for topic in topics or (TICKS, GPS_FIXES, SCANS):
        subject.observe(topic.name, Horizon(-1, at_s))


def test_a_checkpoint_holds_the_state_and_the_offsets_that_it_reflects() -> None:
    subject = lane()
    know_all(10.0, subject)
    subject.feed(GPS_FIXES.name, columns(record(GPS_FIXES, 0), record(GPS_FIXES, 1)), arrived_at_s=1.0)

    subject.step(limit=10)
    checkpoint = subject.checkpoint()

    assert checkpoint.key == "counting/0"
    assert (checkpoint.state, checkpoint.state_format) == (b"2", 4)
    assert checkpoint.next_offsets == {TICKS.name: 0, GPS_FIXES.name: 2, SCANS.name: 0}


def test_what_was_fed_and_not_judged_is_in_no_checkpoint() -> None:
    subject = lane()
    subject.feed(GPS_FIXES.name, columns(record(GPS_FIXES, 0)), arrived_at_s=1.0)

    step = subject.step(limit=10)

    assert step.judged == 0
    assert subject.checkpoint().next_offsets[GPS_FIXES.name] == 0


def test_a_lane_goes_on_from_its_checkpoint_and_drops_what_that_reflects() -> None:
    subject = lane({**FROM_THE_START, GPS_FIXES.name: 2}, saved=b"2")
    know_all(10.0, subject)

    subject.feed(
        GPS_FIXES.name, columns(*[record(GPS_FIXES, offset) for offset in range(4)]), arrived_at_s=1.0
    )
    step = subject.step(limit=10)

    assert step.judged == 2
    assert subject.checkpoint().state == b"4"


def test_a_step_judges_no_more_than_its_limit() -> None:
    subject = lane()
    know_all(10.0, subject)
    subject.feed(
        GPS_FIXES.name, columns(*[record(GPS_FIXES, offset) for offset in range(5)]), arrived_at_s=1.0
    )

    judged = [subject.step(limit=2).judged for _ in range(4)]

    assert judged == [2, 2, 1, 0]


def test_poison_is_handed_on_and_the_stream_goes_on() -> None:
    subject = lane()
    know_all(10.0, subject)
    subject.feed(
        GPS_FIXES.name, columns(record(GPS_FIXES, 0, b"poison"), record(GPS_FIXES, 1)), arrived_at_s=1.0
    )

    outputs = subject.step(limit=10).outputs

    assert isinstance(outputs[0], DeadLetter)
    assert len(outputs) == 2


def test_a_judge_that_fails_is_reported_with_the_place_of_what_it_read() -> None:
    subject = lane()
    know_all(10.0, subject)
    subject.feed(
        GPS_FIXES.name, columns(record(GPS_FIXES, 40), record(GPS_FIXES, 41, b"bug")), arrived_at_s=1.0
    )

    with pytest.raises(ZeroDivisionError) as caught:
        subject.step(limit=10)

    assert "counting judge failed on partition 0, between gps.fixes 40 to 41" in caught.value.__notes__[0]


def test_pending_requests_are_hidden_until_the_log_has_been_read_to_its_end() -> None:
    asked: list[Counted] = []

    def pending(state: Counted) -> tuple[()]:
        asked.append(state)
        return ()

    subject = Lane(bench(CountingJudge(), pending), 0, FROM_THE_START, None)
    know_all(10.0, subject, TICKS, SCANS)
    subject.feed(GPS_FIXES.name, columns(record(GPS_FIXES, 0)), arrived_at_s=1.0)
    subject.step(limit=10)
    subject.pending_requests()
    before = len(asked)

    subject.observe(GPS_FIXES.name, Horizon(0, 11.0))
    subject.step(limit=10)
    subject.pending_requests()

    assert before == 0
    assert subject.is_caught_up
    assert len(asked) == 1


def test_a_lane_has_caught_up_when_it_judged_what_had_arrived_by_then() -> None:
    subject = lane()
    subject.feed(GPS_FIXES.name, columns(record(GPS_FIXES, 0), record(GPS_FIXES, 1)), arrived_at_s=9.0)
    know_all(9.001, subject)
    subject.step(limit=10)
    within_the_margin = subject.is_caught_up

    know_all(10.0, subject)
    subject.step(limit=1)
    half_way = subject.is_caught_up
    subject.step(limit=1)

    assert (within_the_margin, half_way, subject.is_caught_up) == (False, False, True)
