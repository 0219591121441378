"""Puts a fleet's day on Kafka as fast as it can be made, with marks by which a judge's time is told.

A mark is a fix of a vehicle of its own, sent twice: the second is a duplicate, and the verdict on it
has Kafka's time of append. One stands in every partition where the measured part begins, one at the
end. So any worker is measured from outside, by what it says.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from time import monotonic
from uuid import UUID

from confluent_kafka import KafkaError, Message, Producer

from pipelines.bench.streams.day import FIXES, SCANS, Day, Slice
from pipelines.bench.streams.day import TELEMETRY as TELEMETRY_KIND
from pipelines.bench.streams.day import Message as DayMessage
from pipelines.bench.streams.kafka import PARTITIONS, Log
from pipelines.bench.streams.plans import route_assignments, tick, vehicle_records
from pipelines.bench.streams.rounds import CYCLE_S, STARTS_AT, Rounds
from pipelines.bench.streams.wording import SOURCE, second_text, vehicle_name
from routing.errors import KafkaUnavailable
from streams.codec import encode
from streams.events.base import derived_id
from streams.publish import partition_of
from streams.topics import GPS_FIXES, ROUTES, TELEMETRY, TICKS, VEHICLES, Topic
from streams.topics import SCANS as SCANS_TOPIC

TICK_EVERY_S = 30
WARM_S = CYCLE_S
"""What of the day is judged before the measured part begins: every vehicle leaves its depot, and all its
customers are told at once that it is on its round, as happens once a day and not in every twenty minutes."""

STARTS_AT_S = STARTS_AT.timestamp()
TAKEN_WITHIN_S = 120.0
TOPIC_OF_KIND = {FIXES: GPS_FIXES, TELEMETRY_KIND: TELEMETRY, SCANS: SCANS_TOPIC}
INPUT_TOPICS = tuple(topic.name for topic in TOPIC_OF_KIND.values())
FILLED_TOPICS = (*INPUT_TOPICS, ROUTES.name, VEHICLES.name, TICKS.name)


@dataclass(frozen=True, slots=True)
class Filled:
    """What was put there. ``warm`` of the messages and events come before the first marks."""

    messages: int
    events: int
    fixes: int
    telemetry: int
    scans: int
    warm_messages: int
    warm_events: int
    value_bytes: int
    duplicates: int
    late: int
    lasts_s: int
    took_s: float
    vehicles: int
    begin_marks: frozenset[UUID]
    end_marks: frozenset[UUID]


class Filler:
    """Sends to the topics of one log; a delivery that failed is raised by ``flush``."""

    def __init__(self, log: Log, linger_ms: int = 20) -> None:
        self._log = log
        self._failure: KafkaError | None = None
        self._producer = Producer(
            {
                "bootstrap.servers": log.servers,
                "linger.ms": linger_ms,
                "batch.size": 256 * 1024,
                "compression.type": "lz4",
                "queue.buffering.max.messages": 500_000,
                "queue.buffering.max.kbytes": 512 * 1024,
                "acks": "all",
                "log_level": 0,
                "on_delivery": self._note,
                "delivery.report.only.error": True,
            }
        )
        self._names = {
            topic: log.prefix + topic.name for topic in (*TOPIC_OF_KIND.values(), ROUTES, VEHICLES, TICKS)
        }

    def send(self, topic: Topic, key: str | None, value: bytes, partition: int, second: float) -> None:
        """Hand over one record of a second of the day, waiting while the client's buffer is full."""
        name = self._names[topic]
        while True:
            try:
                self._producer.produce(name, value, key, partition, timestamp=appended_ms(second))
            except BufferError:
                self._producer.poll(0.05)
            else:
                return

    def send_message(self, message: DayMessage) -> None:
        """A vehicle's message, under its name to its partition."""
        name, partition = place_of(message.vehicle)
        self.send(TOPIC_OF_KIND[message.kind], name, message.value, partition, message.appended_s)

    def send_slice(self, ends_s: int, messages: Slice) -> None:
        """A slice of the day, and the time where it is told then."""
        for message in messages:
            self.send_message(message)
        self.poll()
        if ends_s % TICK_EVERY_S == 0:
            self.tell_time(ends_s)

    def tell_time(self, second: int) -> None:
        """A tick for every partition."""
        for partition in range(PARTITIONS):
            self.send(TICKS, None, encode(tick(second, partition)), partition, second)

    def poll(self) -> None:
        """Let the client report."""
        self._producer.poll(0)

    def flush(self) -> None:
        """Wait until Kafka has everything. Raises ``KafkaUnavailable``."""
        left = self._producer.flush(TAKEN_WITHIN_S)
        if left or self._failure is not None:
            raise KafkaUnavailable(
                f"Kafka at {self._log.servers} did not take {left} messages: {self._failure or 'no answer'}"
            )

    def _note(self, error: KafkaError | None, _: Message) -> None:
        self._failure = self._failure or error


def appended_ms(second: float) -> int:
    """When Kafka has what it gets in a second of the day, epoch milliseconds."""
    return ceil((STARTS_AT_S + second) * 1000)


@lru_cache(maxsize=200_000)
def place_of(vehicle: int) -> tuple[str, int]:
    """A vehicle's key and partition."""
    name = vehicle_name(vehicle)
    return name, partition_of(name, PARTITIONS)


def fill_prelude(filler: Filler, rounds: Rounds, is_batched: bool) -> None:
    """What is known before the first fix: the time, the vehicles, their routes."""
    filler.tell_time(0)
    for vehicle in vehicle_records(rounds, is_batched):
        partition = partition_of(vehicle.vehicle_id, PARTITIONS)
        filler.send(VEHICLES, vehicle.vehicle_id, encode(vehicle), partition, 0)
    for route in route_assignments(rounds):
        partition = partition_of(route.vehicle_id, PARTITIONS)
        filler.send(ROUTES, route.shift_id, encode(route), partition, 0)
    filler.flush()


def fill_morning(filler: Filler, rounds: Rounds) -> None:
    """The part of the day in which all vehicles leave their depot."""
    for ends_s, messages in Day(rounds, is_batched=False).slices():
        if ends_s > WARM_S:
            break
        filler.send_slice(ends_s, messages)
    filler.flush()


def fill(log: Log, rounds: Rounds, events: int, is_batched: bool, warm_s: float = WARM_S) -> Filled:
    """Prelude, ``warm_s`` of the day, marks, ``events`` events or a few more, marks."""
    started_s = monotonic()
    filler, day = Filler(log), Day(rounds, is_batched)
    fill_prelude(filler, rounds, is_batched)
    counts: Counter[str] = Counter()
    warm: Counter[str] | None = None
    begin_marks: frozenset[UUID] = frozenset()
    ends_s = 0
    for ends_s, messages in day.slices():
        filler.send_slice(ends_s, messages)
        for message in messages:
            counts["events"] += message.events
            counts[TOPIC_OF_KIND[message.kind].name] += message.events
            counts["bytes"] += len(message.value)
        counts["messages"] += len(messages)
        if warm is None:
            if ends_s >= warm_s:
                warm, begin_marks = Counter(counts), send_marks(filler, "begin", ends_s)
        elif counts["events"] >= warm["events"] + events:
            break
    assert warm is not None
    return Filled(
        counts["messages"],
        counts["events"],
        counts[GPS_FIXES.name],
        counts[TELEMETRY.name],
        counts[SCANS_TOPIC.name],
        warm["messages"],
        warm["events"],
        counts["bytes"],
        day.duplicates,
        day.late,
        ends_s,
        monotonic() - started_s,
        rounds.scale.vehicles,
        begin_marks,
        send_marks(filler, "end", ends_s),
    )


def send_marks(filler: Filler, word: str, at_s: float) -> frozenset[UUID]:
    """One mark in each partition, after all that was sent before."""
    filler.flush()
    marks = []
    for partition in range(PARTITIONS):
        name = next(name for name in _mark_names(word) if partition_of(name, PARTITIONS) == partition)
        event_id = derived_id("bench mark", name)
        value = (
            f'{{"event_id":"{event_id}","source":"{SOURCE}","received_at":"{second_text(at_s)}Z",'
            f'"vehicle_id":"{name}","fix_at":"{second_text(at_s)}Z","lat_deg":50.0,"lon_deg":8.0}}'
        ).encode()
        for _ in range(2):
            filler.send(GPS_FIXES, name, value, partition, at_s)
        marks.append(event_id)
    filler.flush()
    return frozenset(marks)


def _mark_names(word: str) -> Iterator[str]:
    number = 0
    while True:
        yield f"mark-{word}-{number}"
        number += 1
