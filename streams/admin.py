"""Make Kafka's topics as the table says; doing it twice changes nothing."""

from concurrent.futures import Future
from dataclasses import dataclass
from enum import StrEnum
from time import monotonic, sleep

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourceType,
)

from routing.errors import ConfigurationError, KafkaUnavailable
from streams.topics import TOPICS, Topic

TIMEOUT_S = 30.0


class TopicState(StrEnum):
    """What was found, and done about it."""

    CREATED = "created"
    PRESENT = "present"
    ALTERED = "altered"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class TopicReport:
    """One topic after ``create_topics``; ``detail`` says in words what was altered, or differs."""

    name: str
    state: TopicState
    detail: str = ""


def create_topics(bootstrap_servers: str, prefix: str, partitions: int) -> list[TopicReport]:
    """Create what is missing and alter configurations to the table's; in the table's order.

    A topic with another number of partitions keeps it, since its keys would change places, and is
    reported as ``DIFFERS``. Raises ``KafkaUnavailable`` when the cluster does not do as asked.
    """
    client = AdminClient({"bootstrap.servers": bootstrap_servers, "log_level": 0})
    try:
        found = _partition_counts(client)
        created = _create(client, [t for t in TOPICS if prefix + t.name not in found], prefix, partitions)
        found = wait_until_led(client, {prefix + topic.name for topic in TOPICS})
        changes = _alter(client, [t for t in TOPICS if prefix + t.name not in created], prefix)
    except KafkaException as error:
        raise KafkaUnavailable(f"Kafka at {bootstrap_servers} did not create the topics: {error}") from error
    return [
        TopicReport(name, TopicState.CREATED)
        if name in created
        else _report(name, found[name], partitions, changes[name])
        for name in (prefix + topic.name for topic in TOPICS)
    ]


def require_topics(bootstrap_servers: str, prefix: str, partitions: int) -> None:
    """Raise ``ConfigurationError`` naming topics that are missing or have another number of partitions."""
    client = AdminClient({"bootstrap.servers": bootstrap_servers, "log_level": 0})
    try:
        found = _partition_counts(client)
    except KafkaException as error:
        raise KafkaUnavailable(f"Kafka at {bootstrap_servers} did not list its topics: {error}") from error
    missing = [topic.name for topic in TOPICS if prefix + topic.name not in found]
    if missing:
        raise ConfigurationError(
            f"Kafka at {bootstrap_servers} lacks {len(missing)} topics, {prefix}{missing[0]} among them: "
            "type 'doorstep topics create'"
        )
    for topic in TOPICS:
        count = found[prefix + topic.name]
        if count != partitions:
            raise ConfigurationError(
                f"DOORSTEP_PARTITIONS is {partitions}, but {prefix}{topic.name} has {count} partitions"
            )


def _report(name: str, found: int, wanted: int, changes: list[str]) -> TopicReport:
    if found != wanted:
        detail = f"it has {found} partitions, not {wanted}; a new number needs a new topic prefix"
        return TopicReport(name, TopicState.DIFFERS, detail)
    if changes:
        return TopicReport(name, TopicState.ALTERED, ", ".join(changes))
    return TopicReport(name, TopicState.PRESENT)


def _partition_counts(client: AdminClient) -> dict[str, int]:
    """Partitions by topic, of the topics that have a leader for each, so that they can be used."""
    topics = client.list_topics(timeout=TIMEOUT_S).topics
    return {
        name: len(topic.partitions)
        for name, topic in topics.items()
        if topic.partitions and all(partition.leader >= 0 for partition in topic.partitions.values())
    }


def wait_until_led(client: AdminClient, names: set[str]) -> dict[str, int]:
    """Partitions by topic once all of ``names`` can be used: brokers learn of a new topic a little later."""
    deadline = monotonic() + TIMEOUT_S
    while missing := names - (found := _partition_counts(client)).keys():
        if monotonic() >= deadline:
            raise KafkaUnavailable(
                f"{len(missing)} topics have no leader after {TIMEOUT_S:.0f} s, among them {min(missing)}"
            )
        sleep(0.05)
    return found


def _create(client: AdminClient, topics: list[Topic], prefix: str, partitions: int) -> set[str]:
    """The names that were created; one that somebody else created meanwhile is not among them."""
    if not topics:
        return set()
    requests = [
        NewTopic(prefix + topic.name, num_partitions=partitions, replication_factor=-1, config=topic.config)
        for topic in topics
    ]
    futures = client.create_topics(requests, operation_timeout=TIMEOUT_S)
    return {name for name, future in futures.items() if _is_new(future)}


def _is_new(future: Future[None]) -> bool:
    try:
        future.result(timeout=TIMEOUT_S)
    except KafkaException as error:
        if error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:
            return False
        raise
    return True


def _alter(client: AdminClient, topics: list[Topic], prefix: str) -> dict[str, list[str]]:
    """Set what differs from the table; by topic, each change in words."""
    if not topics:
        return {}
    resources = [ConfigResource(ResourceType.TOPIC, prefix + topic.name) for topic in topics]
    described = client.describe_configs(resources, request_timeout=TIMEOUT_S)
    found = {
        resource.name: {entry.name: entry.value for entry in future.result(timeout=TIMEOUT_S).values()}
        for resource, future in described.items()
    }
    changes = {prefix + topic.name: _differences(found[prefix + topic.name], topic) for topic in topics}
    updates = [
        ConfigResource(
            ResourceType.TOPIC,
            prefix + topic.name,
            incremental_configs=[
                ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET)
                for key, value in topic.config.items()
            ],
        )
        for topic in topics
        if changes[prefix + topic.name]
    ]
    if updates:
        for future in client.incremental_alter_configs(updates, request_timeout=TIMEOUT_S).values():
            future.result(timeout=TIMEOUT_S)
    return changes


def _differences(found: dict[str, str], topic: Topic) -> list[str]:
    return [
        f"{key} {found.get(key)} -> {value}" for key, value in topic.config.items() if found.get(key) != value
    ]
