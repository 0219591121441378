"""The envelope of every event and the constrained types that its fields are made of."""

from datetime import datetime
from hashlib import sha1
from typing import Annotated
from uuid import UUID, SafeUUID

from msgspec import Meta, Struct

NAMESPACE = UUID("6b1f1f0e-4a0b-5d52-9a53-6f4a2f6f0d11")
"""Namespace of the deterministic ids (RFC 9562, version 5) of derived events."""

_IS_SAFE_UNKNOWN = SafeUUID.unknown
_HASHED_NAMESPACE = sha1(NAMESPACE.bytes, usedforsecurity=False)
_OTHER_BITS = ~(0xF000 << 64 | 0xC000 << 48)
_VERSION_5 = 0x5000 << 64 | 0x8000 << 48

Id = Annotated[str, Meta(min_length=1, max_length=200)]
Instant = Annotated[datetime, Meta(tz=True)]
LatDeg = Annotated[float, Meta(ge=-90, le=90)]
LonDeg = Annotated[float, Meta(ge=-180, le=180)]
NonNegative = Annotated[float, Meta(ge=0)]
Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]
"""64 bits, as Parquet and DuckDB have them."""
HeadingDeg = Annotated[float, Meta(ge=0, le=360)]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$")]
"""ISO 4217."""


def derived_id(kind: str, *causes: object) -> UUID:
    """The id of what ``causes`` made: the same causes give the same id, in any process.

    It is ``uuid5`` of the causes' texts; that function's own steps take twice as long.
    """
    return id_of(kind, *map(str, causes))


def id_of(*texts: str) -> UUID:
    """The id as `derived_id` makes it, of texts."""
    digest = _HASHED_NAMESPACE.copy()
    digest.update("\x1f".join(texts).encode())
    number = int.from_bytes(digest.digest()[:16], "big")
    return uuid_of(number & _OTHER_BITS | _VERSION_5)


def uuid_of(number: int) -> UUID:
    """The UUID of a number of 128 bits.

    As its class makes it, but for the checks of what else it might have been given, which take twice as long.
    """
    made = object.__new__(UUID)
    object.__setattr__(made, "int", number)
    object.__setattr__(made, "is_safe", _IS_SAFE_UNKNOWN)
    return made


class Event(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=False):
    """What every event carries.

    ``event_id`` makes a repeated event recognisable, ``correlation_id`` joins all that one cause
    set off, ``causation_id`` is the event that made this one. Unknown fields are ignored, because
    fields are added over time and an old reader must go on.
    """

    event_id: UUID
    source: Id
    schema_version: Annotated[int, Meta(ge=1, le=2**31 - 1)] = 1
    correlation_id: UUID | None = None
    causation_id: UUID | None = None


class ObservedEvent(Event, frozen=True, kw_only=True):
    """An event seen by a device or a system outside, received by a gateway at ``received_at``.

    ``device_seq`` counts a device's own messages, where it has such a counter.
    """

    received_at: Instant
    device_id: Id | None = None
    device_seq: Count | None = None

    @property
    def happened_at(self) -> datetime:
        """The moment that the event speaks of, by the clock of whoever saw it."""
        raise NotImplementedError
