"""What dispatch says to the simulated city: plans, routes, refusals, and what it asks its solver."""

from typing import Protocol

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from routing.errors import KafkaUnavailable
from streams.codec import valid_events
from streams.events.dispatch import Outcome, PlanRevision, Proposal, ReoptimizationRequest, RouteAssignment
from streams.topics import OUTCOMES, PLANS, PROPOSALS, REQUESTS, ROUTES

Word = PlanRevision | RouteAssignment | Outcome | ReoptimizationRequest | Proposal


class Dispatch(Protocol):
    """Where plans come from."""

    def poll(self) -> list[Word]:
        """What has been said since the last call, in order within each topic; never waits long."""
        ...


class DispatchListener:
    """Reads the plans' topics from their beginning, without a group: a day played again finds its plans."""

    def __init__(self, bootstrap: str, prefix: str = "") -> None:
        """Connect. Raises ``KafkaUnavailable`` where the topics are not there."""
        self._types: dict[str, type[Word]] = {
            prefix + PLANS.name: PlanRevision,
            prefix + ROUTES.name: RouteAssignment,
            prefix + OUTCOMES.name: Outcome,
            prefix + REQUESTS.name: ReoptimizationRequest,
            prefix + PROPOSALS.name: Proposal,
        }
        try:
            self._consumer = KafkaConsumer(
                bootstrap_servers=bootstrap.split(","),
                group_id=None,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                max_partition_fetch_bytes=PLANS.max_message_bytes,
                metrics_enabled=False,
            )
            self._consumer.assign(
                [place for name in self._types for place in self._partitions(name, bootstrap)]
            )
        except KafkaError as error:
            raise KafkaUnavailable(f"Kafka at {bootstrap} can't be read: {error}") from error

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

    def _partitions(self, name: str, bootstrap: str) -> list[TopicPartition]:
        found = self._consumer.partitions_for_topic(name)
        if not found:
            raise KafkaUnavailable(
                f"Kafka at {bootstrap} has no topic {name}: `doorstep topics create` makes it"
            )
        return [TopicPartition(name, partition) for partition in sorted(found)]
