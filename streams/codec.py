"""Events to bytes and back: JSON, checked against the contract while it is decoded."""

from contextlib import suppress
from functools import cache
from typing import TypeVar

import msgspec

from routing.errors import ContractError
from streams.events.base import Event
from streams.reasons import explain

E = TypeVar("E", bound=Event)

_ENCODER = msgspec.json.Encoder()
_BATCH = msgspec.json.Decoder(list[msgspec.Raw])
_NOT_DECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""``RecursionError`` is what a megabyte of ``[`` comes to."""


def encode(event: Event) -> bytes:
    """One event as JSON."""
    return _ENCODER.encode(event)


@cache
def _decoder(event_type: type[E]) -> msgspec.json.Decoder[E]:
    return msgspec.json.Decoder(event_type)


def decode(event_type: type[E], data: bytes) -> E:
    """One event. Raises ``ContractError`` that names the field and what is wrong with it."""
    try:
        decoder: msgspec.json.Decoder[E] = _decoder(event_type)
        return decoder.decode(data)
    except _NOT_DECODABLE as error:
        fault = explain(data, error, event_type)
        raise ContractError(f"not a valid {event_type.__name__}: {fault.reason}", fault.rule) from error


def elements(data: bytes) -> list[bytes]:
    """The messages in one Kafka record: the record itself, or each element of its JSON array.

    The bytes of an element are verbatim. Raises ``ContractError`` where an array doesn't parse.
    """
    if data.lstrip()[:1] != b"[":
        return [data]
    try:
        return [bytes(raw) for raw in _BATCH.decode(data)]
    except _NOT_DECODABLE as error:
        rule = "not a valid JSON array of events"
        raise ContractError(f"{rule}: {error}", rule) from error


def valid_events(event_type: type[E], data: bytes | None) -> list[E]:
    """The events of one Kafka record that keep their contract, for those who only look on.

    What breaks it is left out: it is the judges, or landing, that report it.
    """
    try:
        raws = elements(data or b"")
    except ContractError:
        return []
    events: list[E] = []
    for raw in raws:
        with suppress(ContractError):
            events.append(decode(event_type, raw))
    return events
