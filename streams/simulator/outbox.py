"""What is on its way to Kafka: messages by the moment at which they get there."""

from dataclasses import dataclass
from datetime import datetime
from heapq import heappop, heappush

from streams.events.base import Event
from streams.keys import partition_key_of
from streams.topics import Topic


@dataclass(frozen=True, slots=True)
class Message:
    """One Kafka record to be: an event, a device's array of events, or bytes that are neither."""

    sent_at: datetime
    topic: Topic
    key: str
    value: Event | tuple[Event, ...] | bytes

    @property
    def partition_key(self) -> str | None:
        """What the partition follows where that is not the key."""
        return partition_key_of(self.value) if isinstance(self.value, Event) else None

    @property
    def events(self) -> int:
        """How many elements the record has."""
        return len(self.value) if isinstance(self.value, tuple) else 1


class Outbox:
    """Keeps messages until their moment has come; those of one moment leave in the order they came."""

    def __init__(self) -> None:
        self._waiting: list[tuple[datetime, int, Message]] = []
        self._count = 0

    def put(self, message: Message) -> None:
        """Add a message."""
        self._count += 1
        heappush(self._waiting, (message.sent_at, self._count, message))

    def take_until(self, now_at: datetime) -> list[Message]:
        """Remove and return what is due by ``now_at``, by time."""
        due: list[Message] = []
        while self._waiting and self._waiting[0][0] <= now_at:
            due.append(heappop(self._waiting)[2])
        return due
