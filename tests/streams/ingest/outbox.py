"""An outbox that keeps what is sent, with Kafka's limits on size."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from streams.codec import decode
from streams.dead_letters import Origin
from streams.events.base import Event
from streams.publish import ensure_fits
from streams.topics import BY_NAME, DEAD_LETTERS, Topic


@dataclass(frozen=True)
class Sent:
    """One message, in the order of sending."""

    topic: str
    key: str
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


@dataclass
class Outbox:
    """Two partitions."""

    sent: list[Sent] = field(default_factory=list)
    ticks: list[Event] = field(default_factory=list)
    flushes: int = 0

    def send(
        self,
        topic: Topic,
        key: str,
        value: Event | Sequence[Event] | bytes,
        partition_key: str | None = None,
        headers: Sequence[tuple[str, bytes]] = (),
    ) -> None:
        assert isinstance(value, bytes)
        assert partition_key is None
        ensure_fits(topic, value, key, headers)
        self.sent.append(Sent(topic.name, key, value, tuple(headers)))

    def broadcast(self, topic: Topic, event_for: Callable[[int], Event]) -> None:
        self.ticks += [event_for(partition) for partition in range(2)]

    def flush(self) -> None:
        """Everything is there already."""
        self.flushes += 1

    def events(self, topic: Topic) -> list[Event]:
        """The events sent to a topic."""
        event_type = BY_NAME[topic.name].event
        assert event_type is not None
        return [decode(event_type, sent.value) for sent in self.sent if sent.topic == topic.name]

    def letters(self) -> list[tuple[int | None, str, bytes]]:
        """Row, reason and bytes of each dead letter."""
        letters = [sent for sent in self.sent if sent.topic == DEAD_LETTERS.name]
        origins = [Origin.from_headers(letter.headers) for letter in letters]
        return [
            (origin.row, origin.reason, letter.value) for origin, letter in zip(origins, letters, strict=True)
        ]
