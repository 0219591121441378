"""Marks by which a judge's time is told from outside: events sent twice, whose second is a duplicate."""

from time import monotonic
from uuid import UUID

import msgspec
from confluent_kafka import OFFSET_BEGINNING, TopicPartition

from pipelines.bench.streams.kafka import PARTITIONS, READ_AT_ONCE, WAIT_S, Log, reader
from pipelines.bench.streams.processes import Running
from routing.errors import DoorstepError
from streams.events.judgements import Verdict, VerdictKind
from streams.topics import VERDICTS


def wait_for_marks(log: Log, worker: Running, marks: frozenset[UUID], within_s: float) -> dict[UUID, float]:
    """When the verdict on each mark was appended, epoch seconds, once all of them are there.

    What the worker has judged is told by what it says: its checkpoints may come minutes later. Raises
    ``DoorstepError`` when it takes longer, or when the worker ends.
    """
    deadline_s = monotonic() + within_s
    wanted, found = {str(mark): mark for mark in marks}, dict[UUID, float]()
    decode = msgspec.json.Decoder(Verdict).decode
    consumer = reader(log)
    topic = log.prefix + VERDICTS.name
    try:
        consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in range(PARTITIONS)])
        while len(found) < len(wanted):
            worker.check()
            if monotonic() > deadline_s:
                missing = len(wanted) - len(found)
                raise DoorstepError(f"the worker has not judged {missing} marks after {within_s:.0f} s")
            for message in consumer.consume(READ_AT_ONCE, timeout=WAIT_S):
                if message.error() is None:
                    verdict = decode(message.value() or b"")
                    mark = wanted.get(verdict.judged_event_id)
                    if mark is not None and verdict.kind is VerdictKind.DUPLICATE:
                        found.setdefault(mark, message.timestamp()[1] / 1000)
    finally:
        consumer.close()
    return found
