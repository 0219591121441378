from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.dead_letters import Origin
from streams.events.letters import LetterReplayed
from streams.replay import BATCH, Letter, SentTo, Wanted, by_letter, failed_replay, grouped, refusal, replay
from tests.factories import at

REASON = "not a valid GpsFix: lat_deg is 95; it must be a number, at most 90"


def letter(
    place: int = 0,
    *,
    offset: int | None = 7,
    topic: str | None = "gps.fixes",
    reason: str = REASON,
    clock: str = "09:00",
    raw: bytes = b"{}",
    whole_bytes: int | None = None,
    row: int | None = None,
) -> Letter:
    """A letter about a record of gps.fixes, partition 1; ``place`` is its own offset."""
    partition = None if offset is None else 1
    origin = Origin(reason, topic, partition, offset, 0, None, row, b"v1", whole_bytes)
    return Letter((0, place), at(clock), origin, raw)


class Killed(Exception):
    """The process ends here."""


@dataclass
class FakeKafka:
    """Keeps what is sent; ``dies_after`` records it kills the sender, before it writes anything down."""

    log: list[tuple[str, int, bytes | None, bytes]] = field(default_factory=list)
    replays: list[LetterReplayed] = field(default_factory=list)
    dies_after: int | None = None

    def append(self, topic: str, partition: int, key: bytes | None, value: bytes) -> Callable[[], int]:
        if len(self.log) == self.dies_after:
            raise Killed
        self.log.append((topic, partition, key, value))
        offset = 1000 + len(self.log)
        return lambda: offset

    def record(self, replays: list[LetterReplayed]) -> None:
        self.replays += replays

    def replay(self, *letters: Letter, topic: str | None = None) -> str:
        """What became of the letters: sent, sent before, refused."""
        done = replay(
            letters, set(by_letter(self.replays)), self.append, self.record, lambda: at("10:00"), topic
        )
        return f"{done.sent} {done.replayed_before} {sum(done.refused.values())}"


def test_a_letter_goes_back_to_its_topic_partition_and_key_and_that_is_written_down() -> None:
    kafka = FakeKafka()

    kafka.replay(letter(3, raw=b"bytes"))

    assert kafka.log == [("gps.fixes", 1, b"v1", b"bytes")]
    (noted,) = kafka.replays
    assert (noted.letter_partition, noted.letter_offset, noted.sent_offset) == (0, 3, 1001)


def test_a_letter_that_was_sent_again_is_not_offered_again() -> None:
    kafka = FakeKafka()

    first, second = kafka.replay(letter()), kafka.replay(letter())

    assert (first, second) == ("1 0 0", "0 1 0")
    assert len(kafka.log) == 1


def test_a_letter_that_a_restarted_worker_wrote_twice_is_one() -> None:
    kafka = FakeKafka()

    done = kafka.replay(letter(3), letter(9, clock="09:05"))

    assert done == "1 0 0"


@given(killed_after=st.integers(0, 3 * BATCH), count=st.integers(0, 3 * BATCH))
def test_killed_anywhere_the_next_replay_sends_all_and_repeats_at_most_one_batch(
    killed_after: int, count: int
) -> None:
    letters = [letter(number, offset=number, raw=b"%d" % number) for number in range(count)]
    kafka = FakeKafka(dies_after=killed_after)
    if killed_after < count:
        with pytest.raises(Killed):
            kafka.replay(*letters)

    kafka.dies_after = None
    kafka.replay(*letters)

    assert {value for _, _, _, value in kafka.log} == {each.raw for each in letters}
    assert len(kafka.log) - count < BATCH


@pytest.mark.parametrize(
    ("refused", "why"),
    [
        (letter(row=3, offset=None, topic=None), "row of a file"),
        (letter(topic=None), "which topic it came from"),
        (letter(offset=None), "too large to be published"),
        (letter(whole_bytes=9_000), "only its first 2 of 9000 bytes"),
        (letter(topic="positions"), "name it with --topic"),
    ],
)
def test_what_can_not_be_sent_again_is_refused_with_the_reason(refused: Letter, why: str) -> None:
    kafka = FakeKafka()

    done = kafka.replay(refused)

    assert done == "0 0 1"
    assert why in (refusal(refused) or "")


def test_somebody_elses_topic_is_written_to_when_it_is_named() -> None:
    kafka = FakeKafka()

    assert kafka.replay(letter(topic="positions"), topic="positions") == "1 0 0"


def test_a_replay_that_fails_again_is_a_letter_that_says_so() -> None:
    kafka = FakeKafka()
    kafka.replay(letter(3))

    again = letter(20, offset=kafka.replays[0].sent_offset)

    assert failed_replay(again, kafka.replays) == kafka.replays[0]
    assert failed_replay(letter(3), kafka.replays) is None
    assert kafka.replay(letter(3), again) == "1 1 0"


def test_letters_are_grouped_by_topic_and_reason_without_its_values() -> None:
    kafka = FakeKafka()
    old = letter(0, offset=0, clock="08:00")
    kafka.replay(old)
    letters = [
        old,
        letter(1, offset=1, clock="09:00", reason=REASON.replace("95", "-95")),
        letter(2, offset=kafka.replays[0].sent_offset, clock="09:30"),
        letter(3, offset=3, topic="delivery.scans"),
        letter(4, offset=3, topic="delivery.scans"),
    ]

    fixes, scans = grouped(letters, by_letter(kafka.replays))

    assert (fixes.letters, fixes.replayed, fixes.failed_again) == (3, 1, 1)
    assert (fixes.first_at, fixes.last_at, fixes.newest) == (at("08:00"), at("09:30"), (0, 2))
    assert fixes.reason == "not a valid GpsFix: lat_deg is …; it must be a number, at most …"
    assert (scans.topic, scans.letters) == ("delivery.scans", 1)


@pytest.mark.parametrize(
    ("wanted", "is_taken"),
    [
        (Wanted(), True),
        (Wanted(reason="LAT_DEG"), True),
        (Wanted(reason="lon_deg"), False),
        (Wanted(topic="gps.fixes"), True),
        (Wanted(topic="delivery.scans"), False),
        (Wanted(since=at("09:00"), until=at("09:01")), True),
        (Wanted(since=at("09:01")), False),
        (Wanted(until=at("09:00")), False),
    ],
)
def test_letters_are_chosen_by_reason_topic_and_time(wanted: Wanted, is_taken: bool) -> None:
    assert wanted.takes(letter(clock="09:00")) == is_taken


@given(since=st.datetimes(), length_s=st.integers(-10, 0))
def test_a_span_that_ends_before_it_begins_is_refused(since: datetime, length_s: int) -> None:
    try:
        until = since + timedelta(seconds=length_s)
    except OverflowError:
        return

    with pytest.raises(ValueError, match="is not after since"):
        Wanted(since=since, until=until)


def test_where_bytes_stood_is_three_things_or_nothing() -> None:
    stood: SentTo | None = letter().stood_at

    assert stood == ("gps.fixes", 1, 7)
    assert letter(offset=None).stood_at is None
