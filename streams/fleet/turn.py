"""One step of the judge: what caused it, when it is, by which rules, and what it said."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from streams.events.base import Event, id_of
from streams.fleet.instants import moment
from streams.fleet.rules import FleetRules
from streams.judge import DeadLetter, Emission
from streams.topics import Topic

SOURCE = "doorstep.fleet"

Said = list[Emission | DeadLetter]


class Cause(NamedTuple):
    """The event that is judged: its id, and what joins all that the first cause set off."""

    event_id: UUID
    correlation_id: UUID
    text: str
    """``event_id``, as ids are derived from it."""

    @staticmethod
    def of(event: Event) -> "Cause":
        """The cause that an event is."""
        return Cause.by(event.event_id, event.correlation_id or event.event_id)

    @staticmethod
    def by(event_id: UUID, correlation_id: UUID) -> "Cause":
        """The cause of those ids."""
        return Cause(event_id, correlation_id, str(event_id))


class Turn(NamedTuple):
    """``now_at`` is the vehicle's time: the newest of its own events and the partition's ticks."""

    rules: FleetRules
    cause: Cause
    now_at: datetime
    now_us: int
    said: Said

    @staticmethod
    def at(rules: FleetRules, cause: Cause, now_us: int, said: Said) -> "Turn":
        """The turn of a moment."""
        return Turn(rules, cause, moment(now_us), now_us, said)

    def say(self, topic: Topic, key: str, event: Event) -> None:
        """Emit ``event``."""
        self.said.append(Emission(topic, key, event))

    def derived_id(self, kind: str, *subject: str) -> UUID:
        """The id of what this turn says of ``subject``: the same when the cause is judged again."""
        return id_of(kind, self.cause.text, *subject)

    @property
    def correlation_id(self) -> UUID:
        """What joins all that the first cause set off."""
        return self.cause.correlation_id


def elapsed_s(since_at: datetime, until_at: datetime) -> float:
    """Seconds from one moment to another."""
    return (until_at - since_at).total_seconds()


def clock_text(at: datetime) -> str:
    """``10:04:07 UTC``, to the nearest second, for evidence."""
    return f"{at + timedelta(microseconds=500_000):%H:%M:%S} UTC"


def span_text(duration_s: float) -> str:
    """``45 s`` or ``12.5 min``, for evidence."""
    return f"{duration_s:.0f} s" if abs(duration_s) < 60 else f"{duration_s / 60:.1f} min"


def distance_text(distance_m: float) -> str:
    """``320 m`` or ``1.2 km``, for evidence."""
    return f"{distance_m:.0f} m" if distance_m < 1000 else f"{distance_m / 1000:.1f} km"
