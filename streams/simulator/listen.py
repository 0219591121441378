"""What dispatch says to the simulated city: plans, routes, refusals, and what it asks its solver."""

from typing import Protocol

from streams.codec import valid_events
from streams.events.dispatch import Outcome, PlanRevision, Proposal, ReoptimizationRequest, RouteAssignment
from streams.onlooker import onlooker, partitions_of
from streams.topics import OUTCOMES, PLANS, PROPOSALS, REQUESTS, ROUTES, Topic

Word = PlanRevision | RouteAssignment | Outcome | ReoptimizationRequest | Proposal
WORDS: dict[Topic, type[Word]] = {
    PLANS: PlanRevision,
    ROUTES: RouteAssignment,
    OUTCOMES: Outcome,
    REQUESTS: ReoptimizationRequest,
    PROPOSALS: Proposal,
}


class Dispatch(Protocol):
    """Where plans come from."""

    def poll(self) -> list[Word]:
        """What has been said since the last call, in order within each topic; never waits long."""
        ...


class DispatchListener:
    """Reads the plans' topics from their beginning, without a group: a day played again finds its plans."""

    def __init__(self, bootstrap: str, prefix: str = "") -> None:
        """Connect. Raises ``KafkaUnavailable`` where the topics are not there."""
        self._types = {prefix + topic.name: word for topic, word in WORDS.items()}
        self._consumer = onlooker(bootstrap, WORDS)
        self._consumer.assign(
            [place for name in self._types for place in partitions_of(self._consumer, bootstrap, name)]
        )

    def poll(self) -> list[Word]:
        """What has come since the last call."""
        # The judges put what breaks its contract among the dead letters; the city does not hear it.
        return [
            word
            for place, records in self._consumer.poll(timeout_ms=0).items()
            for record in records
            for word in valid_events(self._types[place.topic], record.value)
        ]

    def close(self) -> None:
        """Disconnect."""
        self._consumer.close()
