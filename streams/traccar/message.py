"""What Traccar writes for one position: the parts of its JSON that are read here."""

import re
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct

from routing.errors import ContractError
from streams.events.base import Id, NonNegative
from streams.reasons import Fault, explain

Moment = Annotated[datetime, Meta(tz=True)]


class Attributes(Struct, frozen=True, rename="camel"):
    """What protocols report beside the position, where the unit is the same for all of them.

    Metres, litres, revolutions a minute; ``alarm`` and ``dtcs`` hold several words in one text.
    """

    ignition: bool | None = None
    odometer: NonNegative | None = None
    fuel_used: NonNegative | None = None
    rpm: NonNegative | None = None
    alarm: str | None = None
    dtcs: str | None = None


class Position(Struct, frozen=True, rename="camel"):
    """One position. ``speed`` is in knots, ``accuracy`` in metres and 0 where nobody knows it.

    ``outdated`` marks a last known place that a later message repeats, not ``valid`` one that the
    device itself does not trust.
    """

    server_time: Moment
    latitude: float
    longitude: float
    fix_time: Moment | None = None
    device_time: Moment | None = None
    valid: bool = True
    outdated: bool = False
    speed: float | None = None
    course: float | None = None
    accuracy: float | None = None
    protocol: str | None = None
    attributes: Attributes = Attributes()


class Device(Struct, frozen=True, rename="camel"):
    """Who sent it; ``unique_id`` is what the device calls itself, mostly its IMEI."""

    unique_id: Id


class Forwarded(Struct, frozen=True):
    """One message of the topic that Traccar forwards to."""

    position: Position
    device: Device


# Numbers and booleans in quotes are common among protocols, and nothing is lost by reading them.
_DECODER = msgspec.json.Decoder(Forwarded, strict=False)
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_ATTRIBUTE = re.compile(r" - at `\$\.position\.attributes\.(\w+)`$")


class _Parts(Struct):
    """A message of which nothing but the attributes' names is read."""

    position: dict[str, Raw]
    device: Raw


def read_message(data: bytes) -> tuple[Forwarded, tuple[ContractError, ...]]:
    """One forwarded message, and what was wrong with the attributes that it is read without.

    Raises ``ContractError`` that names the field and what is wrong with it, where that is no attribute.
    """
    try:
        return _DECODER.decode(data), ()
    except _UNREADABLE as error:
        fault, attribute = explain(data, error, Forwarded), _ATTRIBUTE.search(str(error))
        if attribute is None:
            raise _refused(fault) from error
    # A wrong attribute hides what else is wrong with the message, until the rest of it is read.
    try:
        rest = _without(data, attribute[1])
    except _UNREADABLE as error:
        raise _refused(explain(data, error, _Parts)) from error
    if rest is None:
        raise _refused(fault)
    message, others = read_message(rest)
    return message, (ContractError(f"left out of the position: {fault.reason}", fault.rule), *others)


def _refused(fault: Fault) -> ContractError:
    return ContractError(f"not a position forwarded by Traccar: {fault.reason}", fault.rule)


def _without(data: bytes, attribute: str) -> bytes | None:
    """``None`` where it is not among the attributes that would be left, which are there twice."""
    parts = msgspec.json.decode(data, type=_Parts)
    attributes = (
        msgspec.json.decode(parts.position.get("attributes", b"{}"), type=dict[str, Raw] | None) or {}
    )
    if attributes.pop(attribute, None) is None:
        return None
    parts.position["attributes"] = Raw(msgspec.json.encode(attributes))
    return msgspec.json.encode(parts)
