"""Routes as few bytes: a checkpoint holds those of all shifts, and most of a route is repetition."""

from functools import lru_cache

import lz4.frame
import msgspec
from msgspec.structs import replace

from routing.travel import StraightLine
from streams.events.dispatch import RouteAssignment

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(RouteAssignment)
_LEVEL = 4
"""High compression: packed once for each revision, and written with every checkpoint."""


def pack(assignment: RouteAssignment) -> bytes:
    """The route as bytes."""
    packed: bytes = lz4.frame.compress(_ENCODER.encode(assignment), compression_level=_LEVEL)
    return packed


def unpack(packed: bytes) -> RouteAssignment:
    """The route that ``pack`` packed; its times are in UTC."""
    return with_shared_travel(_DECODER.decode(lz4.frame.decompress(packed)))


def with_shared_travel(assignment: RouteAssignment) -> RouteAssignment:
    """The same route, whose speeds by the hour are one object for all that reckon by the same."""
    return replace(assignment, travel=_shared(assignment.travel))


@lru_cache(maxsize=256)
def _shared(travel: StraightLine) -> StraightLine:
    return travel
