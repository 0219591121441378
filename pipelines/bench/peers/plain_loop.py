"""The kernel without a framework: confluent-kafka, a dict, and nothing kept for recovery."""

from pathlib import Path

from confluent_kafka import Producer

from pipelines.bench.peers.confluent_reader import batches
from pipelines.bench.peers.kernel import FRESH, State, advance_message, read_plans, write_said
from pipelines.bench.peers.task import Stopwatch, read_task


def main() -> None:
    """Judge to the end of the log; what is said goes to Kafka."""
    task = read_task()
    plans = read_plans(Path(task.plans).read_bytes())
    producer = Producer({"bootstrap.servers": task.servers, "linger.ms": 20})
    states: dict[bytes, State] = {}
    for messages in batches(task, Stopwatch(task)):
        for message in messages:
            if message.topic() != task.fixes_topic:
                continue
            key, value = message.key() or b"", message.value() or b""
            states[key], said = advance_message(plans, states.get(key, FRESH), value)
            for each in said:
                producer.produce(task.said_topic, write_said(each), key)
        producer.poll(0)
    producer.flush()


if __name__ == "__main__":
    main()
