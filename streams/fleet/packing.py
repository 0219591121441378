"""Routes to come as few bytes: most of a route is repetition, and nobody reads it before its time."""

from datetime import date, datetime

import lz4.frame
import msgspec
from msgspec import Struct

from streams.events.dispatch import RouteAssignment

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(RouteAssignment)
_LEVEL = 4
"""High compression: packed once for each revision, and written with every checkpoint until it is in force."""


class PackedRoute(Struct, frozen=True, gc=False):
    """A route that is yet to come into force."""

    shift_id: str
    service_date: date
    revision: int
    effective_at: datetime
    starts_at: datetime
    packed: bytes

    def unpack(self) -> RouteAssignment:
        """The route; its times are in UTC, by whose hours travel goes, whatever they were in when packed."""
        return _DECODER.decode(lz4.frame.decompress(self.packed))


def pack(assignment: RouteAssignment) -> PackedRoute:
    """The route as few bytes."""
    return PackedRoute(
        assignment.shift_id,
        assignment.service_date,
        assignment.revision,
        assignment.effective_at,
        assignment.route.shift.starts_at,
        lz4.frame.compress(_ENCODER.encode(assignment), compression_level=_LEVEL),
    )
