"""A calm run: the fleet judge over the very log of the faulted run, from its beginning to its end.

The log itself is read again, and not sent again, since Kafka's append times would differ. Merged by
(append time, topic rank, offset) it has one order, whoever reads it and when; so what a judge says
that is never killed, saved or loaded, is what all workers together must have said, no more and no
less. It takes runs of a length of its own: how the fetches fell must not matter either.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from streams.codec import encode
from streams.fleet.judge import FleetJudge
from streams.judge import DeadLetter, Record, run_of
from streams.topics import ALERTS, DELAYS, ETAS, FLEET_INPUTS, NOTICES, PROGRESS, VERDICTS, VISITS, Topic
from tests.e2e.product import PARTITIONS
from tests.faults.reading import Place

RUN = 3_001
SAID: tuple[Topic, ...] = (VISITS, ETAS, DELAYS, PROGRESS, ALERTS, NOTICES, VERDICTS)
"""What the fleet judge says, beside dead letters."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a run said: by topic each event's bytes with how often, and the dead letters by place."""

    events: dict[str, Counter[bytes]] = field(
        default_factory=lambda: {topic.name: Counter() for topic in SAID}
    )
    letters: dict[Place, bytes] = field(default_factory=dict)


def calm_run(log: Iterable[Record]) -> Words:
    """What the judge says of the records, partition by partition."""
    ranks = {topic.name: rank for rank, topic in enumerate(FLEET_INPUTS)}
    lanes: list[list[Record]] = [[] for _ in range(PARTITIONS)]
    for record in log:
        lanes[record.partition].append(record)
    words = Words()
    judge = FleetJudge()
    for partition, lane in enumerate(lanes):
        lane.sort(key=lambda record: (record.appended_at_ms, ranks[record.topic], record.offset))
        state = judge.fresh(partition)
        for begin in range(0, len(lane), RUN):
            for output in judge.advance_run(state, run_of(lane[begin : begin + RUN], tuple(ranks))):
                if isinstance(output, DeadLetter):
                    record = output.record
                    place = (record.topic, record.partition, record.offset, output.index)
                    words.letters[place] = output.raw
                else:
                    words.events[output.topic.name][encode(output.event)] += 1
    return words
