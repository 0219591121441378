"""The dead letters and their replays on Kafka, read up to where they end now, without a consumer group."""

from collections.abc import Iterator
from datetime import UTC, datetime
from time import monotonic
from types import TracebackType

from kafka import TopicPartition
from kafka.consumer.fetcher import ConsumerRecord
from kafka.errors import KafkaError

from routing.errors import KafkaUnavailable
from streams.codec import valid_events
from streams.dead_letters import Origin
from streams.events.letters import LetterReplayed
from streams.onlooker import onlooker, partitions_of, unreadable
from streams.replay import Letter, Place
from streams.topics import DEAD_LETTERS, REPLAYS, Topic

SILENT_AFTER_S = 30.0
POLL_MS = 200


class LetterLog:
    """Reads one topic at a time, from its beginning to the end that it had when reading began."""

    def __init__(self, bootstrap: str, prefix: str) -> None:
        """Connect. Raises ``KafkaUnavailable``."""
        self._bootstrap, self._prefix = bootstrap, prefix
        self._consumer = onlooker(bootstrap, (DEAD_LETTERS, REPLAYS))

    def letters(self) -> Iterator[Letter]:
        """Every letter that is there now, each partition in its order. Raises ``KafkaUnavailable``."""
        return map(_letter, self._records(DEAD_LETTERS))

    def replays(self) -> list[LetterReplayed]:
        """Every replay that was written down, in the order of each letter. Raises ``KafkaUnavailable``."""
        records = self._records(REPLAYS)
        return [event for record in records for event in valid_events(LetterReplayed, record.value)]

    def letter_at(self, place: Place) -> Letter | None:
        """The letter at a place, or ``None`` where none stands. Raises ``KafkaUnavailable``."""
        return next((letter for letter in self.letters_from(place) if letter.place == place), None)

    def letters_from(self, place: Place) -> Iterator[Letter]:
        """The letters of one partition from an offset on."""
        return map(_letter, self._records(DEAD_LETTERS, place))

    def close(self) -> None:
        """Disconnect."""
        self._consumer.close()

    def _records(self, topic: Topic, start: Place | None = None) -> Iterator[ConsumerRecord]:
        try:
            yield from self._read(topic, start)
        except KafkaError as error:
            raise unreadable(self._bootstrap, error) from error

    def _read(self, topic: Topic, start: Place | None) -> Iterator[ConsumerRecord]:
        places = self._partitions(topic, start)
        self._consumer.assign(places)
        ends = self._consumer.end_offsets(places)
        for place, first in self._consumer.beginning_offsets(places).items():
            self._consumer.seek(place, first if start is None else max(first, start[1]))
        heard_s = monotonic()
        while any(self._consumer.position(place) < ends[place] for place in places):
            polled = self._consumer.poll(timeout_ms=POLL_MS)
            for place, records in polled.items():
                yield from (record for record in records if record.offset < ends[place])
            heard_s = monotonic() if polled else heard_s
            if monotonic() - heard_s > SILENT_AFTER_S:
                raise KafkaUnavailable(
                    f"Kafka at {self._bootstrap} gave nothing of {topic.name} for {SILENT_AFTER_S:.0f} s"
                )

    def _partitions(self, topic: Topic, start: Place | None) -> list[TopicPartition]:
        places = partitions_of(self._consumer, self._bootstrap, self._prefix + topic.name)
        return [place for place in places if start is None or place.partition == start[0]]

    def __enter__(self) -> "LetterLog":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _letter(record: ConsumerRecord) -> Letter:
    appended_at = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    origin = Origin.from_headers(record.headers or ())
    return Letter((record.partition, record.offset), appended_at, origin, record.value or b"")
