"""A record's bytes to events, and what breaks its contract to dead letters: for judges and landing."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Generic, TypeVar

import msgspec.inspect as inspect

from routing.errors import ContractError
from streams.codec import decode, elements
from streams.events.base import Event, ObservedEvent
from streams.events.dispatch import Command
from streams.events.judgements import ClockTick, DelayEvent, VehicleProgress
from streams.fields import bare_type, contract_fields
from streams.judge import DeadLetter, Record
from streams.keys import ensure_key
from streams.topics import BY_NAME, Cleanup

E = TypeVar("E", bound=Event)

FURTHEST_AHEAD = timedelta(days=1)
"""A clock further ahead than this is not a clock that is off, but a field that is wrong."""

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
"""No event of a delivery is older; it is what a field comes to that was never filled."""

SINCE_EVER = "effective_at"
"""The field that may hold any moment, in dispatch events too: reference data may be in force since ever."""

_COMPARED = ("received_at", "fix_at", "measured_at")
"""What is compared with Kafka's clock and looked at there: fixes and telemetry, have no more."""


@dataclass(frozen=True, slots=True)
class Element(Generic[E]):
    """One valid event of a record: its place in the record's array (0 without one) and its bytes."""

    index: int
    raw: bytes
    event: E


def read(record: Record, event_type: type[E]) -> list[Element[E] | DeadLetter]:
    """The events of one record in order, each either valid or a dead letter of its own.

    An array that doesn't parse is one dead letter with all its bytes. An empty value on a compacted
    topic is Kafka's own mark of deletion and says nothing.
    """
    if not record.value and BY_NAME[record.topic].cleanup is Cleanup.COMPACT:
        return []
    try:
        raws = elements(record.value)
    except ContractError as error:
        return [DeadLetter(record, 0, record.value, str(error), error.rule)]
    if not raws:
        words = "an empty array: it holds no event"
        return [DeadLetter(record, 0, record.value, words, words)]
    return [_read_element(record, event_type, index, raw) for index, raw in enumerate(raws)]


def _read_element(record: Record, event_type: type[E], index: int, raw: bytes) -> Element[E] | DeadLetter:
    try:
        event = decode(event_type, raw)
        check_times(event, appended_at(record))
        ensure_key(event, record.key)
    except ContractError as error:
        return DeadLetter(record, index, raw, str(error), error.rule)
    return Element(index, raw, event)


def appended_at(record: Record) -> datetime:
    """When Kafka took the record."""
    return datetime.fromtimestamp(record.appended_at_ms / 1000, UTC)


def check_times(event: Event, appended: datetime) -> None:
    """Raise ``ContractError`` where a time can't be one, measured against Kafka's append time.

    None lies before 1970; ``effective_at`` is looked at in no event, nor is a time inside of a list or an
    object. What moves a judge's idea of now is not ahead either, as that never goes back.
    """
    if isinstance(event, ObservedEvent):
        _check_order("received_at", event.received_at, "Kafka's append time", appended)
        _check_order("the event's time", event.happened_at, "received_at", event.received_at)
    elif isinstance(event, Command):
        _check_order("issued_at", event.issued_at, "Kafka's append time", appended)
    elif isinstance(event, ClockTick):
        _check_order("now_at", event.now_at, "Kafka's append time", appended)
    elif isinstance(event, DelayEvent | VehicleProgress):
        _check_order("judged_at", event.judged_at, "Kafka's append time", appended)
    _check_since_1970(event)


def _check_since_1970(event: Event) -> None:
    moments, days = _dated_fields(event.__class__)
    for name in moments:
        moment: datetime | None = getattr(event, name)
        if moment is not None and moment < EARLIEST:
            raise _too_early(name, moment)
    for name in days:
        day: date | None = getattr(event, name)
        if day is not None and day < EARLIEST.date():
            raise _too_early(name, day)


def _too_early(name: str, moment: date) -> ContractError:
    rule = f"{name} lies before 1970"
    return ContractError(f"{rule}: {moment.isoformat()}", rule)


@cache
def _dated_fields(event_type: type[Event]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The further fields that hold moments, and those that hold calendar days."""
    kinds = {field.name: bare_type(field.type)[0] for field in contract_fields(event_type)}
    for name in (SINCE_EVER, *_COMPARED):
        kinds.pop(name, None)
    return (
        tuple(name for name, kind in kinds.items() if isinstance(kind, inspect.DateTimeType)),
        tuple(name for name, kind in kinds.items() if isinstance(kind, inspect.DateType)),
    )


def _check_order(name: str, moment: datetime, than: str, reference: datetime) -> None:
    if moment < EARLIEST:
        raise _too_early(name, moment)
    if moment - reference > FURTHEST_AHEAD:
        rule = f"{name} is more than a day ahead of {than}"
        raise ContractError(f"{rule}: {moment.isoformat()} against {reference.isoformat()}", rule)
