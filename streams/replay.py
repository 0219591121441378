"""Dead letters sent again: which can be, once each, and what is written down about it.

A letter's bytes go back to the partition and key they came from; an element of an array goes alone.
They land once however often that happens, because the event in them keeps its id: to the judges and
the warehouse a second copy is a duplicate. What was sent is on ``dead.replays``, written after Kafka
has the bytes: a replay that was killed in between offers those letters again, and no others.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from streams.dead_letters import Origin
from streams.events.base import derived_id
from streams.events.letters import LetterReplayed
from streams.reason_kinds import without_values
from streams.topics import BY_NAME

SOURCE = "doorstep.dlq"
BATCH = 200
"""So many are sent before they are written down: what a kill makes the next replay send twice."""

Place = tuple[int, int]
"""Partition and offset on ``dead.letters``."""

SentTo = tuple[str, int, int]
"""Topic, partition and offset of bytes that were sent again."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One dead letter as it stands on its topic."""

    place: Place
    appended_at: datetime
    origin: Origin
    raw: bytes

    @property
    def letter_id(self) -> str:
        """What a letter keeps when a restarted worker writes it again: where its bytes stood, and they."""
        origin = self.origin
        stood = (origin.topic, origin.partition, origin.offset, origin.index, origin.file, origin.row)
        is_placed = origin.offset is not None or origin.row is not None
        own = () if is_placed else self.place
        return str(derived_id("dead-letter", *stood, *own, hashlib.sha256(self.raw).hexdigest()))

    @property
    def stood_at(self) -> SentTo | None:
        """Where its bytes stood on Kafka, where it says so."""
        topic, partition, offset = self.origin.topic, self.origin.partition, self.origin.offset
        if topic is None or partition is None or offset is None:
            return None
        return topic, partition, offset


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which letters are meant: all that fit whatever is given.

    ``reason`` is any part of the reason, in whatever case; a letter's time is its append, from
    ``since`` on and before ``until``.
    """

    reason: str | None = None
    topic: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        if self.since is not None and self.until is not None and self.until <= self.since:
            raise ValueError(f"until {self.until.isoformat()} is not after since {self.since.isoformat()}")

    def takes(self, letter: Letter) -> bool:
        """Whether ``letter`` is meant."""
        return (
            (self.reason is None or self.reason.casefold() in letter.origin.reason.casefold())
            and (self.topic is None or self.topic == letter.origin.topic)
            and (self.since is None or letter.appended_at >= self.since)
            and (self.until is None or letter.appended_at < self.until)
        )


def refusal(letter: Letter, named_topic: str | None = None) -> str | None:
    """Why a letter can't be sent again, in words; ``None`` where it can.

    A topic that is none of Doorstep's is written to only when a person named it.
    """
    origin = letter.origin
    if origin.file is not None or origin.row is not None:
        return "it is a row of a file, which no topic holds: mend the file or its mapping and ingest it again"
    if origin.topic is None:
        return "it does not say which topic it came from"
    if letter.stood_at is None:
        return "it never stood on its topic: it is a judgement that was too large to be published"
    if origin.whole_bytes is not None:
        return f"only its first {len(letter.raw)} of {origin.whole_bytes} bytes were kept"
    if origin.topic not in BY_NAME and origin.topic != named_topic:
        return f"{origin.topic} is none of Doorstep's topics: name it with --topic if it is to be written to"
    return None


@dataclass(slots=True)
class Group:
    """Letters of one topic and one reason, whose differing values are left out.

    ``replayed`` of ``letters`` were sent again; ``failed_again`` are themselves about a replay.
    """

    topic: str | None
    reason: str
    first_at: datetime
    last_at: datetime
    newest: Place
    letters: int = 0
    replayed: int = 0
    failed_again: int = 0


def grouped(letters: Iterable[Letter], replays: Mapping[str, LetterReplayed]) -> list[Group]:
    """Each letter counted once, most of a kind first; ``replays`` as ``by_letter`` gives them."""
    sent = {_sent_to(replay) for replay in replays.values()}
    groups: dict[tuple[str | None, str], Group] = {}
    for letter in once_each(letters):
        topic, reason = letter.origin.topic or letter.origin.file, without_values(letter.origin.reason)
        fresh = Group(topic, reason, letter.appended_at, letter.appended_at, letter.place)
        group = groups.setdefault((topic, reason), fresh)
        group.letters += 1
        group.replayed += letter.letter_id in replays
        group.failed_again += letter.stood_at in sent
        group.first_at = min(group.first_at, letter.appended_at)
        if letter.appended_at >= group.last_at:
            group.last_at, group.newest = letter.appended_at, letter.place
    return sorted(groups.values(), key=lambda group: (-group.letters, group.topic or "", group.reason))


def by_letter(replays: Iterable[LetterReplayed]) -> dict[str, LetterReplayed]:
    """The latest replay of each letter."""
    return {replay.letter_id: replay for replay in replays}


def failed_replay(letter: Letter, replays: Iterable[LetterReplayed]) -> LetterReplayed | None:
    """The replay that this letter is about, where it is about one."""
    return next((each for each in replays if _sent_to(each) == letter.stood_at), None)


def once_each(letters: Iterable[Letter]) -> Iterator[Letter]:
    """The letters without those that a restarted worker, or a second judge, wrote again."""
    seen: set[str] = set()
    for letter in letters:
        letter_id = letter.letter_id
        if letter_id not in seen:
            seen.add(letter_id)
            yield letter


@dataclass(slots=True)
class Summary:
    """What became of the letters that were meant; ``refused`` counts by reason."""

    sent: int = 0
    replayed_before: int = 0
    refused: dict[str, int] = field(default_factory=dict)


Append = Callable[[str, int, bytes | None, bytes], Callable[[], int]]
"""Bytes to topic, partition and key; what comes back waits for their offset."""


def replay(
    letters: Iterable[Letter],
    replayed: Collection[str],
    append: Append,
    record: Callable[[list[LetterReplayed]], None],
    now: Callable[[], datetime],
    named_topic: str | None = None,
) -> Summary:
    """Send letters again that were not yet, and write down what Kafka has; ``record`` returns when it is.

    ``replayed`` holds the ids of those that were sent before.
    """
    summary = Summary()
    fresh = _sendable(letters, replayed, named_topic, summary)
    while batch := list(islice(fresh, BATCH)):
        waiting = [(letter, place, _send(letter, place, append)) for letter, place in batch]
        record([_replayed(letter, place, offset(), now()) for letter, place, offset in waiting])
        summary.sent += len(batch)
    return summary


def _sendable(
    letters: Iterable[Letter], replayed: Collection[str], named_topic: str | None, summary: Summary
) -> Iterator[tuple[Letter, SentTo]]:
    for letter in once_each(letters):
        why_not, stood_at = refusal(letter, named_topic), letter.stood_at
        if letter.letter_id in replayed:
            summary.replayed_before += 1
        elif why_not is None and stood_at is not None:
            yield letter, stood_at
        elif why_not is not None:
            summary.refused[why_not] = summary.refused.get(why_not, 0) + 1


def _send(letter: Letter, stood_at: SentTo, append: Append) -> Callable[[], int]:
    topic, partition, _ = stood_at
    return append(topic, partition, letter.origin.key, letter.raw)


def _replayed(letter: Letter, stood_at: SentTo, offset: int, now: datetime) -> LetterReplayed:
    topic, partition, _ = stood_at
    return LetterReplayed(
        event_id=derived_id("letter-replayed", letter.letter_id, topic, partition, offset),
        source=SOURCE,
        letter_id=letter.letter_id,
        letter_partition=letter.place[0],
        letter_offset=letter.place[1],
        sent_topic=topic,
        sent_partition=partition,
        sent_offset=offset,
        sent_at=now,
    )


def _sent_to(replay: LetterReplayed) -> SentTo:
    return replay.sent_topic, replay.sent_partition, replay.sent_offset
