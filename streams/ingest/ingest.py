"""A file to events on Kafka: each row becomes all of its events, none (by filter), or one dead letter."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from routing.errors import ConfigurationError, ContractError, MappingError
from streams.codec import encode
from streams.dead_letters import Headers, Origin
from streams.events.base import Event, ObservedEvent, derived_id
from streams.events.judgements import ClockTick
from streams.ingest.binding import BoundEvent, Values, bind, contract_broken
from streams.ingest.mapping import Mapping
from streams.ingest.row import Row
from streams.ingest.rows import content_hash, open_table
from streams.ingest.values import Unmappable
from streams.keys import key_of, partition_key_of
from streams.publish import Outbox
from streams.topics import DEAD_LETTERS, MIB, TICKS, Topic
from streams.validate import check_times


class FileOutbox(Outbox, Protocol):
    """An outbox that also reaches every partition."""

    def broadcast(self, topic: Topic, event_for: Callable[[int], Event]) -> None:
        """Send ``event_for(partition)`` to every partition."""
        ...


@dataclass(slots=True)
class Summary:
    """What became of a file: ``rows_read`` = ``rows_sent`` + ``rows_filtered`` + all of ``dead_rows``.

    ``events`` counts by topic (those sent once a file too), ``dead_rows`` by the rule that was broken;
    ``first_dead_row`` is the number of the first such row.
    """

    rows_read: int = 0
    rows_sent: int = 0
    rows_filtered: int = 0
    events: Counter[str] = field(default_factory=Counter)
    dead_rows: Counter[str] = field(default_factory=Counter)
    first_dead_row: dict[str, int] = field(default_factory=dict)
    clock_at: datetime | None = None


def ingest(
    path: Path, mapping: Mapping, outbox: FileOutbox, now: datetime, say: Callable[[Summary], None]
) -> Summary:
    """Send a file's events in its order, then one tick a partition at the latest receipt in it.

    The same content gives the same event ids, so that sending it again adds nothing downstream.
    The ticks let judges see that time went on; they are never ahead of ``now``. ``say`` hears of the
    progress. Raises ``MappingError`` or ``ConfigurationError`` before anything is sent; of a file that turns
    out to be damaged further on, ``ConfigurationError`` says how much of it was sent, without any tick.
    """
    table = open_table(path)
    bound = bind(mapping, table.columns, str(path))
    run = _Run(path.name, content_hash(path), mapping.source, bound, outbox, now)
    run.send_once()
    try:
        for row in table.rows():
            run.take(row)
            if row.number % 10_000 == 0:
                say(run.summary)
    except ConfigurationError as error:
        outbox.flush()
        raise ConfigurationError(f"{error}; before that {_so_far(run.summary)}") from error
    outbox.flush()
    run.tick()
    outbox.flush()
    return run.summary


def _so_far(summary: Summary) -> str:
    dead_rows = sum(summary.dead_rows.values())
    return f"{summary.rows_sent:,} rows were sent, and {dead_rows:,} to {DEAD_LETTERS.name}"


@dataclass(frozen=True, slots=True)
class _Message:
    """One event on its way."""

    topic: Topic
    key: str
    partition_key: str | None
    data: bytes
    received_at: datetime | None


def _received_at(event: Event) -> datetime | None:
    return event.received_at if isinstance(event, ObservedEvent) else None


@dataclass(slots=True)
class _Run:
    """One file on its way."""

    file: str
    file_hash: str
    source: str
    bound: Iterable[BoundEvent]
    outbox: FileOutbox
    now: datetime
    summary: Summary = field(default_factory=Summary)

    def send_once(self) -> None:
        """Send the events that go once a file. Raises ``MappingError`` before the first of them."""
        for message in [self._ready_once(rule) for rule in self.bound if rule.is_once]:
            self._send(message)

    def take(self, row: Row) -> None:
        """Send a row's events, or the row itself as a dead letter."""
        self.summary.rows_read += 1
        try:
            messages = self._messages(row)
        except Unmappable as problem:
            self._bury(row, problem)
            return
        for message in messages:
            self._send(message)
        if messages:
            self.summary.rows_sent += 1
        else:
            self.summary.rows_filtered += 1

    def tick(self) -> None:
        """Tell every partition the time at which the file ends."""
        clock_at = self.summary.clock_at
        if clock_at is not None:
            self.outbox.broadcast(TICKS, lambda partition: self._tick(partition, clock_at))

    def _tick(self, partition: int, clock_at: datetime) -> ClockTick:
        event_id = derived_id("ingest-tick", self.file_hash, partition)
        return ClockTick(event_id=event_id, source=self.source, now_at=clock_at)

    def _messages(self, row: Row) -> list[_Message]:
        """All that a row makes, checked as the judges will check it, before the first of it is sent."""
        if row.problem is not None:
            raise Unmappable(row.problem.partition(": ")[0], row.problem)
        return [
            self._ready(rule, row.values, row.number, str(row.number))
            for rule in self.bound
            if not rule.is_once and rule.is_wanted(row.values)
        ]

    def _ready_once(self, rule: BoundEvent) -> _Message:
        try:
            return self._ready(rule, {}, 0, "once")
        except Unmappable as problem:
            place = f"event {rule.ordinal + 1} of the mapping ({rule.topic.name})"
            raise MappingError(f"{place}: {problem}") from problem

    def _ready(self, rule: BoundEvent, values: Values, number: int, place: str) -> _Message:
        event_id = derived_id("ingest", self.file_hash, place, rule.ordinal)
        event = rule.build(values, number, str(event_id), self.source)
        try:
            check_times(event, self.now)
        except ContractError as error:
            raise contract_broken(error) from error
        partition_key = partition_key_of(event)
        return _Message(rule.topic, key_of(event), partition_key, encode(event), _received_at(event))

    def _send(self, message: _Message) -> None:
        self.outbox.send(message.topic, message.key, message.data, message.partition_key)
        self.summary.events[message.topic.name] += 1
        if message.received_at is not None:
            received_at = min(message.received_at, self.now)
            self.summary.clock_at = max(received_at, self.summary.clock_at or received_at)

    def _bury(self, row: Row, problem: Unmappable) -> None:
        self.summary.dead_rows[problem.rule] += 1
        self.summary.first_dead_row.setdefault(problem.rule, row.number)
        raw = row.as_bytes()
        reason = str(problem)
        try:
            self.outbox.send(DEAD_LETTERS, self.source, raw, headers=self._headers(row, reason, problem.rule))
        except ContractError:
            reason = f"{reason} (the first {MIB} bytes of {len(raw)})"
            headers = self._headers(row, reason, problem.rule)
            self.outbox.send(DEAD_LETTERS, self.source, raw[:MIB], headers=headers)

    def _headers(self, row: Row, reason: str, rule: str) -> Headers:
        return Origin(reason, file=self.file, row=row.number, rule=rule).to_headers()
