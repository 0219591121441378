"""The proposals and outcomes on Kafka, read to their current end without a consumer group."""

from datetime import datetime
from time import monotonic
from types import TracebackType
from typing import Protocol
from uuid import UUID

from kafka import TopicPartition
from kafka.errors import KafkaError

from routing.errors import KafkaUnavailable
from streams.codec import valid_events
from streams.events.dispatch import Outcome, Proposal
from streams.events.judgements import ClockTick
from streams.onlooker import onlooker, partitions_of, unreadable
from streams.topics import OUTCOMES, PROPOSALS, TICKS, Topic

READ_WITHIN_S = 30.0
POLL_MS = 200


class Outcomes(Protocol):
    """Where the outcome of a command is waited for."""

    outcomes: list[Outcome]

    def wait_for(self, cause: UUID, timeout_s: float) -> Outcome | None:
        """The outcome of the command that the event ``cause`` is, or ``None`` when none comes in time."""
        ...


class DecisionLog:
    """What dispatch proposed and decided so far; ``now_at`` is the last word of the day's clock."""

    def __init__(self, bootstrap: str, prefix: str) -> None:
        """Read what is there now. Raises ``KafkaUnavailable``, also where topics are missing."""
        self.proposals: list[Proposal] = []
        self.outcomes: list[Outcome] = []
        self.now_at: datetime | None = None
        self._bootstrap, self._prefix = bootstrap, prefix
        self._consumer = onlooker(bootstrap, (PROPOSALS, OUTCOMES, TICKS))
        try:
            self._read_to_end()
        except KafkaError as error:
            raise unreadable(bootstrap, error) from error

    def wait_for(self, cause: UUID, timeout_s: float) -> Outcome | None:
        """The outcome of the command that the event ``cause`` is, or ``None`` when none comes in time."""
        deadline_s = monotonic() + timeout_s
        while True:
            found = next((each for each in self.outcomes if each.causation_id == cause), None)
            if found is not None or monotonic() > deadline_s:
                return found
            self._poll()

    def close(self) -> None:
        """Disconnect."""
        self._consumer.close()

    def _read_to_end(self) -> None:
        clock = self._partitions(TICKS)[:1]
        places = [*self._partitions(PROPOSALS), *self._partitions(OUTCOMES), *clock]
        self._consumer.assign(places)
        first = self._consumer.beginning_offsets(places)
        ends = self._consumer.end_offsets(places)
        for place in places:
            newest = max(first[place], ends[place] - 1)
            self._consumer.seek(place, newest if place in clock else first[place])
        deadline_s = monotonic() + READ_WITHIN_S
        while any(self._consumer.position(place) < ends[place] for place in places):
            if monotonic() > deadline_s:
                raise KafkaUnavailable(
                    f"Kafka at {self._bootstrap} did not give the proposals within {READ_WITHIN_S:.0f} s"
                )
            self._poll()

    def _poll(self) -> None:
        for place, records in self._consumer.poll(timeout_ms=POLL_MS).items():
            for record in records:
                self._take(place.topic.removeprefix(self._prefix), record.value)

    def _take(self, topic: str, value: bytes | None) -> None:
        if topic == PROPOSALS.name:
            self.proposals += valid_events(Proposal, value)
        elif topic == OUTCOMES.name:
            self.outcomes += valid_events(Outcome, value)
        else:
            ticks = [tick.now_at for tick in valid_events(ClockTick, value)]
            self.now_at = max([*ticks, *([] if self.now_at is None else [self.now_at])], default=None)

    def _partitions(self, topic: Topic) -> list[TopicPartition]:
        return partitions_of(self._consumer, self._bootstrap, self._prefix + topic.name)

    def __enter__(self) -> "DecisionLog":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
