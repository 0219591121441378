"""confluent-kafka's consumer, as the ceiling and the plain loop use it."""

from collections.abc import Iterator
from time import monotonic

from confluent_kafka import OFFSET_BEGINNING, Consumer, Message, TopicPartition

from pipelines.bench.peers.task import Stopwatch, Task

READ_AT_ONCE = 10_000
WAIT_S = 0.1
"""``consume`` waits so long for a batch to be full."""

SILENT_FOR_S = 30.0


def batches(task: Task, watch: Stopwatch) -> Iterator[list[Message]]:
    """Every message of the log, batch by batch; counted once the caller is done with a batch."""
    consumer = Consumer(
        {
            "bootstrap.servers": task.servers,
            "group.id": task.group,
            "enable.auto.commit": False,
            "fetch.max.bytes": 32 * 1024 * 1024,
            "max.partition.fetch.bytes": 8 * 1024 * 1024,
            "queued.max.messages.kbytes": 128 * 1024,
        }
    )
    places = [TopicPartition(t, p, OFFSET_BEGINNING) for t in task.topics for p in range(task.partitions)]
    consumer.assign(places)
    heard_s = monotonic()
    while watch.left:
        messages = consumer.consume(min(READ_AT_ONCE, watch.left), timeout=WAIT_S)
        if messages:
            heard_s = monotonic()
            yield messages
            watch.count(len(messages))
        elif monotonic() - heard_s > SILENT_FOR_S:
            raise RuntimeError(f"nothing came for {SILENT_FOR_S:.0f} s, and {watch.left} messages are left")
    watch.stop()
    consumer.close()
