"""The depots' records on Kafka, and a new one with what was learned."""

from collections.abc import Iterable
from datetime import datetime
from time import monotonic

from kafka.errors import KafkaError
from msgspec.structs import replace

from pipelines.planning.learned import Learned
from routing.errors import ConfigurationError, KafkaUnavailable
from routing.service import ServiceTimes
from streams.codec import valid_events
from streams.events.base import derived_id
from streams.events.reference import DepotRecord
from streams.onlooker import onlooker, partitions_of, unreadable
from streams.topics import DEPOTS

READ_WITHIN_S = 30.0
POLL_MS = 200


def read_depots(bootstrap: str, prefix: str) -> list[DepotRecord]:
    """All records of depots that Kafka still has. Raises ``KafkaUnavailable``, also without the topic."""
    records: list[DepotRecord] = []
    consumer = onlooker(bootstrap, (DEPOTS,))
    try:
        places = partitions_of(consumer, bootstrap, prefix + DEPOTS.name)
        consumer.assign(places)
        ends = consumer.end_offsets(places)
        consumer.seek_to_beginning()
        deadline_s = monotonic() + READ_WITHIN_S
        while any(consumer.position(place) < ends[place] for place in places):
            if monotonic() > deadline_s:
                raise KafkaUnavailable(
                    f"Kafka at {bootstrap} did not give the depots within {READ_WITHIN_S:.0f} s"
                )
            for polled in consumer.poll(timeout_ms=POLL_MS).values():
                records += [record for each in polled for record in valid_events(DepotRecord, each.value)]
    except KafkaError as error:
        raise unreadable(bootstrap, error) from error
    finally:
        consumer.close()
    return records


def in_force(records: Iterable[DepotRecord], depot_id: str, at: datetime) -> DepotRecord:
    """The depot's record at a moment: of those that came into force the latest, and of these the last told.

    Raises ``ConfigurationError`` where there is none.
    """
    known = list(records)
    ripe = [each for each in known if each.depot_id == depot_id and each.effective_at <= at]
    if not ripe:
        others = ", ".join(sorted({each.depot_id for each in known})) or "none"
        raise ConfigurationError(
            f"Kafka has no record of depot {depot_id} in force at {at.isoformat()}; there are depots {others}"
        )
    return max(reversed(ripe), key=lambda each: each.effective_at)


def with_learned(record: DepotRecord, learned: Learned, at: datetime) -> DepotRecord:
    """The depot's record from ``at`` on: speeds by the hour and service times as they were learned."""
    travel = learned.straight(at.date(), record.travel)
    service = learned.service(record.service or ServiceTimes())
    said = (record.depot_id, at.isoformat(), travel, service)
    return replace(
        record,
        event_id=derived_id("learned", *said),
        causation_id=record.event_id,
        source="doorstep learn",
        effective_at=at,
        travel=travel,
        service=service if learned.service_s else record.service,
    )
