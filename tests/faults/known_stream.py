"""The known stream: a fleet's day with seeded dirt, cut into minutes, and what was sent counted."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from streams.topics import GPS_FIXES, SCANS, TELEMETRY, Topic
from tests.faults.fleet_day import Reports, Size, VehicleDay, instant, uuid_text, vehicle_day

OBSERVED: tuple[Topic, ...] = (GPS_FIXES, TELEMETRY, SCANS)
BATCH = 20
SLICE_S = 60.0
MISSING, LATE_BATCH, RESENT_BATCH = 0.01, 0.05, 0.01
DISPLACED = 0.30
"""The share of a batch's entries that do not stand in their place."""
RUBBISH, SAME_TIME = 0.004, 0.002
"""Shares of the entries that rubbish follows, or another event of the same moment."""
BUFFERING_VEHICLES = 0.05
"""The share of devices out of reach for half an hour, whose reports all come after it."""

POISON = (b"", b"\x00\xff\xfe not JSON", b"[" * 100_000, b'{"event_id":', b"[]", b"null", b"[1,2")
"""What stands at the head of the observed topics, in every partition; each is one dead letter."""

POISONED_VEHICLES = 8
"""So many vehicles' keys carry it: enough to meet each of a few partitions."""


@dataclass(frozen=True, slots=True)
class Message:
    """One record to be sent: a device's single event, or its array of several."""

    topic: Topic
    key: str
    value: bytes


@dataclass(slots=True)
class Sent:
    """What was sent on one topic, element by element."""

    elements: int = 0
    ids: set[str] = field(default_factory=set)
    duplicates: int = 0
    rubbish: Counter[bytes] = field(default_factory=Counter)
    missing: int = 0

    def note(self, event_id: str) -> None:
        """An event that keeps its contract was sent; again, if it was before."""
        self.elements += 1
        self.duplicates += event_id in self.ids
        self.ids.add(event_id)

    def note_rubbish(self, value: bytes) -> None:
        """Bytes were sent that no contract takes."""
        self.elements += 1
        self.rubbish[value] += 1


@dataclass(frozen=True, slots=True)
class Slice:
    """What is sent within one minute of the day; then it is ``now_s``."""

    now_s: float
    messages: list[Message]


@dataclass(frozen=True, slots=True)
class KnownStream:
    """All that is sent, in its order, and its account by topic."""

    vehicles: list[VehicleDay]
    slices: list[Slice]
    sent: dict[str, Sent]

    @property
    def elements(self) -> int:
        """How many events (or what stands in their place) are sent."""
        return sum(sent.elements for sent in self.sent.values())


@dataclass(frozen=True, slots=True)
class _Batch:
    """Entries that a device sends together: their places in its reports, and when they are received."""

    received_s: float
    entries: list[int]
    is_resent: bool


def known_stream(size: Size, seed: int) -> KnownStream:
    """The stream of that size; the same seed gives the same bytes."""
    vehicles = [vehicle_day(number, size, seed) for number in range(size.vehicles)]
    sent = {topic.name: Sent() for topic in OBSERVED}
    by_minute: defaultdict[int, list[Message]] = defaultdict(list)
    for number, vehicle in enumerate(vehicles):
        for rank, topic in enumerate(OBSERVED):
            reports = (vehicle.fixes, vehicle.telemetry, vehicle.scans)[rank]
            spoiler = _Spoiler(vehicle.vehicle_id, topic, sent[topic.name], Random(f"{seed} {number} {rank}"))
            first = (number * len(OBSERVED) + rank) * 1_000_000
            for received_s, message in spoiler.messages(reports, first, is_array=number % 2 == 0):
                by_minute[int(received_s // SLICE_S)].append(message)
    slices = [Slice((minute + 1) * SLICE_S, by_minute[minute]) for minute in sorted(by_minute)]
    head = [
        Message(topic, vehicle.vehicle_id, value)
        for topic in OBSERVED
        for vehicle in vehicles[:POISONED_VEHICLES]
        for value in POISON
    ]
    slices[0].messages[:0] = head
    for message in head:
        sent[message.topic.name].note_rubbish(message.value)
    return KnownStream(vehicles, slices, sent)


@dataclass(frozen=True, slots=True)
class _Spoiler:
    """Makes one vehicle's messages on one topic out of its reports, and counts what becomes of them."""

    vehicle_id: str
    topic: Topic
    sent: Sent
    dice: Random

    def messages(self, reports: Reports, first: int, *, is_array: bool) -> Iterator[tuple[float, Message]]:
        """Each message with the moment of its receipt, in that order."""
        spare = first + len(reports.times_s)
        batches = sorted(self._batches(reports), key=lambda batch: batch.received_s)
        texts: dict[int, bytes] = {}
        for batch in batches:
            values: list[bytes] = []
            for i in batch.entries:
                if not batch.is_resent or i not in texts:
                    texts[i] = reports.build(i, batch.received_s, first + i)
                values.append(texts[i])
                self.sent.note(uuid_text(first + i))
                chance = self.dice.random()
                if chance < RUBBISH:
                    values.append(self._rubbish(texts[i]))
                elif chance < RUBBISH + SAME_TIME:
                    values.append(reports.build(i, batch.received_s, spare))
                    self.sent.note(uuid_text(spare))
                    spare += 1
            yield from ((batch.received_s, one) for one in self._packed(values, is_array=is_array))

    def _batches(self, reports: Reports) -> Iterator[_Batch]:
        """Batches as they are received: some never, some late, some twice; entries partly out of place."""
        is_buffering = self.dice.random() < BUFFERING_VEHICLES
        gap_s = self.dice.uniform(0.2, 0.6) * reports.times_s[-1]
        size = BATCH if self.topic is GPS_FIXES else 2
        for begin in range(0, len(reports.times_s), size):
            entries = list(range(begin, min(begin + size, len(reports.times_s))))
            received_s = reports.times_s[entries[-1]] + 2.0
            if is_buffering and gap_s <= received_s <= gap_s + 1_800.0:
                received_s = gap_s + 1_800.0
            chance = self.dice.random()
            if chance < MISSING:
                self.sent.missing += len(entries)
                continue
            if chance < MISSING + LATE_BATCH:
                received_s += self.dice.uniform(60, 900)
            yield _Batch(received_s, self._displaced(entries), is_resent=False)
            if self.dice.random() < RESENT_BATCH:
                yield _Batch(received_s + self.dice.uniform(5, 600), entries, is_resent=True)

    def _displaced(self, entries: list[int]) -> list[int]:
        moved = [place for place in range(len(entries)) if self.dice.random() < DISPLACED]
        others = self.dice.sample(moved, len(moved))
        result = list(entries)
        for place, other in zip(moved, others, strict=True):
            result[place] = entries[other]
        return result

    def _rubbish(self, good: bytes) -> bytes:
        """JSON that breaks the contract, in one way or another."""
        value = self.dice.choice(
            (
                good.replace(b'"vehicle_id":', b'"vehicle":'),
                good.replace(b'"received_at":"2026', b'"received_at":"2099'),
                good.replace(b'"source":"', b'"source":"","x":"'),
                good.replace(self.vehicle_id.encode(), b"v-nobody"),
                good.replace(b'"event_id":"fa', b'"event_id":"??'),
                b'{"event_id":1}',
            )
        )
        self.sent.note_rubbish(value)
        return value

    def _packed(self, values: list[bytes], *, is_array: bool) -> Iterator[Message]:
        if is_array:
            yield Message(self.topic, self.vehicle_id, b"[" + b",".join(values) + b"]")
        else:
            yield from (Message(self.topic, self.vehicle_id, value) for value in values)


def tick_value(now_s: float, partition: int) -> bytes:
    """The clock's word to one partition."""
    number = int(now_s) * 1_000 + partition + 500_000_000_000
    return f'{{"event_id":"{uuid_text(number)}","source":"clock","now_at":"{instant(now_s)}"}}'.encode()
